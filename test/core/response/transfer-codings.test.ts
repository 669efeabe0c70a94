import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseTransferCodings } from '../../../src/core/response/codings.ts';
import { createSession } from '../../../src/index.ts';
import { httpHead } from '../../helpers/raw.ts';
import { readPaths } from '../../helpers/read-paths.ts';
import { startRawServer } from '../../helpers/servers.ts';

it.each([
  ['chunked', []],
  ['Chunked', []],
  ['gzip, chunked', ['gzip']],
  ['x-gzip , CHUNKED', ['gzip']],
  ['deflate,gzip, chunked', ['gzip', 'deflate']],
  ['gzip', ['gzip']],
  ['identity, chunked', []],
  ['compress, chunked', null],
  ['chunked, gzip', null],
  ['chunked, chunked', null],
  ['xchunked', null],
])('reads the Transfer-Encoding %j as %j', (header, codings) => {
  expect(parseTransferCodings(header)).toEqual(codings);
});

function inChunks(bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}

function serve(fields: readonly string[], body: Buffer) {
  return startRawServer((socket) => void socket.write(Buffer.concat([httpHead(fields), body])));
}

const body = Buffer.from('a text of some length. '.repeat(300));

describe.each(readPaths)('by $path', ({ read }) => {
  it('a transfer coding is decoded', async () => {
    const server = await serve(['Transfer-Encoding: gzip, chunked'], inChunks(zlib.gzipSync(body)));
    await using session = await createSession();
    expect(await read(await session.fetch(server.url))).toEqual(body);
  });

  it('a transfer coding is decoded before a content coding', async () => {
    const packed = zlib.gzipSync(zlib.brotliCompressSync(body));
    const fields = ['Transfer-Encoding: gzip, chunked', 'Content-Encoding: br'];
    const server = await serve(fields, inChunks(packed));
    await using session = await createSession();
    expect(await read(await session.fetch(server.url))).toEqual(body);
  });

  it('a transfer coding is decoded when content codings are not', async () => {
    const fields = ['Transfer-Encoding: gzip, chunked', 'Content-Encoding: br'];
    const server = await serve(fields, inChunks(zlib.gzipSync(body)));
    await using session = await createSession();
    const response = await session.fetch(server.url, { decompress: false });
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(await read(response)).toEqual(body);
  });

  it('a truncated one is ERR_DECODE', async () => {
    const packed = zlib.gzipSync(body).subarray(0, -9);
    const server = await serve(['Transfer-Encoding: gzip, chunked'], inChunks(packed));
    await using session = await createSession();
    await expect(read(await session.fetch(server.url))).rejects.toMatchObject({ code: 'ERR_DECODE' });
  });
});

it('a transfer coding that is not known is ERR_PROTOCOL', async () => {
  const server = await serve(['Transfer-Encoding: compress, chunked'], inChunks(Buffer.from('packed')));
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL', phase: 'headers' });
});
