/**
 * The shared vocabulary of a request's way. One shape for every stage:
 * a {@link Send} takes a request and promises a response; a {@link Stage} wraps one Send in another.
 */

import type { Readable } from 'node:stream';

/** One header field as it goes on the wire: spelling and position count. */
export type HeaderEntry = readonly [name: string, value: string];

/** How a request body is sent. `bytes` and `parts` can be sent again, a `stream` only once. */
export type RequestBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parts'; readonly parts: readonly (Uint8Array | Blob)[]; readonly length: number }
  | {
      readonly kind: 'stream';
      readonly stream: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;
    };

/** Fetch Standard, Referrer Policy section 3. */
export type ReferrerPolicyName =
  | ''
  | 'no-referrer'
  | 'no-referrer-when-downgrade'
  | 'same-origin'
  | 'origin'
  | 'strict-origin'
  | 'origin-when-cross-origin'
  | 'strict-origin-when-cross-origin'
  | 'unsafe-url';

/** Fetch Standard: a request's cache mode. Nothing is cached here; it decides Cache-Control and Pragma. */
export type CacheMode = 'default' | 'no-store' | 'reload' | 'no-cache' | 'force-cache' | 'only-if-cached';

/** What a page or a person would know of the request: it decides the preset's headers. Fetch Standard, section 2.2.5. */
export interface RequestContext {
  /** '' is a page's own fetch() or XMLHttpRequest. */
  readonly destination: string;
  readonly mode: 'navigate' | 'cors' | 'no-cors' | 'same-origin' | 'websocket';
  /** The page that makes the request; `null` for a typed navigation. */
  readonly referrer: URL | null;
  /** True where the caller named no page, and `referrer` is the root page of the first target's own origin. */
  readonly referrerInferred?: boolean;
  /** True when `referrer` decides site and origin but must not show in a Referer header. */
  readonly referrerHidden: boolean;
  readonly referrerPolicy: ReferrerPolicyName;
  readonly userActivation: boolean;
  readonly cache: CacheMode;
}

/** The fields of one hop's head as a browser has them, the caller's among them. */
export interface RequestHead {
  /** In wire order and case; without Cookie, and of those that the transport writes only what the caller gave. */
  readonly headers: readonly HeaderEntry[];
  /** Where in `headers` a Cookie header belongs. */
  readonly cookieIndex: number;
  /**
   * Lower-case names of the whole head in wire order: those of `headers`, and `host`, `connection`, `content-length` and
   * `cookie` in the places that the browser has for them, sent or not; on HTTP/2 the pseudo-header fields in front.
   * One object for one layout.
   */
  readonly order: readonly string[];
  /** Which of `headers` have values of this request's own; the others are the same wherever `order` is. */
  readonly variable: readonly number[];
}

/** What a call was told that holds for all its hops. Never changed. */
export interface CallSettings {
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly maxRedirects: number;
  /** True: no redirect from https to http. */
  readonly refuseDowngrade: boolean;
  readonly maxBodyBytes: number;
  readonly decompress: boolean;
  readonly acceptLanguage: string | null;
  /** False: cookies are neither sent nor stored. */
  readonly credentials: boolean;
  /** False: the preset adds nothing. */
  readonly presetHeaders: boolean;
  /** Lower-case names of the caller's headers that may follow a redirect to another origin. */
  readonly crossOriginHeaders: ReadonlySet<string>;
  /** When to send the call again; `null` never. */
  readonly retry: RetrySettings | null;
  readonly timeout: TimeoutLimits;
  readonly signal: AbortSignal | null;
  readonly onRequestEvent: ((event: RequestEvent) => void) | null;
}

/** Limits of one call in milliseconds; `false` is no limit. */
export interface TimeoutLimits {
  /** The whole call: redirects, retries and body included. */
  readonly total: number | false;
  /** Until a connection is ready for the request: waiting for a free one, DNS, TCP, proxy and TLS together. */
  readonly connect: number | false;
  /** From a ready connection to the response headers, the sending of the body included. */
  readonly headers: number | false;
  /** The longest silence of the server between two pieces of the response body; a slow reader is no silence. */
  readonly idle: number | false;
}

