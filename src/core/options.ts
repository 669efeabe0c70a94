import type { CookieJar } from 'tough-cookie';
import {
  type BrowserAlias,
  type BrowserProfile,
  type Initiator,
  type OperatingSystem,
  type Preset,
  resolvePreset,
} from '../presets/index.ts';
import type { TimeoutLimits } from './deadline.ts';
import { invalidObject, invalidOption, RequestError } from './errors.ts';
import { type HeaderList, type HeadersInput, noHeaders, readHeaders } from './headers.ts';
import {
  checkBoolean,
  checkDuration,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkString,
  own,
} from './input.ts';
import type {
  CacheMode,
  ReferrerPolicyName,
  RequestContext,
  RequestEvent,
  RetrySettings,
} from './pipeline.ts';
import type { BodyInput, FieldsInput } from './request-body.ts';
import { type RetryOptions, resolveRetry } from './retry.ts';
import { Transport } from './transport.ts';
import {
  type CheckedConnection,
  type ConnectionOptions,
  checkConnection,
  connectionKeys,
} from './transport-options.ts';

/** Limits of a call in milliseconds; `false` is no limit. A number alone is the total. */
export type TimeoutInput =
  | number
  | false
  | {
      /** The whole call, redirects and body included. @default 30000 */
      readonly total?: number | false | undefined;
      /** Until a connection is ready, waiting for a free one included. @default false */
      readonly connect?: number | false | undefined;
      /** From a ready connection to the response headers. @default false */
      readonly headers?: number | false | undefined;
      /** The longest silence of the server between two pieces of the response body. @default false */
      readonly idle?: number | false | undefined;
    };

/** Defaults of a session that each request may override. */
interface RequestDefaults {
  /**
   * Limits of a call in milliseconds, `false` for none.
   * @default 30000 in total
   */
  readonly timeout?: TimeoutInput | undefined;
  /**
   * `follow`, `manual` (the real 3xx with its headers) or `error`.
   * @default 'follow'
   */
  readonly redirect?: 'follow' | 'manual' | 'error' | undefined;
  /**
   * Most redirects of one call; more are ERR_TOO_MANY_REDIRECTS.
   * @default 20
   */
  readonly maxRedirects?: number | undefined;
  /**
   * True: a redirect from https to http is ERR_INVALID_REDIRECT. When it is followed, nothing secret goes with it.
   * @default false
   */
  readonly refuseDowngrade?: boolean | undefined;
  /**
   * Most bytes of a body, decoded, that text(), json() and their kin take; a stream is not bound.
   * @default 104857600 (100 MiB)
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * When a call is sent again: `true` or {@link RetryOptions}. Whatever is said here, a request that may be repeated
   * is sent once more when its reused connection turns out to be gone.
   * @default false
   */
  readonly retry?: RetryOptions | boolean | undefined;
}

/** Options of {@link createSession}. Unknown keys are refused. */
export interface SessionOptions extends ConnectionOptions, RequestDefaults {
  /**
   * Whose headers are sent: a profile (`chrome_142`), a family for its newest (`chrome`), or `null` for none.
   * @default 'chrome'
   */
  readonly browser?: BrowserProfile | BrowserAlias | null | undefined;
  /**
   * The operating system of the browser; one where it does not exist is refused.
   * @default 'macos', or where the browser does not exist there, its own
   */
  readonly os?: OperatingSystem | undefined;
  /** Headers of every request: over the preset's, under the request's own. Never changed by a request. */
  readonly defaultHeaders?: HeadersInput | undefined;
  /**
   * Names the session.
   * @default random
   */
  readonly sessionId?: string | undefined;
  /**
   * A tough-cookie CookieJar of the caller's, used as it is; sessions may share one.
   * @default a new jar that keeps cookies as browsers do
   */
  readonly cookieJar?: CookieJar | undefined;
  /** Connections of the caller's, which stay the caller's to close; not together with `proxy` and TLS options. */
  readonly transport?: Transport | undefined;
  /** URL that relative URLs are resolved against. A string that leads to another origin is refused. */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Languages in order, as `'de-DE, en'`; the weights are the browser's.
   * @default 'en-US, en'
   */
  readonly acceptLanguage?: string | undefined;
}

