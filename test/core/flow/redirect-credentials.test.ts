import { describe, expect, it } from 'vitest';
import {
  createSession,
  createTransport,
  type HeadersInput,
  type RequestInit,
  type SessionOptions,
} from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { asHost, linesOf, startSite } from '../../helpers/redirects.ts';
import {
  headerOf,
  type SeenRequest,
  startServer,
  startTlsServer,
  type TestServer,
} from '../../helpers/servers.ts';

/** Two sites, the second reached by a redirect from the first. */
async function twoSites(status: number): Promise<{ first: TestServer; second: TestServer }> {
  const second = await startSite({});
  const first = await startSite({ '/from': { status, location: `${second.url}/to` } });
  return { first, second };
}

function secretsOf(seen: SeenRequest | undefined): (string | undefined)[] {
  return ['authorization', 'x-api-key', 'cookie'].map((name) => headerOf(seen, name));
}

const secrets = { Authorization: 'Bearer canary', 'X-Api-Key': 'canary', Cookie: 'own=canary' };
const none = [undefined, undefined, undefined];

it.each([301, 302, 303, 307, 308])('R01 gives no credential to another origin on %i', async (status) => {
  const { first, second } = await twoSites(status);
  await using session = await createSession();
  await session.fetch(`${first.url}/from`, { headers: secrets });
  expect(secretsOf(first.seen[0])).toEqual(['Bearer canary', 'canary', 'own=canary']);
  expect(secretsOf(second.seen[0])).toEqual(none);
});

it('R02 drops the Cookie of the caller and reads the jar again', async () => {
  const { first, second } = await twoSites(302);
  const local = asHost(second.url, 'localhost');
  const site = await startSite({ '/from': { location: `${local}/to` } });
  await using session = await createSession();
  session.setCookie('jar', 'first', site.url);
  session.setCookie('jar', 'second', local);
  await session.fetch(`${site.url}/from`, { headers: { Cookie: 'own=canary' } });
  expect(headerOf(site.seen[0], 'cookie')).toBe('jar=first; own=canary');
  expect(headerOf(second.seen[0], 'cookie')).toBe('jar=second');
  expect(first.seen).toEqual([]);
});

describe('R03 treats as another origin', () => {
  const options: SessionOptions = { ca: certificate().cert };

  it('another port of the same host', async () => {
    const { first, second } = await twoSites(307);
    await using session = await createSession();
    await session.fetch(`${first.url}/from`, { headers: secrets });
    expect(new URL(first.url).hostname).toBe(new URL(second.url).hostname);
    expect(secretsOf(second.seen[0])).toEqual(none);
  });

  it('http after https', async () => {
    const second = await startSite({});
    const first = await startTlsServer((_request, response) => {
      response.writeHead(302, { location: `${second.url}/to` }).end();
    });
    await using session = await createSession(options);
    await session.fetch(first.url, { headers: secrets });
    expect(secretsOf(second.seen[0])).toEqual(none);
  });

  it.each<[where: string, session: SessionOptions, init: RequestInit]>([
    ['the session', { refuseDowngrade: true }, {}],
    ['the call', { refuseDowngrade: false }, { refuseDowngrade: true }],
  ])('R03 http after https, which refuseDowngrade of %s refuses', async (_where, own, init) => {
    const second = await startSite({});
    const first = await startTlsServer((_request, response) => {
      response.writeHead(302, { location: `${second.url}/to` }).end();
    });
    await using session = await createSession({ ...options, ...own });
    await expect(session.fetch(first.url, init)).rejects.toMatchObject({
      code: 'ERR_INVALID_REDIRECT',
      message: expect.stringContaining('refuseDowngrade'),
    });
    expect(second.connections).toBe(0);
  });

  it('R03 https after http as no downgrade', async () => {
    const second = await startTlsServer((_request, response) => void response.end());
    const first = await startSite({ '/from': { location: `${second.url}/to` } });
    await using session = await createSession({ ...options, refuseDowngrade: true });
    expect((await session.fetch(`${first.url}/from`)).status).toBe(200);
  });

  it('https after http', async () => {
    const second = await startTlsServer((_request, response) => {
      response.end();
    });
    const first = await startSite({ '/from': { location: `${second.url}/to` } });
    await using session = await createSession(options);
    await session.fetch(`${first.url}/from`, { headers: secrets });
    expect(secretsOf(second.seen[0])).toEqual(none);
  });

  it('a name below the host', async () => {
    const second = await startSite({});
    const first = await startSite({ '/from': { location: `${asHost(second.url, 'api.site.test')}/to` } });
    const resolve = { 'site.test': '127.0.0.1', 'api.site.test': '127.0.0.1' };
    await using transport = await createTransport({ resolve });
    await using session = await createSession({ transport });
    await session.fetch(`${asHost(first.url, 'site.test')}/from`, { headers: secrets });
    expect(headerOf(second.seen[0], 'host')).toBe(`api.site.test:${second.port}`);
    expect(secretsOf(second.seen[0])).toEqual(none);
  });
});

