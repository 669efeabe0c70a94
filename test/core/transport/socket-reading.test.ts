import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type http from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

/** Sizes around the parts in which a socket is read, and bodies of many parts. */
const sizes = [0, 1, 999, 4096, 16_384, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 200_000, 3_000_000];

/** Bytes that differ at every position and for every name. */
function bytesOf(name: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >> 8) * 17 + name * 101) & 0xff;
  return bytes;
}

const hash = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

/** `/name/size/pieces`: the body comes in so many pieces, each in a turn of its own. */
async function answer({ url = '' }: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const [name = 0, size = 0, pieces = 1] = url.slice(1).split('/').map(Number);
  const body = bytesOf(name, size);
  const length = Math.max(1, Math.ceil(size / pieces));
  response.writeHead(200, { 'content-length': size });
  for (let at = 0; at < size; at += length) {
    if (!response.write(body.subarray(at, at + length))) await once(response, 'drain');
    if (pieces > 1) await turn();
  }
  response.end();
}

describe.each([
  ['http', startServer],
  ['https', startTlsServer],
])('bodies over %s', (_scheme, start) => {
  it('are whole, whatever their size, while other connections are read', async () => {
    const server = await start(answer);
    await using session = await createSession({ ca: certificate().cert });
    const asked = sizes.flatMap((size) => [1, 3, 40].map((pieces) => ({ size, pieces })));
    const read = await Promise.all(
      asked.map(async ({ size, pieces }, name) => {
        const response = await session.fetch(`${server.url}/${name}/${size}/${pieces}`);
        return hash(await response.bytes());
      }),
    );
    expect(read).toEqual(asked.map(({ size }, name) => hash(bytesOf(name, size))));
  });

  it('keep their pieces unchanged while more is read', async () => {
    const server = await start(answer);
    await using session = await createSession({ ca: certificate().cert });
    const names = [1, 2, 3, 4];
    const size = 2_000_000;
    const read = await Promise.all(
      names.map(async (name) => {
        const { body } = await session.fetch(`${server.url}/${name}/${size}/${name * 10}`);
        const pieces: Uint8Array[] = [];
        // The reader is slower than the server, so that the connection is paused and goes on.
        for await (const piece of body ?? []) {
          pieces.push(piece);
          await turn();
        }
        return hash(Buffer.concat(pieces));
      }),
    );
    expect(read).toEqual(names.map((name) => hash(bytesOf(name, size))));
  });
});

it('a head in single bytes, and its body with the last of them', async () => {
  const text = 'HTTP/1.1 200 OK\r\nx-name: value\r\ncontent-length: 4\r\n\r\n';
  const { url } = await startRawServer(async (socket) => {
    socket.setNoDelay(true);
    for (const byte of text) {
      socket.write(byte);
      await turn();
      await turn();
    }
    socket.write('body');
  });
  await using session = await createSession();
  const response = await session.fetch(url);
  expect(response.headers.get('x-name')).toBe('value');
  expect(await response.text()).toBe('body');
});

it('a response with the end of its connection is read to its last byte', async () => {
  const bytes = bytesOf(7, 150_000);
  const { url } = await startRawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
    socket.end(bytes);
  });
  await using session = await createSession();
  const response = await session.fetch(url);
  expect(hash(await response.bytes())).toBe(hash(bytes));
});
