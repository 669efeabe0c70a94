import type { SetCookieResult } from '../cookies/jar/outcome.ts';
import { invalidOption, RequestError } from '../errors.ts';
import type { HeaderEntry } from '../http.ts';
import type { Timings } from '../transport/timings.ts';
import type { ObservedCookie } from './observed-cookies.ts';

/**
 * Observes what a session sends and receives, and cannot change it. Every method is optional. They are called
 * synchronously, in the order of events, and their results are not awaited. One that throws does not disturb the
 * call: its error is reported as an uncaught exception, as that of an EventTarget's listener is.
 *
 * An observer gets the real heads and bodies, with every cookie and password in them. `JSON.stringify` and
 * `util.inspect` of these objects mask them; an observer that reads the values is responsible for keeping them safe.
 *
 * @example
 * const session = await createSession({
 *   observers: [{ onResponse: ({ method, url, response }) => console.log(method, url, response?.status) }],
 * });
 */
export interface Observer {
  /**
   * A call begins: of `session.fetch`, `session.websocket`, or the loop over `session.eventSource`; or a request of
   * another client through `cookieDispatcher` or `cookieFetch`.
   */
  onCallStart?(call: ObservedCall): void;
  /** The call will be tried again. */
  onRetry?(call: ObservedCall, retry: ObservedRetry): void;
  /** The call follows a redirect. */
  onRedirect?(call: ObservedCall, redirect: ObservedRedirect): void;
  /**
   * The call is over: the last byte of its body has arrived, its socket is closed, or it failed. The discarded body
   * of a redirect may end later.
   */
  onCallEnd?(call: ObservedCall): void;
  /** A request begins to wait for its connection. */
  onExchangeStart?(exchange: ObservedExchange): void;
  /**
   * The outcome for the jar's cookies of the site, including those that were withheld. Not called for a `cookieJar`
   * of the caller, whose rules are unknown.
   */
  onCookies?(exchange: ObservedExchange, cookies: readonly ObservedCookie[]): void;
  /** The head of the request is written: `exchange.request` and `exchange.connection` are known. */
  onRequest?(exchange: ObservedExchange): void;
  /** A piece of the request's body is sent: a copy. */
  onRequestData?(exchange: ObservedExchange, chunk: Uint8Array): void;
  /** The whole request is written. */
  onRequestEnd?(exchange: ObservedExchange): void;
  /** An informational response (1xx) arrived, which is not the final response. */
  onInformation?(exchange: ObservedExchange, head: ObservedResponse): void;
  /** The head of the response has arrived: `exchange.response` is known. */
  onResponse?(exchange: ObservedExchange): void;
  /**
   * The outcome for the Set-Cookie lines of the response, in their order. Called after `onResponse`, and after
   * `onExchangeEnd` where the whole response arrived at once.
   */
  onSetCookies?(exchange: ObservedExchange, results: readonly SetCookieResult[]): void;
  /**
   * A piece of the response's body arrived, whether or not it is read: a copy, with its Content-Encoding, without the
   * framing of HTTP.
   */
  onResponseData?(exchange: ObservedExchange, chunk: Uint8Array): void;
  /**
   * Bytes of a body were sent or received: `exchange.sentBytes` or `exchange.receivedBytes` has grown. Makes no copy.
   */
  onBytes?(exchange: ObservedExchange, direction: 'sent' | 'received'): void;
  /** A message of a WebSocket was sent or received. */
  onMessage?(exchange: ObservedExchange, message: ObservedMessage): void;
  /** The exchange is over: its response is whole, its socket is closed, or it failed. */
  onExchangeEnd?(exchange: ObservedExchange): void;
}

/** What ended a call or an exchange early. */
export interface ObservedFailure {
  /** The error that the caller gets: a RequestError, or the reason of the caller's abort. */
  readonly reason: unknown;
}

/** A call from its start to the last byte of its body. All methods get the same object for one call. */
export interface ObservedCall {
  /** Number of the call among the observed calls of this process. */
  readonly id: number;
  readonly sessionId: string;
  /**
   * With `cookieDispatcher` each request is a call, redirects included. With `cookieFetch` the heads are those that
   * the other fetch got and returned, bodies and connections are not known, and a call ends with the head of its
   * response.
   */
  readonly kind: 'fetch' | 'websocket' | 'eventsource' | 'cookieDispatcher' | 'cookieFetch';
  readonly method: string;
  /** With its query, without userinfo and fragment. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** `null` while it is in progress, and when it succeeded. */
  readonly failure: ObservedFailure | null;
}

/** Why a call is tried again: by its `retry` option, on a fresh connection, or as the reconnect of an event stream. */
export interface ObservedRetry {
  /**
   * Number of the next try, counted from 1. It does not grow where a request is sent again because its reused
   * connection was closed.
   */
  readonly attempt: number;
  /** Milliseconds until it starts. */
  readonly wait: number;
  /** Status of the response that is discarded, `null` where there was none. */
  readonly status: number | null;
  /** The error of the try that failed, `null` where there was a response, and for the reconnect of an event stream. */
  readonly error: unknown;
}

