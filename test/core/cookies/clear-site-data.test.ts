import { CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { clearsCookies } from '../../../src/core/cookies/clear-site-data.ts';
import { createSession, type Session } from '../../../src/index.ts';
import { asHost } from '../../helpers/redirects.ts';
import { startServer } from '../../helpers/servers.ts';

const https = new URL('https://shop.example/');

describe('Clear-Site-Data', () => {
  // Each tried in Chromium 156 and Firefox 153.
  it.each<[given: string | string[], clears: boolean]>([
    ['"cookies"', true],
    ['"*"', true],
    ['"cache", "cookies"', true],
    ['"cache","cookies","storage"', true],
    ['  "cookies"  ', true],
    ['"unknown", "cookies"', true],
    ['unquoted, "cookies"', true],
    [['"storage"', '"cookies"'], true],
    ['cookies', false],
    ["'cookies'", false],
    ['"COOKIES"', false],
    ['"cookies";x=1', false],
    ['"storage"', false],
    ['', false],
  ])('%j drops cookies: %s', (given, clears) => {
    expect(clearsCookies({ 'clear-site-data': given }, https)).toBe(clears);
  });

  it.each<[url: string, clears: boolean]>([
    ['https://shop.example/', true],
    ['http://shop.example/', false],
    ['http://localhost/', true],
    ['http://127.0.0.1/', true],
    ['http://[::1]/', true],
    ['wss://shop.example/', false],
  ])('counts on an answer of a secure context: %s %s', (url, clears) => {
    expect(clearsCookies({ 'clear-site-data': '"cookies"' }, new URL(url))).toBe(clears);
  });
});

/** A site whose /logout clears, and whose /set sets. */
async function startSite() {
  return startServer((request, response) => {
    if (request.url === '/set') response.setHeader('set-cookie', ['a=1', 'deep=2; Path=/x']);
    if (request.url === '/logout') {
      response.setHeader('clear-site-data', '"cookies"');
      response.setHeader('set-cookie', ['same=1', 'gone=; Max-Age=0']);
    }
    if (request.url === '/leave') {
      response.writeHead(302, { 'clear-site-data': '"*"', location: '/after' });
    }
    response.end(request.headers.cookie ?? '');
  });
}

const names = (session: Session): string[] => session.getAllCookies().map(({ name }) => name);

describe('a logout by Clear-Site-Data', () => {
  it('drops the cookies of the site, those of the same answer too, and no others', async () => {
    const site = await startSite();
    await using session = await createSession();
    session.setCookie('other', '1', 'https://shop.example/');
    await session.fetch(`${site.url}/set`);
    const { hops } = await session.fetch(`${site.url}/logout`);
    expect(names(session)).toEqual(['other']);
    expect(hops[0]?.setCookies).toEqual([
      { name: 'same', stored: false, reason: 'cleared' },
      { name: 'gone', stored: false, reason: 'expired' },
    ]);
  });

  it('drops those of all hosts of the site', async () => {
    const site = await startSite();
    await using session = await createSession({});
    session.setCookie('www', '1', 'https://www.localhost/');
    session.setCookie('apex', '1', 'https://localhost/');
    await session.fetch(`${asHost(site.url, 'localhost')}/logout`);
    expect(names(session)).toEqual(['www']);
  });

  it('holds for the next hop of a redirect', async () => {
    const site = await startSite();
    await using session = await createSession();
    await session.fetch(`${site.url}/set`);
    expect(await (await session.fetch(`${site.url}/leave`)).text()).toBe('');
    expect(names(session)).toEqual([]);
  });

  it('has no effect on a call without credentials', async () => {
    const site = await startSite();
    await using session = await createSession();
    await session.fetch(`${site.url}/set`);
    await session.fetch(`${site.url}/logout`, { credentials: 'omit' });
    expect(names(session)).toEqual(['a', 'deep']);
  });

  it('applies to a cookieJar of the caller', async () => {
    const site = await startSite();
    const cookieJar = new CookieJar();
    cookieJar.setCookieSync('other=1', 'https://shop.example/');
    await using session = await createSession({ cookieJar });
    await session.fetch(`${site.url}/set`);
    await session.fetch(`${site.url}/logout`);
    expect(names(session)).toEqual(['other']);
  });
});
