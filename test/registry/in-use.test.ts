import { WebSocket as UndiciWebSocket, request as undiciRequest } from 'undici';
import { describe, expect, it } from 'vitest';
import { cookieDispatcher, cookieFetch } from '../../src/interop/index.ts';
import { memoryStore } from '../../src/registry/index.ts';
import { httpHead } from '../helpers/raw.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startRawServer, startServer } from '../helpers/servers.ts';
import { startWebSocketServer } from '../helpers/websockets.ts';

const idleTimeout = 300;

it('V2 a session is in use while a WebSocket is open', async () => {
  const server = await startWebSocketServer();
  const clock = new FakeClock();
  const registry = openRegistry({ idleTimeout, clock });
  const session = await registry.create('ada');
  const socket = await session.websocket(server.url);
  clock.advance(10 * idleTimeout);
  expect([session.closed, registry.size]).toEqual([false, 1]);
  const answered = new Promise((resolve) => socket.addEventListener('message', resolve));
  socket.send('still here');
  await answered;
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  socket.close();
  await closed;
  clock.advance(idleTimeout - 1);
  expect(session.closed).toBe(false);
  clock.advance(1);
  await expect.poll(() => session.closed).toBe(true);
});

it('V2 a session is in use while an event stream receives, and while it waits to connect again', async () => {
  const server = await startRawServer((socket, _head, index) => {
    socket.write(httpHead(['Content-Type: text/event-stream']));
    socket.write(`retry: 500\ndata: ${index}\n\n`);
    if (index === 0) socket.end();
  });
  const clock = new FakeClock();
  const registry = openRegistry({ idleTimeout, clock });
  const session = await registry.create('ada');
  const stream = session.eventSource(server.url);
  const events = stream[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ data: '0' });
  clock.advance(10 * idleTimeout);
  const second = events.next();
  clock.advance(10 * idleTimeout);
  expect((await second).value).toMatchObject({ data: '1' });
  clock.advance(10 * idleTimeout);
  expect([session.closed, stream.closed]).toEqual([false, false]);
  stream.close();
  clock.advance(idleTimeout);
  await expect.poll(() => session.closed).toBe(true);
});

it('V2 a session is in use until the last byte of a body, whether or not it is read', async () => {
  const finish = Promise.withResolvers<void>();
  const server = await startServer(async (_request, response) => {
    response.write('begun');
    await finish.promise;
    response.end(' and done');
  });
  const clock = new FakeClock();
  const registry = openRegistry({ idleTimeout, clock });
  const session = await registry.create('ada');
  const response = await session.fetch(server.url);
  clock.advance(10 * idleTimeout);
  expect(session.closed).toBe(false);
  finish.resolve();
  expect(await response.text()).toBe('begun and done');
  clock.advance(idleTimeout);
  await expect.poll(() => session.closed).toBe(true);
});

it('is not in use after a call fails', async () => {
  const server = await startRawServer((socket) => socket.destroy());
  const clock = new FakeClock();
  const registry = openRegistry({ idleTimeout, clock });
  const session = await registry.create('ada');
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  await expect(session.websocket(server.url)).rejects.toMatchObject({ name: 'RequestError' });
  clock.advance(idleTimeout);
  await expect.poll(() => session.closed).toBe(true);
});

it('counts each call once, a WebSocket and an event stream too', async () => {
  const sockets = await startWebSocketServer();
  const server = await startServer((_request, response) => {
    response.writeHead(204).end();
  });
  const registry = openRegistry();
  const session = await registry.create('ada');
  await session.fetch(server.url);
  (await session.websocket(sockets.url)).close();
  for await (const _event of session.eventSource(server.url));
  expect(await registry.list()).toMatchObject([{ requests: 3 }]);
});

it("gives its sessions the caller's middleware and observers, and a fork only those", async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(server.seen.length === 1 ? 401 : 200).end();
  });
  const calls: string[] = [];
  let logins = 0;
  const registry = openRegistry({
    session: {
      middleware: [
        (request, next) => {
          calls.push('middleware');
          return next(request);
        },
      ],
      observers: [{ onCallStart: ({ sessionId }) => calls.push(sessionId) }],
    },
  });
  const session = await registry.create('ada', { login: () => logins++ });
  expect((await session.fetch(server.url)).status).toBe(200);
  // Once more after the login, which is outermost.
  expect([calls, logins]).toEqual([['ada', 'middleware', 'middleware'], 1]);
  server.seen.length = 0;
  await using fork = await session.fork();
  expect((await fork.fetch(server.url)).status).toBe(401);
  expect([calls.slice(3), logins]).toEqual([[fork.id, 'middleware'], 1]);
  expect(await registry.list()).toMatchObject([{ requests: 1 }]);
  await using bare = await session.fork({ middleware: [], observers: [] });
  await bare.fetch(server.url);
  expect(calls).toHaveLength(5);
});

