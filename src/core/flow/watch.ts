import { AsyncResource } from 'node:async_hooks';
import { concernsCookies } from '../cookies/set-cookie-lines.ts';
import type { RawHeaders, RequestBody } from '../http.ts';
import { showMasked } from '../masking.ts';
import type { ResolvedRequest } from '../request/resolve.ts';
import type { RawResponse } from '../response/raw.ts';
import { rawOf } from '../response/response.ts';
import { keepRawFields, readRawFields, type SentHead } from '../transport/head/sent.ts';
import type { Lease } from '../transport/lease.ts';
import type { Timings } from '../transport/timings.ts';
import { bodyLength } from '../transport/upload.ts';
import { diagnosticsObserver } from './diagnostics.ts';
import type { ObservedCookie } from './observed-cookies.ts';
import {
  CallRecord,
  ExchangeRecord,
  observedUrl,
  RequestHeadRecord,
  ResponseHeadRecord,
} from './observed-records.ts';
import type {
  ObservedCall,
  ObservedConnection,
  ObservedFailure,
  ObservedMessage,
  ObservedRetry,
  Observer,
} from './observer.ts';
import { progressObserver } from './progress.ts';
import { eventsObserver } from './request-events.ts';

/** The properties of a request that observers need. */
export interface WatchedRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: RequestBody | null;
  readonly attempt: number;
  readonly redirectedFrom: readonly URL[];
  readonly observedCookies?: readonly ObservedCookie[] | null;
}

/** Holds the call on a Response that a middleware has made. A property is ten times as fast as a WeakMap. */
const ofCall = Symbol('jarfetch.call');

/** Marks an observer that copies the bytes that it keeps at once, and changes none. It gets no copies. */
export const copiesBytes = Symbol('jarfetch.copiesBytes');

/** The call of this response; `null` without observers. */
export function callOf(response: object): ObservedCall | null {
  const call = rawOf(response)?.call ?? Reflect.get(response, ofCall);
  return (call as ObservedCall | undefined) ?? null;
}

/**
 * Notifies the observers of one call. Without observers there is no such object, and the flow only checks for `null`.
 */
export class CallWatch {
  readonly record: CallRecord;
  readonly #observers: readonly Observer[];
  /**
   * Events of a connection have the async context of the call that opened it; observers get that of their own call.
   */
  readonly #context = new AsyncResource('JarfetchCall');
  /** The latest exchange. */
  #exchange: ExchangeRecord | null = null;
  /** The responses whose cookies are not stored yet. */
  #answers: Map<RawResponse, ExchangeRecord> | null = null;

  constructor(observers: readonly Observer[], record: CallRecord) {
    this.#observers = observers;
    this.record = record;
    this.tell('onCallStart', this.record);
  }

