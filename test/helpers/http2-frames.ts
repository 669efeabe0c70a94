import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';
import { frame, frames, readFrames } from './http2-bytes.ts';

export * from './http2-bytes.ts';

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
