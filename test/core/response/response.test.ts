import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { httpHead, httpResponse } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

/** A server that answers everything with `body`. */
function serve(body: string | Uint8Array, headers: Record<string, string | string[]> = {}, status = 200) {
  return startServer((_request, response) => {
    response.writeHead(status, headers).end(body);
  });
}

it('is an instance of Response', async () => {
  const server = await serve('hello');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect(response).toBeInstanceOf(Response);
  expect(Object.prototype.toString.call(response)).toBe('[object Response]');
});

it.each([
  { status: 200, ok: true },
  { status: 201, ok: true },
  { status: 299, ok: true },
  { status: 304, ok: false },
  { status: 404, ok: false },
  { status: 500, ok: false },
])('has the status $status and is ok: $ok', async ({ status, ok }) => {
  const server = await serve('', {}, status);
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect([response.status, response.ok]).toEqual([status, ok]);
});

it('has the reason phrase unchanged', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('', [], '418 Short and stout')));
  await using session = await createSession();
  expect((await session.fetch(server.url)).statusText).toBe('Short and stout');
});

it('returns a status that the platform Response refuses', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('odd', [], '999 Odd')));
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect([response.status, await response.text()]).toEqual([999, 'odd']);
});

it('has a type whose body and headers can be read', async () => {
  const server = await serve('');
  await using session = await createSession();
  expect((await session.fetch(server.url)).type).toBe('basic');
});

