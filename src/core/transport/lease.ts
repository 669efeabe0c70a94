import type { Dispatcher } from 'undici';
import type { ConnectAttempt } from './connect-attempt.ts';
import type { HeadAuthor } from './head/author.ts';

/**
 * The options of a dispatch, and the server name that undici expects of TLS connections, which is missing from its
 * types.
 */
export interface LeaseDispatchOptions extends Dispatcher.DispatchOptions {
  readonly servername?: string | undefined;
}

/**
 * A connection that is lent to one exchange. Its user dispatches one request and gives the connection back with
 * {@link Lease.release} when undici has reported the end of that request to the handler.
 */
export interface Lease {
  /** True when the connection existed before, or is being opened for another exchange too. */
  readonly isReused: boolean;
  /**
   * How the connection is being opened or was opened; `null` before that starts, and where a dispatcher of the caller
   * opens it.
   */
  readonly attempt: ConnectAttempt | null;
  /** The error of the socket. undici reports some errors as the end of a body without a length. */
  readonly failure: Error | null;
  /** True once it is known that the connection speaks HTTP/1.1 on a socket of this package. */
  readonly isHttp1: boolean;
  /**
   * True once a byte of a response has arrived on an HTTP/1.1 connection of this package. undici may not have seen
   * it.
   */
  readonly hasAnswer: boolean;
  /** True where the connection speaks HTTP/2, or may do so once it is open. */
  readonly mayBeHttp2: boolean;
  /** False for the caller's own dispatcher, where heads cannot be written. */
  readonly ordersHeads: boolean;
  /** Sends the one request. */
  dispatch(options: LeaseDispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /** To be called at the end of `onRequestStart`: undici writes the head next, and `author` changes it. */
  announce(author: HeadAuthor): void;
  /** Abandons the connection while it is being opened, its socket included. Does nothing once it is open. */
  abandon(): void;
  /** Gives the connection back. @param reusable false when it cannot carry another exchange */
  release(reusable: boolean): void;
}

/** A request for a connection. One of the methods is called once, possibly before `acquire` returns. */
export interface LeaseTaker {
  onLease(lease: Lease): void;
  onLeaseFailure(error: Error): void;
}

/** A place in the queue for a connection. */
export interface LeaseWait {
  /** Leaves the queue; the methods are not called any more. */
  cancel(): void;
}
