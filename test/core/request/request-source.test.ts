import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Request as OtherRequest } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createSession, type SessionOptions } from '../../../src/index.ts';
import { headerOf, type SeenRequest, startServer, type TestServer } from '../../helpers/servers.ts';

/** Redirects once with 307, so that the body must be sent again. */
function startRedirecting(): Promise<TestServer> {
  return startServer((request, response) => {
    if (request.url === '/') response.writeHead(307, { location: '/again' });
    response.end();
  });
}

async function sent(
  make: () => RequestInit | Promise<RequestInit>,
  options: SessionOptions = { browser: null },
): Promise<SeenRequest[]> {
  const server = await startRedirecting();
  await using session = await createSession(options);
  const request = new Request(server.url, { method: 'POST', ...(await make()) });
  await session.fetch(request);
  expect(request.bodyUsed).toBe(true);
  return server.seen;
}

const large = Buffer.alloc(3_000_000, 'x');

function form(): FormData {
  const body = new FormData();
  body.set('a', '1\n2');
  body.set('f', new File([large], 'b\nc.bin', { type: 'image/png' }));
  return body;
}

describe('the body of a Request', () => {
  it.each<[kind: string, make: () => RequestInit, length: number]>([
    ['a string', () => ({ body: 'hello' }), 5],
    ['an empty string', () => ({ body: '' }), 0],
    ['a long string', () => ({ body: large.toString() }), large.length],
    ['bytes', () => ({ body: new Uint8Array(large) }), large.length],
    ['a Blob', () => ({ body: new Blob(['hello']) }), 5],
    ['a large Blob', () => ({ body: new Blob([large]) }), large.length],
    ['a File', () => ({ body: new File([large], 'a') }), large.length],
    ['URLSearchParams', () => ({ body: new URLSearchParams({ a: 'b' }) }), 3],
  ])('keeps its length and can be sent again: %s', async (_, make, length) => {
    const seen = await sent(make);
    expect(seen.map(({ body }) => body.length)).toEqual([length, length]);
    for (const each of seen) {
      expect(headerOf(each, 'content-length')).toBe(String(length));
      expect(headerOf(each, 'transfer-encoding')).toBeUndefined();
    }
  });

  it('keeps its length where the Blob is a file of the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jarfetch-source-'));
    try {
      await writeFile(join(folder, 'a'), large);
      const seen = await sent(async () => ({ body: await openAsBlob(join(folder, 'a')) }));
      expect(seen.map((each) => headerOf(each, 'content-length'))).toEqual(['3000000', '3000000']);
      expect(seen.every(({ body }) => body.equals(large))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    ['firefox', /^multipart\/form-data; boundary=(----geckoformboundary[0-9a-f]+)$/],
    ['chrome', /^multipart\/form-data; boundary=(----WebKitFormBoundary[A-Za-z0-9]{16})$/],
  ] as const)('is the FormData that %s would send, twice if need be', async (browser, type) => {
    const seen = await sent(() => ({ body: form() }), { browser });
    expect(seen.length).toBe(2);
    for (const each of seen) {
      const [, boundary = 'none'] = type.exec(headerOf(each, 'content-type') ?? '') ?? [];
      const text = each.body.toString('latin1');
      expect(
        text.startsWith(`--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n2\r\n`),
      ).toBe(true);
      expect(text).toContain('filename="b%0Ac.bin"\r\nContent-Type: image/png\r\n\r\n');
      expect(headerOf(each, 'content-length')).toBe(String(each.body.length));
    }
  });

  it('is a FormData without files', async () => {
    const body = new FormData();
    body.set('a', '1');
    const [seen] = await sent(() => ({ body }), { browser: 'firefox' });
    expect(headerOf(seen, 'content-type')).toMatch(/geckoformboundary/);
  });

  it('of a FormData with a Content-Type of the caller keeps that', async () => {
    const headers = { 'content-type': 'a/b' };
    const [seen] = await sent(() => ({ body: form(), headers }));
    expect(headerOf(seen, 'content-type')).toBe('a/b');
  });

  it.each([
    ['', 'application/x-www-form-urlencoded'],
    ['application/json', 'application/x-www-form-urlencoded;charset=UTF-8'],
  ])('of URLSearchParams has the type that a browser has, with accept %j', async (accept, type) => {
    const body = new URLSearchParams({ a: '1' });
    const [seen] = await sent(() => ({ body, headers: accept === '' ? {} : { accept } }), {});
    expect(headerOf(seen, 'content-type')).toBe(type);
  });

  it('that was made of a stream is sent as a stream, whole and once', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    let isCancelled = false;
    const pieces = ['first ', 'then ', 'last'];
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(Buffer.from(piece));
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    await session.fetch(new Request(server.url, { method: 'POST', body, duplex: 'half' }));
    expect(server.seen.map((each) => each.body.toString())).toEqual(['first then last']);
    expect(headerOf(server.seen[0], 'transfer-encoding')).toBe('chunked');
    expect(isCancelled).toBe(false);
  });

  it('of another class of Request is sent', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const request = new OtherRequest(server.url, { method: 'POST', body: new Blob([large]) });
    await session.fetch(request as unknown as Request);
    expect(server.seen[0]?.body.equals(large)).toBe(true);
  });

  it('is sent to a port that the platform would refuse', async () => {
    await using session = await createSession();
    const request = new Request('http://127.0.0.1:1/', { method: 'POST', body: new Blob([large]) });
    await expect(session.fetch(request)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });
});

describe("another fetch that replaces the platform's", () => {
  const { fetch } = globalThis;
  afterEach(() => {
    globalThis.fetch = fetch;
  });

  it('is never called', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    let calls = 0;
    globalThis.fetch = (...given) => {
      calls++;
      return session.fetch(...(given as Parameters<typeof session.fetch>));
    };
    await session.fetch(new Request(server.url, { method: 'POST', body: new Blob([large]) }));
    expect([calls, server.seen.length, server.seen[0]?.body.equals(large)]).toEqual([0, 1, true]);
  });
});