/** One hop of a call, with everything decided before it is sent: options merged, input parsed. Never changed, only spread anew. */
export interface ResolvedRequest {
  readonly url: URL;
  /** Upper case where the Fetch Standard normalises, else as given. */
  readonly method: string;
  /** The method before any redirect. */
  readonly initialMethod: string;
  /** The caller's headers in call order. */
  readonly headers: readonly HeaderEntry[];
  /** Lower-case names that the caller took away, from the preset's headers too. */
  readonly removedHeaders: ReadonlySet<string>;
  readonly body: RequestBody | null;
  readonly context: RequestContext;
  /** URLs this call was redirected from, oldest first; empty on the first hop. */
  readonly redirectedFrom: readonly URL[];
  /** Above the cookie stage the caller's own Cookie header, for its origin alone; below it the whole one, as bytes. */
  readonly cookie: string | null;
  /** Set by the preset stage: what is sent instead of `headers`; `null` sends those, in the transport's order. */
  readonly head: RequestHead | null;
  /** Where `head` is for HTTP/2: the same for HTTP/1.1, which the server may choose. */
  readonly http1Head: (() => RequestHead) | null;
  readonly settings: CallSettings;
  readonly deadline: Deadline;
  readonly onEvent: ((event: CallEvent) => void) | null;
}

/** When a call is sent again: see the option `retry`. */
export interface RetrySettings {
  readonly limit: number;
  readonly methods: ReadonlySet<string>;
  readonly statusCodes: ReadonlySet<number>;
  readonly backoff: (retry: number) => number;
  readonly maxRetryAfter: number;
}

/** One limit and one abort over everything a call does. */
export interface Deadline {
  /** Why the call must end now; `undefined` while it may go on. The caller's abort reason itself, or our timeout error. */
  readonly failure: { readonly reason: unknown } | undefined;
  /** Starts the limits of a phase and returns when that was, as `performance.now()` says it. */
  enter(phase: DeadlinePhase): number;
  /** Waits for what is no exchange, such as a store of cookies: only the total and the abort count meanwhile. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Milliseconds of the total that are left, `Infinity` without a total. */
  remaining(): number;
  /** Says that bytes came or went: the idle limit starts anew. */
  touch(): void;
  /** Says that the body waits for its reader: meanwhile the silence is not the server's, and the idle limit stands still. */
  hold(isHeld: boolean): void;
  /** Names the one who is told when the call must end. */
  watch(watcher: DeadlineWatcher): void;
  /** Takes that one away, unless another has its place: the discarded body of a redirect may end late. */
  unwatch(watcher: DeadlineWatcher): void;
  /** Frees the timer and the caller's signal. */
  end(): void;
}

/** Learns from a {@link Deadline} that the call must end. */
export interface DeadlineWatcher {
  onDeadline(reason: unknown): void;
  /** What the phase `queue` is more exactly: a request may wait for its connection to be made. */
  readonly queuePhase: DeadlinePhase;
}

export type DeadlinePhase = 'queue' | 'connect' | 'tls' | 'proxy' | 'headers' | 'body';

/** A step of a call, as `onRequestEvent` sees it. Secrets are removed. */
export interface RequestEvent {
  readonly type:
    | 'request_start'
    | 'request_sent'
    | 'response_headers'
    | 'redirect'
    | 'body_progress'
    | 'body_complete'
    | 'done'
    | 'error';
  /** Milliseconds since the call started. */
  readonly timestamp: number;
  readonly url?: string;
  readonly status?: number;
  /** Bytes that `content-length` promises, `null` when it is absent. */
  readonly contentLength?: number | null;
  readonly uploadedBytes?: number;
  readonly downloadedBytes?: number;
  readonly total?: number | null;
  readonly message?: string;
}

/** A step before it is stamped with its time. */
export type CallEvent = Omit<RequestEvent, 'timestamp'>;

