import { trimBlanks } from '../../header-text.ts';
import { hasControlCharacter } from '../../http.ts';
import { canonicalHost, type HostFacts, hostFacts, isIpAddress, isOversized } from '../../sites.ts';
import type { CookieInit, CookieRecord } from './cookie-record.ts';
import { serverTime } from './dates.ts';
import { defaultPath, domainMatches } from './hosts.ts';
import { maxLifeMs } from './limits.ts';
import type { CookieRejection } from './outcome.ts';
import { checkPair, type ParsedSetCookie, parseSameSite, type SameSite } from './parse.ts';
import { hasPrefix, keepsPrefix } from './prefixes.ts';

/**
 * The relation of a request to its target site, which decides about SameSite cookies. Source: RFC 6265bis 5.2.
 *
 * - `strict`: a same-site request
 * - `lax`: a cross-site top-level navigation; when sending, only with a safe method
 * - `none`: any other cross-site request
 */
export type SameSiteContext = 'strict' | 'lax' | 'none';

/** One cookie as the jar holds it. It is replaced and never changed, except for its positions in the two orders. */
export interface StoredCookie
  extends Omit<CookieRecord, 'sameSite' | 'expiresAtMs' | 'partitioned' | 'creation'> {
  readonly sameSite: SameSite | undefined;
  /** Epoch milliseconds; `Infinity` for a session cookie. */
  readonly expiresAtMs: number;
  readonly partitioned: boolean;
  /** The host that set it; the cookie's domain where the host is unknown. */
  readonly setter: string;
  /** Epoch milliseconds at which a cookie of this identity was first stored. */
  creation: number;
  /** Position in the order of creation. */
  order: number;
  /** Position in the order of the last write, which decides what the limits drop. */
  written: number;
}

/** The target of a request, as the cookie rules need it. */
export interface CookieOrigin {
  readonly facts: HostFacts;
  readonly path: string;
  /** True when Secure cookies may be sent and stored: TLS, or a local host. */
  readonly secure: boolean;
}

/** The properties of a URL, or `undefined` when its scheme has no cookies. */
export function originOf(url: URL): CookieOrigin | undefined {
  const { protocol } = url;
  const encrypted = protocol === 'https:' || protocol === 'wss:';
  if (!encrypted && protocol !== 'http:' && protocol !== 'ws:') return undefined;
  const facts = hostFacts(url.hostname);
  return { facts, path: url.pathname, secure: encrypted || facts.local };
}

/** The conditions under which a cookie was received. */
export interface Receipt {
  /** The URL of the response; `undefined` when its scheme has no cookies. */
  readonly origin: CookieOrigin | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The response's Date header. */
  readonly date?: string | undefined;
  readonly context: SameSiteContext;
  /** False for an API that is not HTTP, which neither sets nor replaces HttpOnly cookies. */
  readonly http: boolean;
}

/** Applies the rules of RFC 6265bis 5.7 that do not depend on the other cookies. */
export function admitReceived(
  parsed: ParsedSetCookie,
  origin: CookieOrigin,
  { now, date, context }: Receipt,
): StoredCookie | CookieRejection {
  const { host } = origin.facts;
  if (isOversized(host)) return 'invalid-domain';
  const scope = parsed.domain ? resolveDomain(parsed.domain, host) : undefined;
  if (typeof scope === 'string') return scope;
  if (parsed.secure && !origin.secure) return 'insecure-origin';
  if (context === 'none' && parsed.sameSite !== 'none') return 'cross-site';
  const cookie: StoredCookie = {
    name: parsed.name,
    value: parsed.value,
    domain: scope === undefined ? host : scope.domain,
    path: parsed.path?.startsWith('/') ? parsed.path : defaultPath(origin.path),
    hostOnly: scope === undefined || scope.hostOnly,
    secure: parsed.secure,
    httpOnly: parsed.httpOnly,
    partitioned: parsed.partitioned,
    sameSite: parsed.sameSite,
    expiresAtMs: receivedExpiry(parsed, now, date),
    setter: host,
    creation: now,
    order: 0,
    written: 0,
  };
  // `__Host-` requires Path=/ and forbids Domain; the host's own IP address does not count as a Domain. RFC 6265bis
  // 5.7, Chromium.
  const hostLocked = parsed.path === '/' && (scope === undefined || isIpAddress(host));
  return checkPromises(cookie, hostLocked) ?? cookie;
}

/**
 * Applies the rules for cookies of a server to a cookie without a request: one of the caller or of a file. The jar
 * checks later whether it has expired.
 */