  /** An observer that throws does not disturb the call, as with any EventTarget. */
  tell<Method extends keyof Observer>(
    method: Method,
    ...given: Parameters<NonNullable<Observer[Method]>>
  ): void;
  // No rest parameter, because it would create an array for every event.
  tell(method: keyof Observer, about: unknown, more?: unknown): void {
    for (const observer of this.#observers) {
      const listener = observer[method] as ((...given: unknown[]) => void) | undefined;
      if (listener === undefined) continue;
      try {
        if (more === undefined) this.#context.runInAsyncScope(listener, observer, about);
        else this.#context.runInAsyncScope(listener, observer, about, more);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Each observer gets a copy of the bytes, which belong to another reader. */
  tellData(method: 'onRequestData' | 'onResponseData', exchange: ExchangeRecord, chunk: Uint8Array): void {
    if (!this.asksFor(method)) return;
    const askers = this.#observers.filter((observer) => observer[method] !== undefined);
    const copy = askers.every((observer) => copiesBytes in observer) ? chunk : new Uint8Array(chunk);
    this.tell(method, exchange, copy);
  }

  asksFor(method: keyof Observer): boolean {
    for (const observer of this.#observers) if (observer[method] !== undefined) return true;
    return false;
  }

  /** Reports the response of an exchange, before its caller gets it. */
  answered(exchange: ExchangeRecord, response: RawResponse): void {
    if (!this.asksFor('onSetCookies') || !concernsCookies(response.headers)) return;
    this.#answers ??= new Map();
    this.#answers.set(response, exchange);
  }

  /** Reports the outcome for the cookies of a response. */
  setCookies(response: RawResponse): void {
    const exchange = this.#answers?.get(response);
    if (exchange === undefined) return;
    this.#answers?.delete(response);
    this.tell('onSetCookies', exchange, response.setCookies);
  }

  /** Reports the response that the caller gets. */
  respond(response: object): void {
    const raw = rawOf(response);
    if (raw !== null) raw.call = this.record;
    else Object.defineProperty(response, ofCall, { value: this.record, configurable: true });
  }

  begin(exchange: ExchangeRecord): void {
    this.#exchange = exchange;
    this.tell('onExchangeStart', exchange);
  }

  /** Reports a message on the connection of the latest exchange, which was upgraded. */
  message(message: ObservedMessage): void {
    if (this.#exchange !== null) this.tell('onMessage', this.#exchange, message);
  }

  retry(retry: ObservedRetry): void {
    this.tell('onRetry', this.record, retry);
  }

  redirect(status: number, url: URL): void {
    this.tell('onRedirect', this.record, { status, url: observedUrl(url) });
  }

  end(failure: ObservedFailure | null): void {
    this.record.failure = failure;
    this.tell('onCallEnd', this.record);
  }
}

/** A call of several requests, such as an event stream and its reconnects: one watch, and a number for each. */
export interface SharedCall {
  watch: CallWatch | null;
  requests: number;
}

/** A session. Its id is made when it is read. */
interface Identified {
  readonly id: string;
}

/** The watch of a new call; `null` without observers. */
export function watchCall(
  observers: readonly Observer[] | null,
  { method, url, settings }: ResolvedRequest,
  session: Identified,
  kind: ObservedCall['kind'],
): CallWatch | null {
  const { onRequestEvent, onProgress } = settings;
  const diagnostics = diagnosticsObserver();
  if (observers === null && onRequestEvent === null && onProgress === null && diagnostics === null)
    return null;
  const own = diagnostics === null ? [] : [diagnostics];
  if (onRequestEvent !== null) own.push(eventsObserver(onRequestEvent));
  if (onProgress !== null) own.push(progressObserver(onProgress));
  return new CallWatch([...(observers ?? []), ...own], new CallRecord(session.id, kind, method, url));
}

/** The watch of a request of another client with a session's cookies; `null` without observers. */
export function watchForeign(
  observers: readonly Observer[] | null,
  { method, url }: Pick<WatchedRequest, 'method' | 'url'>,
  session: Identified,
  kind: 'cookieDispatcher' | 'cookieFetch',
): CallWatch | null {
  const diagnostics = diagnosticsObserver();
  if (observers === null && diagnostics === null) return null;
  const all = diagnostics === null ? (observers ?? []) : [...(observers ?? []), diagnostics];
  return new CallWatch(all, new CallRecord(session.id, kind, method, url));
}

/** Notifies the observers of a call of the events of one of its exchanges. */
export class ExchangeWatch {
  readonly record: ExchangeRecord;
  readonly #call: CallWatch;
  readonly #body: RequestBody | null;
  #isOver = false;

  constructor(call: CallWatch, request: WatchedRequest, times: Timings, isResent: boolean) {
    const { attempt, redirectedFrom, method, url } = request;
    const hop = redirectedFrom.length + 1;
    this.#call = call;
    this.#body = request.body;
    this.record = new ExchangeRecord(call.record, { attempt, hop, isResent, method, url, times });
    call.begin(this.record);
    if (request.observedCookies != null) call.tell('onCookies', this.record, request.observedCookies);
  }

  requested(sent: SentHead, lease: Lease | null, { pathname, search }: URL): void {
    const length = this.#body === null ? 0 : bodyLength(this.#body);
    this.record.connection = connectionOf(lease);
    this.record.request = new RequestHeadRecord(this.record.method, length, sent, pathname + search);
    this.#call.tell('onRequest', this.record);
  }

  sent(chunk: Uint8Array): void {
    this.record.sentBytes += chunk.length;
    this.#call.tellData('onRequestData', this.record, chunk);
    this.#call.tell('onBytes', this.record, 'sent');
  }

  sentAll(): void {
    this.#call.tell('onRequestEnd', this.record);
  }

  informed(status: number, raw: unknown, headers: RawHeaders): void {
    const head = new ResponseHeadRecord(status, '', keepRawFields(raw, headers));
    this.#call.tell('onInformation', this.record, head);
  }

  /** @param raw the fields as undici's controller has them */
  responded(status: number, statusText: string, raw: unknown, headers: RawHeaders): void {
    this.record.response = new ResponseHeadRecord(status, statusText, keepRawFields(raw, headers));
    this.#call.tell('onResponse', this.record);
  }

  answered(response: RawResponse): void {
    this.#call.answered(this.record, response);
  }

  received(chunk: Uint8Array): void {
    this.record.receivedBytes += chunk.length;
    this.#call.tellData('onResponseData', this.record, chunk);
    this.#call.tell('onBytes', this.record, 'received');
  }

  trailed(raw: unknown): void {
    if (Array.isArray(raw) && raw.length === 0) return;
    if (raw != null) this.record.trailers = showMasked(readRawFields(keepRawFields(raw, {})));
  }

  /** Works once: later reports of undici are ignored. */
  end(failure: ObservedFailure | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.record.failure = failure;
    this.#call.tell('onExchangeEnd', this.record);
  }
}

/** Nothing is known of connections that the caller's own dispatcher opens. */
function connectionOf(lease: Lease | null): ObservedConnection {
  if (lease?.ordersHeads !== true) return { protocol: null, isReused: false, remote: null, local: null };
  const { isHttp1, isReused, attempt } = lease;
  const { local = null, remote = null } = attempt ?? {};
  return { protocol: isHttp1 ? 'http/1.1' : 'h2', isReused, remote, local };
}
