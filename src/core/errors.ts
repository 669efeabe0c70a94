/** Machine-readable reason of a {@link RequestError}. Match on it, never on the message. */
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

/** The step in which a call failed. */
export type RequestPhase = 'queue' | 'connect' | 'tls' | 'proxy' | 'headers' | 'body';

/** The request of a {@link RequestError}, without userinfo, fragment and query values. */
export interface FailedRequest {
  readonly method: string;
  readonly url: string;
}

/** The properties of a {@link RequestError} besides its message and code. */
export interface RequestErrorDetails {
  readonly cause?: unknown;
  readonly phase?: RequestPhase | undefined;
  readonly request?: FailedRequest | undefined;
  /** Status of the response that failed, or of a proxy's response to CONNECT. */
  readonly status?: number | undefined;
  /** URLs of the redirect chain so far, redacted like `request.url`. */
  readonly hops?: readonly string[] | undefined;
  /** The limit that ran out, in milliseconds. */
  readonly timeout?: number | undefined;
  /** Milliseconds until the origin accepts calls again. */
  readonly retryAfter?: number | undefined;
}

// A registered symbol, so that other copies of the package recognise the error.
const brand = Symbol.for('jarfetch.RequestError');

/**
 * The one error class of this package. It is a `TypeError`, which is what `fetch` rejects with.
 * Neither its message nor its properties hold a secret. Invariant: secrets never show.
 */
export class RequestError extends TypeError {
  readonly code: RequestErrorCode;
  declare readonly phase?: RequestPhase;
  declare readonly request?: FailedRequest;
  declare readonly status?: number;
  declare readonly hops?: readonly string[];
  declare readonly timeout?: number;
  /** For ERR_RATE_LIMITED: milliseconds until the origin accepts calls again. */
  declare readonly retryAfter?: number;

  constructor(code: RequestErrorCode, message: string, details: RequestErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.phase !== undefined) this.phase = details.phase;
    if (details.request !== undefined) this.request = details.request;
    if (details.status !== undefined) this.status = details.status;
    if (details.hops !== undefined) this.hops = details.hops;
    if (details.timeout !== undefined) this.timeout = details.timeout;
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
  }

  static {
    Object.defineProperties(RequestError.prototype, {
      name: { value: 'RequestError', configurable: true, writable: true },
      [brand]: { value: true },
    });
  }
}

// The build renames a class that refers to itself, and `inspect` would show that name.
Object.defineProperty(RequestError, 'name', { value: 'RequestError' });

/**
 * Whether `error` is a {@link RequestError}, of this or another copy of the package.
 *
 * @param code when given, the error's code must be this one
 */
export function isRequestError(error: unknown, code?: RequestErrorCode): error is RequestError {
  if (typeof error !== 'object' || error === null || Reflect.get(error, brand) !== true) return false;
  return code === undefined || Reflect.get(error, 'code') === code;
}

/** The error for an option, with the expected and the given value. It never shows a value that can be a secret. */
export function invalidOption(name: string, expected: string, got: unknown): RequestError {
  return new RequestError('ERR_INVALID_OPTION', `${name} must be ${expected}, got ${describe(got)}`);
}

/** The error for a value that should be an object. A string in its place may be a secret and is not shown. */
export function invalidObject(name: string, expected: string, got: unknown): RequestError {
  const came = typeof got === 'string' ? 'a string' : describe(got);
  return new RequestError('ERR_INVALID_OPTION', `${name} must be ${expected}, got ${came}`);
}

/** Describes a value for a message: short scalars by their value, everything else by its type. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value.length <= 40 ? JSON.stringify(value) : 'a long string';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return 'an array';
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `an instance of ${name}` : 'an object';
}

/** Host and port of a request for a message; the port is added where the URL omits it. */
export function placeOfRequest({ url }: FailedRequest): string {
  const { hostname, protocol, port } = new URL(url);
  return `${hostname}:${port || (protocol === 'https:' || protocol === 'wss:' ? 443 : 80)}`;
}

/** `url` in the form for errors, events and hops: no userinfo, no fragment, query names without their values. */
export function redactUrl(url: URL): string {
  if (url.search === '') return url.origin === 'null' ? url.protocol : url.origin + url.pathname;
  const names = url.search
    .slice(1)
    .split('&')
    // A parameter without a name may be a secret itself, as in /reset?token.
    .map((pair) => (pair.includes('=') ? `${pair.slice(0, pair.indexOf('='))}=…` : pair && '…'));
  return `${url.origin}${url.pathname}?${names.join('&')}`;
}
