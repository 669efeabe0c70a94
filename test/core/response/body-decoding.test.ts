import * as zlib from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { decodeWhole } from '../../../src/core/response/decode.ts';
import { createSession, type SessionResponse } from '../../../src/index.ts';
import { encodings, patternBytes } from '../../helpers/codings.ts';
import { httpHead, httpResponse } from '../../helpers/raw.ts';
import { readPaths } from '../../helpers/read-paths.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

/** A server that answers everything with `body`, encoded as `coding` says. */
function serveEncoded(body: Uint8Array, coding: string | string[]) {
  return startServer((_request, response) => {
    response.setHeader('content-encoding', coding);
    response.setHeader('content-length', body.length);
    response.end(body);
  });
}

const named = encodings.map((encoding, index) => ({
  ...encoding,
  label: index === 3 ? 'deflate without its zlib header' : encoding.name,
}));

const wholeReads: readonly { path: string; read: (response: SessionResponse) => Promise<unknown> }[] = [
  { path: 'text()', read: (response) => response.text() },
  { path: 'json()', read: (response) => response.json() },
  { path: 'bytes()', read: (response) => response.bytes() },
  { path: 'arrayBuffer()', read: (response) => response.arrayBuffer() },
  { path: 'blob()', read: (response) => response.blob() },
  { path: 'formData()', read: (response) => response.formData() },
  { path: "a clone's text()", read: (response) => response.clone().text() },
  {
    path: 'text() after a look at the stream',
    read: (response) => {
      void response.body;
      return response.text();
    },
  },
];

describe.each(named)('$label', ({ name, encode }) => {
  it.each(readPaths)('is undone by $path', async ({ read }) => {
    const body = Buffer.from('decoded 🍪 '.repeat(50));
    const server = await serveEncoded(encode(body), name);
    await using session = await createSession();
    expect(await read(await session.fetch(server.url))).toEqual(body);
  });

  it('is decoded in a body of many packets', async () => {
    const body = patternBytes(2_000_000);
    const server = await serveEncoded(encode(body), name);
    await using session = await createSession();
    expect((await (await session.fetch(server.url)).bytes()).length).toBe(body.length);
    const streamed = await (await session.fetch(server.url)).readable().toArray();
    expect(Buffer.concat(streamed).equals(body)).toBe(true);
  });

  it('F06 is ERR_DECODE when the data ends too early, though its length matches', async () => {
    const whole = encode(patternBytes(5000));
    const server = await serveEncoded(whole.subarray(0, whole.length - 200), name);
    await using session = await createSession();
    for (const { path, read } of readPaths) {
      const failed = read(await session.fetch(server.url));
      await expect(failed, path).rejects.toMatchObject({ code: 'ERR_DECODE', phase: 'body' });
    }
  });

  it('F07 is ERR_DECODE when the data is damaged', async () => {
    // Text, because bytes that do not compress are stored as they are, and then only a checksum sees the damage.
    const damaged = Buffer.from(encode(Buffer.from(patternBytes(5000).toString('hex'))));
    damaged.fill(0xff, 12, 80);
    const server = await serveEncoded(damaged, name);
    await using session = await createSession();
    for (const { path, read } of readPaths) {
      await expect(read(await session.fetch(server.url)), path).rejects.toMatchObject({ code: 'ERR_DECODE' });
    }
  });

  it.each(wholeReads)(
    'F08 stops at maxBodyBytes when a small body would become a large one: $path',
    async ({ read }) => {
      const server = await serveEncoded(encode(Buffer.alloc(20_000_000, ' ')), name);
      await using session = await createSession();
      const failed = read(await session.fetch(server.url, { maxBodyBytes: 1_000_000 }));
      await expect(failed).rejects.toMatchObject({
        code: 'ERR_BODY_TOO_LARGE',
        message: expect.stringContaining('raise maxBodyBytes'),
      });
    },
  );

  it('does not limit a stream to maxBodyBytes', async () => {
    const body = Buffer.concat(Array.from({ length: 100 }, () => patternBytes(30_000)));
    const server = await serveEncoded(encode(body), name);
    await using session = await createSession();
    const response = await session.fetch(server.url, { maxBodyBytes: 1_000_000 });
    let size = 0;
    for await (const chunk of response.body ?? []) size += chunk.length;
    expect(size).toBe(3_000_000);
  });
});

const stacks = [
  ['gzip', 'br'],
  ['deflate', 'gzip'],
  ['br', 'zstd', 'deflate'],
  ['gzip', 'gzip', 'gzip', 'gzip', 'gzip'],
];

function encodeStack(names: readonly string[], body: Buffer): Buffer {
  const encodeOne = (bytes: Buffer, name: string): Buffer =>
    encodings.find((encoding) => encoding.name === name)?.encode(bytes) ?? bytes;
  return names.reduce(encodeOne, body);
}

describe.each(stacks.map((names) => ({ names, header: names.join(', ') })))(
  'the stack $header',
  ({ names, header }) => {
    it.each(readPaths)('is undone by $path', async ({ read }) => {
      const body = patternBytes(100_000);
      const server = await serveEncoded(encodeStack(names, Buffer.from(body.toString('base64'))), header);
      await using session = await createSession();
      const decoded = await read(await session.fetch(server.url));
      expect(Buffer.from(decoded.toString(), 'base64').equals(body)).toBe(true);
    });
  },
);

it('F06 is ERR_DECODE when the outer coding of a stack is whole and the inner is cut', async () => {
  const inner = zlib.gzipSync(patternBytes(5000));
  const server = await serveEncoded(zlib.brotliCompressSync(inner.subarray(0, 3000)), 'gzip, br');
  await using session = await createSession();
  for (const { path, read } of readPaths) {
    await expect(read(await session.fetch(server.url)), path).rejects.toMatchObject({ code: 'ERR_DECODE' });
  }
});

