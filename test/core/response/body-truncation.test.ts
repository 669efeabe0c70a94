import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { patternBytes } from '../../helpers/codings.ts';
import { httpHead, turns, whenClosed } from '../../helpers/raw.ts';
import { readPaths } from '../../helpers/read-paths.ts';
import { startRawServer } from '../../helpers/servers.ts';

const chunked = 'Transfer-Encoding: chunked';
const half = Buffer.alloc(5000, 'x');
const chunk = Buffer.concat([Buffer.from('1388\r\n'), half, Buffer.from('\r\n')]);

const cuts = [
  {
    title: 'F02 is ERR_BODY_TRUNCATED',
    label: 'a Content-Length that is not reached',
    head: httpHead(['Content-Length: 10000']),
    body: half,
  },
  {
    title: 'F03 is ERR_BODY_TRUNCATED',
    label: 'chunks without their end',
    head: httpHead([chunked]),
    body: chunk,
  },
  {
    title: 'F03 is ERR_BODY_TRUNCATED',
    label: 'a chunk cut within',
    head: httpHead([chunked]),
    body: chunk.subarray(0, 3000),
  },
  {
    title: 'F03 is ERR_BODY_TRUNCATED',
    label: 'a last chunk without its blank line',
    head: httpHead([chunked]),
    body: Buffer.concat([chunk, Buffer.from('0\r\n')]),
  },
  {
    title: 'F02 is ERR_BODY_TRUNCATED',
    label: 'an encoded body',
    head: httpHead(['Content-Length: 10000', 'Content-Encoding: gzip']),
    body: zlib.gzipSync(patternBytes(9000)).subarray(0, 5000),
  },
];

describe.each(cuts)('$label', ({ title, head, body }) => {
  const paths = readPaths.map((path) => ({ ...path, title }));

  it.each(paths)('$title to $path', async ({ read }) => {
    const server = await startRawServer((socket) => socket.end(Buffer.concat([head, body])));
    await using session = await createSession();
    const failed = read(await session.fetch(server.url));
    await expect(failed).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED', phase: 'body' });
  });

  it.each(paths)('$title to $path when the connection is reset', async ({ read }) => {
    const server = await startRawServer((socket) => {
      socket.write(Buffer.concat([head, body]));
    });
    await using session = await createSession();
    const failed = read(await session.fetch(server.url));
    const outcome = expect(failed).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED', phase: 'body' });
    server.sockets[0]?.resetAndDestroy();
    await outcome;
  });
});

it.each(readPaths)(
  'F04 is ERR_BODY_TRUNCATED to $path when a body without a length ends by a reset',
  async ({ read }) => {
    const server = await startRawServer((socket) => socket.write(Buffer.concat([httpHead(), half])));
    await using session = await createSession();
    const failed = read(await session.fetch(server.url));
    const outcome = expect(failed).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
    server.sockets[0]?.resetAndDestroy();
    await outcome;
  },
);

it.each(readPaths)(
  'F04 treats the end of the connection as the end of a body without a length: $path',
  async ({ read }) => {
    const server = await startRawServer((socket) => socket.end(Buffer.concat([httpHead(), half])));
    await using session = await createSession();
    expect((await read(await session.fetch(server.url))).equals(half)).toBe(true);
  },
);

const kilobytes = [10, 20, 40, 64, 65, 128, 256, 1024];

describe.each(kilobytes.map((size) => ({ size })))('a body of $size KB', ({ size }) => {
  const body = Buffer.alloc(size * 1024, 'b');

  it.each(readPaths)(
    'F01 is complete for a late $path although the server said close and closed the connection',
    async ({ read }) => {
      const head = httpHead([`Content-Length: ${body.length}`, 'Connection: close']);
      const server = await startRawServer((socket) => socket.end(Buffer.concat([head, body])));
      await using session = await createSession();
      const response = await session.fetch(server.url);
      await turns(20);
      expect((await read(response)).equals(body)).toBe(true);
    },
  );

  it('F01 has no effect when it is not read', async () => {
    const head = httpHead([`Content-Length: ${body.length}`, 'Connection: close']);
    const server = await startRawServer((socket) => socket.end(Buffer.concat([head, body])));
    await using session = await createSession();
    const response = await session.fetch(server.url);
    await turns(20);
    await response.body?.cancel();
    await whenClosed(server.sockets[0]);
  });

  it('F01 has no effect as the body of a redirect', async () => {
    const head = httpHead(
      [`Content-Length: ${body.length}`, 'Connection: close', 'Location: /to'],
      '302 Found',
    );
    const server = await startRawServer((socket, request) => {
      if (request.startsWith('GET /from')) socket.end(Buffer.concat([head, body]));
      else socket.end(Buffer.concat([httpHead(['Connection: close']), body]));
    });
    await using session = await createSession();
    const response = await session.fetch(`${server.url}/from`);
    await turns(20);
    expect((await response.bytes()).length).toBe(body.length);
  });

  it.each(readPaths)(
    'F20 is complete for a late $path although the server closed the connection without notice',
    async ({ read }) => {
      const server = await startRawServer((socket) => {
        socket.end(Buffer.concat([httpHead([`Content-Length: ${body.length}`]), body]));
      });
      await using session = await createSession();
      const response = await session.fetch(server.url);
      await turns(20);
      expect((await read(response)).equals(body)).toBe(true);
    },
  );

  it('F20 is complete in chunks although the server closed the connection without notice', async () => {
    const server = await startRawServer((socket) => {
      const framed = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')];
      socket.end(Buffer.concat([httpHead([chunked]), ...framed]));
    });
    await using session = await createSession();
    const response = await session.fetch(server.url);
    await turns(20);
    expect((await response.bytes()).length).toBe(body.length);
  });
});

it('F20 is complete although decoding takes longer than the connection lasts', async () => {
  const server = await startRawServer((socket) => {
    const body = zlib.gzipSync(Buffer.alloc(40_000_000));
    const head = httpHead([`Content-Length: ${body.length}`, 'Content-Encoding: gzip']);
    socket.end(Buffer.concat([head, body]));
  });
  await using session = await createSession();
  let size = 0;
  for await (const piece of (await session.fetch(server.url)).body ?? []) size += piece.length;
  expect(size).toBe(40_000_000);
});
