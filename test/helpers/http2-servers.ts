import http2, {
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
  type ServerHttp2Session,
} from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';

export interface Http2Server {
  /** Without a trailing slash. */
  readonly url: string;
  /** TCP connections in the order in which they came. */
  readonly sockets: Socket[];
  readonly sessions: ServerHttp2Session[];
  /** Versions and paths of the requests, such as `2.0 /path`, in the order in which they came. */
  readonly seen: string[];
}

interface Http2ServerOptions {
  readonly server?: SecureServerOptions;
  /** Tells what becomes of a connection, counted from 0: true leaves it silent. */
  readonly isSilent?: (connection: number) => boolean;
}

/** A server on 127.0.0.1 that speaks HTTP/2, and HTTP/1.1 to those who offer nothing else. */
export async function startHttp2Server(
  answer: (request: Http2ServerRequest, response: Http2ServerResponse, server: Http2Server) => void,
  { server: options = {}, isSilent = () => false }: Http2ServerOptions = {},
): Promise<Http2Server> {
  const [sockets, sessions, seen]: [Socket[], ServerHttp2Session[], string[]] = [[], [], []];
  const secure: Http2SecureServer = http2.createSecureServer({
    ...certificate(),
    allowHTTP1: true,
    ...options,
  });
  secure.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  secure.on('request', (request, response) => {
    seen.push(`${request.httpVersion} ${request.url}`);
    request.on('error', () => {});
    response.on('error', () => {});
    answer(request, response, started);
  });
  // In front of it, so that a connection can be left without a TLS handshake.
  const front = net.createServer((socket) => {
    socket.on('error', () => {});
    const connection = sockets.push(socket) - 1;
    // What is not read has no end.
    if (isSilent(connection)) socket.resume();
    else secure.emit('connection', socket);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => front.close(() => resolve()));
  });
  const url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const started = { url, sockets, sessions, seen };
  return started;
}
