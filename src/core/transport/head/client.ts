import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';

/** A request that has a say in how its HTTP/1.1 head is written. */
export interface HeadAuthor {
  /** Set by the client that takes the request. */
  connection: HeadSlot | null;
  /** Set by the client on HTTP/2: the request's stream, of `node:http2`. */
  stream?: unknown;
  /** Makes of undici's head the one that is sent. */
  writeHead(head: string): string;
  /** Lower-case names of the fields in wire order, for HTTP/2; without it they stay as undici has them. */
  readonly fieldOrder?: readonly string[] | undefined;
}

/** Dispatch options of such a request; what they name beside undici's own is not looked at by undici. */
export interface OrderedDispatchOptions extends Dispatcher.DispatchOptions {
  readonly head?: HeadAuthor | null;
  /** The name that a certificate is checked against. */
  readonly servername?: string | undefined;
}

/** Whose head the socket of a client writes next. */
export interface HeadSlot {
  /** False on HTTP/2, where no head is written as text. */
  isHttp1: boolean;
  /** True where the fields of HTTP/2 requests can be put in order. */
  ordersStreams: boolean;
  author: HeadAuthor | null;
}

/**
 * Says that undici is about to write the request, which on HTTP/2 it does at once. On HTTP/1.1 the next string on its connection is its head: with
 * pipelining off nothing of an earlier request can follow, and a request that fails before its head ends the connection.
 */
export function announceHead(author: HeadAuthor): void {
  const { connection } = author;
  if (connection?.isHttp1 === true || connection?.ordersStreams === true) connection.author = author;
}

/**
 * An undici Client whose requests may rewrite their HTTP/1.1 heads. undici writes `host`, `connection` and the body's
 * length where and how no browser does, and has no option for it; but a head goes to the socket as one string, and the
 * sockets come from our own connector.
 */
export class OrderedClient extends Client {
  readonly #slot: HeadSlot;

  constructor(
    origin: string | URL,
    options: Client.Options & { readonly connect: buildConnector.connector },
  ) {
    let latest: Socket | null = null;
    const slot: HeadSlot = { isHttp1: false, ordersStreams: false, author: null };
    super(origin, {
      ...options,
      connect: (target: buildConnector.Options, callback: buildConnector.Callback) =>
        options.connect(target, (...[error, socket]) => {
          if (error !== null) {
            callback(error, null);
            return;
          }
          latest = socket;
          slot.author = null;
          slot.ordersStreams = false;
          slot.isHttp1 = Reflect.get(socket, 'alpnProtocol') !== 'h2';
          if (slot.isHttp1) rewriteHeads(socket, slot);
          callback(null, socket);
        }),
    });
    this.#slot = slot;
    // Before anything is sent on the new connection.
    this.on('connect', () => {
      if (!slot.isHttp1 && latest !== null) orderStreams(latest, slot);
    });
  }

  override dispatch(options: OrderedDispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (options.head != null) options.head.connection = this.#slot;
    return super.dispatch(options, handler);
  }
}

function rewriteHeads(socket: Socket, slot: HeadSlot): void {
  const write = socket.write as (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;
  socket.write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    const { author } = slot;
    if (author === null || typeof chunk !== 'string') return write.call(socket, chunk, encoding, callback);
    slot.author = null;
    return write.call(socket, author.writeHead(chunk), encoding, callback);
  };
}

/** As much of node:http2's ClientHttp2Session as is needed to see every request that undici makes of it. */
interface StreamOpener {
  request: (fields: Readonly<Record<string, unknown>>, options: unknown) => unknown;
}

/** undici adds pseudo-header fields and the body's length in its own order, and the session is none of our making. */
function orderStreams(socket: Socket, slot: HeadSlot): void {
  const session = sessionOf(socket);
  if (session === null) return;
  const { request } = session;
  session.request = (fields, options) => {
    const { author } = slot;
    slot.author = null;
    const order = author?.fieldOrder;
    const stream = request.call(session, order === undefined ? fields : orderFields(fields, order), options);
    if (author !== null) author.stream = stream;
    return stream;
  };
  slot.ordersStreams = true;
}

/**
 * undici notes its session on the socket, under a symbol of its own: it is known by what it can do. Should it be
 * noted elsewhere one day, requests stay as undici makes them.
 */
function sessionOf(socket: Socket): StreamOpener | null {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const value: Partial<Record<'request' | 'goaway', unknown>> = Object(Reflect.get(socket, symbol));
    if (typeof value.request === 'function' && typeof value.goaway === 'function')
      return value as StreamOpener;
  }
  return null;
}

/** Puts the pseudo-header fields and the length in their places; all others stay in theirs. */
function orderFields(
  fields: Readonly<Record<string, unknown>>,
  order: readonly string[],
): Readonly<Record<string, unknown>> {
  // No prototype, so that any name is a field.
  const ordered: Record<string, unknown> = Object.create(null);
  for (const name of order) if (name.startsWith(':') && name in fields) ordered[name] = fields[name];
  const length = fields['content-length'];
  const place = order.indexOf('content-length');
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'content-length') continue;
    if (length !== undefined && place >= 0 && order.indexOf(name) > place)
      ordered['content-length'] ??= length;
    ordered[name] = value;
  }
  if (length !== undefined) ordered['content-length'] ??= length;
  return ordered;
}
