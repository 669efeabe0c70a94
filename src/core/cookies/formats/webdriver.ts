import type { CookieInit, SessionCookie } from '../jar/cookie-record.ts';
import type { SameSite } from '../jar/parse.ts';
import { capitalWords, toCapital } from './devtools.ts';
import {
  dottedDomain,
  flagField,
  millisecondsOf,
  type RecordFields,
  sameSiteField,
  sameSiteOrUnsaid,
  textField,
  wholeSeconds,
} from './record.ts';

/** A cookie as WebDriver gives it, and so Selenium and WebdriverIO. Cypress has the same with other words for SameSite. */
export interface WebDriverCookie {
  name: string;
  value: string;
  path: string;
  /**
   * With a leading dot for a Domain cookie. A driver makes a Domain cookie of every one that it is given with a
   * domain: leave it out of those without a dot when you add them.
   */
  domain: string;
  secure: boolean;
  httpOnly: boolean;
  /** Whole seconds since the epoch; absent for a session cookie. */
  expiry?: number;
  /** Absent when it was not said. */
  sameSite?: 'Strict' | 'Lax' | 'None';
}

/** Those of WebDriver and those of Cypress. */
const words: ReadonlyMap<unknown, { readonly sameSite: SameSite | undefined }> = new Map<
  unknown,
  { readonly sameSite: SameSite | undefined }
>([
  ...[...capitalWords].map(([word, sameSite]) => [word, { sameSite }] as const),
  ['no_restriction', { sameSite: 'none' }],
  ['lax', { sameSite: 'lax' }],
  ['strict', { sameSite: 'strict' }],
  ['unspecified', { sameSite: undefined }],
  [undefined, { sameSite: undefined }],
  [null, { sameSite: undefined }],
]);

/** Writes the list as a driver's "Get All Cookies" gives it. Source: WebDriver, section 14. */
export function writeWebDriver(cookies: readonly SessionCookie[]): WebDriverCookie[] {
  return cookies.map(writeCookie);
}

function writeCookie(cookie: SessionCookie): WebDriverCookie {
  const { name, value, path, secure, httpOnly, sameSite, expiresAtMs } = cookie;
  return {
    name,
    value,
    path,
    domain: dottedDomain(cookie),
    secure,
    httpOnly,
    ...(expiresAtMs !== undefined && { expiry: wholeSeconds(expiresAtMs) }),
    ...(sameSite !== undefined && { sameSite: toCapital(sameSite) }),
  };
}

/** Reads one record. Where `hostOnly` is missing, a leading dot tells. */
export function readWebDriver(fields: RecordFields): CookieInit {
  const domain = textField(fields, 'domain');
  const secure = flagField(fields, 'secure');
  const { sameSite } = sameSiteField(words, fields.sameSite);
  return {
    name: textField(fields, 'name'),
    value: textField(fields, 'value'),
    domain,
    hostOnly: fields.hostOnly == null ? !domain.startsWith('.') : flagField(fields, 'hostOnly'),
    path: fields.path == null ? '/' : textField(fields, 'path'),
    secure,
    httpOnly: flagField(fields, 'httpOnly'),
    sameSite: sameSiteOrUnsaid(sameSite, secure),
    expiresAtMs: fields.expiry == null ? undefined : millisecondsOf(fields.expiry),
  };
}
