import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { createSession, type SessionResponse } from '../../../src/index.ts';
import { patternBytes } from '../../helpers/codings.ts';
import { httpHead, turns, whenClosed, writeEndlessly } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

const mebibyte = 1024 * 1024;
const total = 64 * mebibyte;

/** A server that sends `body` as fast as it is taken, and says how much it got rid of. */
async function startFountain(body = Buffer.alloc(total), headers: readonly string[] = []) {
  let written = 0;
  const server = await startRawServer((socket) => {
    socket.write(httpHead([`Content-Length: ${body.length}`, ...headers]));
    const write = (): void => {
      while (written < body.length) {
        const piece = body.subarray(written, written + 65_536);
        written += piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('drain', write);
    write();
  });
  return { ...server, written: () => written };
}

/** Waits until `count` has stopped to grow. */
async function untilStill(count: () => number): Promise<number> {
  for (;;) {
    const before = count();
    await turns(20_000);
    if (count() === before) return before;
  }
}

async function sizeOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) size += chunk.length;
  return size;
}

const slowReaders: [string, (response: SessionResponse) => AsyncIterable<Uint8Array>][] = [
  ['nobody asked for', (response) => response.readable()],
  ['of a stream', (response) => response.body as AsyncIterable<Uint8Array> & ReadableStream<Uint8Array>],
  ['of readable()', (response) => response.readable()],
];

it.each(slowReaders)(
  'F19 keeps the server waiting for a body %s, and gets all of it later',
  async (label, open) => {
    const fountain = await startFountain();
    await using session = await createSession();
    const response = await session.fetch(fountain.url);
    const opened = label === 'nobody asked for' ? null : open(response);
    // What the kernel takes for both ends is less than half of it.
    expect(await untilStill(fountain.written)).toBeLessThan(total / 2);
    expect(await sizeOf(opened ?? open(response))).toBe(total);
  },
);

it('F19 takes from the server only what a reader takes', async () => {
  const fountain = await startFountain();
  await using session = await createSession();
  const response = await session.fetch(fountain.url);
  const reader = response.body?.getReader();
  const before = await untilStill(fountain.written);
  for (let taken = 0; taken < 8 * mebibyte; ) taken += (await reader?.read())?.value?.length ?? total;
  const after = await untilStill(fountain.written);
  expect(after).toBeGreaterThan(before);
  expect(after).toBeLessThan(total / 2 + 8 * mebibyte);
  await reader?.cancel();
  await whenClosed(fountain.sockets[0]);
});

it.each([
  ['a coding', 'gzip', 1],
  ['a stack of codings', 'gzip, gzip', 2],
])('F19 keeps the server waiting through %s', async (_label, header, times) => {
  // Stored, not compressed: as many bytes on the wire as out of the decoder.
  let body = Buffer.alloc(total);
  for (let time = 0; time < times; time++) body = zlib.gzipSync(body, { level: 0 });
  const fountain = await startFountain(body, [`Content-Encoding: ${header}`]);
  await using session = await createSession();
  const { body: stream } = await session.fetch(fountain.url);
  expect(await untilStill(fountain.written)).toBeLessThan(total / 2);
  expect(await sizeOf(stream as AsyncIterable<Uint8Array> & ReadableStream<Uint8Array>)).toBe(total);
});

it('streams a stack of codings to a slow reader whole', async () => {
  const plain = patternBytes(3_000_000);
  const body = zlib.gzipSync(zlib.deflateSync(plain));
  const server = await startServer((_request, response) => {
    response.setHeader('content-encoding', 'deflate, gzip').end(body);
  });
  await using session = await createSession();
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await session.fetch(server.url)).body ?? []) {
    chunks.push(chunk);
    await turns(1);
  }
  expect(Buffer.concat(chunks).equals(plain)).toBe(true);
});

it('has no other effect when a stream is cancelled while its body is decoded', async () => {
  const body = zlib.gzipSync(Buffer.alloc(20 * mebibyte));
  const server = await startServer((_request, response) => {
    response.setHeader('content-encoding', 'gzip').end(body);
  });
  await using session = await createSession();
  for (const cancel of ['stream', 'readable'] as const) {
    const response = await session.fetch(server.url);
    if (cancel === 'stream') {
      const reader = response.body?.getReader();
      await reader?.read();
      await reader?.cancel();
    } else {
      const readable = response.readable();
      await once(readable, 'readable');
      readable.destroy();
    }
    await turns(50);
  }
});

