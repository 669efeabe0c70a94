import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession, type RequestInit, type SessionOptions } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startWireServers, type WireHead, type WireServers } from '../../helpers/wire.ts';

let servers: WireServers;

beforeAll(async () => {
  servers = await startWireServers(certificate());
});

afterAll(() => servers.close());

/** Sends one request and returns what the server saw of it. */
async function send(
  options: SessionOptions,
  init: RequestInit,
  server: 'plain' | 'tls' | 'http2' = 'tls',
): Promise<WireHead | undefined> {
  await using session = await createSession({
    os: 'linux',
    ca: certificate().cert,
    http2: server === 'http2',
    ...options,
  });
  servers.heads.length = 0;
  const scheme = server === 'plain' ? 'http' : 'https';
  await (await session.fetch(`${scheme}://localhost:${servers.ports[server]}/`, init)).text();
  return servers.heads[0];
}

function textOf(head: WireHead | undefined, name: string): string | undefined {
  return head?.headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

describe('the languages', () => {
  it.each([
    ['US English by default', {}, {}, 'en-US,en;q=0.9'],
    ['the session’s', { acceptLanguage: 'de-DE, de, en' }, {}, 'de-DE,de;q=0.9,en;q=0.8'],
    [
      'the request’s over the session’s',
      { acceptLanguage: 'de' },
      { acceptLanguage: 'fr, en' },
      'fr,en;q=0.9',
    ],
    [
      'Firefox’s weights of their time',
      { browser: 'firefox_135', acceptLanguage: 'de, en' },
      {},
      'de,en;q=0.5',
    ],
    ['a header of the caller’s', { acceptLanguage: 'de' }, { headers: { 'accept-language': 'x' } }, 'x'],
  ] as const)('are %s', async (_, options, init, expected) => {
    for (const server of ['plain', 'tls', 'http2'] as const) {
      expect(textOf(await send(options, init, server), 'accept-language')).toBe(expected);
    }
  });
});

describe('the headers of one request', () => {
  const page = { destination: '', referrer: 'https://other.example/' } as const;

  it.each([
    ['low', 'i'],
    ['auto', 'u=1, i'],
  ] as const)('is its priority, %s', async (priority, expected) => {
    expect(textOf(await send({ browser: 'chrome_156' }, { ...page, priority }, 'http2'), 'priority')).toBe(
      expected,
    );
  });

  it('is the priority of an image', async () => {
    const image = { destination: 'image', referrer: 'https://other.example/' } as const;
    const priorities: (string | undefined)[] = [];
    for (const priority of ['high', 'auto'] as const)
      priorities.push(textOf(await send({}, { ...image, priority }, 'http2'), 'priority'));
    expect(priorities).toEqual(['u=1, i', 'i']);
  });

  it.each([
    ['include', 'none'],
    ['same-origin', undefined],
    [undefined, undefined],
  ] as const)('is whether a cross-site fetch has credentials: %s', async (credentials, expected) => {
    const head = await send({ browser: 'chrome_156' }, { ...page, credentials });
    expect(textOf(head, 'sec-fetch-storage-access')).toBe(expected);
  });

  it.each([
    ['xmlhttprequest', undefined],
    ['', 'u=4'],
    ['beacon', 'u=6'],
  ] as const)('is what in the page asks: "%s"', async (initiator, expected) => {
    const head = await send({ browser: 'firefox_153' }, { ...page, initiator });
    expect(textOf(head, 'priority')).toBe(expected);
  });

  it.each([
    ['priority', { priority: 'urgent' }],
    ['credentials', { credentials: 'always' }],
    ['initiator', { initiator: 'me' }],
  ])('is refused before it is sent when it is no %s', async (name, init) => {
    const call = send({}, init as RequestInit);
    await expect(call).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(name),
    });
    expect(servers.heads).toEqual([]);
  });
});

describe('a head for HTTP/2', () => {
  it('has lower-case names and one field for each cookie', async () => {
    await using session = await createSession({ os: 'linux', ca: certificate().cert, http2: true });
    const url = `https://localhost:${servers.ports.http2}/`;
    for (const name of ['a', 'b', 'c']) session.setCookie(name, '1', url);
    servers.heads.length = 0;
    await (await session.fetch(url, { headers: { 'X-Own': '1', Cookie: 'b=2; d=3' } })).text();
    const [head] = servers.heads;
    expect(head?.headers.filter(([name]) => name !== name.toLowerCase())).toEqual([]);
    const cookies = head?.headers.filter(([name]) => name === 'cookie').map(([, value]) => value);
    expect(cookies).toEqual(['a=1', 'c=1', 'b=2', 'd=3']);
    expect(textOf(head, 'x-own')).toBe('1');
  });
});