it('saves what the handshake of a WebSocket sets', async () => {
  const server = await startWebSocketServer({ headers: () => ['Set-Cookie: sid=1'] });
  const clock = new FakeClock();
  const store = memoryStore();
  const registry = openRegistry({ store, clock, saveInterval: 10 });
  const session = await registry.create('ada');
  clock.advance(20);
  await expect.poll(async () => (await store.load('ada'))?.cookies.length).toBe(0);
  await session.websocket(server.url);
  clock.advance(20);
  await expect.poll(async () => (await store.load('ada'))?.cookies.length).toBe(1);
});

describe('a session that other clients use', () => {
  it('is used while the fetch of cookieFetch waits for its response', async () => {
    const finish = Promise.withResolvers<void>();
    const server = await startServer(async (_request, response) => {
      await finish.promise;
      response.end('done');
    });
    const clock = new FakeClock();
    const registry = openRegistry({ idleTimeout, clock });
    const session = await registry.create('ada');
    const call = cookieFetch(session, fetch)(server.url);
    clock.advance(10 * idleTimeout);
    expect(session.closed).toBe(false);
    finish.resolve();
    await (await call).text();
    clock.advance(idleTimeout - 1);
    expect(session.closed).toBe(false);
    expect(await registry.list()).toMatchObject([{ requests: 1 }]);
    clock.advance(1);
    await expect.poll(() => session.closed).toBe(true);
  });

  it('is no longer used when the fetch of cookieFetch fails', async () => {
    const clock = new FakeClock();
    const session = await openRegistry({ idleTimeout, clock }).create('ada');
    const call = cookieFetch(session, (_: string) => Promise.reject(new Error('no network')));
    await expect(call('http://shop.test/')).rejects.toThrow('no network');
    clock.advance(idleTimeout);
    await expect.poll(() => session.closed).toBe(true);
  });

  it('is used by cookieDispatcher until the last byte of a body', async () => {
    const finish = Promise.withResolvers<void>();
    const server = await startServer(async (_request, response) => {
      response.write('begun');
      await finish.promise;
      response.end(' and done');
    });
    const clock = new FakeClock();
    const session = await openRegistry({ idleTimeout, clock }).create('ada');
    const { body } = await undiciRequest(server.url, { dispatcher: cookieDispatcher(session) });
    clock.advance(10 * idleTimeout);
    expect(session.closed).toBe(false);
    finish.resolve();
    expect(await body.text()).toBe('begun and done');
    clock.advance(idleTimeout);
    await expect.poll(() => session.closed).toBe(true);
  });

  it("is used by cookieDispatcher while undici's WebSocket is open", async () => {
    const server = await startWebSocketServer();
    const clock = new FakeClock();
    const session = await openRegistry({ idleTimeout, clock }).create('ada');
    const socket = new UndiciWebSocket(server.url, { dispatcher: cookieDispatcher(session) });
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    clock.advance(10 * idleTimeout);
    expect([session.closed, socket.readyState]).toEqual([false, UndiciWebSocket.OPEN]);
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    socket.close();
    await closed;
    await expect
      .poll(() => {
        clock.advance(idleTimeout);
        return session.closed;
      })
      .toBe(true);
  });

  it('is saved with the cookies that their answers set', async () => {
    const server = await startServer((_request, response) => {
      response.setHeader('set-cookie', `c${server.seen.length}=1`).end();
    });
    const clock = new FakeClock();
    const store = memoryStore();
    const registry = openRegistry({ store, clock, saveInterval: 10 });
    const session = await registry.create('ada');
    const saved = () => store.load('ada').then((document) => document?.cookies.length);
    await cookieFetch(session, fetch)(server.url);
    clock.advance(20);
    await expect.poll(saved).toBe(1);
    await (await undiciRequest(server.url, { dispatcher: cookieDispatcher(session) })).body.dump();
    clock.advance(20);
    await expect.poll(saved).toBe(2);
  });
});
