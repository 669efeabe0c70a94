import { createHash } from 'node:crypto';
import http2, { type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import type { Certificate } from './certificates.ts';

/** One request head as it came over the wire: names in their case, in order, each field by itself. */
export interface WireHead {
  /** `GET /path` */
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** HTTP/1.1 only: the body's bytes as they came, chunks and all. */
  readonly body: string;
  /** HTTP/2 only: names of the pseudo-header fields in order. */
  readonly pseudo: readonly string[];
}

/**
 * Servers of one test file that note every head: on HTTP/1.1 in cleartext and over TLS, and two on HTTP/2, which speak
 * HTTP/1.1 to whoever does not offer it. All of them accept WebSockets on HTTP/1.1.
 */
export interface WireServers {
  readonly ports: {
    readonly plain: number;
    readonly tls: number;
    readonly http2: number;
    readonly otherHttp2: number;
  };
  /** Heads in the order in which they came, whichever the server. */
  readonly heads: WireHead[];
  /** Answers to the requests that come next; once they are used up, an empty 200. */
  readonly answers: { readonly status: number; readonly location: string }[];
  close(): Promise<void>;
}

/** Starts the four servers on 127.0.0.1. The HTTP/1.1 ones read raw bytes, so that nothing is put in order for us. */
export async function startWireServers(certificate: Certificate): Promise<WireServers> {
  const heads: WireHead[] = [];
  const answers: { status: number; location: string }[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  const answer = () => answers.shift() ?? { status: 200, location: '' };
  const speakHttp1 = (socket: Socket): void => {
    keep(socket);
    readHeads(socket, (head) => {
      heads.push(head);
      if (fieldOf(head, 'upgrade') === 'websocket') return acceptWebSocket(socket, head);
      const { status, location } = answer();
      const line = location === '' ? '' : `Location: ${location}\r\n`;
      socket.write(`HTTP/1.1 ${status} Answer\r\n${line}Content-Length: 0\r\n\r\n`);
    });
  };
  const plain = net.createServer(speakHttp1);
  const overTls = tls.createServer({ ...certificate, ALPNProtocols: ['http/1.1'] }, speakHttp1);
  const createHttp2Server = (): Http2SecureServer => {
    const server = http2.createSecureServer({
      ...certificate,
      ALPNCallback: ({ protocols }) => (protocols.includes('h2') ? 'h2' : 'http/1.1'),
    });
    server.on('secureConnection', keep);
    server.on('unknownProtocol', speakHttp1);
    server.on('sessionError', () => {});
    server.on('stream', (...[stream, , , raw]: StreamArguments) => {
      heads.push(http2Head(raw));
      stream.on('error', () => {}).resume();
      const { status, location } = answer();
      stream.respond({ ':status': status, ...(location !== '' && { location }) }, { endStream: true });
    });
    return server;
  };
  const [two, otherTwo] = [createHttp2Server(), createHttp2Server()];
  const ports = {
    plain: await listen(plain),
    tls: await listen(overTls),
    http2: await listen(two),
    otherHttp2: await listen(otherTwo),
  };
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    const closed = [plain, overTls, two, otherTwo].map(
      (server) => new Promise((resolve) => server.close(resolve)),
    );
    await Promise.all(closed);
  };
  return { ports, heads, answers, close };
}

/** What a server hears of a request; the last is not in the types: names and values as they came. */
type StreamArguments = [stream: ServerHttp2Stream, headers: unknown, flags: number, raw: readonly string[]];

/** Agrees to the first protocol and to no extension, and answers whatever comes first by a close frame. RFC 6455. */
function acceptWebSocket(socket: Socket, head: WireHead): void {
  const key = `${fieldOf(head, 'sec-websocket-key')}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const [protocol] = fieldOf(head, 'sec-websocket-protocol')?.split(', ') ?? [];
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  // What comes now is frames, no heads.
  socket.removeAllListeners('data');
  socket.once('data', () => socket.end(Buffer.of(0x88, 0)));
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}

function fieldOf({ headers }: WireHead, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

/** Reads heads and skips bodies, by length or in chunks. */
export function readHeads(socket: Socket, onHead: (head: WireHead) => void): void {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (;;) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = http1Head(text.slice(0, end));
      const length = Number(head.headers.find(([name]) => /^content-length$/i.test(name))?.[1] ?? 0);
      const isChunked = head.headers.some(([name]) => /^transfer-encoding$/i.test(name));
      const bodyEnd = isChunked ? text.indexOf('0\r\n\r\n', end) + 5 : end + 4 + length;
      if (bodyEnd < end || text.length < bodyEnd) return;
      onHead({ ...head, body: text.slice(end + 4, bodyEnd) });
      text = text.slice(bodyEnd);
    }
  });
}

function http1Head(text: string): WireHead {
  const [line = '', ...fields] = text.split('\r\n');
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(': ');
    return colon < 0 ? [field, ''] : [field.slice(0, colon), field.slice(colon + 2)];
  });
  return { line: line.replace(/ HTTP\/1\.1$/, ''), headers, body: '', pseudo: [] };
}

function http2Head(raw: readonly string[]): WireHead {
  const all: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) all.push([raw[index] ?? '', raw[index + 1] ?? '']);
  const textOf = (name: string) => all.find(([each]) => each === name)?.[1] ?? '';
  return {
    line: `${textOf(':method')} ${textOf(':path')}`,
    headers: all.filter(([name]) => !name.startsWith(':')),
    body: '',
    pseudo: all.map(([name]) => name).filter((name) => name.startsWith(':')),
  };
}

function listen(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
