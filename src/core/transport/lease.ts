import type { Dispatcher } from 'undici';
import type { ConnectAttempt } from './connect-attempt.ts';
import type { HeadAuthor } from './head/author.ts';

/** What undici is told to send; beside its own types, the name that it expects TLS connections to be for. */
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
  /** What the socket failed with. undici takes some failures for the end of a body that has no length. */
  readonly failure: Error | null;
  /** True once it is known that the connection speaks HTTP/1.1 on a socket of ours. */
  readonly isHttp1: boolean;
  /** True once a byte of an answer has come to a connection of HTTP/1.1 of ours, which undici may not know of. */
  readonly hasAnswer: boolean;
  /** True where the connection speaks HTTP/2, or may turn out to when it is made. */
  readonly mayBeHttp2: boolean;
  /** False where heads are not ours to write: on a dispatcher of the caller's. */
  readonly ordersHeads: boolean;
  /** Sends the one request. */
  dispatch(options: LeaseDispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /** To be called at the end of `onRequestStart`: undici writes the head next, and `author` changes it. */
  announce(author: HeadAuthor): void;
  /** Gives the connection up while it is being made, its socket included; does nothing once it is made. */
  abandon(): void;
  /** Gives the connection back. @param reusable false when it cannot carry another exchange */
  release(reusable: boolean): void;
}

/** Who asked for a connection. Told once, one or the other, perhaps before `acquire` returns. */
export interface LeaseTaker {
  onLease(lease: Lease): void;
  onLeaseFailure(error: Error): void;
}

/** A place among those who wait for a connection. */
export interface LeaseWait {
  /** Leaves it; the taker is told nothing more. */
  cancel(): void;
}
