import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Cookie, CookieJar, MemoryCookieStore } from 'tough-cookie';
import {
  EventSource,
  interceptors,
  MockAgent,
  stream as streamTo,
  fetch as undiciFetch,
  request as undiciRequest,
  WebSocket,
} from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { createSession, createTransport } from '../../src/index.ts';
import { cookieDispatcher } from '../../src/interop/index.ts';
import { certificate } from '../helpers/certificates.ts';
import { startHttpProxy } from '../helpers/proxies.ts';
import { headerOf, startServer, startTlsServer } from '../helpers/servers.ts';
import { startWebSocketServer } from '../helpers/websockets.ts';

function startSite() {
  return startServer((request, response) => {
    if (request.url === '/login') {
      response
        .writeHead(302, { 'Set-Cookie': ['sid=1; Path=/', 'a=b, c=d; Path=/'], Location: '/members' })
        .end();
    } else response.end(`for ${request.headers.cookie}`);
  });
}

const cookies = 'sid=1; a=b, c=d';

describe('cookieDispatcher', () => {
  it('has cookies on every hop of undici.fetch', async () => {
    const site = await startSite();
    await using session = await createSession();
    const response = await undiciFetch(`${site.url}/login`, { dispatcher: cookieDispatcher(session) });
    expect(await response.text()).toBe(`for ${cookies}`);
    expect({ ...session.getCookies(site.url) }).toEqual({ sid: '1', a: 'b, c=d' });
  });

  it('has cookies on every hop of undici.request with a redirect interceptor', async () => {
    const site = await startSite();
    await using session = await createSession();
    const dispatcher = cookieDispatcher(session).compose(interceptors.redirect({ maxRedirections: 3 }));
    const { body } = await undiciRequest(`${site.url}/login`, { dispatcher });
    expect(await body.text()).toBe(`for ${cookies}`);
  });

  it.each([true, false])(
    'reports a jar that cannot be read, and keeps no session open: synchronous %s',
    async (synchronous) => {
      const site = await startSite();
      const store = Object.assign(new MemoryCookieStore(), { synchronous });
      const [key, domain] = ['sid', '127.0.0.1'];
      await store.putCookie(new Cookie({ key, value: 'a\r\nX: b', domain, path: '/', hostOnly: true }));
      const session = await createSession({ cookieJar: new CookieJar(store) });
      const dispatcher = cookieDispatcher(session);
      const failure = { code: 'ERR_INVALID_COOKIE' };
      await expect(undiciRequest(site.url, { dispatcher })).rejects.toMatchObject(failure);
      await expect(session.websocket(site.url)).rejects.toThrow();
      await session.close();
      expect(site.seen).toEqual([]);
    },
  );

  it('has cookies in undici.stream', async () => {
    const site = await startSite();
    await using session = await createSession();
    session.setCookie('sid', '1', site.url);
    const dispatcher = cookieDispatcher(session);
    let got: Promise<string> | undefined;
    const { PassThrough } = await import('node:stream');
    await streamTo(`${site.url}/x`, { dispatcher, method: 'GET' }, () => {
      const sink = new PassThrough();
      got = text(sink);
      return sink;
    });
    expect(await got).toBe('for sid=1');
  });

  it("has cookies in undici's WebSocket, and stores what the handshake sets", async () => {
    const server = await startWebSocketServer({ headers: () => ['Set-Cookie: seen=yes'] });
    const site = server.url.replace('ws:', 'http:');
    await using session = await createSession();
    session.setCookie('sid', '1', site);
    const socket = new WebSocket(server.url, { dispatcher: cookieDispatcher(session) });
    await once(socket, 'open');
    socket.send('hello');
    const [{ data }] = await once(socket, 'message');
    expect([data, server.peers[0]?.request.headers.cookie]).toEqual(['hello', 'sid=1']);
    expect({ ...session.getCookies(site) }).toEqual({ sid: '1', seen: 'yes' });
    socket.close();
  });

  it("has cookies in undici's EventSource", async () => {
    const site = await startServer((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(`data: ${request.headers.cookie}\n\n`);
    });
    await using session = await createSession();
    session.setCookie('sid', '1', site.url);
    const events = new EventSource(site.url, { dispatcher: cookieDispatcher(session) });
    const [{ data }] = await once(events as unknown as EventTarget, 'message');
    expect(data).toBe('sid=1');
    events.close();
  });

  it("uses the session's proxy and TLS settings, and its warm connections", async () => {
    const [site, proxy] = [
      await startTlsServer((_, response) => void response.end('secure')),
      await startHttpProxy(),
    ];
    await using session = await createSession({ proxy: `http://${proxy.host}`, ca: certificate().cert });
    await (await session.fetch(site.url)).text();
    const { body } = await undiciRequest(site.url, { dispatcher: cookieDispatcher(session) });
    expect([await body.text(), site.connections, proxy.sockets.length]).toEqual(['secure', 1, 1]);
  });

  it.each<[form: string, headers: object]>([
    ['an object', { 'X-Own': ['1', '2'], cookie: 'own=1', sid: 'x' }],
    ['a flat list', ['X-Own', '1', 'X-Own', '2', 'cookie', 'own=1']],
    [
      'pairs',
      new Map<string, string | string[]>([
        ['X-Own', ['1', '2']],
        ['cookie', 'own=1'],
      ]),
    ],
  ])('takes headers as %s', async (_form, headers) => {
    const site = await startSite();
    await using session = await createSession();
    session.setCookie('sid', '1', site.url);
    const { body } = await undiciRequest(site.url, {
      headers: headers as never,
      dispatcher: cookieDispatcher(session),
    });
    await body.dump();
    expect(headerOf(site.seen[0], 'cookie')).toBe('sid=1; own=1');
    expect(site.seen[0]?.headers.filter(([name]) => name === 'X-Own').map(([, value]) => value)).toEqual([
      '1',
      '2',
    ]);
  });

  it('checks the certificate against the requested host, whatever the Host header says', async () => {
    const site = await startTlsServer((_, response) => void response.end());
    await using session = await createSession({ ca: certificate().cert });
    const url = site.url.replace('127.0.0.1', 'localhost');
    const dispatcher = cookieDispatcher(session);
    const { body } = await undiciRequest(url, { headers: { host: 'other.invalid' }, dispatcher });
    await body.dump();
    expect(headerOf(site.seen[0], 'host')).toBe('other.invalid');
  });

  it('sends a path that looks like another host to its own host', async () => {
    const site = await startSite();
    await using session = await createSession();
    session.setCookie('sid', 'canary', 'http://other.test/');
    const { body } = await cookieDispatcher(session).request({
      origin: site.url,
      path: '//other.test/',
      method: 'GET',
    });
    expect(await body.text()).toBe('for undefined');
    expect(site.seen[0]?.url).toBe('//other.test/');
  });

  it('waits for a jar that answers later, in both directions', async () => {
    const store = new MemoryCookieStore();
    const put = store.putCookie.bind(store) as (cookie: Cookie, callback: () => void) => void;
    const slow = (cookie: Cookie, callback: () => void): void => void setTimeout(put, 20, cookie, callback);
    Object.assign(store, { synchronous: false, putCookie: slow });
    const site = await startSite();
    await using session = await createSession({ cookieJar: new CookieJar(store) });
    const response = await undiciFetch(`${site.url}/login`, { dispatcher: cookieDispatcher(session) });
    expect(await response.text()).toBe(`for ${cookies}`);
  });

  it('fails after session.close(), and leaves the session open when it is closed itself', async () => {
    const site = await startSite();
    const session = await createSession();
    const dispatcher = cookieDispatcher(session);
    await dispatcher.close();
    await dispatcher.destroy();
    expect((await session.fetch(site.url)).status).toBe(200);
    await session.close();
    await expect(undiciRequest(site.url, { dispatcher })).rejects.toMatchObject({
      code: 'ERR_SESSION_CLOSED',
    });
  });

  it('rejects with the error of a request, and lets the session end', async () => {
    const site = await startSite();
    const session = await createSession();
    const bad = { dispatcher: cookieDispatcher(session), headers: { 'transfer-encoding': 'x' } };
    await expect(undiciRequest(site.url, bad)).rejects.toThrow(/transfer-encoding/);
    await session.close();
  });

  it.each<[says: string, headers: Record<string, string>, sent: string | undefined]>([
    ['nothing', {}, 'strict=1; lax=1'],
    ['an Origin of the site', { origin: 'SITE' }, 'strict=1; lax=1'],
    ['a Referer of the site', { referer: 'SITE/page' }, 'strict=1; lax=1'],
    ['an Origin of another site', { origin: 'https://other.test', 'sec-fetch-mode': 'cors' }, undefined],
    ['an opaque Origin', { origin: 'null', 'sec-fetch-mode': 'cors' }, undefined],
    [
      'a Referer of another site, for data',
      { referer: 'https://other.test/', accept: 'application/json' },
      undefined,
    ],
    ['a Referer of another site, for a page', { referer: 'https://other.test/' }, 'lax=1'],
    ['Sec-Fetch-Site cross-site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, undefined],
    [
      'Sec-Fetch-Site same-site, which counts more than the Referer',
      { 'sec-fetch-site': 'same-site', referer: 'https://other.test/' },
      'strict=1; lax=1',
    ],
  ])('V1: sends and stores by SameSite where the request says: %s', async (_says, headers, sent) => {
    const site = await startServer((_, response) => {
      response.setHeader('Set-Cookie', 'new=1; SameSite=Strict').end();
    });
    await using session = await createSession();
    session.setCookie('strict', '1', site.url, { sameSite: 'strict' });
    session.setCookie('lax', '1', site.url, { sameSite: 'lax' });
    const { body } = await undiciRequest(site.url, {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace('SITE', site.url)]),
      ),
      dispatcher: cookieDispatcher(session),
    });
    await body.dump();
    expect(headerOf(site.seen[0], 'cookie')).toBe(sent);
    // A cross-site navigation may set what it may not send. RFC 6265bis section 5.7.
    expect('new' in session.getCookies(site.url)).toBe(sent !== undefined);
  });

  it('V1: treats the referrer of undici.fetch as the page', async () => {
    const site = await startSite();
    await using session = await createSession();
    session.setCookie('sid', '1', site.url, { sameSite: 'lax' });
    const dispatcher = cookieDispatcher(session);
    await undiciFetch(site.url, { dispatcher, referrer: 'https://other.test/page' });
    await undiciFetch(site.url, { dispatcher });
    expect(site.seen.map((seen) => headerOf(seen, 'cookie'))).toEqual([undefined, 'sid=1']);
  });

  it('reads Expires by the Date of the response, and follows Clear-Site-Data', async () => {
    const hour = 3_600_000;
    const site = await startServer((request, response) => {
      response.sendDate = false;
      const date = (ago: number) => new Date(Date.now() - ago).toUTCString();
      if (request.url === '/logout') response.setHeader('Clear-Site-Data', '"cookies"');
      else response.setHeader('Date', date(2 * hour)).setHeader('Set-Cookie', `sid=1; Expires=${date(hour)}`);
      response.end();
    });
    await using session = await createSession();
    const dispatcher = cookieDispatcher(session);
    await (await undiciRequest(site.url, { dispatcher })).body.dump();
    expect({ ...session.getCookies(site.url) }).toEqual({ sid: '1' });
    await (await undiciRequest(`${site.url}/logout`, { dispatcher })).body.dump();
    expect({ ...session.getCookies(site.url) }).toEqual({});
  });

  it.each([false, true])("F6: works with Node.js's own fetch, HTTP/2 offered: %s", async (http2) => {
    const site = await startTlsServer((request, response) => {
      if (request.url === '/login') {
        response.writeHead(302, { 'Set-Cookie': 'sid=1; Path=/', Location: '/members' }).end();
      } else response.end(`for ${request.headers.cookie}`);
    });
    await using session = await createSession({ ca: certificate().cert, http2 });
    const init = { dispatcher: cookieDispatcher(session) } as object;
    const response = await fetch(`${site.url}/login`, init);
    expect(await response.text()).toBe('for sid=1');
    await expect(fetch('http://127.0.0.1:1/', init)).rejects.toThrow('fetch failed');
  });

  it("F6: a transport's dispatcher works with Node.js's own fetch", async () => {
    const site = await startSite();
    await using transport = await createTransport();
    const response = await fetch(`${site.url}/x`, { dispatcher: transport.dispatcher } as object);
    expect(await response.text()).toBe('for undefined');
  });

  it('F23: works with a MockAgent, which matches bodies that are strings', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    const pool = agent.get('http://shop.test');
    pool.intercept({ path: '/', method: 'POST', body: 'user=ada' }).reply(200, 'in').times(3);
    await using transport = await createTransport({ dispatcher: agent });
    await using session = await createSession({ transport });
    const dispatcher = cookieDispatcher(session);
    const init = { method: 'POST', body: 'user=ada' } as const;
    const { body } = await undiciRequest('http://shop.test/', { ...init, dispatcher });
    const fetched = await undiciFetch('http://shop.test/', { ...init, dispatcher });
    const own = await session.fetch('http://shop.test/', init);
    expect([await body.text(), await fetched.text(), await own.text()]).toEqual(['in', 'in', 'in']);
  });

  it('refuses a value that is not a session', () => {
    expect(() => cookieDispatcher({} as never)).toThrow(/session must be a Session of createSession/);
  });
});

it('F25: a kept connection is used again under fake timers with the real setImmediate', async () => {
  const site = await startSite();
  await using session = await createSession();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  try {
    for (let call = 0; call < 3; call++) await (await session.fetch(site.url)).text();
    await (await session.fetch(`${site.url}/login`)).text();
  } finally {
    vi.useRealTimers();
  }
  expect(site.connections).toBe(1);
});
