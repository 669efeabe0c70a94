// Written by `npm run api`.

import {
  Callback,
  Cookie,
  CookieJar,
  ErrorCallback,
  GetCookiesOptions,
  Nullable,
  SerializedCookieJar,
  SetCookieOptions,
  Store,
} from 'tough-cookie';
import { Dispatcher, WebSocket } from 'undici';
import { Readable } from 'node:stream';

export interface AccountStanding {
  readonly restsUntil: number;
  readonly failures: number;
  readonly score: number;
  readonly uses: number;
  readonly firstUsedAt: number;
  readonly retired: string | null;
  readonly changedAt: number;
}

export interface AddressTarget extends HostTarget {
  readonly family: 4 | 6;
}

export type BodyInput =
  | string
  | URLSearchParams
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array>;

export type BrowserAlias = keyof typeof versions;

export declare class BrowserCookieJar extends CookieJarMethods {
  constructor(limits?: Partial<CookieLimits>);
  get version(): number;
  get size(): number;
  get onChange(): (() => void) | undefined;
  set onChange(listener: (() => void) | undefined);
  receive(line: string, url: URL, options?: ReceiveOptions): CookieOutcome;
  cookieHeader(url: URL, context?: SameSiteContext, now?: number, room?: number): string;
  cookiesFor(url: URL, context?: SameSiteContext, now?: number): CookieRecord[];
  allCookies(now?: number): CookieRecord[];
  put(record: CookieInit, now?: number): CookieOutcome;
  putAll(records: readonly CookieInit[], now?: number): CookieOutcome | null;
  remove(filter?: CookieFilter): number;
  removeSite(url: URL): number;
  explain(url: URL, context?: SameSiteContext, now?: number, room?: number): CookieExplanation[];
  clone(): Promise<BrowserCookieJar>;
  clone(callback: Callback<CookieJar>): void;
  clone(newStore: Store, callback: Callback<CookieJar>): void;
  clone(newStore?: Store): Promise<CookieJar>;
  cloneSync(): BrowserCookieJar;
  cloneSync(newStore?: Store): CookieJar;
  _cloneSync(newStore?: Store): CookieJar;
  static deserializeSync(serialized: string | SerializedCookieJar): BrowserCookieJar;
  static deserializeSync(serialized: string | SerializedCookieJar, store?: Store): CookieJar;
  static fromJSON(serialized: string | SerializedCookieJar): BrowserCookieJar;
  static fromJSON(serialized: string | SerializedCookieJar, store?: Store): CookieJar;
  static deserialize(serialized: string | object): Promise<BrowserCookieJar>;
  static deserialize(serialized: string | object, callback: Callback<CookieJar>): void;
  static deserialize(serialized: string | object, store: Store, callback: Callback<CookieJar>): void;
  static deserialize(serialized: string | object, store?: Store): Promise<CookieJar>;
}

export declare class BrowserCookieStore extends Store {
  #private;
  findCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
  ): Promise<Cookie | undefined>;
  findCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    callback: Callback<Cookie | undefined>,
  ): void;
  findCookies(
    domain: Nullable<string>,
    path: Nullable<string>,
    allowSpecialUseDomain?: boolean,
  ): Promise<Cookie[]>;
  findCookies(
    domain: Nullable<string>,
    path: Nullable<string>,
    allowSpecialUseDomain?: boolean,
    callback?: Callback<Cookie[]>,
  ): void;
  putCookie(cookie: Cookie): Promise<void>;
  putCookie(cookie: Cookie, callback: ErrorCallback): void;
  updateCookie(oldCookie: Cookie, newCookie: Cookie): Promise<void>;
  updateCookie(oldCookie: Cookie, newCookie: Cookie, callback: ErrorCallback): void;
  removeCookie(domain: Nullable<string>, path: Nullable<string>, key: Nullable<string>): Promise<void>;
  removeCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    callback: ErrorCallback,
  ): void;
  removeCookies(domain: string, path: Nullable<string>): Promise<void>;
  removeCookies(domain: string, path: Nullable<string>, callback: ErrorCallback): void;
  removeAllCookies(): Promise<void>;
  removeAllCookies(callback: ErrorCallback): void;
  getAllCookies(): Promise<Cookie[]>;
  getAllCookies(callback: Callback<Cookie[]>): void;
}

export interface BrowserGetCookiesOptions extends GetCookiesOptions {
  now?: Date | undefined;
}

export type BrowserProfile = {
  [Family in BrowserAlias]: `${Family}_${(typeof versions)[Family][number]}`;
}[BrowserAlias];

