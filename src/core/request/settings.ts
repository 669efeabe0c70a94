import { checkBoolean, checkDuration, checkNumber, checkOneOf, checkOptions, own } from '../checks.ts';
import { invalidObject, invalidOption } from '../errors.ts';
import type { RequestEvent } from './events.ts';
import { type RetryOptions, type RetrySettings, resolveRetry } from './retry-options.ts';

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
export interface RequestDefaults {
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
  /**
   * Languages in order, as `'de-DE, en'`; the weights are the browser's.
   * @default 'en-US, en'
   */
  readonly acceptLanguage?: string | undefined;
}

/** What a request may say that holds for all its hops. */
export interface CallOptions extends RequestDefaults {
  /** Ends the call at any stage; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | null | undefined;
  /**
   * `omit` neither sends nor stores cookies. An explicit `include` also shows in the preset's headers, where a browser
   * tells that a cross-site request has credentials.
   * @default cookies are sent and stored
   */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
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
}

/**
 * Checks what session and request have in common: what is said here goes over `fallback`.
 *
 * @param options whose properties are all its own
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveDefaults(options: RequestDefaults, fallback: CallSettings): CallSettings {
  const { timeout, redirect, maxRedirects, refuseDowngrade, maxBodyBytes, retry } = options;
  return {
    ...fallback,
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
    acceptLanguage: checkLanguages(options.acceptLanguage) ?? fallback.acceptLanguage,
  };
}

/**
 * Checks what a request says for all its hops, over what its session says.
 *
 * @param init whose properties are all its own
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveSettings(init: CallOptions, fallback: CallSettings): CallSettings {
  const { credentials, disableDefaultHeaders, crossOriginHeaders } = init;
  return {
    ...resolveDefaults(init, fallback),
    decompress: checkBoolean('decompress', init.decompress ?? init.compress ?? fallback.decompress),
    credentials: credentials === undefined ? fallback.credentials : checkCredentials(credentials) !== 'omit',
    presetHeaders:
      disableDefaultHeaders === undefined
        ? fallback.presetHeaders
        : !checkBoolean('disableDefaultHeaders', disableDefaultHeaders),
    crossOriginHeaders:
      crossOriginHeaders === undefined ? fallback.crossOriginHeaders : checkNames(crossOriginHeaders),
    signal: checkSignal(init.signal),
    onRequestEvent: checkListener(init.onRequestEvent),
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

/** Language tags between commas: what may stand in a header, so no weights. RFC 5646, RFC 9110 section 12.5.4. */
const languageList = /^ *[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*( *, *[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)* *$/;

function checkLanguages(languages: unknown): string | null {
  if (languages === undefined) return null;
  if (typeof languages !== 'string' || !languageList.test(languages)) {
    throw invalidOption('acceptLanguage', "languages in order such as 'de-DE, en'", languages);
  }
  return languages;
}

function checkCredentials(credentials: unknown): string {
  return checkOneOf('credentials', credentials, ['omit', 'same-origin', 'include']);
}

function checkSignal(signal: unknown): AbortSignal | null {
  if (signal === undefined || signal === null) return null;
  // By its members: an AbortSignal may come from another realm.
  const { aborted, addEventListener }: Partial<AbortSignal> = Object(signal);
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    throw invalidObject('signal', 'an AbortSignal', signal);
  }
  return signal as AbortSignal;
}

function checkListener(listener: unknown): ((event: RequestEvent) => void) | null {
  if (listener === undefined || listener === null) return null;
  if (typeof listener !== 'function') throw invalidOption('onRequestEvent', 'a function', listener);
  return listener as (event: RequestEvent) => void;
}

function checkNames(names: unknown): ReadonlySet<string> {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw invalidOption('crossOriginHeaders', 'an array of header names', names);
  }
  return new Set(names.map((name) => name.toLowerCase()));
}
