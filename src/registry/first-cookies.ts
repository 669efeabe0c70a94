import type { ImportFormat, ImportOptions } from '../core/cookies/formats/convert.ts';
import type { SessionCookieInit } from '../core/cookies/input.ts';
import { isRequestError, RequestError } from '../core/errors.ts';
import type { RegistrySession } from './registry-session.ts';

/** The cookies of a new session. */
export interface FirstCookies {
  readonly cookies?: string | object | undefined;
  readonly cookieFormat?: ImportFormat | ImportOptions | undefined;
  /** The URL of cookies without a domain. */
  readonly url?: string | URL | undefined;
}

/**
 * Gives a new session its cookies: in a format that `importCookies` knows; else a Cookie header without an address, a
 * map of names and values, or records of `setCookies`, as `getAllCookies` makes them.
 *
 * @throws RequestError ERR_INVALID_COOKIE, ERR_INVALID_OPTION
 */
export function giveCookies(session: RegistrySession, { cookies, cookieFormat, url }: FirstCookies): void {
  if (cookies === undefined) return;
  if (isMap(cookies)) {
    const records = Object.entries(cookies).map(([name, value]) => ({ name, value }));
    session.setCookies(records, url);
    return;
  }
  try {
    session.importCookies(cookies, cookieFormat);
  } catch (error) {
    const isUnknown = cookieFormat === undefined && isRequestError(error, 'ERR_INVALID_COOKIE');
    if (!isUnknown) throw error;
    if (Array.isArray(cookies)) setRecords(session, cookies, url, error);
    else if (typeof cookies === 'string' && url !== undefined) session.importCookies(cookies, { url });
    else throw error;
  }
}

const recordKeys: ReadonlySet<string> = new Set([
  ...['name', 'value', 'domain', 'path', 'url', 'hostOnly', 'secure', 'httpOnly', 'sameSite'],
  ...['partitioned', 'expiresAtMs'],
]);

/** The records that `setCookies` accepts. Any other list gets the error for an unknown format. */
function setRecords(
  session: RegistrySession,
  cookies: readonly SessionCookieInit[],
  url: string | URL | undefined,
  unknown: RequestError,
): void {
  // An unknown field can hold the expiry of the cookie, and an ended login would become valid again.
  const other = cookies.flatMap((cookie) => Object.keys(Object(cookie))).find((key) => !recordKeys.has(key));
  if (other !== undefined) throw unknown;
  try {
    session.setCookies(cookies, url);
  } catch (cause) {
    if (!isRequestError(cause)) throw cause;
    throw new RequestError('ERR_INVALID_COOKIE', `${unknown.message}; as records: ${cause.message}`, {
      cause,
    });
  }
}

/** An object of names and values only. */
function isMap(cookies: string | object): cookies is Readonly<Record<string, string>> {
  if (typeof cookies !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(cookies);
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain && Object.values(cookies).every((value) => typeof value === 'string');
}
