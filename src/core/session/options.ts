import type { CookieJar } from 'tough-cookie';
import { checkOptions, checkString, ownCopy } from '../checks.ts';
import type { CookieLimits } from '../cookies/jar/limits.ts';
import { invalidObject, invalidOption, RequestError } from '../errors.ts';
import { checkMiddleware, type Middleware } from '../flow/middleware.ts';
import { checkObservers, type Observer } from '../flow/observer.ts';
import { adviceOn } from '../foreign-options.ts';
import { type OptionRow, optionsIn } from '../option-row.ts';
import {
  type BrowserAlias,
  type BrowserProfile,
  type OperatingSystem,
  type Preset,
  resolvePreset,
} from '../presets/index.ts';
import {
  addSetting,
  type CallSettings,
  defaultSettings,
  type GivenSettings,
  mergeSettings,
} from '../request/call-settings.ts';
import { type HeaderList, type HeadersInput, noHeaders, readHeaders } from '../request/headers.ts';
import { optionTable } from '../request/option-table.ts';
import type { RequestDefaults } from '../request/settings.ts';
import { placeOf } from '../request/unknown-options.ts';
import {
  type CheckedConnection,
  type ConnectionOptions,
  checkConnection,
  connectionKeys,
} from '../transport/connection-options.ts';
import { Transport } from '../transport/transport.ts';

/** Options of {@link createSession}. Unknown keys are refused. */
export interface SessionOptions extends ConnectionOptions, RequestDefaults {
  /**
   * The browser whose headers are sent: a profile (`chrome_142`), a family for its newest profile (`chrome`), or
   * `null` for no browser headers.
   * @default 'chrome'
   */
  readonly browser?: BrowserProfile | BrowserAlias | null | undefined;
  /**
   * The operating system of the browser. A system for which the browser does not exist is refused.
   * @default 'macos', or the browser's own where it does not exist for macOS
   */
  readonly os?: OperatingSystem | undefined;
  /**
   * Headers of every request. They take precedence over the preset's headers, and a request's own over them. A
   * request never changes them.
   */
  readonly defaultHeaders?: HeadersInput | undefined;
  /**
   * Identifies the session.
   * @default random
   */
  readonly sessionId?: string | undefined;
  /**
   * The caller's own tough-cookie CookieJar, used as it is. Several sessions may share one.
   * @default a new jar that keeps cookies as browsers do
   */
  readonly cookieJar?: CookieJar | undefined;
  /**
   * Limits of the session's own jar for cookies of servers. Cannot be combined with `cookieJar`, which has its own
   * limits. A fork and a saved session keep them.
   * @default { maxCookies: 3300, maxCharacters: 4194304 }
   */
  readonly cookieLimits?: Partial<CookieLimits> | undefined;
  /** A transport that the caller created and closes. Cannot be combined with `proxy` and TLS options. */
  readonly transport?: Transport | undefined;
  /** URL that relative URLs are resolved against. A string that resolves to another origin is refused. */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Functions that change calls of `session.fetch`. Each runs once per call; the first in the list is the outermost.
   * @default none
   */
  readonly middleware?: readonly Middleware[] | undefined;
  /**
   * Objects that are notified of everything that is sent and received. They cannot change it.
   * @default none
   */
  readonly observers?: readonly Observer[] | undefined;
}

/** The options of a session, complete. */
export interface ResolvedSession {
  readonly preset: Preset | null;
  readonly os: OperatingSystem;
  readonly sessionId: string | null;
  readonly cookieJar: CookieJar | null;
  /** Limits of the jar that is created where none is given; `null` for the defaults. */
  readonly cookieLimits: CookieLimits | null;
  readonly transport: Transport | null;
  readonly connection: CheckedConnection;
  readonly defaultHeaders: HeaderList;
  readonly baseUrl: URL | null;
  /** `null` for none. */
  readonly middleware: readonly Middleware[] | null;
  /** `null` for none. */
  readonly observers: readonly Observer[] | null;
  /** The settings that its calls inherit. */
  readonly call: CallSettings;
}

const sessionOptions = optionsIn(optionTable, 'session');
const sessionKeys: ReadonlySet<string> = new Set(sessionOptions);
/** The options of a session that its calls inherit. */
const inherited = new Map<string, OptionRow>(
  sessionOptions
    .map((name): [string, OptionRow] => [name, optionTable[name]])
    .filter(([, row]) => row.setting),
);

