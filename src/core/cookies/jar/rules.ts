import { hasControlCharacter } from '../../http.ts';
import { type HostFacts, hostFacts, isIpAddress } from '../../sites.ts';
import { defaultPath, domainMatches } from './hosts.ts';
import { MAX_LIFE_MS } from './limits.ts';
import type { CookieRejection } from './outcome.ts';
import { checkPair, type ParsedSetCookie, parseSameSite, type SameSite, trimBlanks } from './parse.ts';
import { hasPrefix, keepsPrefix } from './prefixes.ts';

/**
 * What a request is to the site it goes to, which decides on SameSite cookies. Source: RFC 6265bis 5.2.
 *
 * - `strict`: a same-site request
 * - `lax`: a cross-site top-level navigation; to send, only with a safe method
 * - `none`: any other cross-site request
 */
export type SameSiteContext = 'strict' | 'lax' | 'none';

/** One cookie as the jar holds it. Replaced, never changed, but for its place in the two orders. */
export interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly partitioned: boolean;
  readonly sameSite: SameSite | undefined;
  /** Epoch milliseconds; `Infinity` for a session cookie. */
  readonly expiresAtMs: number;
  /** Epoch milliseconds of the first of its name, domain and path. */
  creation: number;
  /** Place in the order of creation. */
  order: number;
  /** Place in the order of the last write, which decides what the limits drop. */
  written: number;
}

/** A cookie to put into the jar as it is, without a Set-Cookie line. */
export interface CookieInit {
  readonly name: string;
  readonly value: string;
  /** Host without port; with a leading dot, or with `hostOnly` false, a Domain cookie. */
  readonly domain: string;
  /** @default '/' */
  readonly path?: string | undefined;
  /** @default true, but false when `domain` begins with a dot */
  readonly hostOnly?: boolean | undefined;
  /** @default false */
  readonly secure?: boolean | undefined;
  /** @default false */
  readonly httpOnly?: boolean | undefined;
  /** Absent: the cookie says nothing, which browsers take for Lax. */
  readonly sameSite?: SameSite | undefined;
  /** Epoch milliseconds, clamped to 400 days from now; absent for a session cookie. */
  readonly expiresAtMs?: number | undefined;
  /** @default false */
  readonly partitioned?: boolean | undefined;
  /** Epoch milliseconds. @default now */
  readonly creation?: number | undefined;
}

/** Where a request goes, as the cookie rules see it. */
export interface CookieOrigin {
  readonly facts: HostFacts;
  readonly path: string;
  /** True when Secure cookies may come and go: TLS, or a local host. */
  readonly secure: boolean;
}

/** Facts of a URL, or `undefined` when its scheme knows no cookies. */
export function originOf(url: URL): CookieOrigin | undefined {
  const { protocol } = url;
  const encrypted = protocol === 'https:' || protocol === 'wss:';
  if (!encrypted && protocol !== 'http:' && protocol !== 'ws:') return undefined;
  const facts = hostFacts(url.hostname);
  return { facts, path: url.pathname, secure: encrypted || facts.local };
}

/** Applies the rules of RFC 6265bis 5.7 that need no look into the jar. */
export function admitReceived(
  parsed: ParsedSetCookie,
  origin: CookieOrigin,
  now: number,
  context: SameSiteContext,
): StoredCookie | CookieRejection {
  const { host } = origin.facts;
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
    expiresAtMs: receivedExpiry(parsed, now),
    creation: now,
    order: 0,
    written: 0,
  };
  // `__Host-` wants Path=/ said and Domain unsaid; the host's own address is no Domain. RFC 6265bis 5.7, Chromium.
  const hostLocked = parsed.path === '/' && (scope === undefined || isIpAddress(host));
  return checkPromises(cookie, hostLocked) ?? cookie;
}

/** Applies the rules a live cookie meets to one that comes without a request: from the caller or a stored file. */
export function admitRecord(init: CookieInit, now: number): StoredCookie | CookieRejection {
  const text = checkText(init);
  if (text !== undefined) return text;
  if (typeof init.domain !== 'string') return 'invalid-domain';
  const dotted = init.domain.startsWith('.');
  const domain = canonicalHost(dotted ? init.domain.slice(1) : init.domain);
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
    creation: pastInstant(init.creation, now),
    order: 0,
    written: 0,
  };
  // Not "<=": an instant that is no number has passed too.
  if (!(cookie.expiresAtMs > now)) return 'expired';
  return checkPromises(cookie, hostOnly && path === '/') ?? cookie;
}