export type CacheMode = 'default' | 'no-store' | 'reload' | 'no-cache' | 'force-cache' | 'only-if-cached';

export interface CallOptions extends RequestDefaults {
  readonly signal?: AbortSignal | null | undefined;
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  readonly disableDefaultHeaders?: boolean | undefined;
  readonly decompress?: boolean | undefined;
  readonly compress?: boolean | undefined;
  readonly crossOriginHeaders?: readonly string[] | undefined;
  readonly onRequestEvent?: ((event: RequestEvent) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ChromeCookie {
  domain: string;
  hostOnly: boolean;
  name: string;
  value: string;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  session: boolean;
  expirationDate?: number;
  sameSite: 'no_restriction' | 'lax' | 'strict' | 'unspecified';
  storeId: string;
  partitionKey?: {
    topLevelSite: string;
  };
}

export interface ConnectionOptions {
  readonly proxy?: string | (() => string | null) | null | undefined;
  readonly insecure?: boolean | undefined;
  readonly trustStore?: TrustStore | undefined;
  readonly ca?: Pem | undefined;
  readonly cert?: Pem | undefined;
  readonly key?: Pem | undefined;
  readonly certOrigins?: string | readonly string[] | undefined;
  readonly proxyTls?: ProxyTlsOptions | undefined;
  readonly http2?: boolean | undefined;
}

export type CookieAttributes = Partial<
  Pick<CookieInit, 'domain' | 'path' | 'secure' | 'httpOnly' | 'sameSite' | 'expiresAtMs' | 'partitioned'>
>;

export interface CookieExplanation {
  readonly cookie: SessionCookie;
  readonly sent: boolean;
  readonly reason?: CookieWithheld;
}

export interface CookieExports {
  netscape: string;
  playwright: PlaywrightState;
  chrome: ChromeCookie[];
  puppeteer: DevtoolsCookie[];
  webdriver: WebDriverCookie[];
  'tough-cookie': SerializedCookieJar;
}

export interface CookieFilter {
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly hostOnly?: boolean | undefined;
  readonly partitioned?: boolean | undefined;
}

export type CookieFormat = keyof CookieExports;

export interface CookieImport {
  readonly format: ImportFormat;
  readonly imported: number;
  readonly rejected: readonly RejectedCookie[];
}

export type CookieInit = Pick<CookieRecord, 'name' | 'value' | 'domain'> & {
  readonly [Key in Exclude<keyof CookieRecord, 'name' | 'value' | 'domain'>]?: CookieRecord[Key] | undefined;
};

export declare class CookieJarMethods extends CookieJar {
  #private;
  readonly store: BrowserCookieStore;
  setCookieSync(cookie: string | Cookie, url: string | URL, options?: SetCookieOptions): Cookie | undefined;
  setCookie(cookie: string | Cookie, url: string | URL, callback: Callback<Cookie | undefined>): void;
  setCookie(
    cookie: string | Cookie,
    url: string | URL,
    options: SetCookieOptions,
    callback: Callback<Cookie | undefined>,
  ): void;
  setCookie(
    cookie: string | Cookie,
    url: string | URL,
    options?: SetCookieOptions,
  ): Promise<Cookie | undefined>;
  getCookiesSync(url: string | URL, options?: BrowserGetCookiesOptions): Cookie[];
  getCookies(url: string | URL, callback: Callback<Cookie[]>): void;
  getCookies(
    url: string | URL,
    options: BrowserGetCookiesOptions | undefined,
    callback: Callback<Cookie[]>,
  ): void;
  getCookies(url: string | URL, options?: BrowserGetCookiesOptions): Promise<Cookie[]>;
  getCookieStringSync(url: string | URL, options?: BrowserGetCookiesOptions): string;
  getCookieString(
    url: string | URL,
    options: BrowserGetCookiesOptions,
    callback: Callback<string | undefined>,
  ): void;
  getCookieString(url: string | URL, callback: Callback<string | undefined>): void;
  getCookieString(url: string | URL, options?: BrowserGetCookiesOptions): Promise<string>;
  _importCookiesSync(serialized: unknown): void;
  _importCookies(serialized: unknown, callback: Callback<CookieJar>): void;
}

export interface CookieLimits {
  readonly maxCookies: number;
  readonly maxCharacters: number;
}

export declare abstract class CookieMethods {
  #private;
  abstract get closed(): boolean;
  get cookieJar(): CookieJar;
  getCookies(url: string | URL): Record<string, string>;
  getAllCookies(): SessionCookie[];
  setCookie(name: string, value: string, url: string | URL, attributes?: CookieAttributes): void;
  setCookies(cookies: readonly SessionCookieInit[], url?: string | URL): void;
  clearCookies(filter?: CookieFilter): Promise<void>;
  explainCookies(url: string | URL, context?: SameSiteContext): CookieExplanation[];
  exportCookies<Format extends CookieFormat>(format: Format): CookieExports[Format];
  importCookies(input: string | object, options?: ImportFormat | ImportOptions): CookieImport;
}

export interface CookieOutcome extends SetCookieResult {
  readonly reason?: CookieRejection;
}

export interface CookieRecord {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: SameSite;
  readonly expiresAtMs?: number;
  readonly partitioned?: boolean;
  readonly creation: number;
}

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
  | 'expired'
  | 'superseded';

export type CookieWithheld = 'expired' | 'host' | 'path' | 'insecure' | 'same-site' | 'no-room';

export interface DevtoolsCookie {
  name: string;
  value: string;
  domain: string;
  path: string;
  expires: number;
  size: number;
  httpOnly: boolean;
  secure: boolean;
  session: boolean;
  sameSite?: 'Strict' | 'Lax' | 'None';
  priority: 'Low' | 'Medium' | 'High';
  sourceScheme: 'Unset' | 'NonSecure' | 'Secure';
  sourcePort: number;
  partitionKey?: {
    sourceOrigin: string;
    topLevelSite: string;
    hasCrossSiteAncestor: boolean;
  };
}

export interface DocumentCookie extends SessionCookie, Partial<Pick<CookieRecord, 'creation'>> {
  readonly changedAt?: number;
  readonly login?: number;
}

export interface EmulationContext {
  readonly url?: string | URL | undefined;
  readonly method?: string | undefined;
  readonly contentType?: string | null | undefined;
  readonly headers?: Iterable<HeaderEntry> | Readonly<Record<string, string>> | undefined;
  readonly destination?: string | undefined;
  readonly mode?: RequestContext['mode'] | undefined;
  readonly referrer?: string | URL | undefined;
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  readonly userActivation?: boolean | undefined;
  readonly cache?: CacheMode | undefined;
  readonly initiator?: RequestContext['initiator'] | undefined;
  readonly priority?: RequestContext['priority'] | undefined;
  readonly credentials?: RequestContext['credentials'] | undefined;
  readonly acceptLanguage?: string | null | undefined;
  readonly redirectedFrom?: readonly (string | URL)[] | undefined;
  readonly http2?: boolean | undefined;
}

export declare class EventStream implements AsyncIterable<ServerSentEvent>, AsyncDisposable {
  #private;
  get lastEventId(): string;
  get closed(): boolean;
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
  [Symbol.asyncIterator](): AsyncGenerator<ServerSentEvent, void, void>;
}

export interface EventStreamInit extends RequestInit {
  readonly lastEventId?: string | undefined;
  readonly reconnectDelay?: number | undefined;
  readonly reconnect?: boolean | undefined;
}

export interface FailedRequest {
  readonly method: string;
  readonly url: string;
}

export interface FetchInit extends Omit<RequestInit, keyof OneShotOptions>, OneShotOptions {
  readonly session?: Session | undefined;
  readonly cookieMode?: 'session' | 'ephemeral' | undefined;
}

export type FieldValue =
  | string
  | number
  | boolean
  | undefined
  | readonly (string | number | boolean | undefined)[];

export type FieldsInput =
  | string
  | URLSearchParams
  | Iterable<readonly [string, FieldValue]>
  | Readonly<Record<string, FieldValue>>
  | object;

export type HeaderEntry = readonly [name: string, value: string];

export type HeaderValue = string | number | boolean | null | undefined | readonly string[];

export type HeadersInput =
  | Headers
  | ReadonlyMap<string, HeaderValue>
  | Iterable<readonly [string, HeaderValue]>
  | readonly (readonly string[])[]
  | Readonly<Record<string, HeaderValue>>;

export interface Hop {
  readonly url: string;
  readonly status: number;
  readonly request: HopRequest | null;
  readonly headers: Headers;
  readonly setCookies: readonly SetCookieResult[];
}

export interface HopRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly HeaderEntry[];
}

export interface HostTarget {
  readonly hostname: string;
  readonly port: number;
  readonly protocol: 'http:' | 'https:';
}

export type ImportFormat =
  | 'netscape'
  | 'cookie-header'
  | 'curl'
  | 'playwright'
  | 'chrome'
  | 'puppeteer'
  | 'tough-cookie'
  | 'webdriver';

export interface ImportOptions {
  readonly format?: ImportFormat | undefined;
  readonly url?: string | URL | undefined;
}

export type Initiator =
  | ''
  | 'xmlhttprequest'
  | 'eventsource'
  | 'beacon'
  | 'prefetch'
  | 'preload'
  | 'parser'
  | 'css';

export interface LoginPause {
  readonly failures: number;
  readonly until: number;
  readonly changedAt: number;
}

export type Middleware = (request: MiddlewareRequest, next: MiddlewareNext) => Response | Promise<Response>;

export interface MiddlewareBody {
  readonly length: number | null;
  readonly isReplayable: boolean;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface MiddlewareChanges {
  readonly method?: string | undefined;
  readonly url?: string | URL | undefined;
  readonly headers?: HeadersInput | null | undefined;
  readonly body?: BodyInput | null | undefined;
  readonly json?: unknown;
  readonly form?: FieldsInput | undefined;
  readonly redirect?: 'follow' | 'manual' | 'error' | undefined;
  readonly credentials?: 'include' | 'omit' | undefined;
  readonly destination?: string | undefined;
  readonly mode?: RequestContext['mode'] | undefined;
}

export interface MiddlewareHeaders extends Iterable<HeaderEntry> {
  get(name: string): string | null;
  has(name: string): boolean;
}

export type MiddlewareNext = (request?: MiddlewareRequest) => Promise<SessionResponse>;

export interface MiddlewareRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: MiddlewareHeaders;
  readonly body: MiddlewareBody | null;
  readonly destination: string;
  readonly mode: RequestContext['mode'];
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly credentials: 'include' | 'omit';
  readonly signal: AbortSignal;
  with(changes: MiddlewareChanges): MiddlewareRequest;
}

export interface ObservedAddress {
  readonly address: string;
  readonly port: number;
}

export interface ObservedCall {
  readonly id: number;
  readonly sessionId: string;
  readonly kind: 'fetch' | 'websocket' | 'eventsource' | 'cookieDispatcher' | 'cookieFetch';
  readonly method: string;
  readonly url: string;
  readonly startedAt: number;
  readonly failure: ObservedFailure | null;
}

export interface ObservedConnection {
  readonly protocol: 'http/1.1' | 'h2' | null;
  readonly isReused: boolean;
  readonly remote: ObservedAddress | null;
  readonly local: ObservedAddress | null;
}

export interface ObservedCookie {
  readonly name: string;
  readonly domain: string;
  readonly path: string;
  readonly sent: boolean;
  readonly reason?: NonNullable<CookieExplanation['reason']> | 'omitted' | 'removed' | 'own-header';
}

export interface ObservedExchange {
  readonly call: ObservedCall;
  readonly attempt: number;
  readonly hop: number;
  readonly isResent: boolean;
  readonly method: string;
  readonly url: string;
  readonly startedAt: number;
  readonly connection: ObservedConnection | null;
  readonly request: ObservedRequest | null;
  readonly sentBytes: number;
  readonly response: ObservedResponse | null;
  readonly receivedBytes: number;
  readonly trailers: readonly HeaderEntry[];
  readonly timings: Timings;
  readonly failure: ObservedFailure | null;
}

export interface ObservedFailure {
  readonly reason: unknown;
}

export interface ObservedMessage {
  readonly direction: 'sent' | 'received';
  readonly data: string | Blob | ArrayBufferLike | ArrayBufferView;
}

export interface ObservedRedirect {
  readonly status: number;
  readonly url: string;
}

export interface ObservedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly HeaderEntry[];
  readonly bodyLength: number | null;
}

