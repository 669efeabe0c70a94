import type { Http2ServerResponse } from 'node:http2';
import { expect, it } from 'vitest';
import { createSession, createTransport, type RequestInit } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import {
  codes,
  endHeaders,
  endStream,
  frame,
  frames,
  number,
  startFrameServer,
  status200,
} from '../../helpers/http2-frames.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { httpHead, httpResponse, turns, whenClosed } from '../../helpers/raw.ts';
import { startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

const ca = certificate().cert;
const options = { ca, http2: true } as const;
const path = (request: { readonly url: string }, response: Http2ServerResponse): void => {
  response.end(request.url);
};

it('F1 a handshake that hangs fails its own call, is ended with it, and delays no later one', async () => {
  const server = await startHttp2Server(path, { isSilent: (connection) => connection === 0 });
  await using session = await createSession(options);
  const hanging = session.fetch(`${server.url}/hangs`, { timeout: 300 });
  await expect(hanging).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'tls' });
  await whenClosed(server.sockets[0]);
  expect(await (await session.fetch(`${server.url}/next`)).text()).toBe('/next');
});

it('F1 calls beside a handshake that hangs are answered over another connection', async () => {
  const server = await startHttp2Server(path, { isSilent: (connection) => connection === 0 });
  await using session = await createSession(options);
  const caller = new AbortController();
  const { signal } = caller;
  const hanging = expect(session.fetch(`${server.url}/hangs`, { signal, timeout: false })).rejects.toBe(
    'enough',
  );
  const texts = await Promise.all(
    [1, 2, 3, 4, 5].map(async (index) => (await session.fetch(`${server.url}/${index}`)).text()),
  );
  expect(texts).toEqual(['/1', '/2', '/3', '/4', '/5']);
  caller.abort('enough');
  await hanging;
  expect(server.sessions).toHaveLength(1);
});

it('F1 an abort in the handshake ends its connection', async () => {
  const server = await startHttp2Server(path, { isSilent: () => true });
  await using session = await createSession(options);
  const controller = new AbortController();
  const call = session.fetch(server.url, { signal: controller.signal });
  while (server.sockets.length === 0) await turns(1);
  controller.abort('enough');
  await expect(call).rejects.toBe('enough');
  await whenClosed(server.sockets[0]);
});

it('F1 calls that wait for a handshake that fails make their own connections', async () => {
  const server = await startHttp2Server(path, { isSilent: (connection) => connection === 0 });
  await using session = await createSession(options);
  const first = expect(session.fetch(`${server.url}/0`)).rejects.toMatchObject({ code: expect.anything() });
  const second = session.fetch(`${server.url}/1`);
  while (server.sockets.length === 0) await turns(1);
  server.sockets[0]?.resetAndDestroy();
  await first;
  expect(await (await second).text()).toBe('/1');
});

it('calls that come together share the connection that the first of them makes', async () => {
  const server = await startHttp2Server(path);
  await using session = await createSession(options);
  const texts = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => (await session.fetch(`${server.url}/${index}`)).text()),
  );
  expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => `/${index}`));
  expect(server.sockets).toHaveLength(1);
});

it('calls past MAX_CONCURRENT_STREAMS get connections of their own', async () => {
  const waiting: (() => void)[] = [];
  const server = await startHttp2Server(
    (request, response) => void waiting.push(() => response.end(request.url)),
    { server: { settings: { maxConcurrentStreams: 2 } } },
  );
  await using session = await createSession(options);
  const calls = [1, 2, 3, 4, 5].map(async (index) => (await session.fetch(`${server.url}/${index}`)).text());
  while (waiting.length < 5) await turns(1);
  for (const answer of waiting) answer();
  expect(await Promise.all(calls)).toEqual(['/1', '/2', '/3', '/4', '/5']);
  expect(server.sessions.length).toBeGreaterThanOrEqual(3);
});