/** Where a redirect leads. */
export interface ObservedRedirect {
  readonly status: number;
  /** With its query, without userinfo and fragment. */
  readonly url: string;
}

/**
 * One request on one connection, and its response: one hop of one try of a call. All methods get the same object for
 * one exchange; its properties are filled in as it progresses.
 */
export interface ObservedExchange {
  readonly call: ObservedCall;
  /** Which try of the call this belongs to, counted from 1. */
  readonly attempt: number;
  /** Which request of the chain of redirects this is, counted from 1. */
  readonly hop: number;
  /** True when it was sent before, on a reused connection that turned out to be closed. */
  readonly isResent: boolean;
  readonly method: string;
  /** With its query, without userinfo and fragment. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** `null` until there is one. */
  readonly connection: ObservedConnection | null;
  /** `null` until it is written. */
  readonly request: ObservedRequest | null;
  /** Bytes of the request's body that were written. */
  readonly sentBytes: number;
  /** `null` until it has arrived. */
  readonly response: ObservedResponse | null;
  /** Bytes of the response's body so far, as received, with their Content-Encoding. */
  readonly receivedBytes: number;
  /** Trailer fields after the body, as received. */
  readonly trailers: readonly HeaderEntry[];
  /** As far as they are known. */
  readonly timings: Timings;
  /** `null` while it is in progress, and when it succeeded. */
  readonly failure: ObservedFailure | null;
}

/** The connection of an exchange. */
export interface ObservedConnection {
  /** `null` where a dispatcher of the caller opens the connection; its addresses are `null` then too. */
  readonly protocol: 'http/1.1' | 'h2' | null;
  /** True when it carried another exchange before, or carries others too. */
  readonly isReused: boolean;
  /** With a proxy, the address of the proxy. */
  readonly remote: ObservedAddress | null;
  readonly local: ObservedAddress | null;
}

/** One end of a connection. */
export interface ObservedAddress {
  readonly address: string;
  readonly port: number;
}

/** The head of a request as it was sent. */
export interface ObservedRequest {
  readonly method: string;
  /** The target of the request line: a path, or a URL for a forwarding proxy. */
  readonly target: string;
  /**
   * In wire order and spelling; on HTTP/2 with the pseudo-header fields. With a dispatcher of the caller, the headers
   * that it was given.
   */
  readonly headers: readonly HeaderEntry[];
  /** Bytes of the body, 0 for none, `null` for a stream. */
  readonly bodyLength: number | null;
}

/** The head of a response as it was received. */
export interface ObservedResponse {
  readonly status: number;
  readonly statusText: string;
  /** In wire order and spelling, repeated fields repeated. */
  readonly headers: readonly HeaderEntry[];
}

/** A message of a WebSocket. */
export interface ObservedMessage {
  readonly direction: 'sent' | 'received';
  /** As passed to the socket, or as delivered by it according to `binaryType`. */
  readonly data: string | Blob | ArrayBufferLike | ArrayBufferView;
}

/**
 * Checks the option; `null` for none.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkObservers(observers: unknown): readonly Observer[] | null {
  if (observers === undefined) return null;
  if (!Array.isArray(observers)) throw invalidOption('observers', 'an array of objects', observers);
  checkObserverList(observers, methods);
  return observers.length === 0 ? null : [...observers];
}

/**
 * Checks observers that have these methods and no others.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkObserverList(observers: readonly unknown[], known: ReadonlySet<string>): void {
  for (const [index, each] of observers.entries()) checkObserver(`observers[${index}]`, each, known);
}

/** A misspelt method would never be called. */
function checkObserver(name: string, observer: unknown, known: ReadonlySet<string>): void {
  if (typeof observer !== 'object' || observer === null) throw invalidOption(name, 'an object', observer);
  const unknown = Object.keys(observer).find((key) => /^on[A-Z]/.test(key) && !known.has(key));
  if (unknown !== undefined) {
    const message = `${name} has an unknown method: ${JSON.stringify(unknown)}`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  for (const method of known) {
    const value: unknown = Reflect.get(observer, method);
    if (value !== undefined && typeof value !== 'function') {
      throw invalidOption(`${name}.${method}`, 'a function', value);
    }
  }
}

const names: readonly (keyof Observer)[] = [
  ...(['onCallStart', 'onRetry', 'onRedirect', 'onCallEnd', 'onExchangeStart', 'onRequest'] as const),
  ...(['onCookies', 'onRequestData', 'onRequestEnd', 'onInformation', 'onResponse'] as const),
  ...(['onSetCookies', 'onResponseData', 'onBytes', 'onMessage', 'onExchangeEnd'] as const),
];
const methods: ReadonlySet<string> = new Set(names);
