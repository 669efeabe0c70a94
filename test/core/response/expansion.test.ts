import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSession, type SessionResponse } from '../../../src/index.ts';
import { readPaths } from '../../helpers/read-paths.ts';
import { startServer } from '../../helpers/servers.ts';

const zeros = Buffer.alloc(40_000_000);
const bombs = [
  { coding: 'br', bytes: brotliCompressSync(zeros) },
  { coding: 'zstd', bytes: zstdCompressSync(zeros) },
  { coding: 'gzip, gzip', bytes: gzipSync(gzipSync(zeros)) },
];
const streams = readPaths.filter(({ path }) => path === 'the stream' || path === 'readable()');

async function serve(coding: string, bytes: Uint8Array, isWhole = true) {
  return startServer((_request, response) => {
    response.writeHead(200, {
      'content-encoding': coding,
      'content-length': bytes.length + (isWhole ? 0 : 1),
    });
    response.write(bytes);
    if (isWhole) response.end();
  });
}

describe.each(streams)('A07 a bomb that is read as $path', ({ read }) => {
  it.each(bombs)('ends past maxBodyBytes, of $coding', async ({ coding, bytes }) => {
    const server = await serve(coding, bytes);
    await using session = await createSession({ maxBodyBytes: 1_000_000 });
    await expect(read(await session.fetch(server.url))).rejects.toMatchObject({
      code: 'ERR_BODY_TOO_LARGE',
      message: expect.stringContaining('1100 times'),
    });
  });

  it('ends before its last byte is received, together with its connection', async () => {
    const server = await serve('br', brotliCompressSync(zeros), false);
    await using session = await createSession({ maxBodyBytes: 1_000_000 });
    const response = await session.fetch(server.url);
    await expect(read(response)).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
  });

  it('is complete when it is not larger than maxBodyBytes', async () => {
    const server = await serve('br', brotliCompressSync(zeros));
    await using session = await createSession();
    expect((await read(await session.fetch(server.url))).length).toBe(zeros.length);
  });

  it('is not a bomb when one gzip coding makes it large', async () => {
    const server = await serve('gzip', gzipSync(zeros, { level: 9 }));
    await using session = await createSession({ maxBodyBytes: 1_000_000 });
    expect((await read(await session.fetch(server.url))).length).toBe(zeros.length);
  });
});

it('A07 a bomb ends on each branch of a clone', async () => {
  const server = await serve('br', brotliCompressSync(zeros));
  await using session = await createSession({ maxBodyBytes: 1_000_000 });
  const response = await session.fetch(server.url);
  const copy = response.clone();
  const drain = async ({ body }: SessionResponse): Promise<void> => {
    for await (const _ of body ?? []);
  };
  const ends = await Promise.allSettled([drain(response), drain(copy)]);
  expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual([
    'ERR_BODY_TOO_LARGE',
    'ERR_BODY_TOO_LARGE',
  ]);
});

it('A07 a bomb ends an event stream', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'br' });
    response.write(brotliCompressSync(Buffer.from(':\n'.repeat(20_000_000))));
  });
  await using session = await createSession({ maxBodyBytes: 1_000_000 });
  const events = session.eventSource(server.url);
  const read = async (): Promise<void> => {
    for await (const _ of events);
  };
  await expect(read()).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
});