export interface ObservedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly HeaderEntry[];
}

export interface ObservedRetry {
  readonly attempt: number;
  readonly wait: number;
  readonly status: number | null;
  readonly error: unknown;
}

export interface Observer {
  onCallStart?(call: ObservedCall): void;
  onRetry?(call: ObservedCall, retry: ObservedRetry): void;
  onRedirect?(call: ObservedCall, redirect: ObservedRedirect): void;
  onCallEnd?(call: ObservedCall): void;
  onExchangeStart?(exchange: ObservedExchange): void;
  onCookies?(exchange: ObservedExchange, cookies: readonly ObservedCookie[]): void;
  onRequest?(exchange: ObservedExchange): void;
  onRequestData?(exchange: ObservedExchange, chunk: Uint8Array): void;
  onRequestEnd?(exchange: ObservedExchange): void;
  onInformation?(exchange: ObservedExchange, head: ObservedResponse): void;
  onResponse?(exchange: ObservedExchange): void;
  onSetCookies?(exchange: ObservedExchange, results: readonly SetCookieResult[]): void;
  onResponseData?(exchange: ObservedExchange, chunk: Uint8Array): void;
  onBytes?(exchange: ObservedExchange, direction: 'sent' | 'received'): void;
  onMessage?(exchange: ObservedExchange, message: ObservedMessage): void;
  onExchangeEnd?(exchange: ObservedExchange): void;
}

