import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';

/** A request that has a say in how its HTTP/1.1 head is written. */
export interface HeadAuthor {
  /** Set by the client that takes the request. */
  connection: HeadSlot | null;
  /** Makes of undici's head the one that is sent. */
  writeHead(head: string): string;
}

/** Dispatch options of such a request; what they name beside undici's own is not looked at by undici. */
export interface OrderedDispatchOptions extends Dispatcher.DispatchOptions {
  readonly head?: HeadAuthor | null;
}

/** Whose head the socket of a client writes next. */
export interface HeadSlot {
  /** False on HTTP/2, where no head is written as text. */
  isHttp1: boolean;
  author: HeadAuthor | null;
}

/**
 * Says that undici is about to write the request. On HTTP/1.1 the next string on its connection is its head: with
 * pipelining off nothing of an earlier request can follow, and a request that fails before its head ends the connection.
 */
export function announceHead(author: HeadAuthor): void {
  const { connection } = author;
  if (connection?.isHttp1 === true) connection.author = author;
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
    const slot: HeadSlot = { isHttp1: false, author: null };
    super(origin, {
      ...options,
      connect: (target: buildConnector.Options, callback: buildConnector.Callback) =>
        options.connect(target, (...[error, socket]) => {
          if (error !== null) {
            callback(error, null);
            return;
          }
          slot.author = null;
          slot.isHttp1 = Reflect.get(socket, 'alpnProtocol') !== 'h2';
          if (slot.isHttp1) rewriteHeads(socket, slot);
          callback(null, socket);
        }),
    });
    this.#slot = slot;
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
