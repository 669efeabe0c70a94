import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, type RequestInit } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { patternBytes } from '../../helpers/codings.ts';
import { httpHead, httpResponse, turns, whenClosed } from '../../helpers/raw.ts';
import { headerOf, type SeenRequest, startRawServer, startServer } from '../../helpers/servers.ts';

/** What a server sees of a POST with `body`, and in which pieces it was sent. */
async function sent(body: Readable, init: RequestInit = {}): Promise<SeenRequest & { pieces: number[] }> {
  const server = await startServer((_request, response) => void response.end());
  const pieces: number[] = [];
  let before = 0;
  await using session = await createSession({ browser: null });
  await session.fetch(server.url, {
    ...init,
    method: 'POST',
    body,
    onRequestEvent: ({ uploadedBytes }) => {
      if (uploadedBytes === undefined) return;
      pieces.push(uploadedBytes - before);
      before = uploadedBytes;
    },
  });
  const [seen] = server.seen;
  if (seen === undefined) throw new Error('nothing was sent');
  return { ...seen, pieces };
}

/** A stream that pushes a piece each time it is asked, and then does what `end` does. */
function streamOf(
  pieces: readonly unknown[],
  options: { objectMode?: boolean; autoDestroy?: boolean; highWaterMark?: number } = {},
  end = (stream: Readable): void => void stream.push(null),
): Readable {
  let next = 0;
  return new Readable({
    ...options,
    read() {
      if (next < pieces.length) this.push(pieces[next++]);
      else end(this);
    },
  });
}

/** A stream that can be written to, and is not. */
function openSided(pieces: readonly unknown[]): Duplex {
  const source = streamOf(pieces);
  const duplex = new Duplex({ read: () => {}, write: () => {} });
  source.on('data', (piece) => duplex.push(piece)).on('end', () => duplex.push(null));
  return duplex;
}

async function* eachHalf(): AsyncGenerator<Uint8Array> {
  yield* halves;
}

const bytes = patternBytes(1000);
const halves = [bytes.subarray(0, 500), bytes.subarray(500)];
const singles = Array.from(bytes, (byte) => Uint8Array.of(byte));
const cause = new Error('the disk is gone');
const fail = (stream: Readable): void => void stream.destroy(cause);

const streams: [string, () => Readable][] = [
  ['of bytes', () => streamOf(halves)],
  ['of single bytes', () => streamOf(singles)],
  ['of objects that are bytes', () => Readable.from(halves)],
  ['of many objects', () => Readable.from(singles)],
  ['with empty pieces', () => Readable.from([Buffer.alloc(0), ...halves, Buffer.alloc(0)])],
  ['that is paused', () => streamOf(halves).pause()],
  ['that something is piped to', () => streamOf(halves).pipe(new PassThrough())],
  ['that is one side of a pair', () => Duplex.from(streamOf(halves))],
  ['whose other side does not end', () => openSided(halves)],
  ['that has its own iterator', () => Object.assign(streamOf([]), { [Symbol.asyncIterator]: eachHalf })],
  ['that does not destroy itself', () => streamOf(halves, { autoDestroy: false })],
  ['that somebody waits for too', () => streamOf(halves).on('readable', () => {})],
];

it.each(streams)('sends a Node stream %s in chunks, byte by byte', async (_label, make) => {
  const seen = await sent(make());
  expect(seen.body.equals(bytes)).toBe(true);
  expect(headerOf(seen, 'content-length')).toBeUndefined();
  expect(headerOf(seen, 'transfer-encoding')).toBe('chunked');
});

it('sends a Node stream whose data is complete in chunks, as any other', async () => {
  const body = streamOf([bytes]);
  await once(
    body.on('readable', () => {}),
    'readable',
  );
  body.removeAllListeners();
  expect(headerOf(await sent(body), 'transfer-encoding')).toBe('chunked');
});

it('sends nothing of a Node stream that was read before', async () => {
  const body = streamOf(halves);
  await body.toArray();
  expect((await sent(body)).body.length).toBe(0);
});

