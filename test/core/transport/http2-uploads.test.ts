import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { type BodyInput, createSession, type RequestEvent } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import {
  codes,
  endHeaders,
  endStream,
  frame,
  frames,
  number,
  startFrameServer,
  status200,
} from '../../helpers/http2-frames.ts';
import { type Http2Server, startHttp2Server } from '../../helpers/http2-servers.ts';
import { turns } from '../../helpers/raw.ts';

const options = { ca: certificate().cert, http2: true } as const;
const size = 12 * 1024 * 1024;

const form = new FormData();
form.append('file', new Blob([Buffer.alloc(size)]), 'large.bin');
const large: [string, () => BodyInput][] = [
  ['a Buffer', () => Buffer.alloc(size)],
  ['a text', () => 'x'.repeat(size)],
  ['a Blob', () => new Blob([Buffer.alloc(size)])],
  ['a FormData', () => form],
  [
    'a generator of one piece',
    async function* () {
      yield Buffer.alloc(size);
    },
  ],
];

/** Counts the bytes of a body, or answers without reading them. */
function startUploadServer(): Promise<Http2Server> {
  return startHttp2Server((request, response) => {
    if (request.url === '/refuse') {
      response.writeHead(413).end('too large');
      return;
    }
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    request.on('end', () => response.end(`${request.url} ${length}`));
  });
}

it.each(large)('F5 %s of 12 MB does not affect the other calls of its connection', async (_, body) => {
  const server = await startUploadServer();
  await using session = await createSession(options);
  await (await session.fetch(`${server.url}/first`)).text();
  const upload = session.fetch(`${server.url}/large`, { method: 'POST', body: body() });
  const others = Array.from({ length: 20 }, async (_, index) =>
    (await session.fetch(`${server.url}/${index}`)).text(),
  );
  expect(await Promise.all(others)).toEqual(Array.from({ length: 20 }, (_, index) => `/${index} 0`));
  expect(Number((await (await upload).text()).split(' ')[1])).toBeGreaterThanOrEqual(size);
  expect(server.sessions).toHaveLength(1);
});

it.each(large)('F5 an early answer to %s of 12 MB is read, and later calls work', async (_, body) => {
  const server = await startUploadServer();
  await using session = await createSession(options);
  const response = await session.fetch(`${server.url}/refuse`, {
    method: 'POST',
    body: body(),
  });
  expect([response.status, await response.text()]).toEqual([413, 'too large']);
  for (let call = 0; call < 10; call++) {
    expect(await (await session.fetch(`${server.url}/${call}`)).text()).toBe(`/${call} 0`);
  }
  expect(server.sessions).toHaveLength(1);
});

it('reports the progress of a body that is sent in pieces', async () => {
  const server = await startUploadServer();
  await using session = await createSession(options);
  const progress: RequestEvent[] = [];
  const onRequestEvent = (event: RequestEvent): void => {
    if (event.uploadedBytes !== undefined) progress.push(event);
  };
  await (
    await session.fetch(server.url, { method: 'PUT', body: Buffer.alloc(200_000), onRequestEvent })
  ).text();
  expect(progress.at(-1)).toMatchObject({ uploadedBytes: 200_000, total: 200_000 });
});

it('sends the length of a body that is sent in pieces', async () => {
  const lengths: unknown[] = [];
  const server = await startHttp2Server((request, response) => {
    lengths.push(request.headers['content-length']);
    request.resume().on('end', () => response.end());
  });
  await using session = await createSession(options);
  await (await session.fetch(server.url, { method: 'PUT', body: Buffer.alloc(200_000) })).text();
  expect(lengths).toEqual(['200000']);
});

const endless: [string, (onEnd: () => void) => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>][] = [
  [
    'a generator',
    async function* (onEnd) {
      try {
        for (;;) {
          yield Buffer.alloc(1000);
          await turns(1);
        }
      } finally {
        onEnd();
      }
    },
  ],
  [
    'a Node stream',
    (onEnd) =>
      new Readable({
        read() {
          setImmediate(() => this.push(Buffer.alloc(1000)));
        },
        destroy(error, callback) {
          onEnd();
          callback(error);
        },
      }),
  ],
  [
    'a web stream',
    (onEnd) =>
      new ReadableStream({
        pull: async (controller) => {
          await turns(1);
          controller.enqueue(Buffer.alloc(1000));
        },
        cancel: onEnd,
      }),
  ],
];