it.each([
  { header: 'GZIP', label: 'in upper case' },
  { header: ' gzip ,, ', label: 'with empty members' },
  { header: 'identity, gzip', label: 'beside identity' },
])('knows gzip $label', async ({ header }) => {
  const server = await serveEncoded(zlib.gzipSync('known'), header);
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('known');
});

it('counts the codings of repeated headers as one stack', async () => {
  const server = await serveEncoded(zlib.gzipSync(zlib.gzipSync('twice')), ['gzip', 'gzip']);
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('twice');
});

it.each(['compress', 'constructor', 'gzip, exotic'])(
  'F07 hands on the bytes of an unknown coding: %s',
  async (coding) => {
    const server = await serveEncoded(Buffer.from('as they are'), coding);
    await using session = await createSession();
    const response = await session.fetch(server.url);
    expect(response.headers.get('content-encoding')).toBe(coding);
    expect(await response.text()).toBe('as they are');
  },
);

it('F09 refuses more than five codings, and ends the connection', async () => {
  const server = await serveEncoded(Buffer.from('x'), ['gzip, gzip, gzip', 'gzip, gzip, gzip']);
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_DECODE' });
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_DECODE' });
  expect(server.connections).toBe(2);
});

it.each(readPaths)('F07 treats an empty body as empty, whatever its coding: $path', async ({ read }) => {
  const server = await serveEncoded(Buffer.alloc(0), 'gzip');
  await using session = await createSession();
  expect((await read(await session.fetch(server.url))).length).toBe(0);
});

it('decodes nothing of a response to HEAD', async () => {
  const server = await serveEncoded(zlib.gzipSync('head'), 'gzip');
  await using session = await createSession();
  const response = await session.fetch(server.url, { method: 'HEAD' });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(await response.text()).toBe('');
});

it('decodes an error page too', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(500, { 'content-encoding': 'gzip' }).end(zlib.gzipSync('broken'));
  });
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('broken');
});

it('F07 reads the members of a gzip file one after the other', async () => {
  const members = Buffer.concat([zlib.gzipSync('one '), zlib.gzipSync('two')]);
  const server = await serveEncoded(members, 'gzip');
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('one two');
});

it('removes the headers of a decoded coding', async () => {
  const server = await serveEncoded(zlib.gzipSync('plain'), 'gzip');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect(response.headers.has('content-encoding')).toBe(false);
  expect(response.headers.has('content-length')).toBe(false);
  expect(response.contentLength).toBeNull();
});

it.each(['decompress', 'compress'])('hands out the bytes as they came with %s: false', async (option) => {
  const body = zlib.gzipSync('raw');
  const server = await serveEncoded(body, 'gzip');
  await using session = await createSession();
  const response = await session.fetch(server.url, { [option]: false });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(response.contentLength).toBe(body.length);
  expect(Buffer.from(await response.bytes())).toEqual(body);
});

it('F10 does not decode the body of a redirect', async () => {
  const server = await startRawServer((socket, head) => {
    if (head.startsWith('GET /end')) socket.write(httpResponse('arrived'));
    else socket.write(httpResponse('no gzip', ['Location: /end', 'Content-Encoding: gzip'], '302 Found'));
  });
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('arrived');
});

it('F16 stops reading an endless body at maxBodyBytes', async () => {
  const server = await startServer((_request, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', write);
    write();
  });
  await using session = await createSession();
  const response = await session.fetch(server.url, { maxBodyBytes: 500_000 });
  await expect(response.text()).rejects.toMatchObject({
    code: 'ERR_BODY_TOO_LARGE',
    message: expect.stringContaining('500000'),
  });
});

describe.each([5, 100_000])('F07 behind the data of %i bytes', (length) => {
  it.each(named)('garbage is ERR_DECODE: $label', async ({ name, encode }) => {
    const body = Buffer.concat([encode(patternBytes(length)), Buffer.from('garbage')]);
    const server = await serveEncoded(body, name);
    await using session = await createSession();
    for (const { path, read } of readPaths) {
      const call = read(await session.fetch(server.url));
      await expect(call, path).rejects.toMatchObject({ code: 'ERR_DECODE' });
    }
  });
});

it('F07 is ERR_DECODE when garbage comes in a separate piece', async () => {
  const whole = zlib.brotliCompressSync('one');
  const server = await startRawServer((socket) => {
    socket.write(
      Buffer.concat([httpHead([`Content-Length: ${whole.length + 7}`, 'Content-Encoding: br']), whole]),
    );
    setTimeout(() => socket.write('garbage'), 20);
  });
  await using session = await createSession();
  for (const { path, read } of readPaths) {
    await expect(read(await session.fetch(server.url)), path).rejects.toMatchObject({ code: 'ERR_DECODE' });
  }
});

it('accepts a body of exactly maxBodyBytes', async () => {
  const server = await serveEncoded(zlib.gzipSync(Buffer.alloc(1000)), 'gzip');
  await using session = await createSession({ maxBodyBytes: 1000 });
  expect((await (await session.fetch(server.url)).bytes()).length).toBe(1000);
});

it('does not split gzip data into tiny pieces when its end states a wrong length', () => {
  const zeros = zlib.gzipSync(Buffer.alloc(1_000_000));
  // The end of the second member says that there is nothing.
  const body = Buffer.concat([zeros, zlib.gzipSync('')]);
  const allocate = vi.spyOn(Buffer, 'allocUnsafe');
  onTestFinished(() => allocate.mockRestore());
  expect(decodeWhole(body, ['gzip'], 40_000_000)).toHaveLength(1_000_000);
  expect(allocate.mock.calls.length).toBeLessThan(2_000);
});