it('sends large pieces of a Node stream unchanged, and joins small ones', async () => {
  const large = Buffer.alloc(100_000);
  const { pieces } = await sent(streamOf([large, large, large, large], { highWaterMark: 300_000 }));
  expect(pieces).toEqual([100_000, 100_000, 100_000, 100_000]);
  const mixed = [1, 10, 10, 20_000, 20_000, 10].map((size) => Buffer.alloc(size));
  expect((await sent(streamOf(mixed))).pieces).toEqual([1, 20, 20_000, 20_000, 10]);
  expect((await sent(streamOf(singles))).pieces.length).toBeLessThan(20);
});

it('joins at most 512 pieces of a Node stream at a time, also after many pieces', async () => {
  const count = 100_000;
  const seen = await sent(streamOf(Array.from({ length: count }, () => Uint8Array.of(1))));
  expect(seen.body.length).toBe(count);
  expect(Math.max(...seen.pieces)).toBeLessThanOrEqual(512);
  expect(seen.pieces.length).toBeLessThan(count / 100);
});

it('sends strings of a Node stream as UTF-8', async () => {
  const body = Readable.from(['Grü', 'ße']);
  expect((await sent(body)).body.toString()).toBe('Grüße');
  const decoded = streamOf([Buffer.from('Grüße')]).setEncoding('utf8');
  expect((await sent(decoded)).body.toString()).toBe('Grüße');
});

it('sends the whole of a Node stream that another consumer also reads', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  let seen = 0;
  const body = streamOf(halves).on('data', (chunk: Buffer) => {
    seen += chunk.length;
  });
  await session.fetch(server.url, { method: 'POST', body });
  expect(server.seen[0]?.body.equals(bytes)).toBe(true);
  expect(seen).toBe(1000);
});

it('sends the whole of a Node stream that another consumer starts to read after the call', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const body = streamOf([Buffer.from('one'), Buffer.from('two')]);
  const call = session.fetch(server.url, { method: 'POST', body });
  const looked: unknown[] = [];
  body.on('data', (chunk) => looked.push(String(chunk)));
  await call;
  expect([String(server.seen[0]?.body), looked]).toEqual(['onetwo', ['one', 'two']]);
});

it('sends a Node stream with the Content-Length that the caller knows', async () => {
  const seen = await sent(streamOf(halves), { headers: { 'Content-Length': '1000' } });
  expect(headerOf(seen, 'transfer-encoding')).toBeUndefined();
  expect(seen.body.equals(bytes)).toBe(true);
});

it.each(['999', '1001'])('fails when a Node stream is not as long as was said: %s', async (length) => {
  const body = streamOf(halves);
  const failed = sent(body, { headers: { 'Content-Length': length } });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
  expect(body.destroyed).toBe(true);
});

const failing: [string, () => Readable, unknown][] = [
  ['fails at its start', () => streamOf([], {}, fail), cause],
  ['fails at its end', () => streamOf(halves, {}, fail), cause],
  [
    'failed before',
    () =>
      streamOf(halves)
        .on('error', () => {})
        .destroy(cause),
    cause,
  ],
  ['closes before its end', () => streamOf(halves, {}, (stream) => stream.destroy()), premature()],
  ['was closed before', () => streamOf(halves).destroy(), premature()],
  ['yields what is no bytes', () => Readable.from([bytes, 42]), expect.any(TypeError)],
  ['is of a file that is not there', () => createReadStream('./no-such-file'), missing()],
];