export interface OneShotOptions
  extends Pick<
    SessionOptions,
    | 'browser'
    | 'os'
    | 'proxy'
    | 'insecure'
    | 'trustStore'
    | 'ca'
    | 'cert'
    | 'key'
    | 'certOrigins'
    | 'proxyTls'
    | 'http2'
    | 'middleware'
    | 'observers'
  > {}

export type OperatingSystem = 'windows' | 'macos' | 'linux' | 'android' | 'ios';

export type Pem = string | Buffer | readonly (string | Buffer)[];

export interface PlaywrightCookie {
  name: string;
  value: string;
  domain: string;
  path: string;
  expires: number;
  httpOnly: boolean;
  secure: boolean;
  sameSite: 'Strict' | 'Lax' | 'None';
  partitionKey?: string;
  _crHasCrossSiteAncestor?: boolean;
}

export interface PlaywrightState {
  cookies: PlaywrightCookie[];
  origins: {
    origin: string;
    localStorage: {
      name: string;
      value: string;
    }[];
  }[];
}

export interface Progress {
  readonly direction: 'upload' | 'download';
  readonly loaded: number;
  readonly total: number | null;
  readonly rate: number | null;
  readonly eta: number | null;
}

export interface ProxyTlsOptions {
  readonly insecure?: boolean | undefined;
  readonly trustStore?: TrustStore | undefined;
  readonly ca?: Pem | undefined;
  readonly cert?: Pem | undefined;
  readonly key?: Pem | undefined;
}

