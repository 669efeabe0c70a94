import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';

/** Dispatch options of a request that has a say in how its HTTP/1.1 head is written. */
export interface OrderedDispatchOptions extends Dispatcher.DispatchOptions {
  readonly head?: HeadTicket | null;
}

/** What the socket of a client asks when a string is written to it. */
interface HeadWriter {
  /** False on HTTP/2, where no head is written as text. */
  isHttp1: boolean;
  /** Rewrites one head: set when a request is about to be written, gone when its head was. */
  next: ((head: string) => string) | null;
}

/** Leads from a request to the connection that it is written on. */
export class HeadTicket {
  readonly #write: (head: string) => string;
  #writer: HeadWriter | null = null;

  /** @param write makes of undici's head the one that is sent */
  constructor(write: (head: string) => string) {
    this.#write = write;
  }

  /** Called by the client that takes the request. */
  admit(writer: HeadWriter): void {
    this.#writer = writer;
  }

  /**
   * Called when undici starts the request. On HTTP/1.1 the next string on that connection is its head: with pipelining
   * off nothing of an earlier request can follow, and a request that fails before its head ends the connection.
   */
  start(): void {
    if (this.#writer?.isHttp1 === true) this.#writer.next = this.#write;
  }
}

/**
 * An undici Client whose requests may rewrite their HTTP/1.1 heads. undici writes `host`, `connection` and the body's
 * length where and how no browser does, and has no option for it; but a head goes to the socket as one string, and the
 * sockets come from our own connector.
 */
export class OrderedClient extends Client {
  readonly #writer: HeadWriter;

  constructor(
    origin: string | URL,
    options: Client.Options & { readonly connect: buildConnector.connector },
  ) {
    const writer: HeadWriter = { isHttp1: false, next: null };
    super(origin, {
      ...options,
      connect: (target: buildConnector.Options, callback: buildConnector.Callback) =>
        options.connect(target, (...[error, socket]) => {
          if (error !== null) {
            callback(error, null);
            return;
          }
          writer.next = null;
          writer.isHttp1 = Reflect.get(socket, 'alpnProtocol') !== 'h2';
          if (writer.isHttp1) rewriteHeads(socket, writer);
          callback(null, socket);
        }),
    });
    this.#writer = writer;
  }

  override dispatch(options: OrderedDispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    options.head?.admit(this.#writer);
    return super.dispatch(options, handler);
  }
}

function rewriteHeads(socket: Socket, writer: HeadWriter): void {
  const write = socket.write as (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;
  socket.write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    const { next } = writer;
    if (next === null || typeof chunk !== 'string') return write.call(socket, chunk, encoding, callback);
    writer.next = null;
    return write.call(socket, next(chunk), encoding, callback);
  };
}
