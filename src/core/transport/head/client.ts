import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type buildConnector, Client } from '../../undici.ts';
import { IncomingHeads } from './incoming.ts';
import { HeadSlot, headNotSeen, type StreamOpener } from './slot.ts';
import type { StreamFields } from './stream-fields.ts';

/**
 * An undici Client that lets each request write its own head. undici writes `host`, `connection` and the body's
 * length where no browser does and has no option for it. But the sockets come from this package's connector, so the
 * bytes that undici writes to them can be changed. README.md of this folder lists the undici internals that this
 * depends on.
 */
export class OrderedClient extends Client {
  readonly slot: HeadSlot;

  constructor(
    origin: string | URL,
    options: Client.Options & { readonly connect: buildConnector.connector },
  ) {
    let latest: Socket | null = null;
    const slot = new HeadSlot();
    const connect: buildConnector.connector = (target, callback) =>
      options.connect(target, (...[error, socket]) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        latest = socket;
        slot.reset(Reflect.get(socket, 'alpnProtocol') === 'h2' ? 'h2' : 'http/1.1');
        if (slot.protocol === 'http/1.1') {
          slot.incoming = new IncomingHeads();
          rewriteHeads(socket, slot, slot.incoming);
          readHeads(socket, slot.incoming);
        }
        callback(null, socket);
      });
    // Without a prototype, because undici reads options by name, inherited ones included.
    super(origin, Object.assign(Object.create(null), options, { connect }));
    this.slot = slot;
    // Runs before anything is sent on the new connection.
    this.on('connect', () => {
      if (latest === null) return;
      if (slot.protocol === 'h2') orderStreams(latest, slot);
      else allowBlanks(latest);
    });
  }
}

function rewriteHeads(socket: Socket, slot: HeadSlot, incoming: IncomingHeads): void {
  const write = socket.write as (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;
  socket.write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    const author = slot.take();
    if (author === null) {
      // The other texts that undici writes are chunk sizes, which start with a line break.
      if (typeof chunk === 'string' && !chunk.startsWith('\r\n')) throw headNotSeen();
      return write.call(socket, chunk, encoding, callback);
    }
    if (typeof chunk !== 'string') throw headNotSeen();
    incoming.expect();
    return write.call(socket, author.write(chunk), encoding, callback);
  };
}

function readHeads(socket: Socket, incoming: IncomingHeads): void {
  const { push, read } = socket;
  let arrived: Buffer | null = null;
  // undici reads what has arrived at once, without the stream's queue and a turn of process.nextTick().
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null || socket.readableLength > 0 || socket.destroyed) {
      return push.call(socket, chunk, encoding);
    }
    arrived = chunk;
    socket.emit('readable');
    const left = arrived;
    arrived = null;
    return left === null || push.call(socket, left, encoding);
  };
  const next = (size?: number): Buffer | null => {
    if (arrived === null) return read.call(socket, size);
    const chunk = arrived;
    arrived = null;
    return chunk;
  };
  socket.read = (size?: number): Buffer | null => {
    for (;;) {
      const chunk = next(size);
      if (chunk === null || !incoming.isExpected) return chunk;
      const passed = incoming.take(chunk);
      if (passed !== null) return passed;
    }
  };
}

/**
 * Makes undici's parser accept blanks before a chunk extension or at the end of a chunk size, as it must (RFC 9112
 * section 7.1.1, RFC 9110 section 5.6.3). The parser has a setting for it that undici does not expose.
 */
function allowBlanks(socket: Socket): void {
  const parser = partOf<Parser>(socket, ({ ptr, llhttp }) => typeof ptr === 'number' && llhttp !== undefined);
  parser?.llhttp.llhttp_set_lenient_spaces_after_chunk_size?.(parser.ptr, 1);
}

/** undici's parser of one connection, and the functions of llhttp. */
interface Parser {
  readonly ptr: number;
  readonly llhttp: { llhttp_set_lenient_spaces_after_chunk_size?(parser: number, enabled: 0 | 1): void };
}

/** Takes the socket back from undici: after an upgrade the caller reads from it and writes to it. */
export function releaseSocket(socket: object): void {
  Reflect.deleteProperty(socket, 'push');
  Reflect.deleteProperty(socket, 'write');
  Reflect.deleteProperty(socket, 'read');
}

/** undici creates the HTTP/2 session itself, and gives each stream its pseudo-header fields and its length. */
function orderStreams(socket: Socket, slot: HeadSlot): void {
  const session = sessionOf(socket);
  if (session === null) return;
  const { request } = session;
  const open = new Set<Readable>();
  // Before undici's listener, which ends the streams and discards their unread data.
  socket.prependListener('end', () => open.forEach(takeArrived));
  session.request = (fields, options) => {
    const author = slot.take();
    // undici gives an object.
    const own = author === null ? fields : author.fields(fields as StreamFields);
    const stream = request.call(session, own, options);
    author?.opened(stream, own);
    if (stream instanceof Readable) {
      open.add(stream);
      stream.once('close', () => open.delete(stream));
    }
    return stream;
  };
  slot.session = session;
}

/** Passes on the data that has arrived on a paused stream. */
function takeArrived(stream: Readable): void {
  while (stream.read() !== null);
}

/** undici stores its session on the socket under a symbol. It is recognised by its methods. */
function sessionOf(socket: Socket): StreamOpener | null {
  return partOf<StreamOpener & { goaway: unknown }>(
    socket,
    ({ request, goaway }) => typeof request === 'function' && typeof goaway === 'function',
  );
}

/** A value that undici stores on a socket under a symbol. It is recognised by its members. */
function partOf<Part>(socket: Socket, isPart: (value: Partial<Part>) => boolean): Part | null {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const value: Partial<Part> = Object(Reflect.get(socket, symbol));
    if (isPart(value)) return value as Part;
  }
  return null;
}