it('keeps credentials within one origin', async () => {
  const site = await startSite({ '/from': { location: '/to' } });
  await using session = await createSession();
  await session.fetch(`${site.url}/from`, { headers: secrets });
  expect(secretsOf(site.seen[1])).toEqual(['Bearer canary', 'canary', 'own=canary']);
});

it('R04 refuses a Proxy-Authorization header', async () => {
  const site = await startSite({});
  await using session = await createSession();
  const failed = session.fetch(site.url, { headers: { 'Proxy-Authorization': 'Basic canary' } });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_INVALID_HEADER' });
  expect(site.connections).toBe(0);
});

describe('R05 a credential that was dropped is not sent by later hops either', () => {
  it('in the chain A, B, B', async () => {
    const second = await startSite({ '/1': { location: '/2' } });
    const first = await startSite({ '/from': { location: `${second.url}/1` } });
    await using session = await createSession();
    await session.fetch(`${first.url}/from`, { headers: secrets });
    expect(second.seen.map(secretsOf)).toEqual([none, none]);
  });

  it('in the chain A, B, A, but not for the next call', async () => {
    const first = await startServer((request, response) => {
      if (request.url === '/from') response.writeHead(302, { location: `${second.url}/back` });
      response.end();
    });
    const second = await startSite({ '/back': { location: `${first.url}/to` } });
    await using session = await createSession();
    await session.fetch(`${first.url}/from`, { headers: secrets });
    expect(secretsOf(first.seen[1])).toEqual(none);
    await session.fetch(`${first.url}/again`, { headers: secrets });
    expect(secretsOf(first.seen[2])).toEqual(['Bearer canary', 'canary', 'own=canary']);
  });
});

it('R06 keeps default headers of the session from another origin', async () => {
  const { first, second } = await twoSites(302);
  await using session = await createSession({ defaultHeaders: { 'X-Api-Key': 'canary' } });
  await session.fetch(`${first.url}/from`);
  expect(secretsOf(first.seen[0])).toEqual([undefined, 'canary', undefined]);
  expect(secretsOf(second.seen[0])).toEqual(none);
});

it('R06 sends the named headers to another origin, and no other headers', async () => {
  const { first, second } = await twoSites(302);
  await using session = await createSession();
  await session.fetch(`${first.url}/from`, {
    headers: { 'X-Trace': '1', 'X-Api-Key': 'canary' },
    crossOriginHeaders: ['x-TRACE'],
  });
  expect(headerOf(second.seen[0], 'x-trace')).toBe('1');
  expect(headerOf(second.seen[0], 'x-api-key')).toBeUndefined();
});

