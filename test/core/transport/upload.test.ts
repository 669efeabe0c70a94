import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { httpResponse, turns } from '../../helpers/raw.ts';
import { startRawServer } from '../../helpers/servers.ts';

type Cancelled = (reason: unknown) => void;

/** Streams that give one piece and then nothing. */
const silent: [string, (url: string, cancel: Cancelled) => [string | Request, { body?: ReadableStream }]][] =
  [
    ['a web stream', (url, cancel) => [url, { body: pushed({ cancel }) }]],
    ['a byte stream', (url, cancel) => [url, { body: pushed({ type: 'bytes', cancel }) }]],
    [
      'the body of a Request',
      (url, cancel) => [
        new Request(url, { method: 'POST', body: pushed({ cancel }), duplex: 'half' } as RequestInit),
        {},
      ],
    ],
  ];

function pushed(source: { type?: 'bytes'; cancel: Cancelled }): ReadableStream {
  const start = (controller: ReadableStreamDefaultController | ReadableByteStreamController): void => {
    controller.enqueue(new Uint8Array(10));
  };
  return new ReadableStream({ ...source, start } as never);
}

/** How a call ends while its body is silent; the server does this when it has the head. */
const endings: [string, Parameters<typeof startRawServer>[0], { timeout?: number; aborts?: boolean }][] = [
  ['an abort', () => {}, { aborts: true }],
  ['a timeout', () => {}, { timeout: 200 }],
  ['an early answer', (socket) => socket.write(httpResponse('no', [], '403 Forbidden')), {}],
  ['a lost connection', (socket) => socket.destroy(), {}],
];

describe.each(silent)('F7 %s that is silent', (_, make) => {
  it.each(endings)('is cancelled by %s', async (_ending, answer, { timeout = 10_000, aborts = false }) => {
    const asked = Promise.withResolvers<void>();
    const server = await startRawServer((socket, ...rest) => {
      asked.resolve();
      answer(socket, ...rest);
    });
    const cancelled = Promise.withResolvers<unknown>();
    await using session = await createSession();
    const controller = new AbortController();
    const [input, init] = make(server.url, cancelled.resolve);
    const call = session.fetch(input, { method: 'POST', ...init, timeout, signal: controller.signal });
    const outcome = call.then((response) => response.text()).catch((error: unknown) => error);
    if (aborts) {
      // A stream that has no piece yet has no head on the wire either.
      await turns(50);
      controller.abort('enough');
    }
    await cancelled.promise;
    await outcome;
    // A Request was cloned: its stream hears the reasons of both halves in a list, see Streams Standard, ReadableStreamTee.
    if (aborts) expect([await cancelled.promise].flat()[0]).toBe('enough');
  });
});

it('F7 a web stream that never gave a piece is cancelled by an abort', async () => {
  const server = await startRawServer(() => {});
  await using session = await createSession();
  const [asked, cancelled] = [Promise.withResolvers<void>(), Promise.withResolvers<unknown>()];
  const pull = (): Promise<void> => {
    asked.resolve();
    return new Promise(() => {});
  };
  const body = new ReadableStream({ pull, cancel: cancelled.resolve });
  const controller = new AbortController();
  const call = session.fetch(server.url, { method: 'POST', body, signal: controller.signal });
  await asked.promise;
  controller.abort('enough');
  await expect(call).rejects.toBe('enough');
  expect(await cancelled.promise).toBe('enough');
});

it('F7 a web stream is cancelled when its call ends before it has a connection', async () => {
  await using session = await createSession();
  const cancelled = Promise.withResolvers<unknown>();
  const body = pushed({ cancel: cancelled.resolve });
  const call = session.fetch('http://127.0.0.1:1/', { method: 'POST', body });
  await expect(call).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  await cancelled.promise;
});

it('F7 a silent web stream is cancelled by an early answer over HTTP/2', async () => {
  const server = await startHttp2Server((_request, response) => response.writeHead(403).end('no'));
  await using session = await createSession({ ca: certificate().cert, http2: true });
  const cancelled = Promise.withResolvers<unknown>();
  const body = pushed({ cancel: cancelled.resolve });
  const response = await session.fetch(server.url, { method: 'POST', body });
  expect(await response.text()).toBe('no');
  await cancelled.promise;
});

it('F7 an iterator is returned by an early answer', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('no', [], '403 Forbidden')));
  await using session = await createSession();
  const returned = Promise.withResolvers<void>();
  let isFirst = true;
  const iterator: AsyncIterableIterator<Uint8Array> = {
    next() {
      if (!isFirst) return new Promise(() => {});
      isFirst = false;
      return Promise.resolve({ done: false, value: new Uint8Array(10) });
    },
    return() {
      returned.resolve();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const response = await session.fetch(server.url, { method: 'POST', body: iterator });
  expect(response.status).toBe(403);
  await response.text();
  await returned.promise;
});
