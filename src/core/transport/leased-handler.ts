import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { HeadAuthor } from './head/author.ts';
import { releaseSocket } from './head/client.ts';
import type { Lease, LeaseDispatchOptions, LeaseTaker } from './lease.ts';

/** Called with the connection that a request is sent on, and with the record of its head. */
export type OnLease = (lease: Lease, head: Pick<HeadAuthor, 'sent'>) => void;

/**
 * Runs an undici handler of other code over one lease: waits for the connection, passes everything on, and gives the
 * connection back when undici reports the end.
 */
export class LeasedHandler implements LeaseTaker, Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #options: LeaseDispatchOptions;
  readonly #author: HeadAuthor;
  readonly #onLease: OnLease | undefined;
  #lease: Lease | null = null;
  #isDropped = false;
  #endsWithConnection = false;

  /** @param onLease called before the request is sent */
  constructor(options: LeaseDispatchOptions, handler: Dispatcher.DispatchHandler, onLease?: OnLease) {
    this.#options = options;
    this.#handler = handler;
    this.#onLease = onLease;
    // The head is sent as undici writes it.
    this.#author = new HeadAuthor(null, options.method, options.path);
  }

  onLease(lease: Lease): void {
    this.#lease = lease;
    this.#onLease?.(lease, this.#author);
    try {
      lease.dispatch(this.#options, this);
    } catch (error) {
      lease.release(false);
      this.#handler.onResponseError?.(noConnection, error as Error);
    }
  }

  onLeaseFailure(error: Error): void {
    this.#handler.onResponseError?.(noConnection, error);
  }

  /** Abandons the connection while it is being opened. */
  abandon(): void {
    this.#lease?.abandon();
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    try {
      this.#handler.onRequestStart?.(controller, context);
    } catch (error) {
      // undici drops a request whose handler throws here. Nothing of it was sent.
      this.#isDropped = true;
      throw error;
    }
    this.#lease?.announce(this.#author);
  }

  onRequestUpgrade(
    ...upgrade: Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>
  ): void {
    // From here on the socket belongs to the caller.
    releaseSocket(upgrade[3]);
    this.#lease?.release(false);
    this.#handler.onRequestUpgrade?.(...upgrade);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    // RFC 9112 section 6.3, rule 8. HTTP/2 has frames for it.
    this.#endsWithConnection =
      this.#lease?.isHttp1 === true &&
      headers['content-length'] === undefined &&
      headers['transfer-encoding'] === undefined;
    this.#handler.onResponseStart?.(controller, status, headers, statusText);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    const failure = this.#endsWithConnection ? (this.#lease?.failure ?? null) : null;
    if (failure !== null) {
      this.onResponseError(controller, failure);
      return;
    }
    this.#lease?.release(true);
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController | null, error: Error): void {
    // After any other error an HTTP/1.1 connection is closed or cannot be used again.
    this.#lease?.release(this.#isDropped);
    this.#handler.onResponseError?.(controller ?? noConnection, error);
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }
}

/**
 * Recognises a handler for undici 7 and older, such as the fetch of Node.js passes: it does not have the newer
 * methods.
 */
export function isLegacyHandler(handler: Dispatcher.DispatchHandler): boolean {
  return typeof handler.onRequestStart !== 'function' && 'onConnect' in handler;
}

/** Used as a controller where a request fails before it has a connection. */
export const noConnection: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};
