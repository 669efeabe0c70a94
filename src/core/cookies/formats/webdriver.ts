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

/**
 * A cookie in the form of WebDriver, which Selenium and WebdriverIO also use. Cypress has the same form with other
 * values for SameSite.
 */
export interface WebDriverCookie {
  name: string;
  value: string;
  path: string;
  /**
   * With a leading dot for a Domain cookie. A driver makes every cookie that has a domain a Domain cookie: leave the
   * domain out of those without a dot when you add them.
   */
  domain: string;
  secure: boolean;
  httpOnly: boolean;
  /** Whole seconds since the epoch; absent for a session cookie. */
  expiry?: number;
  /** Absent when it was not set. */
  sameSite?: 'Strict' | 'Lax' | 'None';
}

/** The values of WebDriver and those of Cypress. */
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

/** Serializes the list in the form of a driver's "Get All Cookies". Source: WebDriver, section 14. */
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

/** Reads one record. Where `hostOnly` is missing, a leading dot decides. */
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
