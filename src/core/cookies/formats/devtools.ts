import type { SessionCookie } from '../adapter/index.ts';
import type { CookieInit, SameSite } from '../jar/browser-cookie-jar.ts';
import { defaultPath } from '../jar/hosts.ts';
import {
  dottedDomain,
  flagField,
  millisecondsOf,
  RecordError,
  type RecordFields,
  sameSiteField,
  textField,
  topLevelSite,
  wholeSeconds,
} from './record.ts';

/** A cookie of the Chrome DevTools Protocol (Network.Cookie), which Puppeteer also uses. */
export interface DevtoolsCookie {
  name: string;
  value: string;
  /** With a leading dot for a Domain cookie. */
  domain: string;
  path: string;
  /** Whole seconds since the epoch, because Firefox accepts no fractions; -1 for a session cookie. */
  expires: number;
  /** Bytes of name and value. */
  size: number;
  httpOnly: boolean;
  secure: boolean;
  session: boolean;
  /** Absent when it was not set. */
  sameSite?: 'Strict' | 'Lax' | 'None';
  priority: 'Low' | 'Medium' | 'High';
  sourceScheme: 'Unset' | 'NonSecure' | 'Secure';
  /** -1 when it is not known. */
  sourcePort: number;
  /** The site in the form of Puppeteer 24, and in that of the protocol. */
  partitionKey?: { sourceOrigin: string; topLevelSite: string; hasCrossSiteAncestor: boolean };
}

/** The protocol's values for SameSite. Their case matters. */
export const capitalWords: ReadonlyMap<unknown, SameSite> = new Map([
  ['Strict', 'strict'],
  ['Lax', 'lax'],
  ['None', 'none'],
] as const);

/** SameSite as the protocol's value. */
export function toCapital(sameSite: SameSite): 'Strict' | 'Lax' | 'None' {
  if (sameSite === 'strict') return 'Strict';
  return sameSite === 'lax' ? 'Lax' : 'None';
}

/** Serializes complete records. Fields that a jar does not have get the value for "unknown". */
export function writeDevtools(cookies: readonly SessionCookie[]): DevtoolsCookie[] {
  return cookies.map(writeCookie);
}

function writeCookie(cookie: SessionCookie): DevtoolsCookie {
  const { name, value, path, httpOnly, secure, sameSite, expiresAtMs, partitioned } = cookie;
  return {
    name,
    value,
    domain: dottedDomain(cookie),
    path,
    expires: expiresAtMs === undefined ? -1 : wholeSeconds(expiresAtMs),
    size: Buffer.byteLength(name + value),
    httpOnly,
    secure,
    session: expiresAtMs === undefined,
    ...(sameSite !== undefined && { sameSite: toCapital(sameSite) }),
    priority: 'Medium',
    sourceScheme: 'Unset',
    sourcePort: -1,
    ...(partitioned === true && { partitionKey: partitionKeyOf(cookie) }),
  };
}

function partitionKeyOf(cookie: SessionCookie): DevtoolsCookie['partitionKey'] & object {
  const site = topLevelSite(cookie);
  return { sourceOrigin: site, topLevelSite: site, hasCrossSiteAncestor: false };
}

/** Puppeteer has a separate value for Firefox, where SameSite was absent. */
const puppeteerWords: ReadonlyMap<unknown, { readonly sameSite: SameSite | undefined }> = new Map<
  unknown,
  { readonly sameSite: SameSite | undefined }
>([
  ...[...capitalWords].map(([word, sameSite]) => [word, { sameSite }] as const),
  ['Default', { sameSite: undefined }],
  [undefined, { sameSite: undefined }],
]);

/** Reads Network.Cookie, and Network.CookieParam, which may have a URL instead of a domain. */
export function readDevtools(fields: RecordFields): CookieInit {
  return {
    name: textField(fields, 'name'),
    value: textField(fields, 'value'),
    secure: flagField(fields, 'secure'),
    ...readScope(fields),
    httpOnly: flagField(fields, 'httpOnly'),
    ...sameSiteField(puppeteerWords, fields.sameSite),
    expiresAtMs: flagField(fields, 'session') ? undefined : readExpiry(fields.expires),
    partitioned: (fields.partitionKey ?? '') !== '',
  };
}

/** Domain and path as given, or those of the URL that set the cookie. An https URL makes it Secure. */
export function readScope(fields: RecordFields): Pick<CookieInit, 'domain' | 'path'> & { secure?: true } {
  const path = fields.path === undefined ? undefined : textField(fields, 'path');
  if (fields.domain !== undefined) return { domain: textField(fields, 'domain'), path };
  const url = typeof fields.url === 'string' ? URL.parse(fields.url) : null;
  if (url === null) throw new RecordError('invalid-scope');
  const scope = { domain: url.hostname, path: path ?? defaultPath(url.pathname) };
  return url.protocol === 'https:' ? { ...scope, secure: true } : scope;
}

/** Seconds; -1, or no value, is a session cookie. 0 is the epoch. Other negative numbers are an error. */
export function readExpiry(expires: unknown): number | undefined {
  if (expires === undefined || expires === -1) return undefined;
  const milliseconds = millisecondsOf(expires);
  if (milliseconds < 0) throw new RecordError('invalid-expires');
  return milliseconds;
}
