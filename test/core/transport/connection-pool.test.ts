import { expect, it } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { httpHead, httpResponse, turns, whenClosed } from '../../helpers/raw.ts';
import { linesOf } from '../../helpers/redirects.ts';
import { startRawServer, startServer, type TestServer } from '../../helpers/servers.ts';

/** A server whose answers wait until they are released, in the order in which the requests came. */
async function startHeldServer() {
  const held: (() => void)[] = [];
  const server = await startServer(
    (request, response) =>
      new Promise<void>((resolve) => {
        held.push(() => {
          // Said by hand, so that the server adds no Keep-Alive with a limit of its own.
          response.setHeader('connection', 'keep-alive').end(request.url);
          resolve();
        });
      }),
  );
  return { server, release: () => held.shift()?.() };
}

/** Waits until a server has seen `count` requests. */
async function untilSeen(server: TestServer, count: number): Promise<void> {
  while (server.seen.length < count) await turns(1);
}

function answerAll() {
  return startServer((request, response) => {
    response.end(request.url);
  });
}

it.each(['GET', 'HEAD', 'POST'])(
  'sends twenty %s requests, one after the other, on one connection',
  async (method) => {
    const server = await answerAll();
    await using session = await createSession();
    for (let call = 0; call < 20; call++) await (await session.fetch(server.url, { method })).text();
    expect(server.seen).toHaveLength(20);
    expect(server.connections).toBe(1);
  },
);

it('uses one connection although small bodies are not read', async () => {
  const server = await answerAll();
  await using session = await createSession();
  for (let call = 0; call < 5; call++) await session.fetch(server.url);
  expect(server.connections).toBe(1);
});

it('shares connections between sessions that agree on all options', async () => {
  const server = await answerAll();
  await using first = await createSession();
  await using second = await createSession({ browser: 'firefox' });
  await (await first.fetch(server.url)).text();
  await (await second.fetch(server.url)).text();
  expect(server.connections).toBe(1);
});

it('gives a separate transport separate connections', async () => {
  const server = await answerAll();
  await using transport = await createTransport();
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  await (await session.fetch(server.url, { transport })).text();
  expect(server.connections).toBe(2);
});

it('closes its connections with the last session that shares them', async () => {
  const server = await answerAll();
  const first = await createSession({ insecure: true });
  const second = await createSession({ insecure: true });
  await (await first.fetch(server.url)).text();
  await first.close();
  await turns(20);
  expect(server.open).toBe(1);
  await second.close();
  while (server.open > 0) await turns(1);
});

it('opens a connection for each request under way', async () => {
  const { server, release } = await startHeldServer();
  await using session = await createSession();
  const calls = [1, 2, 3].map((index) => session.fetch(`${server.url}/${index}`));
  await untilSeen(server, 3);
  expect(server.connections).toBe(3);
  for (let index = 0; index < 3; index++) release();
  await Promise.all(calls);
});

it('opens at most poolMaxSize connections and serves the rest in order', async () => {
  const { server, release } = await startHeldServer();
  await using transport = await createTransport({ poolMaxSize: 2 });
  await using session = await createSession({ transport });
  const calls = [1, 2, 3, 4, 5].map((index) => session.fetch(`${server.url}/${index}`));
  await untilSeen(server, 2);
  await turns(20);
  expect([server.seen.length, server.connections]).toEqual([2, 2]);
  for (let seen = 3; seen <= 5; seen++) {
    release();
    await untilSeen(server, seen);
  }
  release();
  release();
  await Promise.all(calls);
  expect(linesOf(server).slice(2)).toEqual(['GET /3', 'GET /4', 'GET /5']);
  expect(server.connections).toBe(2);
});

it('caps the connections of each origin by itself', async () => {
  const first = await startHeldServer();
  const second = await answerAll();
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const waiting = session.fetch(first.server.url);
  await untilSeen(first.server, 1);
  expect(await (await session.fetch(`${second.url}/free`)).text()).toBe('/free');
  first.release();
  await waiting;
});

it('replaces a lost connection for waiting requests', async () => {
  const server = await startRawServer((socket, head) => {
    if (head.startsWith('GET /1')) socket.destroy();
    else socket.write(httpResponse('served'));
  });
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const [first, second] = [session.fetch(`${server.url}/1`), session.fetch(`${server.url}/2`)];
  await expect(first).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(await (await second).text()).toBe('served');
});

it('serves waiting requests when no server listens at first', async () => {
  const server = await startServer(() => {});
  await server.close();
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const calls = [1, 2, 3].map((index) =>
    expect(session.fetch(`${server.url}/${index}`)).rejects.toMatchObject({ code: 'ERR_CONNECT' }),
  );
  await Promise.all(calls);
});

it('T04 rejects at once when it is aborted in the queue, and frees its place', async () => {
  const { server, release } = await startHeldServer();
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const controller = new AbortController();
  const first = session.fetch(`${server.url}/1`);
  await untilSeen(server, 1);
  const second = session.fetch(`${server.url}/2`, { signal: controller.signal });
  const third = session.fetch(`${server.url}/3`);
  controller.abort('changed my mind');
  await expect(second).rejects.toBe('changed my mind');
  release();
  await first;
  await untilSeen(server, 2);
  release();
  await third;
  expect(linesOf(server)).toEqual(['GET /1', 'GET /3']);
  expect(server.connections).toBe(1);
});

