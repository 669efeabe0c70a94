import { checkOptions, ownCopy } from '../checks.ts';
import { describe, invalidOption, RequestError } from '../errors.ts';
import { hasControlCharacter } from '../http.ts';
import type { CookieAccess } from './adapter/index.ts';
import type { CookieFilter, CookieInit } from './jar/cookie-record.ts';
import { parseCookieUrl } from './jar/cookie-url.ts';
import { defaultPath, domainMatches } from './jar/hosts.ts';
import { canonicalDomain } from './jar/rules.ts';

/**
 * Attributes of {@link Session.setCookie}. `domain` makes it a cookie of this domain and its subdomains, and it must
 * be the URL's host or a parent of it; `path` is by default the URL's path up to its last slash (RFC 6265 section
 * 5.1.4); flags are false; without `expiresAtMs` it is a session cookie. An `expiresAtMs` in the past deletes the
 * cookie of this name, domain, path and partition.
 */
export type CookieAttributes = Partial<
  Pick<CookieInit, 'domain' | 'path' | 'secure' | 'httpOnly' | 'sameSite' | 'expiresAtMs' | 'partitioned'>
>;

/**
 * A cookie to store: the known fields of a {@link SessionCookie}. `hostOnly` is by default false when `domain` begins
 * with a dot, and otherwise true.
 */
export interface SessionCookieInit extends CookieAttributes, Pick<CookieInit, 'name' | 'value' | 'hostOnly'> {
  /** The URL that set the cookie; required when it has no domain. */
  readonly url?: string | URL | undefined;
}

/** The cookies that would be sent to `url`, by name; of two with one name the one that is sent first. */
export function cookiesByName(access: CookieAccess, url: URL): Record<string, string> {
  // Without a prototype, so that a cookie can be named __proto__.
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

/** The cookie for the arguments of setCookie(name, value, url, attributes). */
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
  if (path?.includes(';')) throw invalidCookie('path must be a string without ";"');
  const scope = domain === undefined ? undefined : canonicalDomain(domain);
  if (domain !== undefined && (scope === undefined || !domainMatches(url.hostname, scope))) {
    throw invalidCookie(`${JSON.stringify(domain)} is neither the URL's host nor a parent of it`);
  }
  return toInit(cookie, {
    domain: scope ?? url.hostname,
    hostOnly: scope === undefined,
    path: path ?? defaultPath(url.pathname),
  });
}

/** Every field is present, so that the jar never reads an inherited one. */
function toInit(
  { name, value, secure, httpOnly, sameSite, expiresAtMs, partitioned }: SessionCookieInit,
  scope: Pick<CookieInit, 'domain' | 'hostOnly' | 'path'>,
): CookieInit {
  return { name, value, ...scope, secure, httpOnly, sameSite, expiresAtMs, partitioned };
}

/**
 * Checks the filter of cookies.
 *
 * @throws RequestError ERR_INVALID_OPTION: an invalid filter must not match every cookie
 */
export function resolveFilter(filter: CookieFilter): CookieFilter {
  checkOptions(filter, 'Cookie filter', filterKeys);
  const own = ownCopy('Cookie filter', filter);
  for (const key of ['name', 'domain', 'path'] as const) checkFilter(own, key, 'string', 'a string');
  for (const key of ['hostOnly', 'partitioned'] as const) checkFilter(own, key, 'boolean', 'true or false');
  if (own.domain !== undefined && canonicalDomain(own.domain) === undefined) {
    throw invalidOption('filter.domain', 'a host name', own.domain);
  }
  return own;
}

const filterKeys: ReadonlySet<string> = new Set(['name', 'domain', 'path', 'hostOnly', 'partitioned']);

function checkFilter(filter: CookieFilter, key: keyof CookieFilter, type: string, expected: string): void {
  const value = filter[key];
  if (value !== undefined && typeof value !== type) throw invalidOption(`filter.${key}`, expected, value);
}

function checkCookie(cookie: SessionCookieInit): void {
  const { name, value, expiresAtMs, sameSite } = cookie;
  checkNameAndValue(name, value);
  const { domain, path } = cookie;
  if (domain !== undefined && (typeof domain !== 'string' || isUnsafe(domain))) {
    throw invalidCookie('domain must be a string without ";" and control characters');
  }
  // A semicolon is allowed here: the default path of a URL may have one.
  if (path !== undefined && (typeof path !== 'string' || hasControlCharacter(path))) {
    throw invalidCookie('path must be a string without control characters');
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
  // The name may be empty: a server can set such a cookie, and setCookies must accept the result of getAllCookies.
  if (typeof name !== 'string') throw invalidCookie('the name must be a string');
  if (isUnsafe(name) || name.includes('='))
    throw invalidCookie('the name has "=", ";" or a control character');
  if (typeof value !== 'string') throw invalidCookie('the value must be a string');
  // The value is not shown: it may be a session identifier.
  if (isUnsafe(value))
    throw invalidCookie(`the value of ${JSON.stringify(name)} has ";" or a control character`);
}

function isUnsafe(text: string): boolean {
  return text.includes(';') || hasControlCharacter(text);
}

function invalidCookie(reason: string): RequestError {
  return new RequestError('ERR_INVALID_COOKIE', `Invalid cookie string: ${reason}`);
}