it('joins repeated headers and keeps each Set-Cookie line whole', async () => {
  const server = await serve('', { 'x-many': ['1', '2'], 'set-cookie': ['a=1; Path=/', 'b=2'] });
  await using session = await createSession();
  const { headers } = await session.fetch(server.url);
  expect(headers).toBeInstanceOf(Headers);
  expect(headers.get('X-Many')).toBe('1, 2');
  expect(headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
});

it('has the final URL without fragment and userinfo', async () => {
  const server = await serve('');
  await using session = await createSession();
  const address = server.url.replace('http://', 'http://ada:secret@');
  const response = await session.fetch(`${address}/page?query=1#part`);
  expect(response.url).toBe(`${server.url}/page?query=1`);
});

it('is not redirected when the first response is the last', async () => {
  const server = await serve('');
  await using session = await createSession();
  const response = await session.fetch(`${server.url}/only`);
  expect(response.redirected).toBe(false);
  expect(response.hops.map(({ url, status }) => [url, status])).toEqual([[`${server.url}/only`, 200]]);
});

it('reads the body as text', async () => {
  const server = await serve('Grüße 🍪');
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('Grüße 🍪');
});

it('drops one UTF-8 byte order mark from text', async () => {
  const server = await serve(Buffer.from('\u{feff}\u{feff}marked'));
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('\u{feff}marked');
});

it('reads invalid UTF-8 as replacement characters', async () => {
  const server = await serve(Buffer.from([0x61, 0xff, 0x62]));
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('a\u{fffd}b');
});

it('reads the body as JSON, with or without a byte order mark', async () => {
  const server = await serve('\u{feff}{"__proto__":{"admin":true},"list":[1]}');
  await using session = await createSession();
  const value = await (await session.fetch(server.url)).json();
  expect(Object.keys(Object(value))).toEqual(['__proto__', 'list']);
  expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
});

it('rejects with SyntaxError when the body is not JSON', async () => {
  const server = await serve('<html>');
  await using session = await createSession();
  await expect((await session.fetch(server.url)).json()).rejects.toBeInstanceOf(SyntaxError);
});

it('reads the body as bytes in their own memory', async () => {
  const server = await serve(Buffer.from([0, 1, 254, 255]));
  await using session = await createSession();
  const bytes = await (await session.fetch(server.url)).bytes();
  expect(bytes.constructor).toBe(Uint8Array);
  expect([...bytes]).toEqual([0, 1, 254, 255]);
  expect(bytes.buffer.byteLength).toBe(4);
});

it('reads the body as an ArrayBuffer of exactly its size', async () => {
  const server = await serve(Buffer.from([1, 2, 3]));
  await using session = await createSession();
  const buffer = await (await session.fetch(server.url)).arrayBuffer();
  expect(buffer).toBeInstanceOf(ArrayBuffer);
  expect([...new Uint8Array(buffer)]).toEqual([1, 2, 3]);
});

it('reads the body as a Blob with the type of its Content-Type', async () => {
  const server = await serve('blob', { 'content-type': 'text/css' });
  await using session = await createSession();
  const blob = await (await session.fetch(server.url)).blob();
  expect([blob.type, blob.size, await blob.text()]).toEqual(['text/css', 4, 'blob']);
});

it('reads a multipart body as FormData', async () => {
  const source = new FormData();
  source.append('name', 'Ada');
  source.append('file', new File(['bytes'], 'note.txt', { type: 'text/plain' }));
  const encoded = new Response(source);
  const server = await serve(new Uint8Array(await encoded.arrayBuffer()), {
    'content-type': encoded.headers.get('content-type') ?? '',
  });
  await using session = await createSession();
  const form = await (await session.fetch(server.url)).formData();
  const file = form.get('file') as File;
  expect([form.get('name'), file.name, await file.text()]).toEqual(['Ada', 'note.txt', 'bytes']);
});

it('reads a urlencoded body as FormData', async () => {
  const server = await serve('a=1&b=%C3%A9', { 'content-type': 'application/x-www-form-urlencoded' });
  await using session = await createSession();
  const form = await (await session.fetch(server.url)).formData();
  expect([...form.entries()]).toEqual([
    ['a', '1'],
    ['b', 'é'],
  ]);
});

it.each(['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const)(
  'refuses %s() after the body was read',
  async (method) => {
    const server = await serve('{}');
    await using session = await createSession();
    const response = await session.fetch(server.url);
    await response.text();
    expect(response.bodyUsed).toBe(true);
    await expect(response[method]()).rejects.toThrow(TypeError);
  },
);

it('refuses a second read while the first is under way', async () => {
  const server = await serve('once');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const first = response.text();
  await expect(response.text()).rejects.toThrow('already used');
  expect(await first).toBe('once');
});

it.each(['HEAD', 'GET'])('has no body and reads as empty where HTTP allows none: %s', async (method) => {
  const server = await startServer((_request, response) => {
    if (method === 'GET') response.writeHead(204).end();
    else response.writeHead(200, { 'content-length': '5' }).end();
  });
  await using session = await createSession();
  const response = await session.fetch(server.url, { method });
  expect(response.body).toBeNull();
  expect(await response.text()).toBe('');
  expect(response.bodyUsed).toBe(false);
});

it('has the number of bytes to be read', async () => {
  const server = await serve('12345', { 'content-length': '5' });
  await using session = await createSession();
  expect((await session.fetch(server.url)).contentLength).toBe(5);
});

it('has no length for a chunked body', async () => {
  const server = await serve('12345', { 'transfer-encoding': 'chunked' });
  await using session = await createSession();
  expect((await session.fetch(server.url)).contentLength).toBeNull();
});

it('lists the cookies that this response set, by name', async () => {
  const lines = ['a=1; HttpOnly', 'b=x=y', 'a=2; Path=/', '__proto__=3', 'word=Grüße'];
  const server = await startRawServer((socket) => {
    const headers = lines.map((line) => Buffer.from(`Set-Cookie: ${line}`).toString('latin1'));
    socket.write(httpResponse('', headers));
  });
  await using session = await createSession();
  const { cookies } = await session.fetch(server.url);
  expect(Object.entries(cookies)).toEqual([
    ['a', ['1', '2']],
    ['b', 'x=y'],
    ['__proto__', '3'],
    ['word', 'Grüße'],
  ]);
});

it('has the times of the steps of a new connection, and none for a reused one', async () => {
  const server = await serve('timed');
  await using session = await createSession();
  const first = await session.fetch(server.url);
  await first.text();
  const second = await session.fetch(server.url);
  expect(first.timings).toMatchObject({ queued: expect.any(Number), connect: expect.any(Number), tls: null });
  expect(first.timings.headers).toBeGreaterThan(0);
  expect(first.timings.body).toBeGreaterThanOrEqual(0);
  expect(second.timings.connect).toBeNull();
});

it('has no time of the body before the body is received', async () => {
  const server = await startRawServer((socket) => socket.write(httpHead(['Content-Length: 4'])));
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect(response.timings.body).toBeNull();
  server.sockets[0]?.write('body');
  await response.text();
  expect(response.timings.body).toBeGreaterThan(0);
});

it('shows neither headers, body nor query values when inspected or written as JSON', async () => {
  const server = await serve('canary-body', {
    'set-cookie': 'sid=canary-cookie',
    'x-token': 'canary-header',
  });
  await using session = await createSession();
  const response = await session.fetch(`${server.url}/?token=canary-query`);
  const shown = [
    inspect(response, { depth: 10, showHidden: true }),
    JSON.stringify(response),
    String(response),
  ];
  expect(shown.join()).not.toContain('canary');
  expect(shown[0]).toContain('status: 200');
});

it("gives the real 3xx with its headers and body where redirect is 'manual'", async () => {
  const server = await serve('moved', { location: '/elsewhere', 'set-cookie': 'seen=1' }, 302);
  await using session = await createSession();
  const response = await session.fetch(server.url, { redirect: 'manual' });
  expect([response.status, response.headers.get('location'), response.redirected]).toEqual([
    302,
    '/elsewhere',
    false,
  ]);
  expect(await response.text()).toBe('moved');
  expect(session.getCookies(server.url)).toMatchObject({ seen: '1' });
  expect(server.seen).toHaveLength(1);
});