it('calls past poolMaxSize and MAX_CONCURRENT_STREAMS wait in order', async () => {
  const waiting: (() => void)[] = [];
  const server = await startHttp2Server(
    (request, response) => void waiting.push(() => response.end(request.url)),
    { server: { settings: { maxConcurrentStreams: 2 } } },
  );
  await using transport = await createTransport({ ...options, poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const calls = [1, 2, 3, 4].map(async (index) => (await session.fetch(`${server.url}/${index}`)).text());
  for (let answered = 0; answered < 4; answered++) {
    while (waiting.length <= answered) await turns(1);
    await turns(5);
    expect(waiting.length).toBeLessThanOrEqual(answered + 2);
    waiting[answered]?.();
  }
  expect(await Promise.all(calls)).toEqual(['/1', '/2', '/3', '/4']);
  expect([server.sessions.length, server.seen]).toEqual([1, ['2.0 /1', '2.0 /2', '2.0 /3', '2.0 /4']]);
});

it('F2 sends a GET again whose kept connection ended without an answer', async () => {
  const server = await startFrameServer((socket, stream, request) => {
    if (request === 1) {
      socket.destroy();
      return;
    }
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, endStream, stream, Buffer.from(`${request}`)));
  });
  await using session = await createSession(options);
  expect(await (await session.fetch(server.url)).text()).toBe('0');
  expect(await (await session.fetch(server.url)).text()).toBe('2');
  expect(server.sockets).toHaveLength(2);
});

it('F2 does not send a POST again whose kept connection ended without an answer', async () => {
  const server = await startFrameServer((socket, stream, request) => {
    if (request === 1) {
      socket.destroy();
      return;
    }
    socket.write(frame(frames.headers, endHeaders | endStream, stream, status200));
  });
  await using session = await createSession(options);
  await (await session.fetch(server.url)).text();
  const call = session.fetch(server.url, { method: 'POST', body: 'pay' });
  await expect(call).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(server.requests).toHaveLength(2);
});

it('does not use a connection again after GOAWAY, and lets its streams end', async () => {
  const held: (() => void)[] = [];
  const server = await startFrameServer((socket, stream, request) => {
    const answer = (): void => {
      socket.write(frame(frames.headers, endHeaders, stream, status200));
      socket.write(frame(frames.data, endStream, stream, Buffer.from(`${request}`)));
    };
    if (request > 0) return answer();
    held.push(answer);
    socket.write(frame(frames.goaway, 0, 0, Buffer.concat([number(stream), number(codes.none)])));
  });
  await using session = await createSession(options);
  const first = session.fetch(server.url);
  while (held.length === 0) await turns(1);
  await turns(20);
  expect(await (await session.fetch(server.url)).text()).toBe('1');
  held[0]?.();
  expect(await (await first).text()).toBe('0');
  expect(server.requests.map(({ connection }) => connection)).toEqual([0, 1]);
  await whenClosed(server.sockets[0]);
});

it.each([0, 1])('keeps at most poolMaxIdlePerHost: %i idle connections', async (poolMaxIdlePerHost) => {
  const waiting: (() => void)[] = [];
  const server = await startHttp2Server(
    (request, response) => void waiting.push(() => response.end(request.url)),
    { server: { settings: { maxConcurrentStreams: 1 } } },
  );
  await using transport = await createTransport({ ...options, poolMaxIdlePerHost });
  await using session = await createSession({ transport });
  const calls = [1, 2, 3].map(async (index) => (await session.fetch(`${server.url}/${index}`)).text());
  while (waiting.length < 3) await turns(1);
  for (const answer of waiting) answer();
  await Promise.all(calls);
  const open = (): number => server.sockets.filter(({ destroyed }) => !destroyed).length;
  while (open() > poolMaxIdlePerHost) await turns(1);
  await turns(20);
  expect(open()).toBe(poolMaxIdlePerHost);
});