export type PutRejection = CookieRejection | 'refused-by-jar';

export interface ReceiveOptions {
  readonly now?: number | undefined;
  readonly sameSite?: SameSiteContext | undefined;
  readonly date?: string | undefined;
}

export type RecordRejection =
  | 'malformed'
  | 'invalid-type'
  | 'invalid-flag'
  | 'invalid-expires'
  | 'invalid-same-site'
  | 'invalid-scope'
  | 'duplicate';

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

export interface RejectedCookie {
  readonly line?: number;
  readonly index?: number;
  readonly name?: string;
  readonly reason: RecordRejection | PutRejection;
}

export interface RequestContext {
  readonly destination: string;
  readonly mode: 'navigate' | 'cors' | 'no-cors' | 'same-origin' | 'websocket';
  readonly referrer: URL | null;
  readonly referrerInferred?: boolean;
  readonly referrerHidden: boolean;
  readonly referrerPolicy: ReferrerPolicyName;
  readonly earlierPolicies?: readonly ReferrerPolicyName[];
  readonly userActivation: boolean;
  readonly cache: CacheMode;
  readonly initiator?: Initiator | undefined;
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
}

export interface RequestDefaults {
  readonly timeout?: TimeoutInput | undefined;
  readonly redirect?: 'follow' | 'manual' | 'error' | undefined;
  readonly maxRedirects?: number | undefined;
  readonly refuseDowngrade?: boolean | undefined;
  readonly crossOriginBody?: boolean | undefined;
  readonly maxBodyBytes?: number | undefined;
  readonly retry?: RetryOptions | boolean | undefined;
  readonly acceptLanguage?: string | undefined;
}

export declare class RequestError extends TypeError {
  readonly code: RequestErrorCode;
  readonly phase?: RequestPhase;
  readonly request?: FailedRequest;
  readonly status?: number;
  readonly hops?: readonly string[];
  readonly timeout?: number;
  readonly retryAfter?: number;
  constructor(code: RequestErrorCode, message: string, details?: RequestErrorDetails);
}

