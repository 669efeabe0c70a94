import type { SessionCookie } from '../adapter/index.ts';
import type { CookieInit } from '../jar/browser-cookie-jar.ts';
import { capitalWords, readExpiry, readScope, toCapital } from './devtools.ts';
import {
  dottedDomain,
  flagField,
  RecordError,
  type RecordFields,
  sameSiteField,
  sameSiteOrUnsaid,
  textField,
  topLevelSite,
} from './record.ts';

/** A cookie of Playwright's `storageState` and `addCookies`. */
export interface PlaywrightCookie {
  name: string;
  value: string;
  /** With a leading dot for a Domain cookie. */
  domain: string;
  path: string;
  /** Seconds since the epoch; -1 for a session cookie. */
  expires: number;
  httpOnly: boolean;
  secure: boolean;
  sameSite: 'Strict' | 'Lax' | 'None';
  /** The top-level site of a partitioned cookie. */
  partitionKey?: string;
  _crHasCrossSiteAncestor?: boolean;
}

/** The type that Playwright's `storageState()` returns and `newContext({ storageState })` accepts. */
export interface PlaywrightState {
  cookies: PlaywrightCookie[];
  origins: { origin: string; localStorage: { name: string; value: string }[] }[];
}

/**
 * Serializes for Playwright 1.65. It has no value for a missing SameSite, so Lax is written, which browsers use in
 * that case.
 */
export function writePlaywright(cookies: readonly SessionCookie[]): PlaywrightState {
  return { cookies: cookies.map(writeCookie), origins: [] };
}

function writeCookie(cookie: SessionCookie): PlaywrightCookie {
  const { name, value, path, httpOnly, secure, sameSite = 'lax', expiresAtMs, partitioned } = cookie;
  return {
    name,
    value,
    domain: dottedDomain(cookie),
    path,
    expires: expiresAtMs === undefined ? -1 : expiresAtMs / 1000,
    httpOnly,
    secure,
    sameSite: toCapital(sameSite),
    ...(partitioned === true && { partitionKey: topLevelSite(cookie), _crHasCrossSiteAncestor: false }),
  };
}

/** Reads a cookie as Playwright does: a URL, or a domain and a path, but never both. */
export function readPlaywright(fields: RecordFields): CookieInit {
  const hasUrl = fields.url !== undefined;
  if (hasUrl ? fields.domain !== undefined || fields.path !== undefined : fields.path === undefined) {
    throw new RecordError('invalid-scope');
  }
  const { secure = flagField(fields, 'secure'), ...scope } = readScope(fields);
  const sameSite = fields.sameSite === undefined ? undefined : sameSiteField(capitalWords, fields.sameSite);
  return {
    name: textField(fields, 'name'),
    value: textField(fields, 'value'),
    secure,
    ...scope,
    httpOnly: flagField(fields, 'httpOnly'),
    sameSite: sameSiteOrUnsaid(sameSite, secure),
    expiresAtMs: readExpiry(fields.expires),
    partitioned: (fields.partitionKey ?? '') !== '',
  };
}
