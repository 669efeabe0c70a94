import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, type Dispatcher } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { ByteStream } from '../../../src/core/response/byte-stream.ts';
import { createSession, createTransport, type SessionResponse } from '../../../src/index.ts';
import { patternBytes } from '../../helpers/codings.ts';
import { httpHead, turns } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

const whole = patternBytes(3_000_000);

function byteStream(fromSocket = true): ByteStream {
  return new ByteStream({ pull: () => {}, cancel: () => {} }, 65_536, fromSocket);
}

async function bytesOf(stream: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array> & ReadableStream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it('uses a piece without a copy when it is all of its memory, after the callback has returned', async () => {
  const target = byteStream();
  const piece = new Uint8Array([1, 2, 3]);
  target.push(piece);
  target.end();
  expect(piece).toHaveLength(3);
  expect([...(await bytesOf(target.stream))]).toEqual([1, 2, 3]);
  expect(piece).toHaveLength(0);
});

const copied: [string, ByteStream, Uint8Array][] = [
  ['that has neighbours', byteStream(), new Uint8Array([1, 2, 3, 4]).subarray(0, 3)],
  ['that somebody else may keep', byteStream(false), new Uint8Array([1, 2, 3])],
  ['in shared memory', byteStream(), new Uint8Array(new SharedArrayBuffer(3)).fill(1)],
];

it.each(copied)('copies a piece %s', async (_label, target, piece) => {
  const before = [...piece];
  target.push(piece);
  target.end();
  expect([...(await bytesOf(target.stream))]).toEqual(before);
  expect(piece).toHaveLength(3);
});

it('keeps pieces in their order, copied or not', async () => {
  const target = byteStream();
  for (let value = 0; value < 10; value++) {
    target.push(value % 2 === 0 ? Uint8Array.of(value) : new Uint8Array([value, 99]).subarray(0, 1));
  }
  target.end();
  expect([...(await bytesOf(target.stream))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it('reports when its buffer is full', async () => {
  const target = byteStream();
  target.push(new Uint8Array(65_536));
  await turns(1);
  expect(target.push(new Uint8Array(65_536))).toBe(false);
});

it('fails and is cancelled while a piece is held', async () => {
  const failed = byteStream();
  failed.push(new Uint8Array(3));
  failed.fail(new Error('cut'));
  await expect(bytesOf(failed.stream)).rejects.toThrow('cut');
  const cancelled = byteStream();
  cancelled.push(new Uint8Array(3));
  await cancelled.stream.cancel();
  await turns(1);
});

it('answers a reader that brings its own memory', async () => {
  const target = byteStream();
  const reader = target.stream.getReader({ mode: 'byob' });
  const read = reader.read(new Uint8Array(2));
  target.push(new Uint8Array([1, 2, 3]));
  target.end();
  expect([...((await read).value ?? [])]).toEqual([1, 2]);
  expect([...((await reader.read(new Uint8Array(2))).value ?? [])]).toEqual([3]);
  expect((await reader.read(new Uint8Array(2))).done).toBe(true);
});

const framings: [string, string[], (body: Buffer) => Buffer[]][] = [
  ['with a length', [`Content-Length: ${whole.length}`], (body) => [body]],
  ['that ends with its connection', ['Connection: close'], (body) => [body]],
  ['in chunks', ['Transfer-Encoding: chunked'], inChunks],
];

function inChunks(body: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0; start < body.length; start += 7001) {
    const piece = body.subarray(start, start + 7001);
    chunks.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return [...chunks, Buffer.from('0\r\n\r\n')];
}

const readers: [string, (response: SessionResponse) => Promise<Buffer>][] = [
  ['at once', ({ body }) => bytesOf(body)],
  [
    'slowly',
    async ({ body }) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body as AsyncIterable<Uint8Array> & ReadableStream) {
        chunks.push(chunk);
        await turns(3);
      }
      return Buffer.concat(chunks);
    },
  ],
];

for (const [framing, headers, piecesOf] of framings) {
  it.each(readers)(`returns a body ${framing} byte by byte, read %s`, async (_label, read) => {
    const server = await startRawServer((socket) => {
      socket.write(httpHead(headers));
      // So that the body comes in reads of its own.
      setImmediate(() => {
        for (const piece of piecesOf(whole)) socket.write(piece);
        if (headers.includes('Connection: close')) socket.end();
      });
    });
    await using session = await createSession();
    for (let call = 0; call < 2; call++) {
      expect((await read(await session.fetch(server.url))).equals(whole)).toBe(true);
    }
  });
}

async function startBytes(): Promise<string> {
  const server = await startServer((_request, response) => {
    response.flushHeaders();
    setImmediate(() => response.end(whole));
  });
  return server.url;
}

it('does not detach memory when others listen to undici', async () => {
  const kept: Buffer[] = [];
  const name = 'undici:request:bodyChunkReceived';
  const keep = (message: unknown): void => void kept.push((message as { chunk: Buffer }).chunk);
  subscribe(name, keep);
  onTestFinished(() => void unsubscribe(name, keep));
  await using session = await createSession();
  await bytesOf((await session.fetch(await startBytes())).body);
  expect(Buffer.concat(kept).equals(whole)).toBe(true);
});

it("does not detach the memory of the caller's dispatcher", async () => {
  const kept: Uint8Array[] = [];
  const keeping: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (...given) => handler.onRequestStart?.(...given),
      onResponseStart: (...given) => handler.onResponseStart?.(...given),
      onResponseData: (controller, chunk) => {
        kept.push(chunk);
        handler.onResponseData?.(controller, chunk);
      },
      onResponseEnd: (...given) => handler.onResponseEnd?.(...given),
      onResponseError: (...given) => handler.onResponseError?.(...given),
    });
  const dispatcher = new Agent().compose(keeping);
  onTestFinished(() => dispatcher.destroy());
  await using transport = await createTransport({ dispatcher });
  await using session = await createSession({ transport });
  await bytesOf((await session.fetch(await startBytes())).body);
  expect(Buffer.concat(kept).equals(whole)).toBe(true);
});
