import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { types } from 'node:util';
import type { Dispatcher } from 'undici';
import { type CallWatch, ExchangeWatch } from '../core/flow/watch.ts';
import type { HeaderEntry, RequestBody } from '../core/http.ts';
import type { Lease } from '../core/transport/lease.ts';
import type { OnLease } from '../core/transport/leased-handler.ts';
import { ExchangeTimings } from '../core/transport/timings.ts';

/** A request that undici sends for another client. */
export interface WatchedDispatch {
  readonly url: URL;
  readonly method: string;
  readonly body: Dispatcher.DispatchOptions['body'];
}

/** Passes on undici's events of a request, and tells the observers of the session. */
export class WatchedHandler implements Dispatcher.DispatchHandler {
  readonly #call: CallWatch;
  readonly #url: URL;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #exchange: ExchangeWatch;
  readonly #times = new ExchangeTimings();
  readonly #body: RequestBody | null;
  #lease: Lease | null = null;
  #head: Parameters<OnLease>[1] | null = null;
  #headers: readonly HeaderEntry[] = [];
  #isOver = false;

  constructor(call: CallWatch, request: WatchedDispatch, handler: Dispatcher.DispatchHandler) {
    const { method, url, body } = request;
    this.#call = call;
    this.#url = url;
    this.#handler = handler;
    this.#body = bodyOf(body);
    this.#times.markQueued(performance.now());
    const watched = { method, url, body: this.#body, attempt: 1, redirectedFrom: [] };
    this.#exchange = new ExchangeWatch(call, watched, this.#times, false);
  }

  /** @param headers what undici is given */
  onLease(headers: readonly HeaderEntry[]): OnLease {
    return (lease, head) => {
      this.#headers = headers;
      this.#lease = lease;
      this.#head = head;
    };
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    const { isReused = false, attempt = null } = this.#lease ?? {};
    this.#times.markStarted(performance.now(), isReused ? null : attempt);
    this.#handler.onRequestStart?.(controller, context);
  }

  onBodySent(chunk: Buffer): void {
    if (this.#body !== null) this.#told.sent(chunk);
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#times.markSent();
    this.#told.sentAll();
    this.#handler.onRequestSent?.();
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.#times.markResponded(performance.now());
    this.#told.responded(status, '', controller.rawHeaders, headers);
    socket.once('close', () => this.#end(null));
    this.#handler.onRequestUpgrade?.(controller, status, headers, socket);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText = '',
  ): void {
    if (status < 200) this.#told.informed(status, controller.rawHeaders, headers);
    else {
      this.#times.markResponded(performance.now());
      this.#told.responded(status, statusText, controller.rawHeaders, headers);
    }
    this.#handler.onResponseStart?.(controller, status, headers, statusText);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#exchange.received(chunk);
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#times.markEnded();
    this.#exchange.trailed(controller.rawTrailers);
    this.#end(null);
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#end({ reason: error });
    this.#handler.onResponseError?.(controller, error);
  }

  #end(failure: { readonly reason: unknown } | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.end(failure);
    this.#call.end(failure);
  }

  /** The watch of the exchange. It is first told of the request's head, once that is written. */
  get #told(): ExchangeWatch {
    const lease = this.#lease;
    if (lease !== null && this.#exchange.record.request === null) {
      const sent = lease.ordersHeads ? (this.#head?.sent ?? null) : this.#headers.flat();
      if (sent !== null) this.#exchange.requested(sent, lease, this.#url);
    }
    return this.#exchange;
  }
}

/** A body for the watch, which only needs its length. */
function bodyOf(body: WatchedDispatch['body']): RequestBody | null {
  if (body === null || body === undefined) return null;
  if (typeof body === 'string') return { kind: 'bytes', bytes: Buffer.from(body) };
  if (types.isUint8Array(body)) return { kind: 'bytes', bytes: body };
  return { kind: 'stream', stream: [] };
}
