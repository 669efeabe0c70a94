import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';
import { startFront } from './fronts.ts';

/** One request as a server saw it: names and values in wire order and case. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Which connection it came on, counted from 0. */
  readonly connection: number;
}

export interface TestServer {
  /** Without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  close(): Promise<void>;
}

type Answer = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  body: Buffer,
) => void | Promise<void>;

/** A real HTTP server on 127.0.0.1 that notes what it sees; closed when the test ends. */
export function startServer(answer: Answer): Promise<TestServer> {
  return listen(http.createServer(), 'http', answer);
}

/** The same over TLS, with a certificate for localhost, 127.0.0.1 and `*.test` made by the test. */
export function startTlsServer(answer: Answer): Promise<TestServer> {
  return listen(https.createServer(certificate()), 'https', answer);
}

async function listen(
  server: http.Server | https.Server,
  ownScheme: 'http' | 'https',
  answer: Answer,
): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const numbers = new Map<unknown, number>();
  const sockets = new Set<Socket>();
  server.on(ownScheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
    numbers.set(socket, numbers.size);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('request', async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const headers: [string, string][] = [];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      headers.push([request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '']);
    }
    const body = Buffer.concat(chunks);
    const connection = numbers.get(request.socket) ?? -1;
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers, body, connection });
    await answer(request, response, body);
  });
  const front = await startFront(ownScheme, await bind(server));
  const { scheme, port } = front;
  const close = async (): Promise<void> => {
    await front.close();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    seen,
    close,
    get connections() {
      return numbers.size;
    },
    get open() {
      return sockets.size;
    },
  };
}

/** The first value of a header as a server saw it, `undefined` when it was not sent. */
export function headerOf(seen: SeenRequest | undefined, name: string): string | undefined {
  return seen?.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Where it is without what may stand before it, see fronts.ts. */
  readonly ownPort: number;
  /** Sockets in the order in which they came. */
  readonly sockets: Socket[];
  /** Everything received, by socket. */
  readonly received: string[];
}

/**
 * A TCP server that answers each request head with exact bytes.
 *
 * @param respond called once per request head; gets the socket, the head and how many came before it
 */
export async function startRawServer(
  respond: (socket: Socket, head: string, index: number) => void,
): Promise<RawServer> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  let requests = 0;
  const server = net.createServer((socket) => {
    const number = sockets.push(socket) - 1;
    received[number] = '';
    let pending = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      received[number] += text;
      pending += text;
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const head = pending.slice(0, end + 4);
        pending = pending.slice(end + 4);
        if (/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(head)) respond(socket, head, requests++);
      }
    });
  });
  const ownPort = await bind(server);
  const { scheme, port } = await startFront('http', ownPort);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `${scheme}://127.0.0.1:${port}`, port, ownPort, sockets, received };
}

function bind(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