/**
 * What a Set-Cookie line could never say must not come in by another door.
 * The types are checked too: stored files say what they like.
 */
export function checkText({
  name,
  value,
  path = '/',
}: Pick<CookieInit, 'name' | 'value' | 'path'>): CookieRejection | undefined {
  // Blanks around a name would let ` __Host-x` pass for `__Host-x` on the server.
  if (typeof name !== 'string' || trimBlanks(name) !== name || /[=;]/.test(name)) return 'invalid-name';
  if (typeof value !== 'string' || value.includes(';')) return 'invalid-value';
  if (name === '' && trimBlanks(value) !== value) return 'invalid-value';
  if (typeof path !== 'string' || !path.startsWith('/') || path.includes(';')) return 'invalid-path';
  if (hasControlCharacter(name) || hasControlCharacter(value) || hasControlCharacter(path))
    return 'control-character';
  return checkPair(name, value);
}

/** A host as `URL.hostname` writes it, or `undefined` when it is none. */
function canonicalHost(host: string): string | undefined {
  if (/[\s/\\?#@%]|:\d*$/.test(host.replace(/^\[.*\]$/, ''))) return undefined;
  return URL.parse(`https://${host}`)?.hostname;
}

interface DomainScope {
  readonly domain: string;
  readonly hostOnly: boolean;
}

/** The Domain attribute against the host that sent it. RFC 6265bis 5.6.3 and 5.7. */
function resolveDomain(attribute: string, host: string): DomainScope | CookieRejection {
  // The draft and Firefox refuse what is not ASCII; Chromium would turn it into punycode.
  if (/[^\x21-\x7e]/.test(attribute)) return 'invalid-domain';
  const domain = (attribute.startsWith('.') ? attribute.slice(1) : attribute).toLowerCase();
  if (domain === '') return 'invalid-domain';
  if (isIpAddress(host)) return domain === host ? { domain: host, hostOnly: true } : 'domain-mismatch';
  if (!domainMatches(host, domain)) return 'domain-mismatch';
  if (!hostFacts(domain).publicSuffix) return { domain, hostOnly: false };
  // A host that is itself a public suffix (github.io, intranet) may name itself, and gets a host-only cookie.
  return domain === host ? { domain: host, hostOnly: true } : 'public-suffix';
}

/** Max-Age goes before Expires; both become an instant now, so that nothing later can move it. RFC 6265bis 5.7. */
function receivedExpiry({ maxAge, expires }: ParsedSetCookie, now: number): number {
  if (maxAge !== undefined)
    return maxAge <= 0 ? Number.NEGATIVE_INFINITY : now + Math.min(maxAge * 1000, MAX_LIFE_MS);
  return expires === undefined ? Number.POSITIVE_INFINITY : clampExpiry(expires, now);
}

function clampExpiry(expiresAtMs: number, now: number): number {
  return expiresAtMs === Number.POSITIVE_INFINITY ? expiresAtMs : Math.min(expiresAtMs, now + MAX_LIFE_MS);
}

/** An instant from outside, which may be no date at all: then, and when it is still to come, it is now. */
function pastInstant(instant: number | undefined, now: number): number {
  return typeof instant === 'number' && instant >= 0 && instant < now ? instant : now;
}

/** What a cookie's own attributes and name promise. RFC 6265bis 5.7; the Http prefixes: both browsers. */
function checkPromises(cookie: StoredCookie, hostLocked: boolean): CookieRejection | undefined {
  if (cookie.sameSite === 'none' && !cookie.secure) return 'same-site-none-insecure';
  if (cookie.partitioned && !cookie.secure) return 'partitioned-insecure';
  // A cookie without a name is sent as its value alone, so that the value stands where a server reads the name.
  if (cookie.name === '') return hasPrefix(cookie.value) ? 'prefix' : undefined;
  return keepsPrefix(cookie, hostLocked) ? undefined : 'prefix';
}