it('F2 reports the phases and times of a connection that was made for the call', async () => {
  const server = await startHttp2Server(path);
  await using session = await createSession(options);
  const first = await session.fetch(server.url);
  await first.text();
  const second = await session.fetch(server.url);
  await second.text();
  expect([typeof first.timings.connect, typeof first.timings.tls]).toEqual(['number', 'number']);
  expect([second.timings.connect, second.timings.tls]).toEqual([null, null]);
});

it('F2 says that a limit ran out while the proxy connected', async () => {
  const proxy = await startHttpProxy({ onConnect: () => {} });
  await using session = await createSession({ ...options, proxy: `http://${proxy.host}` });
  const call = session.fetch('https://shop.test/', { timeout: 300 });
  await expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'proxy' });
  await whenClosed(proxy.sockets[0]);
});

it('closes when its streams have ended', async () => {
  const waiting: (() => void)[] = [];
  const server = await startHttp2Server(
    (request, response) => void waiting.push(() => response.end(request.url)),
  );
  const session = await createSession(options);
  const call = session.fetch(`${server.url}/last`);
  while (waiting.length === 0) await turns(1);
  const closed = session.close();
  waiting[0]?.();
  expect(await (await call).text()).toBe('/last');
  await closed;
  await whenClosed(server.sockets[0]);
});

// What is promised of HTTP/1.1 holds where HTTP/2 was offered and HTTP/1.1 is spoken.

it('F2 a body without length that ends with a reset is truncated', async () => {
  const half = Buffer.concat([httpHead(), Buffer.from('half of it')]);
  const server = await startRawServer((socket) => void socket.write(half));
  await using session = await createSession(options);
  const read = (await session.fetch(server.url)).text();
  // Not together with the half: Node.js before libuv 1.52 takes that for an end.
  server.sockets[0]?.resetAndDestroy();
  await expect(read).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});

it.each(['GET', 'PUT'])(
  'F2 a %s is sent again whose kept connection ended, over plain http',
  async (method) => {
    let requests = 0;
    const server = await startRawServer((socket) => {
      if (requests++ === 1) socket.destroy();
      else socket.write(httpResponse('ok'));
    });
    await using session = await createSession(options);
    const init: RequestInit = method === 'PUT' ? { method, body: 'again' } : { method };
    await (await session.fetch(server.url)).text();
    expect((await session.fetch(server.url, init)).status).toBe(200);
    expect(server.sockets).toHaveLength(2);
  },
);

it('F2 calls in a row use one HTTP/1.1 connection, and parallel ones one each', async () => {
  const server = await startTlsServer((request, response) => void response.end(request.url));
  await using session = await createSession(options);
  for (let call = 0; call < 5; call++) await (await session.fetch(server.url)).text();
  expect(server.connections).toBe(1);
  const all = [1, 2, 3].map(async (index) => (await session.fetch(`${server.url}/${index}`)).text());
  expect(await Promise.all(all)).toEqual(['/1', '/2', '/3']);
  expect(server.connections).toBe(3);
});

it('F2 calls that waited for HTTP/2 make their own connections when the server has only HTTP/1.1', async () => {
  const server = await startTlsServer((request, response) => void response.end(request.url));
  await using session = await createSession(options);
  const all = [1, 2, 3].map(async (index) => (await session.fetch(`${server.url}/${index}`)).text());
  expect(await Promise.all(all)).toEqual(['/1', '/2', '/3']);
  expect(server.connections).toBe(3);
});

it.each([0, 1])(
  'F2 keeps at most poolMaxIdlePerHost: %i idle HTTP/1.1 connections',
  async (poolMaxIdlePerHost) => {
    const server = await startServer((request, response) => void response.end(request.url));
    await using transport = await createTransport({ http2: true, poolMaxIdlePerHost });
    await using session = await createSession({ transport });
    await Promise.all([1, 2, 3].map(async () => (await session.fetch(server.url)).text()));
    while (server.open > poolMaxIdlePerHost) await turns(1);
    await turns(20);
    expect(server.open).toBe(poolMaxIdlePerHost);
  },
);
