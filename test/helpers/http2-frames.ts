import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';

/** Frame types, RFC 9113 section 6. */
export const frames = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  continuation: 9,
} as const;
/** Error codes, RFC 9113 section 7. */
export const codes = { none: 0, internal: 2, refused: 7, cancel: 8, calm: 11 } as const;

const preface = 24;
export const endStream = 1;
export const endHeaders = 4;
/** HPACK for `:status: 200`, from the static table. */
export const status200 = Buffer.from([0x88]);

/** One frame as bytes; Node's own server would not let a stream end without saying so. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A 32-bit number: an error code, or a stream. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export interface FrameServer {
  readonly url: string;
  /** Requests in order of arrival: which connection, which stream. */
  readonly requests: { readonly connection: number; readonly stream: number }[];
  readonly sockets: TLSSocket[];
  /** Every frame of a request, in order of arrival. */
  readonly seen: SeenFrame[];
}

export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/**
 * A server that speaks HTTP/2 by hand: settles the settings, and leaves every request to `answer`.
 *
 * @param first frames that a connection begins with
 */
export async function startFrameServer(
  answer: (socket: TLSSocket, stream: number, request: number) => void,
  first: readonly Buffer[] = [frame(frames.settings, 0, 0)],
): Promise<FrameServer> {
  const sockets: TLSSocket[] = [];
  const requests: { connection: number; stream: number }[] = [];
  const seen: SeenFrame[] = [];
  const server = tls.createServer({ ...certificate(), ALPNProtocols: ['h2'] }, (socket) => {
    const connection = sockets.push(socket) - 1;
    socket.on('error', () => {});
    for (const bytes of first) socket.write(bytes);
    const take = readFrames((type, flags, stream, payload) => {
      if (stream !== 0) seen.push({ type, flags, stream, payload });
      // An acknowledgement may not be the first frame of a connection.
      if (type === frames.settings && flags === 0 && first.length > 0) {
        socket.write(frame(frames.settings, 1, 0));
      }
      if (type === frames.headers) answer(socket, stream, requests.push({ connection, stream }) - 1);
    });
    socket.on('data', take);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, sockets, seen };
}

/** Takes bytes as they come, skips the client's preface and tells each whole frame. */
function readFrames(
  onFrame: (type: number, flags: number, stream: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  let isPast = false;
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    if (!isPast && pending.length >= preface) {
      pending = pending.subarray(preface);
      isPast = true;
    }
    while (isPast && pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
      const [type, flags, stream] = [pending.readUInt8(3), pending.readUInt8(4), pending.readUInt32BE(5)];
      const end = 9 + pending.readUIntBE(0, 3);
      const payload = pending.subarray(9, end);
      pending = pending.subarray(end);
      onFrame(type, flags, stream, payload);
    }
  };
}
