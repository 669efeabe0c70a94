import type { SessionCookie } from '../adapter/index.ts';
import type { CookieInit, SameSite } from '../jar/browser-cookie-jar.ts';
import {
  dottedDomain,
  flagField,
  millisecondsOf,
  type RecordFields,
  sameSiteField,
  textField,
  topLevelSite,
} from './record.ts';

/** A cookie of the extension API `chrome.cookies`, as EditThisCookie, Cookie-Editor and Electron use it. */
export interface ChromeCookie {
  /** With a leading dot for a Domain cookie. */
  domain: string;
  hostOnly: boolean;
  name: string;
  value: string;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  session: boolean;
  /** Seconds since the epoch; absent for a session cookie. */
  expirationDate?: number;
  sameSite: 'no_restriction' | 'lax' | 'strict' | 'unspecified';
  storeId: string;
  partitionKey?: { topLevelSite: string };
}

/** Some exporters write null for an absent value. */
const words: ReadonlyMap<unknown, { readonly sameSite: SameSite | undefined }> = new Map([
  ['no_restriction', { sameSite: 'none' }],
  ['lax', { sameSite: 'lax' }],
  ['strict', { sameSite: 'strict' }],
  ['unspecified', { sameSite: undefined }],
  [undefined, { sameSite: undefined }],
  [null, { sameSite: undefined }],
] as const);

/** Serializes the list that those extensions import. */
export function writeChrome(cookies: readonly SessionCookie[]): ChromeCookie[] {
  return cookies.map(writeCookie);
}

function writeCookie(cookie: SessionCookie): ChromeCookie {
  const { name, value, path, hostOnly, httpOnly, secure, sameSite, expiresAtMs, partitioned } = cookie;
  return {
    domain: dottedDomain(cookie),
    hostOnly,
    name,
    value,
    path,
    secure,
    httpOnly,
    session: expiresAtMs === undefined,
    ...(expiresAtMs !== undefined && { expirationDate: expiresAtMs / 1000 }),
    sameSite: sameSite === 'none' ? 'no_restriction' : (sameSite ?? 'unspecified'),
    storeId: '0',
    ...(partitioned === true && { partitionKey: { topLevelSite: topLevelSite(cookie) } }),
  };
}

/** Reads one record. Where `hostOnly` is missing, a leading dot decides. */
export function readChrome(fields: RecordFields): CookieInit {
  const domain = textField(fields, 'domain');
  const hasEnd = !flagField(fields, 'session') && fields.expirationDate != null;
  return {
    name: textField(fields, 'name'),
    value: textField(fields, 'value'),
    domain,
    hostOnly: fields.hostOnly == null ? !domain.startsWith('.') : flagField(fields, 'hostOnly'),
    path: fields.path == null ? '/' : textField(fields, 'path'),
    secure: flagField(fields, 'secure'),
    httpOnly: flagField(fields, 'httpOnly'),
    ...sameSiteField(words, fields.sameSite),
    expiresAtMs: hasEnd ? millisecondsOf(fields.expirationDate) : undefined,
    partitioned: fields.partitionKey != null,
  };
}
