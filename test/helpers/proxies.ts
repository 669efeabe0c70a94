import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';

/** One request as a proxy saw it. */
interface ProxiedRequest {
  readonly method: string;
  /** What stood in the request line: an authority for CONNECT, else a URL. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
  /** Which connection it came on, counted from 0. */
  readonly connection: number;
}

export interface TestProxy {
  /** Host and port, as they stand in a URL. */
  readonly host: string;
  readonly seen: ProxiedRequest[];
  readonly sockets: Socket[];
}

interface HttpProxyOptions {
  readonly tls?: boolean;
  /** Answers CONNECT in the place of a tunnel. */
  readonly onConnect?: (socket: Socket) => void;
  /** Answers a request for a plain http URL in the place of forwarding it. */
  readonly onRequest?: (response: http.ServerResponse) => void;
}

/** An HTTP proxy that tunnels and forwards to this machine, whatever name is asked for. */
export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<TestProxy> {
  const seen: ProxiedRequest[] = [];
  const sockets: Socket[] = [];
  const server = options.tls === true ? https.createServer(certificate()) : http.createServer();
  const note = (request: http.IncomingMessage): void => {
    const { method = '', url = '', headers, socket } = request;
    const authorization = headers['proxy-authorization'];
    seen.push({ method, target: url, authorization, headers, connection: sockets.indexOf(socket) });
  };
  server.on(options.tls === true ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  server.on('connect', (request: http.IncomingMessage, socket: Socket, early: Buffer) => {
    note(request);
    if (options.onConnect !== undefined) {
      // An HTTP server leaves the closing of its half to whoever takes the socket.
      socket.resume().on('end', () => socket.end());
      return options.onConnect(socket);
    }
    const port = Number(request.url?.split(':').at(-1));
    const upstream = tunnel(socket, port, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    upstream.write(early);
  });
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    note(request);
    if (options.onRequest !== undefined) return options.onRequest(response);
    const { port, pathname, search } = new URL(request.url ?? '');
    const headers = { ...request.headers };
    delete headers['proxy-authorization'];
    const { method } = request;
    const forwarded = http.request({ host: '127.0.0.1', port, path: pathname + search, method, headers });
    forwarded.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.writeHead(502).end());
    request.pipe(forwarded);
  });
  return { host: `127.0.0.1:${await listen(server, sockets)}`, seen, sockets };
}

/** What a SOCKS5 proxy was asked. */
interface SocksRequest {
  readonly methods: readonly number[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** 1: IPv4, 3: a name, 4: IPv6. */
  readonly kind: number;
  readonly host: string;
  readonly port: number;
}

interface SocksProxyOptions {
  /** The method the proxy picks: 0 none, 2 user and password, 255 none of those offered. */
  readonly method?: number;
  /** What it answers to user and password; 0 is yes. */
  readonly verdict?: number;
  /** What it answers to the request; 0 is yes. */
  readonly reply?: number;
  /** The address it says it is bound to, with its kind. */
  readonly bound?: Buffer;
  /** Writes each byte of its answers by itself. */
  readonly bytewise?: boolean;
}

/** A SOCKS5 proxy (RFC 1928, RFC 1929) that connects to this machine, whatever name is asked for. */
export async function startSocksProxy(options: SocksProxyOptions = {}) {
  const seen: SocksRequest[] = [];
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    const say = (...bytes: number[]): void => {
      if (options.bytewise !== true) socket.write(Buffer.from(bytes));
      else for (const byte of bytes) socket.write(Buffer.from([byte]));
    };
    serveSocks(socket, say, options, (request) => seen.push(request)).catch(() => socket.destroy());
  });
  return { host: `127.0.0.1:${await listen(server, sockets)}`, seen, sockets };
}

async function serveSocks(
  socket: Socket,
  say: (...bytes: number[]) => void,
  { method = 0, verdict = 0, reply = 0, bound = Buffer.from([1, 0, 0, 0, 0]) }: SocksProxyOptions,
  note: (request: SocksRequest) => void,
): Promise<void> {
  const take = (length: number): Promise<Buffer> => takeBytes(socket, length);
  const methods = [...(await take((await take(2))[1] ?? 0))];
  say(5, method);
  let username: string | undefined;
  let password: string | undefined;
  if (method === 2) {
    username = String(await take((await take(2))[1] ?? 0));
    password = String(await take((await take(1))[0] ?? 0));
    say(1, verdict);
  }
  const kind = (await take(4))[3] ?? 0;
  const host = await takeHost(take, kind);
  const port = (await take(2)).readUInt16BE();
  note({ methods, username, password, kind, host, port });
  const answer = (): void => say(5, reply, 0, ...bound, 0, 0);
  if (reply === 0) tunnel(socket, port, answer);
  else answer();
}

async function takeHost(take: (length: number) => Promise<Buffer>, kind: number): Promise<string> {
  if (kind === 1) return (await take(4)).join('.');
  if (kind === 4) return (await take(16)).toString('hex');
  return String(await take((await take(1))[0] ?? 0));
}

async function takeBytes(socket: Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: Buffer | null = socket.read(length);
    if (bytes !== null) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new Error('the client hung up');
    await new Promise<void>((resolve) => {
      socket.once('readable', resolve).once('close', resolve);
    });
  }
}

function tunnel(socket: Socket, port: number, onOpen: () => void): Socket {
  const upstream = net.connect(port, '127.0.0.1', () => {
    onOpen();
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on('error', () => socket.destroy());
  // A pipe that lost its target leaves its source paused, and what is paused never sees its end.
  upstream.on('close', () => socket.resume());
  socket.on('close', () => upstream.destroy());
  return upstream;
}

async function listen(server: net.Server, sockets: Socket[]): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}
