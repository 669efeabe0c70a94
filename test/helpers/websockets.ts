import { createHash } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';

/** One frame of a client, unmasked. RFC 6455 section 5.2. */
interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A client's end of a WebSocket, as the server has it. */
interface Peer {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly frames: Frame[];
}

export interface WebSocketServer {
  /** `ws:` or `wss:`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly peers: Peer[];
}

interface WebSocketServerOptions {
  readonly tls?: boolean;
  /** Offers HTTP/2, without WebSockets on it. */
  readonly http2?: boolean;
  /** Lines of the answer beside the protocol's own. */
  readonly headers?: (request: IncomingMessage) => readonly string[];
  /** Bytes that go out in one piece with the answer. */
  readonly early?: Buffer;
  /** Answers a frame; by default text is sent back, and a close frame is answered. */
  readonly onFrame?: (frame: Frame, peer: Peer) => void;
  /** Answers the handshake itself. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex) => void;
}

/** A WebSocket server on 127.0.0.1 that notes what it gets; closed when the test ends. */
export async function startWebSocketServer(options: WebSocketServerOptions = {}): Promise<WebSocketServer> {
  const server = createServer(options);
  const peers: Peer[] = [];
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {});
    if (options.onUpgrade !== undefined) return options.onUpgrade(request, socket);
    const peer: Peer = { request, socket, frames: [] };
    peers.push(peer);
    const lines = [...acceptance(request), ...(options.headers?.(request) ?? []), '', ''];
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), options.early ?? Buffer.alloc(0)]));
    readFrames(socket, (received) => {
      peer.frames.push(received);
      (options.onFrame ?? echo)(received, peer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === true || options.http2 === true ? 'wss' : 'ws'}://127.0.0.1:${port}`,
    port,
    peers,
  };
}

function createServer({ tls, http2: offersHttp2 }: WebSocketServerOptions): Server {
  if (offersHttp2 === true) return http2.createSecureServer({ ...certificate(), allowHTTP1: true });
  return tls === true ? https.createServer(certificate()) : http.createServer();
}

/** The lines of an answer that agrees. RFC 6455 section 4.2.2. */
function acceptance(request: IncomingMessage): string[] {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
  ];
}

function echo({ opcode, payload }: Frame, { socket }: Peer): void {
  if (opcode !== 9 && opcode !== 10) socket.write(frame(payload, opcode));
  if (opcode === 8) socket.end();
}

/** A server's frame, by default of text. */
export function frame(payload: string | Buffer, opcode = 1): Buffer {
  const bytes = Buffer.from(payload as Buffer);
  const head = bytes.length < 126 ? Buffer.alloc(2) : Buffer.alloc(4);
  head[0] = 0x80 | opcode;
  head[1] = Math.min(bytes.length, 126);
  if (bytes.length >= 126) head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

function readFrames(socket: Duplex, onFrame: (frame: Frame) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const [first = 0, second = 0] = pending;
      const short = second & 0x7f;
      const start = short < 126 ? 2 : 4;
      if (pending.length < start) return;
      const length = short < 126 ? short : pending.readUInt16BE(2);
      const end = start + 4 + length;
      if (pending.length < end) return;
      const mask = pending.subarray(start, start + 4);
      const payload = Buffer.from(
        pending.subarray(start + 4, end).map((byte, at) => byte ^ (mask[at % 4] ?? 0)),
      );
      pending = pending.subarray(end);
      onFrame({ opcode: first & 0x0f, payload });
    }
  });
}
