import type { TLSSocket } from 'node:tls';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Agent } from 'undici';
import { expect, it } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { endHeaders, endStream, frame, frames, startFrameServer } from '../../helpers/http2-frames.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { turns } from '../../helpers/raw.ts';

const options = { ca: certificate().cert, http2: true } as const;

/** HPACK for fields that are not in the static table, none of them longer than 126 bytes. */
function fields(...list: readonly [name: string, value: string][]): Buffer {
  return Buffer.concat(
    list.flatMap(([name, value]) => [
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]),
  );
}

/** Answers a stream with these fields and the body, each field as often as it is given. */
function reply(
  socket: TLSSocket,
  stream: number,
  list: readonly [string, string][],
  body: Uint8Array = Buffer.alloc(0),
): void {
  socket.write(frame(frames.headers, endHeaders, stream, fields(...list)));
  socket.write(frame(frames.data, endStream, stream, body));
}

it('A26 trailers past 64 KiB over HTTP/2 are ERR_HEADERS_TOO_LARGE', async () => {
  const server = await startHttp2Server(
    (request, response) => {
      response.write('body');
      response.addTrailers({ 'x-sum': 'v'.repeat(Number(request.url.slice(1))) });
      response.end();
    },
    { server: { maxSendHeaderBlockLength: 1 << 24 } },
  );
  await using session = await createSession(options);
  const read = async (length: number): Promise<string> =>
    (await session.fetch(`${server.url}/${length}`)).text();
  expect(await read(60_000)).toBe('body');
  await expect(read(70_000)).rejects.toMatchObject({ code: 'ERR_HEADERS_TOO_LARGE' });
  expect(await read(10)).toBe('body');
});

it('A26 a head of megabytes over HTTP/2 fails the other calls of its connection', async () => {
  const server = await startHttp2Server(
    (request, response) => {
      if (request.url === '/body') response.write('the beginning');
      if (request.url !== '/long') return;
      for (let index = 0; index < 400; index++) response.setHeader(`x-${index}`, 'v'.repeat(8000));
      response.end();
    },
    { server: { maxSendHeaderBlockLength: 1 << 24 } },
  );
  await using session = await createSession(options);
  const body = (await session.fetch(`${server.url}/body`)).text();
  const truncated = expect(body).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
  const other = session.fetch(`${server.url}/other`);
  const outcome = expect(other).rejects.toMatchObject({ code: 'ERR_HEADERS_TOO_LARGE' });
  while (server.seen.length < 2) await turns(1);
  await expect(session.fetch(`${server.url}/long`)).rejects.toMatchObject({ code: 'ERR_HEADERS_TOO_LARGE' });
  await outcome;
  await truncated;
});

it('the 101st call at once is made over another connection, whatever the server allows', async () => {
  const waiting: (() => void)[] = [];
  const server = await startHttp2Server(
    (_request, response) => void waiting.push(() => response.end('whole')),
    { server: { settings: { maxConcurrentStreams: 1000 } } },
  );
  await using session = await createSession(options);
  const call = async (): Promise<string> => (await session.fetch(server.url)).text();
  const calls = Array.from({ length: 100 }, call);
  while (waiting.length < 100) await turns(1);
  expect(server.sessions).toHaveLength(1);
  calls.push(call());
  while (waiting.length < 101) await turns(1);
  expect(server.sessions).toHaveLength(2);
  for (const answer of waiting) answer();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['whole']));
});

it.each([
  [
    'long',
    (socket: TLSSocket, stream: number) => {
      for (let index = 0; index < 8; index++)
        socket.write(frame(frames.data, 0, stream, Buffer.alloc(16_000)));
    },
  ],
  ['slow', () => {}],
])(
  'the %s body of a redirect over HTTP/2 is not read: its stream is reset, its connection goes on',
  async (_, write) => {
    const server = await startFrameServer((socket, stream, request) => {
      if (request > 0) return reply(socket, stream, [[':status', '200']], Buffer.from('arrived'));
      const head = fields([':status', '302'], ['location', '/to']);
      socket.write(frame(frames.headers, endHeaders, stream, head));
      write(socket, stream);
    });
    await using session = await createSession(options);
    expect(await (await session.fetch(server.url)).text()).toBe('arrived');
    while (!server.seen.some(({ type, stream }) => type === frames.reset && stream === 1)) await turns(1);
    expect(await (await session.fetch(server.url)).text()).toBe('arrived');
    expect(server.sockets).toHaveLength(1);
  },
);

it('F09 six codings in one header over HTTP/2 are ERR_DECODE', async () => {
  const server = await startHttp2Server((_request, response) => {
    response.setHeader('content-encoding', 'gzip, gzip, gzip, gzip, gzip, gzip');
    response.end('x');
  });
  await using session = await createSession(options);
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_DECODE' });
});

it('A07 a bomb over HTTP/2 ends when it is 1100 times as long as what was sent', async () => {
  const bomb = brotliCompressSync(Buffer.alloc(40_000_000));
  const server = await startHttp2Server((_request, response) => {
    response.setHeader('content-encoding', 'br');
    response.end(bomb);
  });
  await using session = await createSession({ ...options, maxBodyBytes: 1_000_000 });
  const response = await session.fetch(server.url);
  await expect(response.readable().toArray()).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
});

it('R09 follows the first of two Locations over HTTP/2, because Node.js returns no other', async () => {
  const server = await startFrameServer((socket, stream, request) => {
    if (request > 0) return reply(socket, stream, [[':status', '200']]);
    reply(socket, stream, [
      [':status', '302'],
      ['location', '/first'],
      ['location', '/second'],
    ]);
  });
  await using session = await createSession(options);
  expect((await session.fetch(server.url)).url).toBe(`${server.url}/first`);
});

it('F09 decodes the first of two Content-Encodings over HTTP/2, because Node.js returns no other', async () => {
  const server = await startFrameServer((socket, stream) => {
    const list: [string, string][] = [
      [':status', '200'],
      ['content-encoding', 'gzip'],
      ['content-encoding', 'br'],
    ];
    reply(socket, stream, list, gzipSync('once'));
  });
  await using session = await createSession(options);
  expect(await (await session.fetch(server.url)).text()).toBe('once');
});

it("an upload that is cut over HTTP/2 through a caller's dispatcher ends as undici ends it", async () => {
  const server = await startFrameServer(() => {});
  const agent = new Agent({ allowH2: true, connect: { ca: options.ca } });
  await using transport = await createTransport({ dispatcher: agent });
  await using session = await createSession({ transport });
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('part');
    await turns(100);
    throw new Error('the disk is gone');
  }
  const call = session.fetch(server.url, { method: 'POST', body: failing() });
  await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
  await turns(100);
  const ended = server.seen.some(({ type, flags }) => type === frames.data && (flags & endStream) !== 0);
  expect(ended).toBe(true);
  await agent.destroy();
});