/** What each request may say: `fetch`'s options and more. Keys that are not known here are ignored, as in `fetch`. */
export interface RequestInit extends RequestDefaults {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: HeadersInput | null | undefined;
  /** At most one of `body`, `json`, `form`. */
  readonly body?: BodyInput | null | undefined;
  /** Sent as JSON, with its Content-Type. */
  readonly json?: unknown;
  /** Sent as a browser's form, urlencoded. */
  readonly form?: FieldsInput | undefined;
  /** Added to the URL's query. */
  readonly searchParams?: FieldsInput | undefined;
  /** Ends the call at any stage; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | null | undefined;
  readonly duplex?: 'half' | undefined;
  /**
   * `omit` neither sends nor stores cookies. An explicit `include` also shows in the preset's headers, where a browser
   * tells that a cross-site request has credentials.
   * @default cookies are sent and stored
   */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  /** With `destination`: what kind of request a browser would take this for. Inferred when left out. */
  readonly mode?: RequestContext['mode'] | undefined;
  readonly cache?: CacheMode | undefined;
  /** URL of the page the request comes from; `no-referrer` hides it. */
  readonly referrer?: string | URL | undefined;
  /** @default 'strict-origin-when-cross-origin' */
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  /** The Fetch Standard's destination: 'document', '' (a page's fetch), 'image', 'script', 'style', 'iframe' and so on. */
  readonly destination?: string | undefined;
  /**
   * False for a navigation by script.
   * @default true for navigations
   */
  readonly userActivation?: boolean | undefined;
  /**
   * How urgent a page's own request is; shows where the browser tells it. Fetch Standard, "internal priority".
   * @default 'auto'
   */
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
  /**
   * What in the page asks, where that shows in its headers: XMLHttpRequest, EventSource, a beacon, a prefetch, a
   * preload, the HTML parser, a style sheet. Left out, it is told from the headers; `''` is the destination's usual.
   */
  readonly initiator?: Initiator | undefined;
  /** Connection, proxy and, if it has one, preset of this transport; cookies and headers stay the session's. */
  readonly transport?: Transport | undefined;
  /**
   * True: no preset headers; `defaultHeaders` and `headers` stay.
   * @default false
   */
  readonly disableDefaultHeaders?: boolean | undefined;
  /**
   * False: the bytes as they came, Content-Encoding kept.
   * @default true
   */
  readonly decompress?: boolean | undefined;
  /** Another name for `decompress`. */
  readonly compress?: boolean | undefined;
  /** Names of the caller's headers that may follow a redirect to another origin. */
  readonly crossOriginHeaders?: readonly string[] | undefined;
  /** Called at each step of the call. */
  readonly onRequestEvent?: ((event: RequestEvent) => void) | undefined;
  /** @default the session's */
  readonly acceptLanguage?: string | undefined;
  /** Fixed when the session is created: the same value is fine, another is refused. */
  readonly browser?: BrowserProfile | BrowserAlias | null | undefined;
  /** Fixed when the session is created. */
  readonly os?: OperatingSystem | undefined;
  /** Fixed when the session is created. */
  readonly proxy?: string | null | undefined;
  /** Fixed when the session is created. */
  readonly insecure?: boolean | undefined;
  /** Fixed when the session is created. */
  readonly trustStore?: ConnectionOptions['trustStore'];
}

/** A session's options with nothing left to decide. */
export interface ResolvedSession {
  readonly preset: Preset | null;
  readonly os: OperatingSystem;
  readonly sessionId: string | null;
  readonly cookieJar: CookieJar | null;
  readonly transport: Transport | null;
  readonly connection: CheckedConnection;
  readonly defaultHeaders: HeaderList;
  readonly baseUrl: URL | null;
  readonly acceptLanguage: string | null;
  readonly timeout: TimeoutLimits;
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly maxRedirects: number;
  readonly refuseDowngrade: boolean;
  readonly maxBodyBytes: number;
  readonly retry: RetrySettings | null;
}

const sessionKeys: ReadonlySet<string> = new Set([
  ...connectionKeys,
  ...['browser', 'os', 'defaultHeaders', 'sessionId', 'cookieJar', 'transport', 'baseUrl', 'acceptLanguage'],
  ...['timeout', 'redirect', 'maxRedirects', 'refuseDowngrade', 'maxBodyBytes', 'retry'],
]);

/** What holds when nobody says otherwise. */
const defaults = {
  browser: 'chrome',
  os: 'macos',
  timeout: { total: 30_000, connect: false, headers: false, idle: false },
  redirect: 'follow',
  maxRedirects: 20,
  refuseDowngrade: false,
  maxBodyBytes: 100 * 1024 * 1024,
  retry: null,
} as const;

/**
 * Checks a session's options and fills in the rest.
 *
 * @throws RequestError ERR_INVALID_OPTION, ERR_INVALID_HEADER or ERR_INVALID_URL that names the option
 */
