import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { createSession, createTransport, type SessionResponse } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import {
  codes,
  endHeaders,
  endStream,
  frame,
  frames,
  number,
  type SeenFrame,
  startFrameServer,
  status200,
} from '../../helpers/http2-frames.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { turns, whenClosed } from '../../helpers/raw.ts';
import { startServer } from '../../helpers/servers.ts';

const options = { ca: certificate().cert, http2: true } as const;
const part = Buffer.from('part of it');

const reads: [string, (response: SessionResponse) => Promise<unknown>][] = [
  ['text()', (response) => response.text()],
  ['a stream', (response) => response.readable().toArray()],
];

it.each(reads)('H01 reports a cancelled stream as a truncated body, read by %s', async (_, read) => {
  const server = await startFrameServer((socket, stream) => {
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, 0, stream, part));
    socket.write(frame(frames.reset, 0, stream, number(codes.cancel)));
  });
  await using session = await createSession(options);
  const outcome = session.fetch(server.url).then(read);
  await expect(outcome).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});

it('H01 applies without a preset too', async () => {
  const server = await startFrameServer((socket, stream) => {
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, 0, stream, part));
    socket.write(frame(frames.reset, 0, stream, number(codes.cancel)));
  });
  await using session = await createSession({ ...options, browser: null });
  const outcome = session.fetch(server.url).then((response) => response.text());
  await expect(outcome).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});

it('H02 reports a stream that is reset for an internal error as a truncated body', async () => {
  const server = await startFrameServer((socket, stream) => {
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, 0, stream, part));
    socket.write(frame(frames.reset, 0, stream, number(codes.internal)));
  });
  await using session = await createSession(options);
  const outcome = session.fetch(server.url).then((response) => response.text());
  await expect(outcome).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});

it('H03 treats a stream that is reset without an error as complete', async () => {
  const server = await startFrameServer((socket, stream) => {
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, endStream, stream, part));
    socket.write(frame(frames.reset, 0, stream, number(codes.none)));
  });
  await using session = await createSession(options);
  expect(await (await session.fetch(server.url)).text()).toBe('part of it');
});

it.each(['GET', 'POST'])('H04 sends a %s again that a GOAWAY says was not looked at', async (method) => {
  const server = await startFrameServer((socket, stream, request) => {
    if (request === 0) {
      socket.end(frame(frames.goaway, 0, 0, Buffer.concat([number(0), number(codes.none)])));
      return;
    }
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, endStream, stream, Buffer.from('second')));
  });
  await using session = await createSession(options);
  const init = method === 'POST' ? { method, body: 'x' } : { method };
  expect(await (await session.fetch(server.url, init)).text()).toBe('second');
  expect(server.requests).toHaveLength(2);
});

it('H05 sends a refused request again, and no more than once', async () => {
  const server = await startFrameServer((socket, stream) => {
    socket.write(frame(frames.reset, 0, stream, number(codes.refused)));
  });
  await using session = await createSession(options);
  const outcome = session.fetch(server.url, { method: 'POST', body: 'x' });
  await expect(outcome).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(server.requests).toHaveLength(2);
});

/** Sends a POST that ends too early, and says what the server sees of it after its head. */
async function seenOf(
  body: (abort: () => void) => AsyncIterable<Uint8Array> | Uint8Array,
  answer: (socket: TLSSocket, stream: number) => void = () => {},
): Promise<[seen: { ends: number; reset: number }, outcome: unknown]> {
  const server = await startFrameServer(answer);
  await using session = await createSession(options);
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (): void => controller.abort('enough');
  const call = session.fetch(server.url, { method: 'POST', body: body(abort), signal });
  const outcome: unknown = await call.then(
    (response) => response.body?.cancel(),
    (error: unknown) => error,
  );
  const frameOf = (type: number): SeenFrame | undefined => server.seen.find((seen) => seen.type === type);
  while (frameOf(frames.reset) === undefined) await turns(1);
  const ends = server.seen.filter(({ type, flags }) => type === frames.data && (flags & endStream) !== 0);
  return [{ ends: ends.length, reset: frameOf(frames.reset)?.payload.readUInt32BE(0) ?? -1 }, outcome];
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield part;
  await turns(100);
  throw new Error('the disk is gone');
}

async function* aborting(abort: () => void): AsyncGenerator<Uint8Array> {
  yield part;
  await turns(100);
  abort();
  await new Promise(() => {});
}

const cuts: [string, Parameters<typeof seenOf>[0], unknown][] = [
  ['a generator that fails', failing, { code: 'ERR_INVALID_BODY' }],
  ['a Node stream that fails', () => Readable.from(failing()), { code: 'ERR_INVALID_BODY' }],
  ['a generator whose call is aborted', aborting, 'enough'],
  ['a Node stream whose call is aborted', (abort) => Readable.from(aborting(abort)), 'enough'],
];