/**
 * Refuses unknown options.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkSessionKeys(given: SessionOptions): void {
  checkOptions(given, 'Session options', sessionKeys, adviseSession);
}

/**
 * Checks a session's options and fills in the defaults.
 *
 * @throws RequestError ERR_INVALID_OPTION, ERR_INVALID_HEADER or ERR_INVALID_URL that names the option
 */
export function resolveSession(given: SessionOptions): ResolvedSession {
  checkSessionKeys(given);
  const options = ownCopy('Session options', given);
  const { browser, os, sessionId, defaultHeaders } = options;
  const preset = browser === null ? null : resolvePreset(browser ?? optionTable.browser.default, os);
  return {
    preset,
    os: preset?.os ?? os ?? optionTable.os.default,
    sessionId: sessionId === undefined ? null : checkString('sessionId', sessionId),
    cookieJar: checkJar(options.cookieJar),
    cookieLimits: checkCookieLimits(options),
    transport: checkTransport(options),
    connection: checkConnection(options),
    defaultHeaders: defaultHeaders === undefined ? noHeaders : readHeaders(defaultHeaders),
    baseUrl: checkBaseUrl(options.baseUrl),
    middleware: checkMiddleware(options.middleware),
    observers: checkObservers(options.observers),
    call: resolveCallDefaults(options),
  };
}

function adviseSession(key: string): string | undefined {
  return adviceOn(key, 'session') ?? placeOf(key);
}

/**
 * The settings that calls inherit: those of the session over the defaults.
 *
 * @param options that inherit nothing
 */
function resolveCallDefaults(options: SessionOptions): CallSettings {
  let given: GivenSettings | null = null;
  for (const name in options) {
    const value = options[name as keyof SessionOptions];
    const row = inherited.get(name);
    if (value === undefined || row?.check === undefined) continue;
    given = addSetting(given, name, row, row.check(name, value));
  }
  return mergeSettings(defaultSettings, given);
}

function checkTransport(options: SessionOptions): Transport | null {
  const { transport } = options;
  if (transport === undefined) return null;
  if (!(transport instanceof Transport))
    throw invalidObject('transport', 'a Transport of createTransport()', transport);
  const other = connectionKeys.find((key) => options[key] !== undefined);
  if (other !== undefined) throw besideTransport(other);
  return transport;
}

/** The error for an option that conflicts with `transport`. */
export function besideTransport(option: string): RequestError {
  return new RequestError(
    'ERR_INVALID_OPTION',
    `\`transport\` cannot be combined with ${option}: give it to createTransport()`,
  );
}

function checkJar(jar: unknown): CookieJar | null {
  if (jar === undefined) return null;
  // Checked by its methods, since the caller may use another copy of tough-cookie.
  const { setCookie, getCookieString, store }: Partial<CookieJar> = Object(jar);
  const hasMethods = typeof setCookie === 'function' && typeof getCookieString === 'function';
  if (!hasMethods || typeof store !== 'object') {
    throw invalidObject('cookieJar', 'a tough-cookie CookieJar', jar);
  }
  return jar as CookieJar;
}

/** @throws RequestError ERR_INVALID_OPTION */
export function checkCookieLimits({ cookieLimits, cookieJar }: SessionOptions): CookieLimits | null {
  if (cookieLimits === undefined) return null;
  if (cookieJar === undefined) return optionTable.cookieLimits.check('cookieLimits', cookieLimits);
  throw new RequestError(
    'ERR_INVALID_OPTION',
    '`cookieJar` cannot be combined with cookieLimits: give the limits to the jar, new BrowserCookieJar({ maxCookies, maxCharacters })',
  );
}

/** Refuses the options that a fork takes over from its session. @throws RequestError ERR_INVALID_OPTION */
export function checkForkOptions({ cookieJar, cookieLimits }: SessionOptions): void {
  if (cookieJar !== undefined)
    throw invalidOption('cookieJar', 'left out: a fork has a copy of the jar', cookieJar);
  if (cookieLimits === undefined) return;
  throw invalidOption('cookieLimits', 'left out: a fork has the limits of its session', cookieLimits);
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
