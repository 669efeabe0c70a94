import { CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { createSession, type ObservedCookie, type SetCookieResult } from '../../../src/index.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';

/** What an observer is told of cookies, in order, with the path of the exchange. */
function noting() {
  const told: [path: string, what: 'cookies' | 'set', names: unknown][] = [];
  const pathOf = ({ url }: { readonly url: string }): string => new URL(url).pathname;
  const observer = {
    onCookies: (exchange: { readonly url: string }, cookies: readonly ObservedCookie[]) => {
      const shown = cookies.map(({ name, sent, reason }) => `${name}: ${sent ? 'sent' : reason}`);
      told.push([pathOf(exchange), 'cookies', shown.sort()]);
    },
    onSetCookies: (exchange: { readonly url: string }, results: readonly SetCookieResult[]) => {
      const shown = results.map(({ name, reason }) => `${name}: ${reason ?? 'stored'}`);
      told.push([pathOf(exchange), 'set', shown]);
    },
  };
  return { told, observer };
}

describe('onCookies', () => {
  it('reports every cookie of the site, on each hop', async () => {
    const server = await startServer((request, response) => {
      const headers = request.url === '/a' ? { location: '/b', 'set-cookie': 'new=1' } : {};
      response.writeHead(request.url === '/a' ? 302 : 200, headers).end();
    });
    const { told, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    session.setCookie('here', '1', server.url);
    session.setCookie('elsewhere', '1', server.url, { path: '/other' });
    await (await session.fetch(`${server.url}/a`)).text();
    expect(told).toEqual([
      ['/a', 'cookies', ['elsewhere: path', 'here: sent']],
      ['/a', 'set', ['new: stored']],
      ['/b', 'cookies', ['elsewhere: path', 'here: sent', 'new: sent']],
    ]);
  });

  it.each<[string, object, string[]]>([
    ['omitted by the call', { credentials: 'omit' }, ['lax: omitted', 'strict: omitted']],
    ['removed by the call', { headers: { cookie: null } }, ['lax: removed', 'strict: removed']],
    ['named by its Cookie header', { headers: { cookie: 'lax=own' } }, ['lax: own-header', 'strict: sent']],
    [
      'for a page of another site',
      { referrer: 'http://other.example/', destination: 'document', mode: 'navigate' },
      ['lax: sent', 'strict: same-site'],
    ],
    [
      'for a script of another site',
      { referrer: 'http://other.example/', destination: '', mode: 'cors', credentials: 'include' },
      ['lax: same-site', 'strict: same-site'],
    ],
  ])('says why they are withheld: %s', async (_, init, expected) => {
    const server = await startServer((_request, response) => void response.end());
    const { told, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    session.setCookie('strict', '1', server.url, { sameSite: 'strict' });
    session.setCookie('lax', '1', server.url);
    await (await session.fetch(server.url, init)).text();
    expect(told).toEqual([['/', 'cookies', expected]]);
    const sent = server.seen[0]?.headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1] ?? '';
    for (const each of expected)
      expect(sent.includes(each.replace(/:.*/, '=1'))).toBe(each.endsWith(': sent'));
  });

  it('reports the cookies of a resent request and of a socket, without values', async () => {
    const server = await startServer((_request, response) => void response.end('no socket'));
    const seen: unknown[] = [];
    const observer = {
      onCookies: (_: unknown, cookies: readonly ObservedCookie[]) => void seen.push(cookies),
    };
    await using session = await createSession({ observers: [observer] });
    session.setCookie('sid', 'canary', server.url);
    await session.websocket(server.url.replace('http', 'ws')).catch(() => {});
    const domain = new URL(server.url).hostname;
    expect(seen).toEqual([[{ name: 'sid', domain, path: '/', sent: true }]]);
  });

  it('is not called for a jar with its own rules', async () => {
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'set-cookie': ['a=1', 'b=2; Domain=other.example'] }).end();
    });
    const { told, observer } = noting();
    await using session = await createSession({ cookieJar: new CookieJar(), observers: [observer] });
    await (await session.fetch(server.url)).text();
    expect(told).toEqual([['/', 'set', ['a: stored', 'b: refused-by-jar']]]);
  });
});

describe('onSetCookies', () => {
  it('says why cookies are refused', async () => {
    const server = await startTlsServer((_request, response) => {
      const lines = ['a=1', '__Host-b=1; Secure; Path=/x', 'c=1; Domain=example.com', 'd=; Max-Age=0'];
      response.writeHead(200, { 'set-cookie': lines }).end('x');
    });
    const { told, observer } = noting();
    await using session = await createSession({ insecure: true, observers: [observer] });
    await (await session.fetch(server.url)).text();
    expect(told.at(-1)).toEqual([
      '/',
      'set',
      ['a: stored', '__Host-b: prefix', 'c: domain-mismatch', 'd: expired'],
    ]);
  });
});