export type RequestErrorCode =
  | 'ERR_INVALID_URL'
  | 'ERR_INVALID_OPTION'
  | 'ERR_INVALID_HEADER'
  | 'ERR_INVALID_COOKIE'
  | 'ERR_INVALID_BODY'
  | 'ERR_SESSION_CLOSED'
  | 'ERR_TRANSPORT_CLOSED'
  | 'ERR_TIMEOUT'
  | 'ERR_DNS'
  | 'ERR_CONNECT'
  | 'ERR_ADDRESS_FORBIDDEN'
  | 'ERR_TLS'
  | 'ERR_PROXY'
  | 'ERR_PROXY_AUTH'
  | 'ERR_CONNECTION_LOST'
  | 'ERR_PROTOCOL'
  | 'ERR_HEADERS_TOO_LARGE'
  | 'ERR_BODY_TRUNCATED'
  | 'ERR_BODY_TOO_LARGE'
  | 'ERR_DECODE'
  | 'ERR_REDIRECT'
  | 'ERR_TOO_MANY_REDIRECTS'
  | 'ERR_INVALID_REDIRECT'
  | 'ERR_BODY_NOT_REPLAYABLE'
  | 'ERR_RATE_LIMITED'
  | 'ERR_INVALID_DOCUMENT'
  | 'ERR_SESSION_NOT_FOUND'
  | 'ERR_SESSION_EXISTS'
  | 'ERR_TOO_MANY_SESSIONS'
  | 'ERR_REGISTRY_CLOSED'
  | 'ERR_LOGIN_FAILED'
  | 'ERR_NO_ACCOUNT'
  | 'ERR_POOL_CLOSED'
  | 'ERR_STORE'
  | 'ERR_STORE_CONFLICT'
  | 'ERR_STORE_KEY'
  | 'ERR_STORE_LOCKED'
  | 'ERR_STORE_VERSION'
  | 'ERR_NOT_HTML'
  | 'ERR_PAGE_TOO_LARGE'
  | 'ERR_INVALID_SELECTOR'
  | 'ERR_NOT_FOUND'
  | 'ERR_AMBIGUOUS'
  | 'ERR_NOT_NAVIGABLE'
  | 'ERR_FORM_INVALID'
  | 'ERR_CONTROL_VALUE'
  | 'ERR_FIELD_MISSING'
  | 'ERR_STATUS'
  | 'ERR_CHECKSUM'
  | 'ERR_FILE'
  | 'ERR_MOCK_FAILED'
  | 'ERR_REPLAY_NO_MATCH';

export interface RequestErrorDetails {
  readonly cause?: unknown;
  readonly phase?: RequestPhase | undefined;
  readonly request?: FailedRequest | undefined;
  readonly status?: number | undefined;
  readonly hops?: readonly string[] | undefined;
  readonly timeout?: number | undefined;
  readonly retryAfter?: number | undefined;
}

export type RequestEvent = RequestEventFields &
  (
    | {
        readonly type: 'request_start' | 'request_sent';
        readonly url: string;
      }
    | {
        readonly type: 'response_headers';
        readonly url: string;
        readonly status: number;
        readonly contentLength: number | null;
      }
    | {
        readonly type: 'redirect';
        readonly url: string;
        readonly status: number;
      }
    | {
        readonly type: 'retry';
        readonly attempt: number;
        readonly wait: number;
        readonly reason: string;
      }
    | {
        readonly type: 'body_progress';
        readonly url: string;
        readonly total: number | null;
      }
    | {
        readonly type: 'body_complete';
        readonly url: string;
        readonly downloadedBytes: number;
      }
    | {
        readonly type: 'done';
      }
    | {
        readonly type: 'error';
        readonly message: string;
      }
  );

export interface RequestEventFields {
  readonly timestamp: number;
  readonly url?: string;
  readonly status?: number;
  readonly contentLength?: number | null;
  readonly uploadedBytes?: number;
  readonly downloadedBytes?: number;
  readonly total?: number | null;
  readonly message?: string;
  readonly attempt?: number;
  readonly wait?: number;
  readonly reason?: string;
}

export interface RequestInit extends CallOptions {
  readonly method?: string | undefined;
  readonly headers?: HeadersInput | null | undefined;
  readonly body?: BodyInput | null | undefined;
  readonly json?: unknown;
  readonly form?: FieldsInput | undefined;
  readonly searchParams?: FieldsInput | undefined;
  readonly duplex?: 'half' | undefined;
  readonly mode?: RequestContext['mode'] | undefined;
  readonly cache?: CacheMode | undefined;
  readonly referrer?: string | URL | undefined;
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  readonly destination?: string | undefined;
  readonly userActivation?: boolean | undefined;
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
  readonly initiator?: Initiator | 'fetch' | undefined;
  readonly transport?: Transport | undefined;
  readonly browser?: BrowserProfile | BrowserAlias | null | undefined;
  readonly os?: OperatingSystem | undefined;
  readonly proxy?: string | null | undefined;
  readonly insecure?: boolean | undefined;
  readonly trustStore?: ConnectionOptions['trustStore'];
}