it('R06 sends headers that a browser sends to every server to another origin', async () => {
  const { first, second } = await twoSites(302);
  await using session = await createSession({ browser: null });
  const headers = {
    Accept: 'text/x-own',
    'Accept-Language': 'tlh',
    'User-Agent': 'own/1',
    Range: 'bytes=0-',
  };
  await session.fetch(`${first.url}/from`, { headers });
  for (const [name, value] of Object.entries(headers)) expect(headerOf(second.seen[0], name)).toBe(value);
});

it('R12 refuses a string URL of another origin than baseUrl', async () => {
  const { first, second } = await twoSites(302);
  await using session = await createSession({
    baseUrl: first.url,
    defaultHeaders: { 'X-Api-Key': 'canary' },
  });
  for (const input of [`${second.url}/x`, `//127.0.0.1:${second.port}/x`, `\\\\127.0.0.1:${second.port}/x`]) {
    await expect(session.fetch(input)).rejects.toMatchObject({ code: 'ERR_INVALID_URL' });
  }
  expect(second.connections).toBe(0);
});

it('R12 sends default headers of a session with baseUrl to no other origin', async () => {
  const { first, second } = await twoSites(302);
  await using session = await createSession({
    baseUrl: first.url,
    defaultHeaders: { 'X-Api-Key': 'canary' },
  });
  await session.fetch(new URL(second.url));
  await session.fetch('/own');
  expect(headerOf(second.seen[0], 'x-api-key')).toBeUndefined();
  expect(headerOf(first.seen[0], 'x-api-key')).toBe('canary');
});

