import { RequestError } from '../../errors.ts';
import type { HeadAuthor } from './author.ts';
import type { IncomingHeads } from './incoming.ts';

/** The members of node:http2's ClientHttp2Session that are needed to intercept every request of undici. */
export interface StreamOpener {
  request: (fields: Readonly<Record<string, unknown>> | readonly string[], options: unknown) => unknown;
  readonly remoteSettings?: { readonly maxConcurrentStreams?: number | undefined } | undefined;
  readonly closed?: boolean;
  readonly destroyed?: boolean;
  on?: (event: 'remoteSettings', listener: () => void) => unknown;
}

/**
 * Records which request undici writes next on one connection. undici calls the request's handler (`onRequestStart`)
 * and then writes the head of that request before anything of another one. With pipelining off, the next text on an
 * HTTP/1.1 connection is that head, and on HTTP/2 the next stream that is opened belongs to that request.
 */
export class HeadSlot {
  /** The filter of responses on their way to undici; `null` until the connection is open, and on HTTP/2. */
  incoming: IncomingHeads | null = null;
  /** `null` until the connection is open, and on HTTP/1.1. */
  session: StreamOpener | null = null;
  #protocol: 'http/1.1' | 'h2' | null = null;
  #author: HeadAuthor | null = null;

  /** The protocol of the connection; `null` until it is open. On HTTP/2 no head is written as text. */
  get protocol(): 'http/1.1' | 'h2' | null {
    return this.#protocol;
  }

  /** Resets the state for a connection that was just opened. */
  reset(protocol: 'http/1.1' | 'h2'): void {
    this.#protocol = protocol;
    this.#author = null;
    this.session = null;
    this.incoming = null;
  }

  /**
   * Announces that undici is about to write the request of `author`.
   * @throws RequestError ERR_PROTOCOL when the previous head was not seen: it may still be unwritten
   */
  announce(author: HeadAuthor): void {
    if (this.#author !== null) throw headNotSeen();
    this.#author = author;
  }

  /** Withdraws an announcement, for a request that ended before its head was written. */
  withdraw(author: HeadAuthor): void {
    if (this.#author === author) this.#author = null;
  }

  /** The author of what undici writes now, `null` when none was announced. */
  take(): HeadAuthor | null {
    const author = this.#author;
    this.#author = null;
    return author;
  }
}

/** undici does not write heads as the tested version does, so nothing of the request may be sent. */
export function headNotSeen(): RequestError {
  const message =
    'The head of this request was not written as expected: this version of undici is not supported, install the one that jarfetch names';
  return new RequestError('ERR_PROTOCOL', message);
}