export type RequestPhase = 'queue' | 'connect' | 'tls' | 'proxy' | 'headers' | 'body';

export interface RetryOptions {
  readonly limit?: number | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly statusCodes?: readonly number[] | undefined;
  readonly backoff?: ((retry: number) => number) | undefined;
  readonly maxRetryAfter?: number | undefined;
}

export type SameSite = 'lax' | 'strict' | 'none';

export type SameSiteContext = 'strict' | 'lax' | 'none';

export interface SaveOptions {
  readonly proxyPassword?: boolean | undefined;
  readonly userData?: unknown;
}

export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

export declare class Session extends CookieMethods {
  #private;
  readonly browser: BrowserProfile | null;
  readonly os: OperatingSystem;
  get id(): string;
  get closed(): boolean;
  fetch(input: string | URL | Request, init?: RequestInit | null): Promise<SessionResponse>;
  websocket(url: string | URL, options?: WebSocketOptions): Promise<WebSocket>;
  eventSource(url: string | URL, init?: EventStreamInit): EventStream;
  observe(observer: Observer): () => void;
  private get internals();
  fork(options?: SessionOptions): Promise<Session>;
  save(options?: SaveOptions): SessionDocument;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  toJSON(): Pick<Session, 'id' | 'browser' | 'os' | 'closed'>;
}

export type SessionCookie = Omit<CookieRecord, 'creation'>;

export interface SessionCookieInit extends CookieAttributes, Pick<CookieInit, 'name' | 'value' | 'hostOnly'> {
  readonly url?: string | URL | undefined;
}

export interface SessionDocument {
  readonly version: 1;
  readonly sessionId: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly savedAt: number;
  readonly lineage?: string;
  readonly era?: string;
  readonly revision: number;
  readonly requests: number;
  readonly logins: number;
  readonly loginPause?: LoginPause;
  readonly account?: AccountStanding;
  readonly browser: BrowserProfile | null;
  readonly os: OperatingSystem;
  readonly acceptLanguage: string | null;
  readonly defaultHeaders: readonly (readonly [name: string, value: string | null])[];
  readonly baseUrl: string | null;
  readonly proxy: string | null;
  readonly proxyPasswordOmitted: boolean;
  readonly cookieLimits?: CookieLimits;
  readonly cookies: readonly DocumentCookie[];
  readonly userData: unknown;
}

export interface SessionOptions extends ConnectionOptions, RequestDefaults {
  readonly browser?: BrowserProfile | BrowserAlias | null | undefined;
  readonly os?: OperatingSystem | undefined;
  readonly defaultHeaders?: HeadersInput | undefined;
  readonly sessionId?: string | undefined;
  readonly cookieJar?: CookieJar | undefined;
  readonly cookieLimits?: Partial<CookieLimits> | undefined;
  readonly transport?: Transport | undefined;
  readonly baseUrl?: string | URL | undefined;
  readonly middleware?: readonly Middleware[] | undefined;
  readonly observers?: readonly Observer[] | undefined;
}

export interface SessionResponse extends Response {
  readonly hops: readonly Hop[];
  readonly cookies: Readonly<Record<string, string | string[]>>;
  readonly contentLength: number | null;
  readonly timings: Timings;
  readonly attempts: number;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  readable(): Readable;
  json<T = unknown>(): Promise<T>;
  clone(): SessionResponse;
}

export type SetCookieRejection = CookieRejection | 'too-many' | 'cleared' | 'refused-by-jar';

export interface SetCookieResult {
  readonly name: string;
  readonly stored: boolean;
  readonly reason?: SetCookieRejection;
}

export type TimeoutInput =
  | number
  | false
  | {
      readonly total?: number | false | undefined;
      readonly connect?: number | false | undefined;
      readonly headers?: number | false | undefined;
      readonly idle?: number | false | undefined;
    };

export interface Timings {
  readonly queued: number;
  readonly dns: number | null;
  readonly connect: number | null;
  readonly tls: number | null;
  readonly sent: number | null;
  readonly headers: number | null;
  readonly body: number | null;
}

