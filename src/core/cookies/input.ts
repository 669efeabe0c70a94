import { checkOptions, ownCopy } from '../checks.ts';
import type { CookieAccess } from '../cookies/adapter/index.ts';
import type { CookieFilter, CookieInit } from '../cookies/jar/browser-cookie-jar.ts';
import { defaultPath, domainMatches } from '../cookies/jar/hosts.ts';
import { describe, invalidOption, RequestError } from '../errors.ts';

/** Attributes of {@link Session.setCookie}. */
export interface CookieAttributes {
  /** Makes it a cookie of this domain and everything below; must be the URL's host or a parent of it. */
  readonly domain?: string | undefined;
  /** @default the URL's path up to its last slash (RFC 6265 section 5.1.4) */
  readonly path?: string | undefined;
  /** @default false */
  readonly secure?: boolean | undefined;
  /** @default false */
  readonly httpOnly?: boolean | undefined;
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined;
  /** Epoch milliseconds; left out: a cookie that ends with the session. */
  readonly expiresAtMs?: number | undefined;
  /** @default false */
  readonly partitioned?: boolean | undefined;
}

/** A cookie to store. What {@link SessionCookie} has, as far as it is known. */
export interface SessionCookieInit extends CookieAttributes {
  readonly name: string;
  readonly value: string;
  /** @default true, but false when `domain` begins with a dot */
  readonly hostOnly?: boolean | undefined;
  /** Where the cookie comes from; needed when it has no domain. */
  readonly url?: string | URL | undefined;
}

/** The cookies that would go to `url`, by name; of two with one name the one that is sent first. */
export function cookiesByName(access: CookieAccess, url: URL): Record<string, string> {
  // No prototype, so that a cookie named __proto__ is a cookie.
  const byName: Record<string, string> = Object.create(null);
  for (const { name, value } of access.cookiesFor(url)) byName[name] ??= value;
  return byName;
}

/** Stores cookies, all or none. */
export function putCookies(access: CookieAccess, cookies: readonly CookieInit[]): void {
  const refused = access.put(cookies);
  if (refused === null) return;
  throw invalidCookie(`cookie ${JSON.stringify(refused.name)} is refused: ${refused.reason}`);
}

/** Checks one cookie of setCookies and gives it the domain of its URL where it has none. */
export function resolveCookie(given: SessionCookieInit, fallbackUrl: URL | null): CookieInit {
  const cookie = ownCopy('cookie', given);
  checkCookie(cookie);
  const { domain, path, url, hostOnly } = cookie;
  if (domain !== undefined && domain !== '') return toInit(cookie, { domain, hostOnly, path });
  const origin = url === undefined ? fallbackUrl : parseCookieUrl(url);
  if (origin === null) {
    throw new RequestError(
      'ERR_INVALID_COOKIE',
      `Cookie ${JSON.stringify(cookie.name)} has no domain. Host-only cookies lose their origin host when exported, so pass a URL to scope them`,
    );
  }
  return toInit(cookie, {
    domain: origin.hostname,
    hostOnly: true,
    path: path ?? defaultPath(origin.pathname),
  });
}

const attributeKeys: ReadonlySet<string> = new Set([
  ...['domain', 'path', 'secure', 'httpOnly', 'sameSite', 'expiresAtMs', 'partitioned'],
]);

/** The cookie that setCookie(name, value, url, attributes) means. */
export function resolveSetCookie(
  name: string,
  value: string,
  url: URL,
  attributes: CookieAttributes,
): CookieInit {
  checkOptions(attributes, 'Cookie attributes', attributeKeys);
  const cookie: SessionCookieInit = Object.assign(ownCopy('attributes', attributes), { name, value });
  const { domain, path } = cookie;
  if (name === '') throw invalidCookie('the name is empty');
  checkCookie(cookie);
  const scope = domain?.replace(/^\./, '').toLowerCase();
  if (scope !== undefined && !domainMatches(url.hostname, scope)) {
    throw invalidCookie(`${JSON.stringify(domain)} is neither the URL's host nor a parent of it`);
  }
  return toInit(cookie, {
    domain: scope ?? url.hostname,
    hostOnly: scope === undefined,
    path: path ?? defaultPath(url.pathname),
  });
}

/** Everything said, so that the jar reads nothing that is inherited. */
function toInit(
  { name, value, secure, httpOnly, sameSite, expiresAtMs, partitioned }: SessionCookieInit,
  scope: Pick<CookieInit, 'domain' | 'hostOnly' | 'path'>,
): CookieInit {
  return { name, value, ...scope, secure, httpOnly, sameSite, expiresAtMs, partitioned };
}

/**
 * Checks which cookies are meant.
 *
 * @throws RequestError ERR_INVALID_OPTION: a filter that is not understood must not mean every cookie
 */
export function resolveFilter(filter: CookieFilter): CookieFilter {
  checkOptions(filter, 'Cookie filter', filterKeys);
  const own = ownCopy('Cookie filter', filter);
  for (const [key, value] of Object.entries(own)) {
    if (value !== undefined && typeof value !== 'string')
      throw invalidOption(`filter.${key}`, 'a string', value);
  }
  return own;
}

const filterKeys: ReadonlySet<string> = new Set(['name', 'domain', 'path']);

function checkCookie(cookie: SessionCookieInit): void {
  const { name, value, expiresAtMs, sameSite } = cookie;
  checkNameAndValue(name, value);
  for (const key of ['domain', 'path'] as const) {
    const text = cookie[key];
    if (text !== undefined && (typeof text !== 'string' || isUnsafe(text))) {
      throw invalidCookie(`${key} must be a string without ";" and control characters`);
    }
  }
  for (const key of ['secure', 'httpOnly', 'partitioned', 'hostOnly'] as const) {
    const flag = cookie[key];
    if (flag !== undefined && typeof flag !== 'boolean') throw invalidCookie(`${key} must be true or false`);
  }
  if (expiresAtMs !== undefined && !Number.isFinite(expiresAtMs)) {
    throw invalidCookie(`expiresAtMs must be a finite number, got ${describe(expiresAtMs)}`);
  }
  if (sameSite !== undefined && !['lax', 'strict', 'none'].includes(sameSite)) {
    throw invalidCookie(`${JSON.stringify(name)} has an invalid sameSite value`);
  }
}

function checkNameAndValue(name: unknown, value: unknown): void {
  // Empty is what a cookie without a name has: a server may set one, and setCookies takes what getAllCookies gives.
  if (typeof name !== 'string') throw invalidCookie('the name must be a string');
  if (isUnsafe(name) || name.includes('='))
    throw invalidCookie('the name has "=", ";" or a control character');
  if (typeof value !== 'string') throw invalidCookie('the value must be a string');
  // The value is not shown: it may be a session's key.
  if (isUnsafe(value))
    throw invalidCookie(`the value of ${JSON.stringify(name)} has ";" or a control character`);
}

function isUnsafe(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f || code === 0x3b) return true;
  }
  return false;
}

function invalidCookie(reason: string): RequestError {
  return new RequestError('ERR_INVALID_COOKIE', `Invalid cookie string: ${reason}`);
}

/** An absolute http or https URL to ask or set cookies for. */
export function parseCookieUrl(url: string | URL): URL {
  const parsed =
    url instanceof URL ? url : typeof url === 'string' && URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    // Not shown: a URL may hold credentials.
    throw new RequestError('ERR_INVALID_URL', 'Invalid URL: cookies need an absolute http or https URL');
  }
  return parsed;
}
