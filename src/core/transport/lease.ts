import type { Dispatcher } from 'undici';
import type { ConnectAttempt } from './connect-attempt.ts';
import type { HeadAuthor } from './head/author.ts';

/** The options of a dispatch, and the server name that undici expects of TLS connections, which its types lack. */
export interface LeaseDispatchOptions extends Dispatcher.DispatchOptions {
  readonly servername?: string | undefined;
}

/**
 * A connection that is lent to one exchange. Whoever took it dispatches one request and gives the connection back
 * with {@link Lease.release} when undici has told the handler of the end of that request.
 */
export interface Lease {
  /** True when the connection was there before, or is made for somebody else too. */
  readonly isReused: boolean;
  /** How the connection is being made or was made; `null` before that starts, and where a dispatcher of the caller's makes it. */
  readonly attempt: ConnectAttempt | null;
  /** The error of the socket. undici reports some errors as the end of a body without a length. */
  readonly failure: Error | null;
  /** True once it is known that the connection speaks HTTP/1.1 on a socket of ours. */
  readonly isHttp1: boolean;
  /** True once a byte of an answer has come to a connection of HTTP/1.1 of ours, which undici may not know of. */
  readonly hasAnswer: boolean;
  /** True where the connection speaks HTTP/2, or may turn out to when it is made. */
  readonly mayBeHttp2: boolean;
  /** False on the caller's own dispatcher, where heads cannot be written. */
  readonly ordersHeads: boolean;
  /** Sends the one request. */
  dispatch(options: LeaseDispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /** To be called at the end of `onRequestStart`: undici writes the head next, and `author` changes it. */
  announce(author: HeadAuthor): void;
  /** Abandons the connection while it is being made, its socket included. Does nothing once it is made. */
  abandon(): void;
  /** Gives the connection back. @param reusable false when it cannot carry another exchange */
  release(reusable: boolean): void;
}

/** Waits for a connection. One of the methods is called, once, perhaps before `acquire` returns. */
export interface LeaseTaker {
  onLease(lease: Lease): void;
  onLeaseFailure(error: Error): void;
}

/** A place in the queue for a connection. */
export interface LeaseWait {
  /** Leaves the queue; the taker is not called any more. */
  cancel(): void;
}
