import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { type BodyInput, createSession, type RequestInit } from '../../../src/index.ts';
import { patternBytes } from '../../helpers/codings.ts';
import { httpResponse, whenClosed } from '../../helpers/raw.ts';
import { headerOf, type SeenRequest, startRawServer, startServer } from '../../helpers/servers.ts';

/** What a server sees of a POST with `init`. */
async function sent(init: RequestInit, input?: (url: string) => Request): Promise<SeenRequest> {
  const server = await startServer((_request, response) => {
    response.end();
  });
  await using session = await createSession({ browser: null });
  await session.fetch(input?.(server.url) ?? server.url, { ...(input ? {} : { method: 'POST' }), ...init });
  const [seen] = server.seen;
  if (seen === undefined) throw new Error('nothing was sent');
  return seen;
}

const bytes = patternBytes(1000);
const inner = new Uint8Array(bytes.buffer, bytes.byteOffset + 100, 300);
const middle = bytes.subarray(100, 400);
async function* pieces(): AsyncGenerator<Uint8Array | string> {
  yield bytes.subarray(0, 500);
  yield bytes.subarray(500);
}

const known: [string, () => BodyInput, Buffer, string | undefined][] = [
  ['a string', () => 'Grüße', Buffer.from('Grüße'), 'text/plain;charset=UTF-8'],
  ['an empty string', () => '', Buffer.alloc(0), 'text/plain;charset=UTF-8'],
  ['a Buffer', () => bytes, bytes, undefined],
  ['an ArrayBuffer', () => new Uint8Array(bytes).buffer, bytes, undefined],
  ['a view of a part of a buffer', () => inner, middle, undefined],
  [
    'a DataView of a part of a buffer',
    () => new DataView(inner.buffer, inner.byteOffset, 300),
    middle,
    undefined,
  ],
  ['a view of wider numbers', () => new Uint16Array([1, 258]), Buffer.from([1, 0, 2, 1]), undefined],
  ['a Blob with a type', () => new Blob([bytes], { type: 'image/png' }), bytes, 'image/png'],
  ['a Blob without a type', () => new Blob([bytes]), bytes, undefined],
  ['a slice of a Blob', () => new Blob([bytes]).slice(100, 400), middle, undefined],
  ['a File', () => new File([bytes], 'a.bin', { type: 'text/css' }), bytes, 'text/css'],
  [
    'URLSearchParams',
    () => new URLSearchParams({ a: '1 2', b: 'é' }),
    Buffer.from('a=1+2&b=%C3%A9'),
    'application/x-www-form-urlencoded;charset=UTF-8',
  ],
];

it.each(known)('sends %s byte by byte, with its type and length', async (_label, make, expected, type) => {
  const seen = await sent({ body: make() });
  expect(seen.body.equals(expected)).toBe(true);
  expect(headerOf(seen, 'content-type')).toBe(type);
  expect(headerOf(seen, 'content-length')).toBe(String(expected.length));
  expect(headerOf(seen, 'transfer-encoding')).toBeUndefined();
});

const streams: [string, () => BodyInput][] = [
  ['a ReadableStream', () => new Blob([bytes]).stream() as ReadableStream<Uint8Array>],
  ['an async generator', pieces],
  ['a Node stream', () => Readable.from([bytes.subarray(0, 10), bytes.subarray(10)])],
  ['an array iterator', () => [bytes.subarray(0, 10), bytes.subarray(10)].values()],
];

it.each(streams)('sends %s in chunks, byte by byte', async (_label, make) => {
  const seen = await sent({ body: make(), duplex: 'half' });
  expect(seen.body.equals(bytes)).toBe(true);
  expect(headerOf(seen, 'content-type')).toBeUndefined();
  expect(headerOf(seen, 'content-length')).toBeUndefined();
  expect(headerOf(seen, 'transfer-encoding')).toBe('chunked');
});

it('sends strings that a generator yields as UTF-8', async () => {
  async function* words(): AsyncGenerator<string> {
    yield 'Grü';
    yield 'ße';
  }
  expect((await sent({ body: words() })).body.toString()).toBe('Grüße');
});

it('sends a stream with the Content-Length that the caller knows', async () => {
  const seen = await sent({ body: pieces(), headers: { 'Content-Length': '1000' } });
  expect(headerOf(seen, 'content-length')).toBe('1000');
  expect(headerOf(seen, 'transfer-encoding')).toBeUndefined();
  expect(seen.body.equals(bytes)).toBe(true);
});

it.each(['999', '1001'])('fails when a stream is not as long as the caller said: %s', async (length) => {
  const failed = sent({ body: pieces(), headers: { 'Content-Length': length } });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
});

it('sets the length of other bodies itself', async () => {
  const seen = await sent({ body: 'four', headers: { 'Content-Length': '99' } });
  expect(headerOf(seen, 'content-length')).toBe('4');
});

it("keeps the caller's Content-Type", async () => {
  const seen = await sent({ body: '<a/>', headers: { 'content-type': 'text/xml' } });
  expect(seen.headers.filter(([name]) => name.toLowerCase() === 'content-type')).toEqual([
    ['content-type', 'text/xml'],
  ]);
});