it.each(cuts)(
  'cancels a request with %s, and does not end it as complete',
  async (_label, body, expected) => {
    const [seen, outcome] = await seenOf(body);
    if (typeof expected === 'string') expect(outcome).toBe(expected);
    else expect(outcome).toMatchObject(expected as object);
    expect(seen).toEqual({ ends: 0, reset: codes.cancel });
  },
);

it('does not end a request as complete when its bytes do not fit and its call is aborted', async () => {
  let abort = (): void => {};
  const body = (give: () => void): Uint8Array => {
    abort = give;
    return Buffer.alloc(3_000_000);
  };
  // When the server has its head, which the rest cannot follow past the window.
  const [seen, outcome] = await seenOf(body, () => void turns(100).then(() => abort()));
  expect([seen.ends, outcome]).toEqual([0, 'enough']);
});

it('cancels a request that is still being sent when its answer is not needed', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield part;
    await new Promise(() => {});
  }
  const [seen] = await seenOf(endless, (socket, stream) => {
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, 0, stream, Buffer.alloc(16_000)));
  });
  expect(seen).toEqual({ ends: 0, reset: codes.cancel });
});

const floods: [string, Buffer][] = [
  ['PING', frame(frames.ping, 0, 0, Buffer.alloc(8))],
  ['SETTINGS', frame(frames.settings, 0, 0)],
];

it.each(floods)('H06 keeps working after a flood of %s, and so do other origins', async (_, flooding) => {
  const server = await startFrameServer((socket, stream) => {
    socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => flooding)), () => {
      socket.write(frame(frames.headers, endHeaders, stream, status200));
      socket.write(frame(frames.data, endStream, stream, Buffer.from('after')));
    });
  });
  const other = await startServer((_request, response) => void response.end('calm'));
  await using session = await createSession(options);
  // Node may end the connection or bear it: both are an end, and no crash.
  const outcome = await session.fetch(server.url).then(
    (response) => response.text(),
    (error: { code: string }) => error.code,
  );
  expect(['after', 'ERR_CONNECTION_LOST', 'ERR_PROTOCOL']).toContain(outcome);
  expect(await (await session.fetch(other.url)).text()).toBe('calm');
});

it('F20 is complete for a late reader although the connection has ended, over HTTP/2', async () => {
  const server = await startHttp2Server((_request, response, { sockets }) => {
    response.stream.once('close', () => sockets[0]?.end());
    response.end(Buffer.alloc(200_000, 'b'));
  });
  await using session = await createSession({ ca: certificate().cert, http2: true });
  const response = await session.fetch(server.url);
  await whenClosed(server.sockets[0]);
  expect((await response.bytes()).length).toBe(200_000);
});

it.each<[what: string, settings: readonly Buffer[]]>([
  ['that sends no settings', []],
  ['that allows no stream', [frame(frames.settings, 0, 0, noStreams())]],
])('H08 a server %s keeps no connection when its calls have ended', async (_what, settings) => {
  const server = await startFrameServer(() => {}, settings);
  await using transport = await createTransport({ ...options, poolMaxSize: 1, poolIdleTimeout: 60_000 });
  await using session = await createSession({ transport });
  for (let call = 0; call < 3; call++) {
    const controller = new AbortController();
    const ended = expect(session.fetch(server.url, { signal: controller.signal })).rejects.toBe('enough');
    // With room for one connection, each of them must have made room for the next.
    while (server.sockets.length <= call) await turns(1);
    // The client has begun to speak HTTP/2.
    while ((server.sockets[call]?.bytesRead ?? 0) < 100) await turns(1);
    await turns(20);
    controller.abort('enough');
    await ended;
    await whenClosed(server.sockets[call]);
  }
});

/** SETTINGS_MAX_CONCURRENT_STREAMS of 0. RFC 9113 section 6.5.2. */
function noStreams(): Buffer {
  const setting = Buffer.alloc(6);
  setting.writeUInt16BE(3);
  return setting;
}

it('reports a server that asks for calm by GOAWAY as a lost connection, and not as too many fields', async () => {
  const server = await startFrameServer((socket) => {
    socket.end(frame(frames.goaway, 0, 0, Buffer.concat([number(0), number(codes.calm)])));
  });
  await using session = await createSession(options);
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
});

it('reports a server that asks for calm and drops its open streams as a lost connection', async () => {
  const server = await startHttp2Server((_request, response) => {
    response.stream.session?.goaway(codes.calm);
    response.stream.session?.destroy();
  });
  await using session = await createSession(options);
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
});
