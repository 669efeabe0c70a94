/**
 * Each decoder of a body in threads holds a handle of zlib and up to megabytes of window. They are freed with the call,
 * however it ends: garbage collection would come much later.
 */
import type { Transform } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createSession, type RequestEvent, type SessionResponse } from '../../../src/index.ts';
import { httpHead, turns } from '../../helpers/raw.ts';
import { startRawServer } from '../../helpers/servers.ts';

type Made = Transform & { readonly _handle: unknown };

const made = vi.hoisted(() => [] as unknown[]);

vi.mock('node:zlib', async (importOriginal) => {
  const zlib = await importOriginal<typeof import('node:zlib')>();
  const noted =
    <Options, Decoder>(create: (options?: Options) => Decoder) =>
    (options?: Options): Decoder => {
      const decoder = create(options);
      made.push(decoder);
      return decoder;
    };
  return { ...zlib, createGunzip: noted(zlib.createGunzip) };
});

const mebibyte = 1024 * 1024;
const member = gzipSync(Buffer.alloc(16 * mebibyte), { level: 9 });
/** Two codings and a few kilobytes, of which 6 GiB come: minutes of work. */
const whole = gzipSync(Buffer.concat(Array.from({ length: 384 }, () => member)), { level: 9 });
/** The outer coding is intact, the inner one is not. */
const damaged = gzipSync(Buffer.concat([member, Buffer.alloc(99, 7)]));

interface Given {
  readonly body: Uint8Array;
  /** False: the server keeps the last byte to itself. */
  readonly isWhole: boolean;
  readonly signal?: AbortSignal;
  readonly maxBodyBytes?: number;
  readonly timeout?: number;
}

/** A response that arrived as far as it will before anyone reads it. */
async function respond({
  body,
  isWhole,
  maxBodyBytes = 8192 * mebibyte,
  ...init
}: Given): Promise<SessionResponse> {
  const server = await startRawServer((socket) => {
    socket.write(httpHead([`Content-Length: ${body.length}`, 'Content-Encoding: gzip, gzip']));
    socket.write(isWhole ? body : body.subarray(0, -1));
  });
  const session = await createSession();
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const onRequestEvent = ({ type }: RequestEvent): void => {
    if (type === (isWhole ? 'body_complete' : 'response_headers')) resolve();
  };
  made.length = 0;
  const response = await session.fetch(server.url, { ...init, maxBodyBytes, onRequestEvent });
  await arrived;
  return response;
}

/** Waits until the handles of as many decoders were made as a body with two codings needs. */
async function untilDecoding(): Promise<void> {
  while (made.length < 2) await turns(1);
}

/** Zlib frees a handle at the end of the piece that a thread works on. */
async function heldAfter(attempts: number): Promise<number> {
  const held = (): number => (made as Made[]).filter(({ _handle }) => _handle !== null).length;
  for (let attempt = 0; attempt < attempts && held() > 0; attempt++) await turns(1);
  return held();
}

const reads: [how: string, read: (response: SessionResponse) => Promise<unknown>][] = [
  ['read whole', (response) => response.bytes()],
  ['read as a stream', (response) => drain(response.body ?? [])],
  ['read as a Node.js stream', (response) => drain(response.readable())],
  ['read as a clone', (response) => Promise.all([response.clone().bytes(), response.bytes()])],
];

async function drain(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
}

describe.each(reads)('A06 the decoders of a body that is %s are freed', (how, read) => {
  it.each([
    ['when it has arrived', true],
    ['while it arrives', false],
  ])('by the abort of the call %s', async (_when, isWhole) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const response = await respond({ body: whole, isWhole, signal: controller.signal });
    const reading = read(response);
    const ended = expect(reading).rejects.toBe(reason);
    if (isWhole || how !== 'read whole') await untilDecoding();
    controller.abort(reason);
    await ended;
    expect(await heldAfter(1000)).toBe(0);
  });

  it('at the end of the total', async () => {
    const response = await respond({ body: whole, isWhole: true, timeout: 500 });
    await expect(read(response)).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(await heldAfter(1000)).toBe(0);
  });

  it('when the inner coding turns out to be damaged', async () => {
    const response = await respond({ body: damaged, isWhole: true });
    await expect(read(response)).rejects.toMatchObject({ code: 'ERR_DECODE' });
    expect(made.length).toBe(2);
    expect(await heldAfter(1000)).toBe(0);
  });

  it('when the output exceeds the limit', async () => {
    const response = await respond({ body: whole, isWhole: true, maxBodyBytes: mebibyte });
    await expect(read(response)).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
    expect(made.length).toBe(2);
    expect(await heldAfter(1000)).toBe(0);
  });
});

it.each<[how: string, leave: (response: SessionResponse) => Promise<unknown>]>([
  [
    'whose stream is cancelled',
    async (response) => {
      const reader = response.body?.getReader();
      await reader?.read();
      await reader?.cancel();
    },
  ],
  [
    'whose Node.js stream is destroyed',
    async (response) => {
      const readable = response.readable();
      await new Promise<void>((resolve) => readable.once('readable', resolve));
      readable.destroy();
    },
  ],
  [
    'whose reader leaves the loop',
    async (response) => {
      for await (const chunk of response.body ?? []) if (chunk.length > 0) break;
    },
  ],
])('A06 the decoders of a body %s are freed', async (_how, leave) => {
  for (const isWhole of [true, false]) {
    await leave(await respond({ body: whole, isWhole }));
    expect(made.length).toBe(2);
    expect(await heldAfter(1000)).toBe(0);
  }
});
