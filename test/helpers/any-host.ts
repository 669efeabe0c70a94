import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { certificate } from './certificates.ts';

/** One request as it came, whatever the host. */
export interface HostRequest {
  readonly scheme: 'http' | 'https';
  readonly method: string;
  /** As in the request line. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface HostAnswer {
  readonly status?: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
}

/** Every host of the internet on this machine, behind an HTTP proxy. */
export interface AnyHost {
  /** Proxy URL of a session that asks this one. */
  readonly proxy: string;
  /** Of the servers for http and https, and of a SOCKS5 proxy that leads to them. */
  readonly ports: { readonly plain: number; readonly tls: number; readonly socks: number };
  readonly seen: HostRequest[];
  close(): Promise<void>;
}

/** Starts servers for http and https, and proxies whose tunnels all lead to them. */
export async function startAnyHost(answer: (request: HostRequest) => HostAnswer): Promise<AnyHost> {
  const seen: HostRequest[] = [];
  const sockets = new Set<Socket>();
  const listener =
    (scheme: 'http' | 'https') =>
    async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const raw = request.rawHeaders;
      const headers = raw.flatMap((name, at): [string, string][] =>
        at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : [],
      );
      const { method = '' } = request;
      // A proxy is given the whole URL of what is not encrypted.
      const url = (request.url ?? '').replace(/^http:\/\/[^/]*/, '');
      const one: HostRequest = { scheme, method, url, headers, body: Buffer.concat(chunks) };
      seen.push(one);
      const { status = 200, headers: fields, body } = answer(one);
      // Raw, so that a name may come twice and a value may have any byte.
      response.writeHead(status, fields.flat());
      response.end(body);
    };
  const plain = http.createServer(listener('http'));
  const secure = https.createServer(certificate(), listener('https'));
  const proxy = http.createServer();
  proxy.on('request', listener('http'));
  const connect = (socket: Socket, isSecure: boolean, established: string | Buffer): void => {
    const upstream = net.connect(portOf(isSecure ? secure : plain), '127.0.0.1', () => {
      socket.write(established);
      socket.pipe(upstream).pipe(socket);
    });
    for (const each of [socket, upstream]) each.on('error', () => {}).on('close', () => upstream.destroy());
  };
  proxy.on('connect', (request: http.IncomingMessage, socket: Socket) => {
    const isSecure = request.url?.endsWith(':443') === true;
    connect(socket, isSecure, 'HTTP/1.1 200 Connection established\r\n\r\n');
  });
  const socks = net.createServer((socket) => greetSocks(socket, connect));
  const servers = [plain, secure, proxy, socks];
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    await Promise.all(closed);
  };
  const ports = { plain: portOf(plain), tls: portOf(secure), socks: portOf(socks) };
  return { proxy: `http://127.0.0.1:${portOf(proxy)}`, ports, seen, close };
}

function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

/** SOCKS5 (RFC 1928) without authentication, one message a piece, as browsers send them. */
function greetSocks(
  socket: Socket,
  connect: (socket: Socket, isSecure: boolean, established: Buffer) => void,
): void {
  socket.on('error', () => {});
  socket.once('data', () => {
    socket.write(Buffer.from([5, 0]));
    socket.once('data', (request: Buffer) => {
      const name = request.subarray(5, -2).toString('latin1');
      if (!name.endsWith('.test')) return void socket.end(Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0]));
      connect(
        socket,
        request.readUInt16BE(request.length - 2) === 443,
        Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      );
    });
  });
}