it.each([
  ['user and password', 'ada:p%40ss', 'ada:p@ss'],
  ['a user alone', 'ada', 'ada:'],
  ['a password alone', ':secret', ':secret'],
  ['an @ in the user', 'a%40b:x', 'a@b:x'],
])('R13 sends %s of the URL as Basic credentials to its origin alone', async (_label, userinfo, decoded) => {
  const { first, second } = await twoSites(302);
  await using session = await createSession();
  const response = await session.fetch(`${first.url.replace('//', `//${userinfo}@`)}/from`);
  const expected = `Basic ${Buffer.from(decoded).toString('base64')}`;
  expect(headerOf(first.seen[0], 'authorization')).toBe(expected);
  expect(headerOf(second.seen[0], 'authorization')).toBeUndefined();
  expect(response.hops[0]?.url).toBe(`${first.url}/from`);
});

it('R13 prefers an Authorization header to the userinfo of the URL', async () => {
  const site = await startSite({});
  await using session = await createSession();
  await session.fetch(site.url.replace('//', '//ada:x@'), { headers: { Authorization: 'Bearer own' } });
  expect(headerOf(site.seen[0], 'authorization')).toBe('Bearer own');
});

describe('R14 Referer', () => {
  it('has neither userinfo nor fragment', async () => {
    const site = await startSite({});
    await using session = await createSession();
    const referrer = `${site.url.replace('//', '//ada:canary@')}/page?q=1#part`;
    await session.fetch(`${site.url}/to`, { referrer });
    expect(headerOf(site.seen[0], 'referer')).toBe(`${site.url}/page?q=1`);
  });

  it('is only the origin across origins', async () => {
    const { first, second } = await twoSites(302);
    await using session = await createSession();
    await session.fetch(`${first.url}/from`, { referrer: `${first.url}/page?q=1` });
    expect(headerOf(first.seen[0], 'referer')).toBe(`${first.url}/page?q=1`);
    expect(headerOf(second.seen[0], 'referer')).toBe(`${first.url}/`);
  });

  it('is not sent when it is removed', async () => {
    const { first, second } = await twoSites(302);
    await using session = await createSession();
    const referrer = `${first.url}/page`;
    await session.fetch(`${first.url}/from`, { referrer, headers: { Referer: null } });
    expect([first, second].map(({ seen }) => headerOf(seen[0], 'referer'))).toEqual([undefined, undefined]);
  });

  it('of the caller is not sent to another origin', async () => {
    const { first, second } = await twoSites(302);
    await using session = await createSession({ browser: null });
    await session.fetch(`${first.url}/from`, { headers: { Referer: 'https://canary.test/' } });
    expect(headerOf(second.seen[0], 'referer')).toBeUndefined();
  });
});

const pairs: [string, string][] = Object.entries(secrets);
function* generated(): Generator<[string, string]> {
  yield* pairs;
}
const shapes: [string, () => HeadersInput][] = [
  ['an object', () => ({ ...secrets })],
  ['a Map', () => new Map(pairs)],
  ['Headers', () => new Headers(pairs)],
  ['pairs', () => [...pairs]],
  ['a generator', () => generated()],
];

it.each(shapes)(
  'R17 treats headers given as %s in the same way, and does not change them',
  async (_label, make) => {
    const { first, second } = await twoSites(307);
    await using session = await createSession();
    const headers = make();
    const before =
      headers instanceof Headers || headers instanceof Map ? [...headers] : JSON.stringify(headers);
    await session.fetch(`${first.url}/from`, { headers });
    expect(secretsOf(first.seen[0])).toEqual(['Bearer canary', 'canary', 'own=canary']);
    expect(secretsOf(second.seen[0])).toEqual(none);
    const after =
      headers instanceof Headers || headers instanceof Map ? [...headers] : JSON.stringify(headers);
    expect(after).toEqual(before);
  },
);

it('R17 refuses a flat list', async () => {
  const site = await startSite({});
  await using session = await createSession();
  const flat = pairs.flat() as unknown as HeadersInput;
  await expect(session.fetch(site.url, { headers: flat })).rejects.toMatchObject({
    code: 'ERR_INVALID_HEADER',
  });
  expect(linesOf(site)).toEqual([]);
});

it('sends a Host header of the caller only to its origin', async () => {
  const { first, second } = await twoSites(302);
  await using session = await createSession();
  await session.fetch(`${first.url}/from`, { headers: { Host: 'virtual.test' } });
  expect(headerOf(first.seen[0], 'host')).toBe('virtual.test');
  expect(headerOf(second.seen[0], 'host')).toBe(new URL(second.url).host);
});

describe('A08 crossOriginBody: false', () => {
  const post: RequestInit = { method: 'POST', form: { password: 'canary' } };

  it.each<[where: string, own: SessionOptions, init: RequestInit, status: number]>([
    ['the session', { crossOriginBody: false }, {}, 307],
    ['the session', { crossOriginBody: false }, {}, 308],
    ['the call', { crossOriginBody: true }, { crossOriginBody: false }, 307],
  ])('of %s keeps the body from another origin', async (_where, own, init, status) => {
    const { first, second } = await twoSites(status);
    await using session = await createSession(own);
    await expect(session.fetch(`${first.url}/from`, { ...post, ...init })).rejects.toMatchObject({
      code: 'ERR_INVALID_REDIRECT',
      status,
      message: expect.stringContaining('crossOriginBody'),
    });
    expect([first.seen.length, second.connections]).toEqual([1, 0]);
  });

  it('allows a redirect without the body', async () => {
    await using session = await createSession({ crossOriginBody: false });
    for (const [status, init] of [
      [303, post],
      [302, post],
      [307, {}],
    ] as const) {
      const { first, second } = await twoSites(status);
      await session.fetch(`${first.url}/from`, init);
      expect(second.seen.map(({ body }) => body.length)).toEqual([0]);
    }
  });

  it('allows the body within its origin', async () => {
    const site = await startSite({ '/from': { status: 307, location: '/to' } });
    await using session = await createSession({ crossOriginBody: false });
    await session.fetch(`${site.url}/from`, post);
    expect(site.seen[1]?.body.toString()).toBe('password=canary');
  });

  it('is not the default: the body is sent, as in browsers', async () => {
    const { first, second } = await twoSites(307);
    await using session = await createSession();
    await session.fetch(`${first.url}/from`, post);
    expect(second.seen[0]?.body.toString()).toBe('password=canary');
  });
});