it.each(endless)('F8 ends %s whose answer is complete, and resets its stream', async (_, body) => {
  const ended = Promise.withResolvers<void>();
  const server = await startFrameServer((socket, stream) => {
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, endStream, stream, Buffer.from('enough')));
  });
  await using session = await createSession(options);
  const response = await session.fetch(server.url, { method: 'POST', body: body(ended.resolve) });
  expect(await response.text()).toBe('enough');
  await ended.promise;
  while (!server.seen.some(({ type }) => type === frames.reset)) await turns(1);
  const reset = server.seen.find(({ type }) => type === frames.reset);
  expect([codes.cancel, codes.none]).toContain(reset?.payload.readUInt32BE(0));
  expect(server.seen.some(({ type, flags }) => type === frames.data && (flags & endStream) !== 0)).toBe(
    false,
  );
});

it.each([
  ['shorter', 2000],
  ['longer', 500],
])(
  'F15 a stream that is %s than its content-length is ERR_INVALID_BODY, and does not look whole',
  async (_, length) => {
    const server = await startFrameServer(() => {});
    await using session = await createSession(options);
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(500);
      yield Buffer.alloc(500);
    }
    const call = session.fetch(server.url, {
      method: 'POST',
      body: body(),
      headers: { 'content-length': String(length) },
    });
    await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
    while (!server.seen.some(({ type }) => type === frames.reset)) await turns(1);
    expect(server.seen.some(({ type, flags }) => type === frames.data && (flags & endStream) !== 0)).toBe(
      false,
    );
  },
);

it('F15 a stream that is as long as its content-length is sent', async () => {
  const server = await startUploadServer();
  await using session = await createSession(options);
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(600);
    yield Buffer.alloc(400);
  }
  const init = { method: 'POST', body: body(), headers: { 'content-length': '1000' } };
  expect(await (await session.fetch(`${server.url}/sized`, init)).text()).toBe('/sized 1000');
});

it('sends a large body again that was not processed according to GOAWAY', async () => {
  const server = await startFrameServer((socket, stream, request) => {
    if (request === 0) {
      socket.end(frame(frames.goaway, 0, 0, Buffer.concat([number(0), number(codes.none)])));
      return;
    }
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, endStream, stream, Buffer.from('second')));
  });
  await using session = await createSession(options);
  const init = { method: 'POST', body: Buffer.alloc(100_000) };
  expect(await (await session.fetch(server.url, init)).text()).toBe('second');
});

it('A26 response headers past 64 KiB are ERR_HEADERS_TOO_LARGE, as over HTTP/1.1', async () => {
  const server = await startHttp2Server(
    (request, response) => {
      const length = Number(request.url.slice(1));
      for (let index = 0; index * 8000 < length; index++) response.setHeader(`x-${index}`, 'v'.repeat(8000));
      response.end('whole');
    },
    { server: { maxSendHeaderBlockLength: 1 << 24 } },
  );
  await using session = await createSession(options);
  expect(await (await session.fetch(`${server.url}/60000`)).text()).toBe('whole');
  for (const length of [104_000, 3_000_000]) {
    await expect(session.fetch(`${server.url}/${length}`)).rejects.toMatchObject({
      code: 'ERR_HEADERS_TOO_LARGE',
    });
  }
  expect(await (await session.fetch(`${server.url}/1000`)).text()).toBe('whole');
});

it('A26 more response fields than Node.js reads over HTTP/2 are ERR_HEADERS_TOO_LARGE', async () => {
  const server = await startHttp2Server((_request, response) => {
    response.setHeader(
      'set-cookie',
      Array.from({ length: 180 }, (_, index) => `c${index}=1`),
    );
    response.end('whole');
  });
  await using session = await createSession({ ...options, retry: true });
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_HEADERS_TOO_LARGE' });
  expect(server.seen).toHaveLength(1);
});

it('an abort in onProgress ends only its call', async () => {
  const server = await startUploadServer();
  await using session = await createSession(options);
  await (await session.fetch(`${server.url}/first`)).text();
  const controller = new AbortController();
  const onRequestEvent = ({ uploadedBytes }: RequestEvent): void => {
    if (uploadedBytes !== undefined) controller.abort('enough');
  };
  const init = { method: 'POST', body: 'small', signal: controller.signal, onRequestEvent };
  await expect(session.fetch(`${server.url}/small`, init)).rejects.toBe('enough');
  expect(await (await session.fetch(`${server.url}/later`)).text()).toBe('/later 0');
});
