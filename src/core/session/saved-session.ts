import type { CookieJar } from 'tough-cookie';
import { checkOptions, ownCopy } from '../checks.ts';
import { accessCookies } from '../cookies/adapter/index.ts';
import {
  BrowserCookieJar,
  type CookieRecord,
  type SessionCookie,
} from '../cookies/jar/browser-cookie-jar.ts';
import { type CookieLimits, isDefault } from '../cookies/jar/limits.ts';
import { RequestError } from '../errors.ts';
import { optionsIn } from '../option-row.ts';
import type { BrowserProfile, OperatingSystem } from '../presets/index.ts';
import { optionTable } from '../request/option-table.ts';
import { checkCookieLimits, type ResolvedSession, type SessionOptions } from './options.ts';
import { copyUserData } from './user-data.ts';

/** A cookie in a document, with every field, so that the same cookies are sent after loading. */
export interface DocumentCookie extends SessionCookie, Partial<Pick<CookieRecord, 'creation'>> {
  /** Epoch milliseconds of its last change, as far as a registry noticed it; of two changes the newer one is kept. */
  readonly changedAt?: number;
  /** Number of the registry's login that set or used it; a later login takes precedence over an earlier one. */
  readonly login?: number;
}

/** The failures of logins, and how long the next login has to wait. */
export interface LoginPause {
  /** Consecutive logins that failed or did not help; 0 after one that helped. */
  readonly failures: number;
  /** Epoch milliseconds before which no login is attempted. */
  readonly until: number;
  /** Epoch milliseconds at which this was recorded; of two records the newer one is kept. */
  readonly changedAt: number;
}

/** How a site treats the account of a session, as a pool has recorded it. Instants are epoch milliseconds. */
export interface AccountStanding {
  /** The account is not used before this instant. */
  readonly restsUntil: number;
  /** Consecutive responses after which the account had to rest. */
  readonly failures: number;
  /** Grows with responses that refuse the account, and shrinks with good ones. */
  readonly score: number;
  /** Number of jobs that have used it. */
  readonly uses: number;
  /** When its first job used it; 0 before any job. */
  readonly firstUsedAt: number;
  /** Why the account is no longer used; `null` while it may be used. */
  readonly retired: string | null;
  /** When this was recorded; of two records the newer one is kept. */
  readonly changedAt: number;
}

/**
 * A session as plain JSON: what {@link Session.save} writes and {@link loadSession} reads. It is as secret as the
 * cookies in it. All instants are epoch milliseconds.
 */
export interface SessionDocument {
  /** Version of this format. */
  readonly version: 1;
  readonly sessionId: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly savedAt: number;
  /** Identifies this session: one that is created later under the same id has another value. Set by a registry. */
  readonly lineage?: string;
  /**
   * Changes when the session is written again to a store that had lost it. Cookies that the store lacks then were not
   * deleted.
   */
  readonly era?: string;
  /** How often a store has written it; 0 for never. */
  readonly revision: number;
  /** Number of requests that were made with it in a registry. */
  readonly requests: number;
  /** Number of logins that a registry made with it. */
  readonly logins: number;
  /** Absent as long as none of its logins has failed. */
  readonly loginPause?: LoginPause;
  /** Absent as long as no pool has recorded anything. */
  readonly account?: AccountStanding;
  readonly browser: BrowserProfile | null;
  readonly os: OperatingSystem;
  readonly acceptLanguage: string | null;
  /** In order; `null` removes the preset's header. */
  readonly defaultHeaders: readonly (readonly [name: string, value: string | null])[];
  readonly baseUrl: string | null;
  /** The proxy's URL or `'env'`. */
  readonly proxy: string | null;
  /** True when the proxy has a password that was not written. It must be given again to load the session. */
  readonly proxyPasswordOmitted: boolean;
  /** Limits of its jar. Absent for the default limits, and for a jar of another class. */
  readonly cookieLimits?: CookieLimits;
  /** In the order of their creation. */
  readonly cookies: readonly DocumentCookie[];
  /** Data of the caller that JSON can represent; `null` for none. */
  readonly userData: unknown;
}

/** Options of {@link Session.save}. */
export interface SaveOptions {
  /**
   * Whether the proxy's password is written too.
   * @default false
   */
  readonly proxyPassword?: boolean | undefined;
  /**
   * Data of the caller that JSON can represent.
   * @default null
   */
  readonly userData?: unknown;
}

/** A session that is to be written. */
export interface Writable {
  readonly id: string;
  readonly createdAt: number;
  readonly options: ResolvedSession;
  readonly cookieJar: CookieJar;
}

const saveKeys: ReadonlySet<string> = new Set(optionsIn(optionTable, 'save'));

/**
 * Writes a session as a document.
 *
 * @throws RequestError ERR_INVALID_OPTION for unknown options, for user data that JSON cannot represent, and for a
 * document that is too long to be loaded
 */
