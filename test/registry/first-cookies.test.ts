import { describe, expect, it } from 'vitest';
import { createSession } from '../../src/index.ts';
import { createRegistry, type RegistrySessionOptions } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';

const url = 'https://example.com/a/';
const baseUrl = 'https://example.com/';
const end = Date.now() + 3_600_000;
const domain = { name: 'sid', value: '1', domain: 'example.com', path: '/' };
const form: RegistrySessionOptions = { baseUrl };

describe('F19 the cookies that a session begins with', () => {
  it.each<[string, RegistrySessionOptions]>([
    ['records with a domain', { cookies: [domain] }],
    ['records of getAllCookies, with an end', { cookies: [{ ...domain, hostOnly: true, expiresAtMs: end }] }],
    ['records without a domain', { ...form, cookies: [{ name: 'sid', value: '1' }] }],
    ['names with their values', { ...form, cookies: { sid: '1' } }],
    ['a Cookie header', { ...form, cookies: 'sid=1' }],
    ['a Cookie header by its name', { ...form, cookies: 'Cookie: sid=1' }],
    ['a Cookie header and its address', { cookies: 'sid=1', cookieFormat: { url } }],
    ['a curl command', { cookies: `curl '${url}' -H 'Cookie: sid=1'` }],
    ['cookies.txt', { cookies: `.example.com\tTRUE\t/\tFALSE\t${Math.ceil(end / 1000)}\tsid\t1` }],
    ['storageState', { cookies: { cookies: [{ ...domain, expires: -1, sameSite: 'Lax' }], origins: [] } }],
    ['a format by its name', { cookies: [{ ...domain, hostOnly: true }], cookieFormat: 'chrome' }],
    ['JSON text of records', { cookies: JSON.stringify([{ ...domain, secure: true, httpOnly: true }]) }],
  ])('are taken as %s', async (_, options) => {
    const session = await openRegistry().create('ada', options);
    expect(session.getCookies(url)).toEqual({ sid: '1' });
  });

  it('are those of url before those of baseUrl', async () => {
    const server = await startServer((request, response) => void response.end(request.headers.cookie));
    const session = await openRegistry().create('ada', {
      baseUrl,
      url: new URL(server.url),
      cookies: { sid: '1' },
    });
    expect([session.getCookies(url), await (await session.fetch(new URL(server.url))).text()]).toEqual([
      {},
      'sid=1',
    ]);
  });

  it('are restored from the result of getAllCookies', async () => {
    const first = await createSession();
    first.setCookie('sid', '1', url, { expiresAtMs: end });
    first.setCookie('plain', '2', url);
    const session = await openRegistry().create('ada', { cookies: first.getAllCookies() });
    expect(session.getAllCookies()).toEqual(first.getAllCookies());
  });

  it.each<[string, RegistrySessionOptions]>([
    ['names with values, and no address', { cookies: { sid: '1' } }],
    ['a Cookie header, and no address', { cookies: 'sid=1' }],
    ['records of which an end would be lost', { baseUrl, cookies: [{ ...domain, ttl: 5 }] }],
    ['text that is none', { baseUrl, cookies: '<html>' }],
    ['another format than that which is named', { cookies: [domain], cookieFormat: 'netscape' }],
  ])('are refused as %s, and no session is left', async (_, options) => {
    const registry = createRegistry();
    expect((await refusalOf(() => registry.create('ada', options))).code).toBe('ERR_INVALID_COOKIE');
    expect(await registry.has('ada')).toBe(false);
    expect(
      (await refusalOf(() => registry.create('b', { cookies: [domain], cookieFormat: 'x' } as object))).code,
    ).toBe('ERR_INVALID_OPTION');
  });
});
