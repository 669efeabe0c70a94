import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Cookie, CookieJar, MemoryCookieStore } from 'tough-cookie';
import { MockAgent, request, fetch as undiciFetch, WebSocket } from 'undici';
import { describe, expect, it } from 'vitest';
import { recordHar } from '../../src/har/index.ts';
import { createSession, createTransport, type ObservedExchange, type Observer } from '../../src/index.ts';
import { cookieDispatcher } from '../../src/interop/index.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';
import { startWebSocketServer } from '../helpers/websockets.ts';

/** An observer that notes what it is told, and the exchanges. */
function noting() {
  const told: string[] = [];
  const exchanges: ObservedExchange[] = [];
  const observer: Observer = {
    onCallStart: ({ kind }) => told.push(`call ${kind}`),
    onExchangeStart: (exchange) => void exchanges.push(exchange),
    onRequest: () => told.push('request'),
    onRequestData: (_, chunk) => told.push(`sent ${Buffer.from(chunk)}`),
    onRequestEnd: () => told.push('request end'),
    onResponse: ({ response }) => told.push(`response ${response?.status}`),
    onResponseData: (_, chunk) => told.push(`received ${Buffer.from(chunk)}`),
    onExchangeEnd: ({ failure }) => told.push(failure === null ? 'exchange end' : 'exchange failed'),
    onCallEnd: ({ failure }) => told.push(failure === null ? 'call end' : 'call failed'),
  };
  return { told, exchanges, observer };
}

describe('the observers of a session, of a request through cookieDispatcher', () => {
  it('are called for each step, with both heads and the connection', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] }).end('answer');
    });
    const { told, exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    session.setCookie('sid', '1', server.url);
    const { body } = await request(`${server.url}/path?a=b`, {
      dispatcher: cookieDispatcher(session),
      method: 'POST',
      headers: { 'X-Own': 'yes' },
      body: 'question',
    });
    expect(await text(body)).toBe('answer');
    expect(told).toEqual([
      ...['call cookieDispatcher', 'request', 'sent question', 'request end', 'response 200'],
      ...['received answer', 'exchange end', 'call end'],
    ]);
    const [exchange] = exchanges;
    expect(exchange?.request).toMatchObject({ method: 'POST', target: '/path?a=b', bodyLength: 8 });
    expect(exchange?.request?.headers).toEqual(
      expect.arrayContaining([
        ['X-Own', 'yes'],
        ['Cookie', 'sid=1'],
        ['content-length', '8'],
      ]),
    );
    expect(exchange?.response?.headers.filter(([name]) => name === 'Set-Cookie')).toHaveLength(2);
    expect(exchange?.connection).toMatchObject({ protocol: 'http/1.1', isReused: false });
    expect(exchange).toMatchObject({ sentBytes: 8, receivedBytes: 6, attempt: 1, hop: 1 });
    expect(exchange?.timings).toMatchObject({ connect: expect.any(Number), body: expect.any(Number) });
    expect(JSON.stringify(exchange)).not.toContain('sid=1');
  });

  it('are called for each redirect as a separate call, as undici sends it', async () => {
    const server = await startServer((incoming, response) => {
      if (incoming.url === '/old') response.writeHead(302, { Location: '/new' }).end();
      else response.end();
    });
    const { exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    await (await undiciFetch(`${server.url}/old`, { dispatcher: cookieDispatcher(session) })).text();
    expect(exchanges.map(({ url, connection }) => [url, connection?.isReused])).toEqual([
      [`${server.url}/old`, false],
      [`${server.url}/new`, true],
    ]);
    expect(new Set(exchanges.map(({ call }) => call.id)).size).toBe(2);
  });

  it('are called for a failure once, also before there is a connection', async () => {
    const { told, exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    const failing = request('http://127.0.0.1:1/', { dispatcher: cookieDispatcher(session) });
    const error = await failing.catch((reason: unknown) => reason);
    expect(told).toEqual(['call cookieDispatcher', 'exchange failed', 'call failed']);
    expect(exchanges[0]?.failure?.reason).toBe(error);
  });

  it('are called for a failure of the jar', async () => {
    const { told, observer } = noting();
    const store = new MemoryCookieStore();
    const [key, domain] = ['sid', '127.0.0.1'];
    await store.putCookie(new Cookie({ key, value: 'a\r\nX: b', domain, path: '/', hostOnly: true }));
    await using session = await createSession({ cookieJar: new CookieJar(store), observers: [observer] });
    const failing = request('http://127.0.0.1:1/', { dispatcher: cookieDispatcher(session) });
    await expect(failing).rejects.toMatchObject({ code: 'ERR_INVALID_COOKIE' });
    expect(told).toEqual(['call cookieDispatcher', 'exchange failed', 'call failed']);
  });

  it('are called for a WebSocket, whose end is that of the call', async () => {
    const server = await startWebSocketServer();
    const { told, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    const url = server.url.replace('http', 'ws');
    const socket = new WebSocket(url, { dispatcher: cookieDispatcher(session) });
    await once(socket, 'open');
    expect(told.slice(-1)).toEqual(['response 101']);
    socket.close();
    await once(socket, 'close');
    await expect.poll(() => told.slice(-2)).toEqual(['exchange end', 'call end']);
  });

  it('get what a dispatcher of the caller is given', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    agent.get('http://shop.example').intercept({ path: '/' }).reply(200, 'mocked');
    await using transport = await createTransport({ dispatcher: agent });
    const { exchanges, observer } = noting();
    await using session = await createSession({ transport, observers: [observer] });
    const { body } = await request('http://shop.example/', {
      dispatcher: cookieDispatcher(session),
      headers: { 'X-Own': 'yes' },
    });
    expect(await text(body)).toBe('mocked');
    expect(exchanges[0]).toMatchObject({ receivedBytes: 6, connection: { protocol: null } });
    expect(exchanges[0]?.request?.headers).toEqual([['X-Own', 'yes']]);
    await agent.close();
  });

  it('see it in a HAR recording', async () => {
    const server = await startServer((_, response) => void response.end('answer'));
    await using session = await createSession();
    const recording = recordHar(session);
    await (await request(server.url, { dispatcher: cookieDispatcher(session) })).body.text();
    const [entry] = (await recording.stop()).log.entries;
    expect(entry).toMatchObject({
      request: { url: `${server.url}/`, method: 'GET' },
      response: { status: 200, content: { text: 'answer', size: 6 } },
      _resourceType: 'cookieDispatcher',
    });
  });

  it('make a registry count the session as in use', async () => {
    const answer = Promise.withResolvers<void>();
    const server = await startServer(async (_, response) => {
      await answer.promise;
      response.end();
    });
    const clock = new FakeClock();
    const registry = openRegistry({ idleTimeout: 1000, clock });
    const session = await registry.create('ada');
    const waiting = request(server.url, { dispatcher: cookieDispatcher(session) });
    await expect.poll(() => server.seen.length).toBe(1);
    clock.advance(5000);
    expect(session.closed).toBe(false);
    answer.resolve();
    await (await waiting).body.text();
    clock.advance(1000);
    await expect.poll(() => session.closed).toBe(true);
  });
});
