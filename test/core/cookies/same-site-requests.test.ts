import { beforeAll, describe, expect, it } from 'vitest';
import {
  createSession,
  createTransport,
  type RequestInit,
  type Session,
  type Transport,
} from '../../../src/index.ts';
import { headerOf, startTlsServer, type TestServer } from '../../helpers/servers.ts';

let transport: Transport;
beforeAll(async () => {
  const resolve = { 'shop.test': '127.0.0.1', 'www.shop.test': '127.0.0.1', 'evil.test': '127.0.0.1' };
  transport = await createTransport({ resolve, insecure: true });
  return () => transport.close();
});

const kinds = {
  strict: 'strict=1; Secure; SameSite=Strict',
  lax: 'lax=1; Secure; SameSite=Lax',
  unsaid: 'unsaid=1; Secure',
  none: 'none=1; Secure; SameSite=None',
};
const all = Object.keys(kinds);

/** A shop that sets a cookie of each kind at /set, and sends on to another host at /to/<host>/<status>. */
async function startShop(): Promise<TestServer> {
  const server = await startTlsServer((request, response) => {
    const [, verb, host, status] = (request.url ?? '').split('/');
    if (verb === 'set') response.setHeader('set-cookie', Object.values(kinds));
    if (verb === 'to') {
      response.statusCode = Number(status);
      response.setHeader('location', `https://${host}:${server.port}/`);
    }
    response.end();
  });
  return server;
}

const at = (server: TestServer, host: string, path = '/'): string => `https://${host}:${server.port}${path}`;

async function visitor(server: TestServer): Promise<Session> {
  const session = await createSession({ transport });
  await session.fetch(at(server, 'shop.test', '/set'));
  return session;
}

/** The kinds of cookies that the last request carried. */
function sent(server: TestServer): string[] {
  const header = headerOf(server.seen.at(-1), 'cookie') ?? '';
  return header === '' ? [] : header.split('; ').map((pair) => pair.replace('=1', ''));
}

const form = { a: '1' };
const cases: [kind: string, init: RequestInit, sent: string[], stored: string[]][] = [
  ['a typed navigation', {}, all, all],
  ['a form without a page', { method: 'POST', form }, all, all],
  ["a page's fetch without a page", { method: 'POST', json: {} }, all, all],
  ['a hidden page', { method: 'POST', json: {}, referrer: 'no-referrer' }, all, all],
  ['a link on the same site', { referrer: 'SAME' }, all, all],
  ['an image on the same site', { referrer: 'SAME', destination: 'image' }, all, all],
  ['a link on another site', { referrer: 'CROSS' }, ['lax', 'unsaid', 'none'], all],
  ['a HEAD from another site', { referrer: 'CROSS', method: 'HEAD' }, ['lax', 'unsaid', 'none'], all],
  ['a form on another site', { referrer: 'CROSS', method: 'POST', form }, ['none'], all],
  ["another site's fetch", { referrer: 'CROSS', mode: 'cors' }, ['none'], ['none']],
  ["another site's fetch of JSON", { referrer: 'CROSS', method: 'POST', json: {} }, ['none'], ['none']],
  ['an image on another site', { referrer: 'CROSS', destination: 'image' }, ['none'], ['none']],
  ['a frame on another site', { referrer: 'CROSS', destination: 'iframe' }, ['none'], ['none']],
];

/** Ports are no part of a site; SAME and CROSS stand for pages of the shop and of somebody else. */
function pageOf(server: TestServer, init: RequestInit): RequestInit {
  if (init.referrer === 'SAME') return { ...init, referrer: at(server, 'www.shop.test', '/page') };
  return init.referrer === 'CROSS' ? { ...init, referrer: at(server, 'evil.test', '/page') } : init;
}

describe('SameSite: what is sent', () => {
  it.each(cases)('with %s', async (_kind, init, expected) => {
    const shop = await startShop();
    await using session = await visitor(shop);
    await session.fetch(at(shop, 'shop.test'), pageOf(shop, init));
    expect(sent(shop)).toEqual(expected);
  });
});

describe('SameSite: what may be set', () => {
  it.each(cases)('by the response to %s', async (_kind, init, _sent, expected) => {
    const shop = await startShop();
    await using session = await createSession({ transport });
    const response = await session.fetch(at(shop, 'shop.test', '/set'), pageOf(shop, init));
    const results = response.hops[0]?.setCookies ?? [];
    expect(results.filter(({ stored }) => stored).map(({ name }) => name)).toEqual(expected);
    expect(results.filter(({ reason }) => reason === 'cross-site')).toHaveLength(4 - expected.length);
    expect(session.getAllCookies().map(({ name }) => name)).toEqual(expected);
  });
});

describe('SameSite: what a redirect of another site may set', () => {
  it.each<[way: string, init: RequestInit, status: number, sent: string[]]>([
    ['a typed navigation', {}, 302, all],
    ['a form without a page, which becomes GET', { method: 'POST', form }, 302, all],
    ['JSON without a page, sent again', { method: 'POST', json: {} }, 307, all],
    ['a link on its page', { referrer: 'CROSS' }, 302, ['lax', 'unsaid', 'none']],
    [
      'a form on its page, which becomes GET',
      { referrer: 'CROSS', method: 'POST', form },
      303,
      ['lax', 'unsaid', 'none'],
    ],
    ['a form on its page, sent again', { referrer: 'CROSS', method: 'POST', form }, 307, ['none']],
    ['a fetch on its page', { referrer: 'CROSS', mode: 'cors' }, 302, ['none']],
    ['a link on a page of the shop', { referrer: 'SAME' }, 302, all],
  ])('after %s', async (_way, init, status, expected) => {
    const shop = await startShop();
    await using session = await visitor(shop);
    await session.fetch(at(shop, 'evil.test', `/to/shop.test/${status}`), pageOf(shop, init));
    expect(sent(shop)).toEqual(expected);
  });
});

it('SameSite: treats http and https of one host as two sites', async () => {
  const shop = await startShop();
  await using session = await visitor(shop);
  await session.fetch(at(shop, 'shop.test'), { referrer: 'http://shop.test/', mode: 'cors' });
  expect(sent(shop)).toEqual(['none']);
});

it('SameSite: has no exception of two minutes for a cookie without it', async () => {
  const shop = await startShop();
  await using session = await visitor(shop);
  await session.fetch(at(shop, 'shop.test'), pageOf(shop, { referrer: 'CROSS', method: 'POST', form }));
  expect(sent(shop)).not.toContain('unsaid');
});

it('SameSite: getCookies shows what a same-site request would send', async () => {
  const shop = await startShop();
  await using session = await visitor(shop);
  expect(Object.keys(session.getCookies(at(shop, 'shop.test')))).toEqual(all);
});
