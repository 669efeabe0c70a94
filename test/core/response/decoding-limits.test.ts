import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeWhole } from '../../../src/core/response/decode.ts';
import {
  createSession,
  type RequestEvent,
  type RequestInit,
  type SessionResponse,
} from '../../../src/index.ts';
import { turns } from '../../helpers/raw.ts';
import { startServer } from '../../helpers/servers.ts';

const mebibyte = 1024 * 1024;

const member = gzipSync(Buffer.alloc(16 * mebibyte), { level: 9 });
/** Two codings and a few kilobytes, of which 6 GiB come: minutes of work. */
const bomb = gzipSync(Buffer.concat(Array.from({ length: 384 }, () => member)), { level: 9 });
const endless = { maxBodyBytes: 4 * 1024 * mebibyte };

async function fetchBomb(init: RequestInit): Promise<SessionResponse> {
  const server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip, gzip', 'content-length': bomb.length }).end(bomb);
  });
  const session = await createSession({ maxBodyBytes: endless.maxBodyBytes });
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const onRequestEvent = ({ type }: RequestEvent): void => {
    if (type === 'body_complete') resolve();
  };
  const response = await session.fetch(server.url, { ...init, onRequestEvent });
  await arrived;
  return response;
}

describe('A04 decoding at once', () => {
  it('is for bodies of one coding with at most 1 MiB', () => {
    expect(decodeWhole(gzipSync(Buffer.alloc(mebibyte)), ['gzip'], 2 * mebibyte)).toBeInstanceOf(Uint8Array);
  });

  it.each<[what: string, bytes: Uint8Array, codings: ('gzip' | 'br')[]]>([
    ['what unpacks to more', gzipSync(Buffer.alloc(mebibyte + 1)), ['gzip']],
    ['a bomb of 89 bytes', brotliCompressSync(Buffer.alloc(64 * mebibyte)), ['br']],
    ['two codings, however small', gzipSync(gzipSync('a')), ['gzip', 'gzip']],
  ])('is not for %s: that goes to threads', async (_what, bytes, codings) => {
    const decoding = decodeWhole(bytes, codings, 128 * mebibyte);
    if (decoding instanceof Uint8Array) throw new Error('it was decoded at once');
    expect((await decoding.result).length).toBeGreaterThan(0);
  });

  it('still refuses what is larger than the caller allows', () => {
    expect(() => decodeWhole(gzipSync(Buffer.alloc(2000)), ['gzip'], 1000)).toThrow();
  });
});

describe('a decoding in threads', () => {
  it('ends when it is cancelled, and rejects with the reason', async () => {
    const decoding = decodeWhole(bomb, ['gzip', 'gzip'], endless.maxBodyBytes);
    if (decoding instanceof Uint8Array) throw new Error('it was decoded at once');
    const reason = new Error('no longer wanted');
    await turns(3);
    decoding.cancel(reason);
    await expect(decoding.result).rejects.toBe(reason);
  });

  it('ends when the output exceeds the limit', async () => {
    const decoding = decodeWhole(bomb, ['gzip', 'gzip'], mebibyte);
    if (decoding instanceof Uint8Array) throw new Error('it was decoded at once');
    await expect(decoding.result).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
  });
});

describe('A06 a call whose body arrived before it was read', () => {
  it('ends by its abort while the body is decoded', async () => {
    const controller = new AbortController();
    const response = await fetchBomb({ signal: controller.signal });
    const read = response.bytes();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);
  });

  it('ends at its total while the body is decoded', async () => {
    const response = await fetchBomb({ timeout: 1000 });
    // By its stream, so that the test keeps none of what is decoded.
    const read = (async () => {
      for await (const chunk of response.body ?? []) expect(chunk.length).toBeGreaterThan(0);
    })();
    await expect(read).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'body' });
  });

  it('may be read long after the total, when nothing must be decoded in threads', async () => {
    const server = await startServer((_request, response) => {
      const body = gzipSync('hello');
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    await using session = await createSession();
    const response = await session.fetch(server.url, { timeout: 200 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await response.text()).toBe('hello');
  });

  it('does not count the time before it is read', async () => {
    const body = gzipSync(Buffer.alloc(4 * mebibyte));
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    await using session = await createSession();
    const response = await session.fetch(server.url, { timeout: 5000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await response.bytes()).length).toBe(4 * mebibyte);
  });
});

describe('A06 a stream of a body that has arrived', () => {
  it('ends by the abort of its call', async () => {
    const controller = new AbortController();
    const response = await fetchBomb({ signal: controller.signal });
    const reason = new Error('enough');
    const read = (async () => {
      for await (const chunk of response.body ?? []) if (chunk.length > 0) controller.abort(reason);
    })();
    await expect(read).rejects.toBe(reason);
  });

  it('reports done when all of it was decoded', async () => {
    const events: string[] = [];
    const body = gzipSync(Buffer.alloc(4 * mebibyte));
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    await using session = await createSession();
    const response = await session.fetch(server.url, { onRequestEvent: ({ type }) => events.push(type) });
    let size = 0;
    for await (const chunk of response.body ?? []) size += chunk.length;
    expect(size).toBe(4 * mebibyte);
    expect(events.at(-1)).toBe('done');
  });
});