it('sends json as JSON', async () => {
  const seen = await sent({ json: { name: 'Ada', list: [1] } });
  expect([seen.body.toString(), headerOf(seen, 'content-type')]).toEqual([
    '{"name":"Ada","list":[1]}',
    'application/json',
  ]);
});

it('sends form as a browser would', async () => {
  const seen = await sent({ form: { user: 'Ada B', n: 1, ok: true } });
  expect([seen.body.toString(), headerOf(seen, 'content-type')]).toEqual([
    'user=Ada+B&n=1&ok=true',
    'application/x-www-form-urlencoded',
  ]);
});

it('sends FormData with files, each part with its name and type', async () => {
  const form = new FormData();
  form.append('text', 'line one\nline two\r\n');
  form.append('quo"te\n', 'x');
  form.append('file', new File([bytes], 'na"me\r\n.bin', { type: 'image/png' }));
  form.append('blob', new Blob(['plain']));
  const seen = await sent({ body: form });
  const type = headerOf(seen, 'content-type') ?? '';
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(type)?.[1] ?? 'none';
  const parts = seen.body.toString('latin1').split(`--${boundary}`);
  expect(headerOf(seen, 'content-length')).toBe(String(seen.body.length));
  expect(parts).toEqual([
    '',
    '\r\nContent-Disposition: form-data; name="text"\r\n\r\nline one\r\nline two\r\n\r\n',
    '\r\nContent-Disposition: form-data; name="quo%22te%0D%0A"\r\n\r\nx\r\n',
    `\r\nContent-Disposition: form-data; name="file"; filename="na%22me%0D%0A.bin"\r\nContent-Type: image/png\r\n\r\n${bytes.toString('latin1')}\r\n`,
    '\r\nContent-Disposition: form-data; name="blob"; filename="blob"\r\nContent-Type: application/octet-stream\r\n\r\nplain\r\n',
    '--\r\n',
  ]);
});

it('sends FormData that the platform reads back', async () => {
  const form = new FormData();
  form.append('ключ', 'значение');
  form.append('file', new File(['content'], 'имя.txt', { type: 'text/plain' }));
  const seen = await sent({ body: form });
  const headers = { 'content-type': headerOf(seen, 'content-type') ?? '' };
  const read = await new Response(new Uint8Array(seen.body), { headers }).formData();
  const file = read.get('file') as File;
  expect([read.get('ключ'), file.name, await file.text()]).toEqual(['значение', 'имя.txt', 'content']);
});

it('sends an empty FormData', async () => {
  const seen = await sent({ body: new FormData() });
  expect(seen.body.toString()).toMatch(/^--.+--\r\n$/);
});

it('F18 gives each FormData a boundary that cannot be guessed', async () => {
  const types = await Promise.all(
    [1, 2, 3].map(async () => headerOf(await sent({ body: new FormData() }), 'content-type')),
  );
  expect(new Set(types).size).toBe(3);
});

it('sends a Request with its method, headers and body', async () => {
  const seen = await sent(
    {},
    (url) =>
      new Request(`${url}/path`, { method: 'PUT', headers: { 'X-Own': '1' }, body: new Uint8Array(bytes) }),
  );
  expect([seen.method, seen.url, headerOf(seen, 'x-own')]).toEqual(['PUT', '/path', '1']);
  expect(seen.body.equals(bytes)).toBe(true);
});

it('prefers init to a Request', async () => {
  const seen = await sent(
    { method: 'PATCH', body: 'init', headers: { 'X-Own': '2' } },
    (url) => new Request(url, { method: 'PUT', headers: { 'X-Own': '1' }, body: 'request' }),
  );
  expect([seen.method, seen.body.toString(), headerOf(seen, 'x-own')]).toEqual(['PATCH', 'init', '2']);
});

it.each(['POST', 'PUT', 'PATCH'])('says that a %s without a body is empty', async (method) => {
  const seen = await sent({ method });
  expect([headerOf(seen, 'content-length'), seen.body.length]).toEqual(['0', 0]);
});

it.each(['GET', 'DELETE', 'OPTIONS'])('says nothing of a body with %s', async (method) => {
  const seen = await sent({ method });
  expect(headerOf(seen, 'content-length')).toBeUndefined();
  expect(headerOf(seen, 'transfer-encoding')).toBeUndefined();
});

it('fails with the error of the stream as its cause', async () => {
  const cause = new Error('the disk is gone');
  async function* broken(): AsyncGenerator<string> {
    yield 'first';
    throw cause;
  }
  await expect(sent({ body: broken() })).rejects.toMatchObject({ code: 'ERR_INVALID_BODY', cause });
});

it('fails when a stream yields values that are not bytes', async () => {
  async function* odd(): AsyncGenerator<string> {
    yield 42 as unknown as string;
  }
  await expect(sent({ body: odd() })).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
});

it('returns an answer that comes before the body was sent', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('', [], '413 Too Large')));
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield bytes;
  }
  await using session = await createSession();
  const response = await session.fetch(server.url, { method: 'POST', body: endless() });
  expect(response.status).toBe(413);
  await whenClosed(server.sockets[0]);
});
