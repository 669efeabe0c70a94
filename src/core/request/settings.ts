import { checkDuration, checkOptions, own } from '../checks.ts';
import { invalidObject, invalidOption } from '../errors.ts';
import type { Progress, RequestEvent } from './events.ts';
import type { RetryOptions } from './retry-options.ts';

/** Limits of one call in milliseconds; `false` means no limit. */
export interface TimeoutLimits {
  /** The whole call: redirects, retries and body included. */
  readonly total: number | false;
  /** Until a connection is ready for the request. Includes waiting for a free one, DNS, TCP, proxy and TLS. */
  readonly connect: number | false;
  /** From a ready connection to the response headers, including the sending of the body. */
  readonly headers: number | false;
  /**
   * The longest silence of the server between two pieces of the response body; the time of a slow reader does not
   * count.
   */
  readonly idle: number | false;
}

/** Limits of a call in milliseconds; `false` means no limit. A number alone is the total. */
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
   * `follow`, `manual` (returns the 3xx response with its headers) or `error`.
   * @default 'follow'
   */
  readonly redirect?: 'follow' | 'manual' | 'error' | undefined;
  /**
   * Most redirects of one call; one more is ERR_TOO_MANY_REDIRECTS.
   * @default 20
   */
  readonly maxRedirects?: number | undefined;
  /**
   * True: a redirect from https to http is ERR_INVALID_REDIRECT. False: it is followed without credentials, the
   * caller's own headers and Secure cookies, and is refused only where it would send the body again (307, 308).
   * @default false
   */
  readonly refuseDowngrade?: boolean | undefined;
  /**
   * False refuses a redirect that would send the body again (307, 308) to another origin, with ERR_INVALID_REDIRECT.
   * @default true: it is sent, as in browsers; but never from https to http
   */
  readonly crossOriginBody?: boolean | undefined;
  /**
   * Most bytes of a decoded body for text(), json() and the other methods that read it whole. A stream may be longer,
   * but past this limit it must not be 1100 times as long as the bytes received.
   * @default 104857600 (100 MiB)
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * When a call is sent again: `true` or {@link RetryOptions}. Reasons are failures of the connection, and the limits
   * `timeout.connect` and `connectTimeout` while the total has time left. Independent of this option, a request that
   * may be repeated is sent once more when its reused connection turns out to be closed.
   * @default false
   */
  readonly retry?: RetryOptions | boolean | undefined;
  /**
   * Languages in order of preference, such as `'de-DE, en'`; the browser's weights are added.
   * @default 'en-US, en'
   */
  readonly acceptLanguage?: string | undefined;
}

/** The options of a request that apply to all its hops. */
export interface CallOptions extends RequestDefaults {
  /** Aborts the call at any stage; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | null | undefined;
  /**
   * `omit` neither sends nor stores cookies. An explicit `include` also changes the preset's headers where a browser
   * marks a cross-site request with credentials.
   * @default cookies are sent and stored
   */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  /**
   * With true, no preset headers are sent; `defaultHeaders` and `headers` are.
   * @default false
   */
  readonly disableDefaultHeaders?: boolean | undefined;
  /**
   * With false, the body is returned as received, with its Content-Encoding.
   * @default true
   */
  readonly decompress?: boolean | undefined;
  /** Another name for `decompress`. */
  readonly compress?: boolean | undefined;
  /** Names of the caller's headers that may follow a redirect to another origin. */
  readonly crossOriginHeaders?: readonly string[] | undefined;
  /** Called at each step of the call. */
  readonly onRequestEvent?: ((event: RequestEvent) => void) | undefined;
  /**
   * Called while bodies are sent and received, at most ten times a second for each direction, and once when a whole
   * body was transferred.
   */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const limits = ['total', 'connect', 'headers', 'idle'] as const;
const limitNames: ReadonlySet<string> = new Set(limits);

/** Checks `timeout`. A number alone is the total. */
export function checkTimeout(name: string, input: unknown): Partial<TimeoutLimits> {
  if (typeof input !== 'object' || input === null) return { total: checkDuration(name, input) };
  checkOptions(input, name, limitNames);
  const given: { -readonly [Limit in keyof TimeoutLimits]?: number | false } = {};
  for (const limit of limits) {
    const value: unknown = own(input as Record<string, unknown>, limit);
    if (value !== undefined) given[limit] = checkDuration(`${name}.${limit}`, value);
  }
  return given;
}

/**
 * Language tags separated by commas, as they may stand in a header, without weights. RFC 5646, RFC 9110 section
 * 12.5.4.
 */
const languageList = /^ *[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*( *, *[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)* *$/;

/** Checks `acceptLanguage`. */
export function checkLanguages(name: string, languages: unknown): string {
  if (typeof languages !== 'string' || !languageList.test(languages)) {
    throw invalidOption(name, "languages in order such as 'de-DE, en'", languages);
  }
  return languages;
}

/** Checks `signal`; `null` means none. */
export function checkSignal(name: string, signal: unknown): AbortSignal | null {
  if (signal === null) return null;
  // Recognised by its members: an AbortSignal may come from another realm.
  const { aborted, addEventListener }: Partial<AbortSignal> = Object(signal);
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    throw invalidObject(name, 'an AbortSignal', signal);
  }
  return signal as AbortSignal;
}

/** Checks `onRequestEvent`; `null` means none. */
export function checkListener(name: string, listener: unknown): ((event: RequestEvent) => void) | null {
  if (listener === null) return null;
  if (typeof listener !== 'function') throw invalidOption(name, 'a function', listener);
  return listener as (event: RequestEvent) => void;
}

/** Checks `crossOriginHeaders`. */
export function checkNames(name: string, names: unknown): ReadonlySet<string> {
  if (!Array.isArray(names) || !names.every((each) => typeof each === 'string')) {
    throw invalidOption(name, 'an array of header names', names);
  }
  return new Set(names.map((each) => each.toLowerCase()));
}

/** Checks `onProgress`; `null` means none. */
export function checkProgress(name: string, listener: unknown): ((progress: Progress) => void) | null {
  if (listener === null) return null;
  if (typeof listener !== 'function') throw invalidOption(name, 'a function', listener);
  return listener as (progress: Progress) => void;
}