it('returns pieces as they arrive', async () => {
  const server = await startRawServer((socket) => socket.write(httpHead(['Transfer-Encoding: chunked'])));
  await using session = await createSession();
  const reader = (await session.fetch(server.url)).body?.getReader();
  for (const piece of ['one', 'two', 'three']) {
    server.sockets[0]?.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(piece);
  }
  server.sockets[0]?.write('0\r\n\r\n');
  expect((await reader?.read())?.done).toBe(true);
});

it('returns pieces of an encoded body as they arrive', async () => {
  const server = await startRawServer((socket) =>
    socket.write(httpHead(['Transfer-Encoding: chunked', 'Content-Encoding: gzip'])),
  );
  await using session = await createSession();
  const reader = (await session.fetch(server.url)).body?.getReader();
  const gzip = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH });
  gzip.on('data', (chunk: Buffer) => {
    server.sockets[0]?.write(
      Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
    );
  });
  gzip.write('event one');
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('event one');
  await reader?.cancel();
});

it('keeps both clones complete although one reads first', async () => {
  const server = await startServer((_request, response) => {
    response.end(patternBytes(2_000_000));
  });
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const clone = response.clone();
  const first = await response.bytes();
  const second = await clone.bytes();
  expect([first.length, Buffer.compare(first, second)]).toEqual([2_000_000, 0]);
});

/** A server that reads a request body only after `read()`, then answers with its size. */
async function startReluctantServer() {
  const asked = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  const server = http.createServer(async (request, response) => {
    asked.resolve();
    await allowed.promise;
    response.end(String(await sizeOf(request)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked: asked.promise, read: () => allowed.resolve() };
}

const uploads: [
  string,
  (pieces: AsyncGenerator<Uint8Array>) => AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
][] = [
  ['an async generator', (pieces) => pieces],
  ['a Node stream', (pieces) => Readable.from(pieces, { objectMode: false, highWaterMark: 65_536 })],
  ['a Node stream of objects', (pieces) => Readable.from(pieces)],
  ['a ReadableStream', (pieces) => ReadableStream.from(pieces)],
];

it.each(uploads)('pulls %s only as the server reads', async (_label, wrap) => {
  const server = await startReluctantServer();
  let pulled = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    while (pulled < total) {
      pulled += 65_536;
      yield new Uint8Array(65_536);
    }
  }
  await using session = await createSession();
  const call = session.fetch(server.url, { method: 'POST', body: wrap(pieces()), duplex: 'half' });
  await server.asked;
  expect(await untilStill(() => pulled)).toBeLessThan(total / 2);
  server.read();
  expect(await (await call).text()).toBe(String(total));
});

it('ends the generator of a body when the call is aborted', async () => {
  const server = await startReluctantServer();
  const finished = Promise.withResolvers<void>();
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(65_536);
    } finally {
      finished.resolve();
    }
  }
  await using session = await createSession();
  const controller = new AbortController();
  const { signal } = controller;
  const call = session.fetch(server.url, { method: 'POST', body: pieces(), duplex: 'half', signal });
  const outcome = expect(call).rejects.toBe('enough');
  await server.asked;
  controller.abort('enough');
  await outcome;
  await finished.promise;
});

it.each(['cancelled', 'aborted'])(
  'a body without limits that nobody reads holds its connection until it is %s',
  async (end) => {
    const server = await startRawServer((socket) => {
      socket.write(httpHead(['Content-Length: 100000000']));
      writeEndlessly(socket, Buffer.alloc(65_536));
    });
    await using session = await createSession({ timeout: false });
    const caller = new AbortController();
    const response = await session.fetch(server.url, { signal: caller.signal });
    await turns(50);
    expect(server.sockets[0]?.destroyed).toBe(false);
    if (end === 'cancelled') await response.body?.cancel();
    else caller.abort();
    await whenClosed(server.sockets[0]);
  },
);