export function resolveSession(options: SessionOptions): ResolvedSession {
  checkOptions(options, 'Session options', sessionKeys);
  const browser = own(options, 'browser');
  const os = own(options, 'os');
  const preset = browser === null ? null : resolvePreset(browser ?? defaults.browser, os);
  const sessionId = own(options, 'sessionId');
  const headers = own(options, 'defaultHeaders');
  return {
    preset,
    os: preset?.os ?? os ?? defaults.os,
    sessionId: sessionId === undefined ? null : checkString('sessionId', sessionId),
    cookieJar: checkJar(own(options, 'cookieJar')),
    transport: checkTransport(options),
    connection: checkConnection(options),
    defaultHeaders: headers === undefined ? noHeaders : readHeaders(headers),
    baseUrl: checkBaseUrl(own(options, 'baseUrl')),
    acceptLanguage: checkLanguages(own(options, 'acceptLanguage')),
    ...resolveDefaults(options, defaults),
  };
}

type Overridable = Pick<
  ResolvedSession,
  'timeout' | 'redirect' | 'maxRedirects' | 'refuseDowngrade' | 'maxBodyBytes' | 'retry'
>;

/** What session and request have in common: what is said here over `fallback`. */
export function resolveDefaults(options: RequestDefaults, fallback: Overridable): Overridable {
  const timeout = own(options, 'timeout');
  const redirect = own(options, 'redirect');
  const maxRedirects = own(options, 'maxRedirects');
  const refuseDowngrade = own(options, 'refuseDowngrade');
  const maxBodyBytes = own(options, 'maxBodyBytes');
  const retry = own(options, 'retry');
  return {
    timeout: timeout === undefined ? fallback.timeout : resolveTimeout(timeout, fallback.timeout),
    redirect:
      redirect === undefined
        ? fallback.redirect
        : checkOneOf('redirect', redirect, ['follow', 'manual', 'error']),
    maxRedirects:
      maxRedirects === undefined
        ? fallback.maxRedirects
        : checkNumber('maxRedirects', maxRedirects, { least: 0, integer: true }),
    refuseDowngrade:
      refuseDowngrade === undefined
        ? fallback.refuseDowngrade
        : checkBoolean('refuseDowngrade', refuseDowngrade),
    maxBodyBytes:
      maxBodyBytes === undefined
        ? fallback.maxBodyBytes
        : checkNumber('maxBodyBytes', maxBodyBytes, { least: 1, integer: true }),
    retry: retry === undefined ? fallback.retry : resolveRetry(retry),
  };
}

const timeoutKeys: ReadonlySet<string> = new Set(['total', 'connect', 'headers', 'idle']);

function resolveTimeout(input: TimeoutInput, fallback: TimeoutLimits): TimeoutLimits {
  if (typeof input !== 'object' || input === null) {
    return { ...fallback, total: checkDuration('timeout', input) };
  }
  checkOptions(input, 'timeout', timeoutKeys);
  const limit = (name: keyof TimeoutLimits): number | false => {
    const value = own(input, name);
    return value === undefined ? fallback[name] : checkDuration(`timeout.${name}`, value);
  };
  return { total: limit('total'), connect: limit('connect'), headers: limit('headers'), idle: limit('idle') };
}

function checkTransport(options: SessionOptions): Transport | null {
  const transport = own(options, 'transport');
  if (transport === undefined) return null;
  if (!(transport instanceof Transport))
    throw invalidObject('transport', 'a Transport of createTransport()', transport);
  const other = connectionKeys.find((key) => own(options, key) !== undefined);
  if (other !== undefined) {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      `\`transport\` cannot be combined with ${other}: give it to createTransport()`,
    );
  }
  return transport;
}

function checkJar(jar: unknown): CookieJar | null {
  if (jar === undefined) return null;
  // By its methods: the caller's copy of tough-cookie may be another than ours.
  const { setCookie, getCookieString, store }: Partial<CookieJar> = Object(jar);
  const hasMethods = typeof setCookie === 'function' && typeof getCookieString === 'function';
  if (!hasMethods || typeof store !== 'object') {
    throw invalidObject('cookieJar', 'a tough-cookie CookieJar', jar);
  }
  return jar as CookieJar;
}

function checkBaseUrl(baseUrl: unknown): URL | null {
  if (baseUrl === undefined) return null;
  const url =
    baseUrl instanceof URL
      ? baseUrl
      : typeof baseUrl === 'string' && URL.canParse(baseUrl)
        ? new URL(baseUrl)
        : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new RequestError('ERR_INVALID_URL', 'baseUrl must be an absolute http or https URL');
  }
  return new URL(url);
}

/** Language tags between commas: what may stand in a header, so no weights. RFC 5646, RFC 9110 section 12.5.4. */
const languageList = /^ *[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*( *, *[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)* *$/;

export function checkLanguages(languages: unknown): string | null {
  if (languages === undefined) return null;
  if (typeof languages !== 'string' || !languageList.test(languages)) {
    throw invalidOption('acceptLanguage', "languages in order such as 'de-DE, en'", languages);
  }
  return languages;
}