/**
 * Why a cookie was not stored; the list is closed.
 *
 * - `empty`: neither name nor value
 * - `control-character`: in the name, the value or an attribute
 * - `ambiguous-nameless`: no name, and a value with `=`
 * - `too-large`: name and value over 4096 bytes
 * - `invalid-name`, `invalid-value`, `invalid-domain`, `invalid-path`: what no Set-Cookie line could say
 * - `unsupported-url`: not http, https, ws or wss
 * - `domain-mismatch`: Domain is not the host or a parent of it
 * - `public-suffix`: Domain is one under which anyone can register
 * - `insecure-origin`: Secure over plain http
 * - `overwrites-secure`: would hide or replace a Secure cookie over plain http
 * - `prefix`: `__Secure-`, `__Host-`, `__Http-` or `__Host-Http-` without what it promises
 * - `same-site-none-insecure`, `partitioned-insecure`: need Secure
 * - `cross-site`: SameSite does not allow a cross-site response to set it
 * - `http-only`: an API that is not HTTP would set or replace an HttpOnly cookie
 * - `expired`: its time is over, which is also how a server deletes one
 */
export type CookieRejection =
  | 'empty'
  | 'control-character'
  | 'too-large'
  | 'ambiguous-nameless'
  | 'invalid-name'
  | 'invalid-value'
  | 'invalid-domain'
  | 'invalid-path'
  | 'unsupported-url'
  | 'domain-mismatch'
  | 'public-suffix'
  | 'insecure-origin'
  | 'overwrites-secure'
  | 'prefix'
  | 'same-site-none-insecure'
  | 'partitioned-insecure'
  | 'cross-site'
  | 'http-only'
  | 'expired';

/**
 * Why a Set-Cookie line was not stored; the list is closed.
 *
 * - `too-many`: more lines than are read of one response
 * - `refused-by-jar`: a cookieJar of the caller's did not take it, and gives no reason
 */
export type SetCookieRejection = CookieRejection | 'too-many' | 'refused-by-jar';

/** What became of one Set-Cookie line. */
export interface SetCookieResult {
  readonly name: string;
  readonly stored: boolean;
  /** Why it was not stored; absent when it was. */
  readonly reason?: SetCookieRejection;
}

/** One response on the way to the last, which is included. */
export interface HopRecord {
  readonly url: URL;
  readonly status: number;
  readonly headers: RawHeaders;
  readonly setCookies: readonly SetCookieResult[];
}

/** Response headers as undici hands them out: lower-case names, one string per byte sequence (latin1). */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Milliseconds a step took, `null` when the step did not happen (a reused connection has no connect). */
export interface Timings {
  readonly queued: number;
  readonly dns: number | null;
  readonly connect: number | null;
  readonly tls: number | null;
  readonly sent: number | null;
  readonly headers: number | null;
  readonly body: number | null;
}

/** The bytes of a response: read whole or read as a stream, once. */
export interface ResponseBody {
  /** True once a byte was read, or all were thrown away. */
  readonly used: boolean;
  /** True while someone holds a reader of the stream. */
  readonly locked: boolean;
  /** All bytes, decoded; a plain value when they are here already. */
  read(): Uint8Array | Promise<Uint8Array>;
  stream(): ReadableStream<Uint8Array>;
  readable(): Readable;
  /** Two bodies of the same bytes instead of this one. */
  tee(): [ResponseBody, ResponseBody];
}

/** A body that may still be arriving. */
export interface ArrivingBody extends ResponseBody {
  /** Takes the rest to nowhere, up to a small cap, then cuts the connection. */
  discard(): void;
  /** True when it is handed out without the server's Content-Encoding. */
  readonly decoded: boolean;
  /**
   * Calls back once, when every byte is here or none will follow; at once when that is so already.
   * `failure` is what ended the body early; one that was thrown away has none.
   */
  whenDone(callback: (failure: { readonly reason: unknown } | null) => void): void;
}

/** One response as the stages pass it up, each adding what it knows. */
export interface RawResponse {
  readonly url: URL;
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
  /** `null` where HTTP allows none: HEAD, 204, 205, 304. */
  readonly body: ArrivingBody | null;
  setCookies: readonly SetCookieResult[];
  /** Every response of the call so far, this one included. */
  hops: readonly HopRecord[];
  readonly timings: Timings;
}

export type Send = (request: ResolvedRequest) => Promise<RawResponse>;
export type Stage = (next: Send) => Send;

/** Wraps `last` in the stages; the first listed is outermost. */
export function compose(stages: readonly Stage[], last: Send): Send {
  return stages.reduceRight((next, stage) => stage(next), last);
}