it('times out in the queue and says so', async () => {
  const { server, release } = await startHeldServer();
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const first = session.fetch(`${server.url}/1`);
  await untilSeen(server, 1);
  const second = session.fetch(`${server.url}/2`, { timeout: { connect: 20 } });
  await expect(second).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'queue', timeout: 20 });
  release();
  await first;
});

it('counts the time in the queue', async () => {
  const { server, release } = await startHeldServer();
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const calls = [session.fetch(`${server.url}/1`), session.fetch(`${server.url}/2`)];
  await untilSeen(server, 1);
  release();
  await untilSeen(server, 2);
  release();
  const [, second] = await Promise.all(calls);
  expect(second?.timings.queued).toBeGreaterThan(0);
  expect(second?.timings.connect).toBeNull();
});

it.each([
  [0, 0],
  [1, 1],
  [2, 2],
])('keeps at most poolMaxIdlePerHost: %i idle connections', async (poolMaxIdlePerHost, expected) => {
  const { server, release } = await startHeldServer();
  await using transport = await createTransport({ poolMaxIdlePerHost, poolIdleTimeout: 600_000 });
  await using session = await createSession({ transport });
  const calls = [1, 2, 3].map(async (index) => (await session.fetch(`${server.url}/${index}`)).text());
  await untilSeen(server, 3);
  for (let index = 0; index < 3; index++) release();
  await Promise.all(calls);
  while (server.open > expected) await turns(1);
  await turns(20);
  expect(server.open).toBe(expected);
});

it('does not use a connection again that the server wants to close', async () => {
  const server = await startRawServer((socket, _head, index) => {
    socket.write(httpResponse(String(index), ['Connection: close']));
  });
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('0');
  expect(await (await session.fetch(server.url)).text()).toBe('1');
  expect(server.sockets).toHaveLength(2);
});

it('opens a new connection after the server closed the idle one', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('ok')));
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  server.sockets[0]?.end();
  await whenClosed(server.sockets[0]);
  expect(await (await session.fetch(server.url)).text()).toBe('ok');
  expect(server.sockets).toHaveLength(2);
});

it('closes an idle connection after poolIdleTimeout', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('ok')));
  await using transport = await createTransport({ poolIdleTimeout: 1 });
  await using session = await createSession({ transport });
  await (await session.fetch(server.url)).text();
  await whenClosed(server.sockets[0]);
});

it('T11 closes while a large body is unread', async () => {
  const server = await startRawServer((socket) => {
    socket.write(Buffer.concat([httpHead(['Content-Length: 5000000']), Buffer.alloc(5_000_000)]));
  });
  const session = await createSession();
  const response = await session.fetch(server.url);
  await session.close();
  expect((await response.bytes()).length).toBe(5_000_000);
});

it('T12 lets a call in flight finish when the session closes, and refuses later ones', async () => {
  const { server, release } = await startHeldServer();
  const session = await createSession();
  const call = session.fetch(`${server.url}/last`);
  await untilSeen(server, 1);
  const closed = session.close();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  release();
  expect(await (await call).text()).toBe('/last');
  await closed;
  await session.close();
});

it('T12 lets a call in flight finish when its transport closes, and refuses later ones', async () => {
  const { server, release } = await startHeldServer();
  const transport = await createTransport();
  await using session = await createSession({ transport });
  const call = session.fetch(`${server.url}/last`);
  await untilSeen(server, 1);
  const closed = transport.close();
  await expect(session.fetch(server.url)).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_CLOSED',
    message: 'Transport has been closed',
  });
  release();
  expect(await (await call).text()).toBe('/last');
  await closed;
});

it('keeps poolMaxSize when a request with its own connection replaces an idle one', async () => {
  const { server, release } = await startHeldServer();
  const proxy = await startHttpProxy();
  await using transport = await createTransport({ proxy: `http://${proxy.host}`, poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const first = session.fetch(server.url);
  await untilSeen(server, 1);
  release();
  await (await first).text();
  const post = session.fetch(server.url, { method: 'POST', body: 'x' });
  const last = session.fetch(server.url);
  await untilSeen(server, 2);
  await turns(10);
  expect(proxy.sockets).toHaveLength(2);
  release();
  await (await post).text();
  await untilSeen(server, 3);
  release();
  await (await last).text();
  expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
});

it('opens no more than allowed while a connection that was ended reports its end', async () => {
  const { server, release } = await startHeldServer();
  await using transport = await createTransport({ poolMaxIdlePerHost: 0, poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const first = session.fetch(server.url);
  await untilSeen(server, 1);
  release();
  await (await first).text();
  // Made before the end of the first connection is reported.
  const second = session.fetch(server.url);
  await untilSeen(server, 2);
  const third = session.fetch(server.url);
  await turns(20);
  expect(server.seen).toHaveLength(2);
  release();
  await (await second).text();
  await untilSeen(server, 3);
  release();
  await (await third).text();
});