export function admitRecord(init: CookieInit, now: number): StoredCookie | CookieRejection {
  const text = checkText(init);
  if (text !== undefined) return text;
  if (typeof init.domain !== 'string') return 'invalid-domain';
  const dotted = init.domain.startsWith('.');
  const domain = canonicalDomain(init.domain);
  if (domain === undefined) return 'invalid-domain';
  const hostOnly = (init.hostOnly ?? !dotted) || isIpAddress(domain);
  if (!hostOnly && hostFacts(domain).publicSuffix) return 'public-suffix';
  const { path = '/', secure = false, httpOnly = false, partitioned = false } = init;
  const cookie: StoredCookie = {
    name: init.name,
    value: init.value,
    domain,
    path,
    hostOnly,
    secure,
    httpOnly,
    partitioned,
    sameSite: typeof init.sameSite === 'string' ? parseSameSite(init.sameSite) : undefined,
    expiresAtMs: clampExpiry(init.expiresAtMs ?? Number.POSITIVE_INFINITY, now),
    setter: domain,
    creation: pastInstant(init.creation, now),
    order: 0,
    written: 0,
  };
  return checkPromises(cookie, hostOnly && path === '/') ?? cookie;
}

/**
 * Refuses a value that no Set-Cookie line can express. A path may hold a semicolon, because the default path of a URL
 * may. The types are checked too, because a file may hold any value.
 */
export function checkText({
  name,
  value,
  path = '/',
}: Pick<CookieInit, 'name' | 'value' | 'path'>): CookieRejection | undefined {
  // With surrounding blanks the server would read ` __Host-x` as `__Host-x`.
  if (typeof name !== 'string' || trimBlanks(name) !== name || /[=;]/.test(name)) return 'invalid-name';
  if (typeof value !== 'string' || value.includes(';')) return 'invalid-value';
  if (name === '' && trimBlanks(value) !== value) return 'invalid-value';
  if (typeof path !== 'string' || !path.startsWith('/')) return 'invalid-path';
  if (hasControlCharacter(name) || hasControlCharacter(value) || hasControlCharacter(path))
    return 'control-character';
  return checkPair(name, value);
}

/** The domain of a cookie in any spelling, a leading dot included; `undefined` for an invalid one. */
export function canonicalDomain(domain: string): string | undefined {
  return canonicalHost(domain.startsWith('.') ? domain.slice(1) : domain);
}

interface DomainScope {
  readonly domain: string;
  readonly hostOnly: boolean;
}

/** Checks the Domain attribute against the host that sent it. RFC 6265bis 5.6.3 and 5.7. */
function resolveDomain(attribute: string, host: string): DomainScope | CookieRejection {
  // The draft and Firefox refuse a domain that is not ASCII; Chromium converts it to punycode.
  if (/[^\x21-\x7e]/.test(attribute)) return 'invalid-domain';
  const domain = (attribute.startsWith('.') ? attribute.slice(1) : attribute).toLowerCase();
  if (domain === '') return 'invalid-domain';
  if (isIpAddress(host)) return domain === host ? { domain: host, hostOnly: true } : 'domain-mismatch';
  if (!domainMatches(host, domain)) return 'domain-mismatch';
  if (!hostFacts(domain).publicSuffix) return { domain, hostOnly: false };
  // A host that is itself a public suffix (github.io, intranet) may set itself as Domain, and gets a host-only cookie.
  return domain === host ? { domain: host, hostOnly: true } : 'public-suffix';
}

/**
 * Max-Age takes precedence over Expires. Both become an instant now, so that nothing can change it later. RFC 6265bis
 * 5.7. Expires is given by the server's clock, whose time is in its Date header. Both browsers correct it by the
 * difference.
 */
function receivedExpiry({ maxAge, expires }: ParsedSetCookie, now: number, date: string | undefined): number {
  if (maxAge !== undefined)
    return maxAge <= 0 ? Number.NEGATIVE_INFINITY : now + Math.min(maxAge * 1000, maxLifeMs);
  if (expires === undefined) return Number.POSITIVE_INFINITY;
  return clampExpiry(expires + now - (serverTime(date) ?? now), now);
}

function clampExpiry(expiresAtMs: number, now: number): number {
  return expiresAtMs === Number.POSITIVE_INFINITY ? expiresAtMs : Math.min(expiresAtMs, now + maxLifeMs);
}

/** An instant from outside. When it is not a number, or in the future, the current time is used. */
function pastInstant(instant: number | undefined, now: number): number {
  return typeof instant === 'number' && instant >= 0 && instant < now ? instant : now;
}

/** The requirements of a cookie's attributes and name prefix. RFC 6265bis 5.7; the Http prefixes: both browsers. */
function checkPromises(cookie: StoredCookie, hostLocked: boolean): CookieRejection | undefined {
  if (cookie.sameSite === 'none' && !cookie.secure) return 'same-site-none-insecure';
  if (cookie.partitioned && !cookie.secure) return 'partitioned-insecure';
  // A cookie without a name is sent as its value, which a server may read as a name. So the value is checked.
  if (cookie.name === '') return hasPrefix(cookie.value) ? 'prefix' : undefined;
  return keepsPrefix(cookie, hostLocked) ? undefined : 'prefix';
}