function premature(): unknown {
  return expect.objectContaining({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
}

function missing(): unknown {
  return expect.objectContaining({ code: 'ENOENT' });
}

it.each(failing)('fails with the cause when a Node stream %s', async (_label, make, expected) => {
  const body = make();
  await expect(sent(body)).rejects.toMatchObject({ code: 'ERR_INVALID_BODY', cause: expected });
  expect(body.destroyed).toBe(true);
});

it('fails when a Node stream fails while its connection is made', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const body = new Readable({ read() {} });
  const call = session.fetch(server.url, { method: 'POST', body });
  process.nextTick(() => body.destroy(cause));
  await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_BODY', cause });
  expect(server.seen).toEqual([]);
});

it('fails when a Node stream fails while the server does not read', async () => {
  const server = await startRawServer((socket) => void socket.pause());
  const piece = Buffer.alloc(65_536);
  let pushed = 0;
  const body = new Readable({
    read() {
      pushed += piece.length;
      this.push(piece);
    },
  });
  await using session = await createSession();
  const call = session.fetch(server.url, { method: 'POST', body });
  const outcome = expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_BODY', cause });
  for (let before = -1; before !== pushed; ) {
    before = pushed;
    await turns(20_000);
  }
  // What the system keeps for the two sockets, and little of ours.
  expect(pushed).toBeLessThan(30_000_000);
  body.destroy(cause);
  await outcome;
  server.sockets[0]?.resume();
  await whenClosed(server.sockets[0]);
});

it('destroys a Node stream when its call is aborted', async () => {
  const server = await startRawServer(() => {});
  const body = new Readable({ read() {} });
  body.push('first');
  await using session = await createSession();
  const controller = new AbortController();
  const { signal } = controller;
  const call = session.fetch(server.url, { method: 'POST', body, signal });
  const outcome = expect(call).rejects.toBe('enough');
  while (!server.received[0]?.includes('first')) await turns(1);
  controller.abort('enough');
  await outcome;
  if (!body.closed) await once(body, 'close');
  await whenClosed(server.sockets[0]);
});

it('destroys a Node stream when no connection can be made', async () => {
  const server = await startServer((_request, response) => void response.end());
  await server.close();
  await using session = await createSession();
  const body = new Readable({ read() {} });
  const call = session.fetch(server.url, { method: 'POST', body });
  await expect(call).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  expect(body.destroyed).toBe(true);
});

it('destroys a Node stream when the answer comes before it was sent', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('', [], '413 Too Large')));
  const body = streamOf([], {}, (stream) => void stream.push(bytes));
  await using session = await createSession();
  const closed = once(body, 'close');
  const response = await session.fetch(server.url, { method: 'POST', body });
  expect(response.status).toBe(413);
  await closed;
  await whenClosed(server.sockets[0]);
});

it('reports the end of the connection although a Node stream continues', async () => {
  const server = await startRawServer((socket) => void socket.end(httpHead(['Content-Length: 10'])));
  const body = streamOf([], {}, (stream) => void setImmediate(() => stream.push(bytes)));
  await using session = await createSession();
  const response = await session.fetch(server.url, { method: 'POST', body });
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
  if (!body.closed) await once(body, 'close');
});

describe('over HTTP/2', () => {
  async function startHttp2Server() {
    const bodies: Buffer[] = [];
    const server = http2.createSecureServer(certificate());
    server.on('stream', async (stream) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => {});
      try {
        for await (const chunk of stream) chunks.push(chunk);
      } catch {
        return;
      }
      bodies.push(Buffer.concat(chunks));
      stream.respond({ ':status': 200 });
      stream.end();
    });
    const sessions: http2.ServerHttp2Session[] = [];
    server.on('session', (session) => sessions.push(session));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
  }

  const options = { ca: certificate().cert, http2: true } as const;

  it('sends a Node stream byte by byte, larger than any window', async () => {
    const server = await startHttp2Server();
    const whole = patternBytes(3_000_000);
    const pieces = Array.from({ length: 30 }, (_, index) =>
      whole.subarray(index * 100_000, (index + 1) * 100_000),
    );
    await using session = await createSession(options);
    await session.fetch(server.url, { method: 'POST', body: streamOf(pieces) });
    expect(server.bodies[0]?.equals(whole)).toBe(true);
  });

  it('fails with the cause when a Node stream fails, and sends the next', async () => {
    const server = await startHttp2Server();
    await using session = await createSession(options);
    const call = session.fetch(server.url, { method: 'POST', body: streamOf(halves, {}, fail) });
    await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_BODY', cause });
    await session.fetch(server.url, { method: 'POST', body: streamOf(halves) });
    expect(server.bodies.map((body) => body.equals(bytes))).toEqual([true]);
  });
});
