import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { certificate } from './certificates.ts';
import { type Message, MessageReader } from './message-reader.ts';

/**
 * Speaks HTTP/2 to the client and HTTP/1.1 to the server of the test, as a reverse proxy does. What happens to the
 * connection of the server happens to the client: one that ends without an answer ends that of the client, and a body
 * that is cut resets its stream.
 */
export function serveHttp2(connect: () => Socket): (socket: Socket) => void {
  const options = { ...certificate(), maxSendHeaderBlockLength: 1_000_000, strictSingleValueFields: false };
  const server = http2.createSecureServer(options);
  const sockets = new Map<number | undefined, Socket>();
  server.on('session', (session) => {
    session.on('error', () => {});
    serveSession(session, sockets.get(session.socket.remotePort), connect);
  });
  return (socket) => {
    sockets.set(socket.remotePort, socket);
    server.emit('connection', socket);
  };
}

function serveSession(session: ServerHttp2Session, socket: Socket | undefined, connect: () => Socket): void {
  const idle: Upstream[] = [];
  let streams = 0;
  const open = (): Upstream => {
    const upstream = new Upstream(connect(), session, {
      onIdle: () => idle.push(upstream),
      onEnd: (end) => {
        if (idle.includes(upstream)) idle.splice(idle.indexOf(upstream), 1);
        if (end === 'idle') {
          if (streams === 0) session.close();
        } else if (end === 'reset') socket?.resetAndDestroy();
        else socket?.end();
      },
    });
    return upstream;
  };
  session.on('stream', (...[stream, , flags, raw]: StreamArguments) => {
    streams++;
    stream.on('error', () => {}).on('close', () => streams--);
    (idle.pop() ?? open()).exchange(stream, raw, (flags & 1) === 1);
  });
}

/** The last is not in the types: names and values as they came. */
type StreamArguments = [stream: ServerHttp2Stream, headers: unknown, flags: number, raw: readonly string[]];

interface UpstreamEvents {
  onIdle(): void;
  /** The connection ended, `idle` or in one of two ways where the client has no answer yet. */
  onEnd(end: 'idle' | 'end' | 'reset'): void;
}

/** A connection to the server of the test, which carries one exchange at a time. */
class Upstream {
  readonly #socket: Socket;
  readonly #events: UpstreamEvents;
  #stream: ServerHttp2Stream | null = null;
  #reader: MessageReader | null = null;
  #wasReset = false;

  constructor(socket: Socket, session: ServerHttp2Session, events: UpstreamEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('error', () => {
      this.#wasReset = true;
    });
    socket.on('close', () => this.#onEnd());
    session.on('close', () => socket.destroy());
  }

  exchange(stream: ServerHttp2Stream, raw: readonly string[], isBodiless: boolean): void {
    this.#stream = stream;
    const head = requestHead(raw, isBodiless);
    this.#reader = new MessageReader(head.startsWith('HEAD '));
    this.#socket.write(head, 'latin1');
    const isChunked = head.includes('transfer-encoding: chunked');
    stream.on('data', (chunk: Buffer) => {
      if (isChunked) this.#socket.write(`${chunk.length.toString(16)}\r\n`);
      if (!this.#socket.write(chunk)) stream.pause();
      if (isChunked) this.#socket.write('\r\n');
    });
    this.#socket.on('drain', () => stream.resume());
    stream.on('end', () => isChunked && stream.rstCode === 0 && this.#socket.write('0\r\n\r\n'));
    stream.on('drain', () => this.#socket.resume());
    // A stream that the client gives up has an end of its connection for an equal.
    stream.on('close', () => this.#stream === stream && this.#socket.destroy());
  }

  #onData(chunk: Buffer): void {
    // Bytes that nobody asked for: a proxy does not hand them out.
    if (this.#stream === null || this.#reader === null) return void this.#socket.destroy();
    for (const message of this.#reader.push(chunk)) this.#relay(this.#stream, message);
  }

  #relay(stream: ServerHttp2Stream, message: Message): void {
    if (stream.destroyed) return;
    if (message.kind === 'end') this.#finish(stream);
    else if (message.kind === 'body') {
      if (!stream.write(message.bytes)) this.#socket.pause();
    } else if (message.status < 200) stream.additionalHeaders({ ':status': message.status });
    else stream.respond([':status', String(message.status), ...message.fields.flat()] as never);
  }

  #finish(stream: ServerHttp2Stream): void {
    this.#stream = null;
    stream.end();
    // What the client still sends, the server did not wait for.
    if (!stream.readableEnded && !stream.endAfterHeaders) this.#socket.destroy();
    else this.#events.onIdle();
  }

  #onEnd(): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#socket.destroy();
    if (stream === null || this.#reader === null) this.#events.onEnd('idle');
    else if (!this.#reader.hasHead) this.#events.onEnd(this.#wasReset ? 'reset' : 'end');
    else if (this.#reader.endsWithConnection && !this.#wasReset) stream.end();
    // Not by close(), which ends the body first.
    else stream.destroy(new Error('The body was cut'));
  }
}

function requestHead(raw: readonly string[], isBodiless: boolean): string {
  const fields: string[] = [];
  const cookies: string[] = [];
  const pseudo: Record<string, string> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const [name = '', value = ''] = [raw[index], raw[index + 1]];
    if (name.startsWith(':')) pseudo[name] = value;
    // RFC 9113 section 8.2.3.
    else if (name === 'cookie') cookies.push(value);
    else fields.push(`${name}: ${value}`);
  }
  if (cookies.length > 0) fields.push(`cookie: ${cookies.join('; ')}`);
  const hasLength = fields.some((field) => field.startsWith('content-length:'));
  if (!isBodiless && !hasLength) fields.push('transfer-encoding: chunked');
  const line = `${pseudo[':method']} ${pseudo[':path']} HTTP/1.1`;
  return [line, `host: ${pseudo[':authority']}`, ...fields, '', ''].join('\r\n');
}