export declare class Transport {
  #private;
  private get settings();
  get id(): string;
  get closed(): boolean;
  get http2(): boolean;
  get dispatcher(): Dispatcher;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TransportOptions extends ConnectionOptions {
  readonly browser?: BrowserProfile | BrowserAlias | undefined;
  readonly os?: OperatingSystem | undefined;
  readonly proxyTunnel?: boolean | undefined;
  readonly allowAddress?: ((address: string, target: AddressTarget) => boolean) | undefined;
  readonly allowHost?: ((hostname: string, target: HostTarget) => boolean) | undefined;
  readonly resolve?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly poolIdleTimeout?: number | undefined;
  readonly poolMaxIdlePerHost?: number | undefined;
  readonly poolMaxSize?: number | undefined;
  readonly connectTimeout?: number | undefined;
  readonly readTimeout?: number | undefined;
  readonly dispatcher?:
    | {
        dispatch(options: never, handler: never): boolean;
        close(): Promise<void>;
      }
    | undefined;
}

export type TrustStore = 'combined' | 'mozilla' | 'defaultPaths';

export interface WebDriverCookie {
  name: string;
  value: string;
  path: string;
  domain: string;
  secure: boolean;
  httpOnly: boolean;
  expiry?: number;
  sameSite?: 'Strict' | 'Lax' | 'None';
}

export interface WebSocketOptions {
  readonly protocols?: string | readonly string[] | undefined;
  readonly headers?: HeadersInput | null | undefined;
  readonly referrer?: string | URL | undefined;
  readonly binaryType?: 'blob' | 'arraybuffer' | undefined;
  readonly maxMessageSize?: number | undefined;
  readonly timeout?: TimeoutInput | undefined;
  readonly signal?: AbortSignal | null | undefined;
  readonly onRequestEvent?: ((event: RequestEvent) => void) | undefined;
}

export declare function createSession(options?: SessionOptions): Promise<Session>;

export declare function createTransport(options?: TransportOptions): Promise<Transport>;

export declare function fetch(
  input: string | URL | Request,
  given?: FetchInit | null,
): Promise<SessionResponse>;

export declare function getEmulationHeaders(
  browser?: BrowserProfile | BrowserAlias,
  os?: OperatingSystem,
  context?: EmulationContext,
): [name: string, value: string][];

export declare function getOperatingSystems(): OperatingSystem[];

export declare function getProfiles(): BrowserProfile[];

export declare function isRequestError(error: unknown, code?: RequestErrorCode): error is RequestError;

export declare function loadSession(
  document: SessionDocument | string,
  options?: SessionOptions,
): Promise<Session>;

export declare function publicAddressesOnly(address: string): boolean;

export declare function resolveProfile(browser: BrowserProfile | BrowserAlias): BrowserProfile;

export declare function withSession<T>(
  fn: (session: Session) => Promise<T> | T,
  options?: SessionOptions,
): Promise<T>;

// Not exported, but named by what is.

declare const versions: {
  readonly chrome: readonly [
    100,
    101,
    104,
    105,
    106,
    107,
    108,
    109,
    110,
    114,
    116,
    117,
    118,
    119,
    120,
    123,
    124,
    126,
    127,
    128,
    129,
    130,
    131,
    132,
    133,
    134,
    135,
    136,
    137,
    138,
    139,
    140,
    141,
    142,
    143,
    144,
    145,
    146,
    147,
    148,
    149,
    150,
    151,
    152,
    153,
    154,
    155,
    156,
  ];
  readonly edge: readonly [
    101,
    122,
    127,
    131,
    134,
    135,
    136,
    137,
    138,
    139,
    140,
    141,
    142,
    143,
    144,
    145,
    146,
    147,
    148,
    149,
    150,
    151,
    152,
    153,
    154,
    155,
    156,
  ];
  readonly opera: readonly [116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131];
  readonly firefox: readonly [
    109,
    117,
    128,
    133,
    135,
    136,
    139,
    142,
    143,
    144,
    145,
    146,
    147,
    148,
    149,
    150,
    151,
    152,
    153,
  ];
  readonly firefox_private: readonly [135, 136, 153];
  readonly firefox_android: readonly [135, 153];
  readonly safari: readonly [
    '15.3',
    '15.5',
    '15.6.1',
    '16',
    '16.5',
    '17.0',
    '17.2.1',
    '17.4.1',
    '17.5',
    '17.6',
    '18',
    '18.2',
    '18.3',
    '18.3.1',
    '18.5',
    '26',
    '26.1',
    '26.2',
    '26.3',
    '26.4',
    '26.5',
    '26.6',
  ];
  readonly safari_ios: readonly [
    '16.5',
    '17.2',
    '17.4.1',
    '18.1.1',
    '26',
    '26.2',
    '26.3',
    '26.4',
    '26.5',
    '26.6',
  ];
  readonly safari_ipad: readonly ['18', '26', '26.2', '26.3', '26.4', '26.5', '26.6'];
  readonly okhttp: readonly ['3.9', '3.11', '3.13', '3.14', '4.9', '4.10', '4.12', '5'];
};
