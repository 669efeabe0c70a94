import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';
import { serveHttp2 } from './http2-front.ts';

/** Where a test server is asked. */
interface Front {
  readonly scheme: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What stands between a session and the servers of a test: `WIRE=http/1.1` is TLS alone, `WIRE=h2` a server of HTTP/2
 * that asks the test's own over HTTP/1.1. Without it nothing does. See test/over-tls.
 */
export const wire: Wire | null =
  process.env.WIRE === 'h2' || process.env.WIRE === 'http/1.1' ? process.env.WIRE : null;

/** What ALPN agrees on. */
export type Wire = 'h2' | 'http/1.1';

/** Puts the front of this run before a server that listens on `port`. */
export async function startFront(scheme: string, port: number): Promise<Front> {
  if (wire === null || scheme === 'https') return { scheme, port, close: async () => {} };
  const sockets = new Set<Socket>();
  const serve = (wire === 'h2' ? serveHttp2 : serveTls)(() =>
    net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
  );
  const front = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => front.close(() => resolve()));
  };
  onTestFinished(close);
  return { scheme: 'https', port: (front.address() as AddressInfo).port, close };
}

/** Speaks TLS to the client; passes bytes, ends and resets on. */
function serveTls(connect: () => Socket): (socket: Socket) => void {
  const secureContext = tls.createSecureContext(certificate());
  return (socket) => {
    const client = new tls.TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
    client.on('error', () => {});
    client.once('secure', () => {
      const server = connect();
      client.pipe(server).pipe(client);
      server.on('error', () => socket.resetAndDestroy());
      client.on('close', () => server.destroy());
    });
  };
}