export function writeDocument(session: Writable, given: SaveOptions = {}): SessionDocument {
  checkOptions(given, 'Save options', saveKeys);
  const options = ownCopy('Save options', given);
  const { preset, os, defaultHeaders, baseUrl, connection, call } = session.options;
  const now = Date.now();
  const userData = copyUserData(options.userData);
  const document: SessionDocument = {
    version: 1,
    sessionId: session.id,
    createdAt: session.createdAt,
    lastUsedAt: now,
    savedAt: now,
    revision: 0,
    requests: 0,
    logins: 0,
    browser: preset?.browser ?? null,
    os,
    acceptLanguage: call.acceptLanguage,
    defaultHeaders: [
      ...defaultHeaders.entries.map(([name, value]): [string, string] => [name, value]),
      ...[...defaultHeaders.removed].map((name): [string, null] => [name, null]),
    ],
    baseUrl: baseUrl?.href ?? null,
    ...writeProxy(connection.proxy ?? null, options.proxyPassword === true),
    ...writeLimits(session.cookieJar),
    cookies: writeCookies(session.cookieJar),
    userData,
  };
  return checkLength(document, userData === null ? 0 : JSON.stringify(userData).length);
}

function writeProxy(
  proxy: string | null,
  withPassword: boolean,
): Pick<SessionDocument, 'proxy' | 'proxyPasswordOmitted'> {
  const url = proxy === null || proxy === 'env' ? null : URL.parse(proxy);
  if (url === null || url.password === '' || withPassword) return { proxy, proxyPasswordOmitted: false };
  url.password = '';
  return { proxy: url.href, proxyPasswordOmitted: true };
}

function writeLimits(jar: CookieJar): Pick<SessionDocument, 'cookieLimits'> {
  return jar instanceof BrowserCookieJar && !isDefault(jar.limits) ? { cookieLimits: { ...jar.limits } } : {};
}

/** The cookies of a jar as documents hold them. */
function writeCookies(jar: CookieJar): DocumentCookie[] {
  if (!(jar instanceof BrowserCookieJar)) return accessCookies(jar).all();
  return jar.allCookies();
}

/** Longest text of a document in characters: a jar at the default limits fits. */
export const maxDocumentLength = 32 * 1024 * 1024;

/**
 * The text of a document, for storage.
 *
 * @throws RequestError ERR_INVALID_OPTION for one that is too long to be loaded
 */
export function serializeDocument(document: SessionDocument): string {
  const text = JSON.stringify(document);
  if (text.length <= maxDocumentLength) return text;
  throw new RequestError(
    'ERR_INVALID_OPTION',
    `The session ${JSON.stringify(document.sessionId)} is too large to be saved: ${text.length} characters, at most ${maxDocumentLength}; keep less in userData or drop cookies`,
  );
}

/**
 * Refuses a document that is too long to be loaded. Its text is built only where an estimate does not rule that out.
 */
function checkLength(document: SessionDocument, userDataLength: number): SessionDocument {
  const cookies = document.cookies.reduce(
    (sum, { name, value, domain, path }) =>
      sum + longestEscape * (name.length + value.length + domain.length + path.length) + cookieOverhead,
    0,
  );
  if (cookies + userDataLength > maxDocumentLength / 2) serializeDocument(document);
  return document;
}

/** The most characters that JSON writes for one character, and those of a cookie besides its texts. */
const longestEscape = 6;
const cookieOverhead = 400;

/**
 * The jar of a document's cookies. Each cookie must pass the rules for cookies of a server. Those that no server
 * could have set, and expired ones, are left out.
 */
function jarOf({ cookies }: SessionDocument, limits: CookieLimits | undefined): BrowserCookieJar {
  const jar = new BrowserCookieJar(limits);
  for (const cookie of cookies) jar.put(cookie);
  return jar;
}

/**
 * The options that create the saved session again; `given` takes precedence.
 *
 * @throws RequestError ERR_INVALID_OPTION when the proxy's password was left out and none is given
 */
export function optionsOf(document: SessionDocument, given: SessionOptions = {}): SessionOptions {
  const { browser, os, acceptLanguage, defaultHeaders, baseUrl, proxy } = document;
  const isOwnConnection = given.transport !== undefined || given.proxy !== undefined;
  if (document.proxyPasswordOmitted && !isOwnConnection) {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      `The session ${JSON.stringify(document.sessionId)} was saved without its proxy's password: give the option proxy`,
    );
  }
  const written: SessionOptions = {
    browser,
    os,
    defaultHeaders,
    sessionId: document.sessionId,
    ...(acceptLanguage === null ? {} : { acceptLanguage }),
    ...(baseUrl === null ? {} : { baseUrl }),
    ...(proxy === null || isOwnConnection ? {} : { proxy }),
    cookieJar: jarOf(document, checkCookieLimits(given) ?? document.cookieLimits),
  };
  // The limits are already set in the jar.
  return mergeOptions(written, { ...given, cookieLimits: undefined });
}

/** Merges two option objects. `given` takes precedence over `base`; `undefined` inherits. */
export function mergeOptions(base: SessionOptions, given: SessionOptions): SessionOptions {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(said) };
}
