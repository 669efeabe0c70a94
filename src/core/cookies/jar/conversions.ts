import { Cookie } from 'tough-cookie';
import type { CookieInit, CookieRecord, SessionCookie } from './cookie-record.ts';
import type { CookieRejection } from './outcome.ts';
import { type ParsedSetCookie, parseSameSite, type SameSite } from './parse.ts';
import { checkText, type StoredCookie } from './rules.ts';

/** Copies a stored cookie for a caller. */
export function toRecord(cookie: StoredCookie): CookieRecord {
  const {
    name,
    value,
    domain,
    path,
    hostOnly,
    secure,
    httpOnly,
    sameSite,
    expiresAtMs,
    partitioned,
    creation,
  } = cookie;
  return {
    name,
    value,
    domain,
    path,
    hostOnly,
    secure,
    httpOnly,
    ...(sameSite === undefined ? undefined : { sameSite }),
    ...(expiresAtMs === Number.POSITIVE_INFINITY ? undefined : { expiresAtMs }),
    ...(partitioned ? { partitioned } : undefined),
    creation,
  };
}

/** The fields of a cookie that a session returns. */
export function toSessionCookie({ creation: _, ...cookie }: CookieRecord): SessionCookie {
  return cookie;
}

/** Copies a stored cookie into a tough-cookie `Cookie`, which is the caller's to change. */
export function toCookie(cookie: StoredCookie): Cookie {
  const creation = new Date(cookie.creation);
  return new Cookie({
    key: cookie.name,
    value: cookie.value,
    // An instant without Max-Age, because tough-cookie would count Max-Age again from every read. A deleted cookie
    // expired at 0.
    expires:
      cookie.expiresAtMs === Number.POSITIVE_INFINITY
        ? 'Infinity'
        : new Date(Math.max(0, cookie.expiresAtMs)),
    domain: cookie.domain,
    path: cookie.path,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    hostOnly: cookie.hostOnly,
    extensions: cookie.partitioned ? ['Partitioned'] : null,
    creation,
    lastAccessed: creation,
    sameSite: cookie.sameSite,
  });
}

/** Reads a `Cookie` that a caller sets for `host` as if a Set-Cookie line had set it. */
export function cookieToParsed(cookie: Cookie, host: string | undefined): ParsedSetCookie | CookieRejection {
  const { key: name, value, domain, path, expires, maxAge, secure, httpOnly } = cookie;
  const rejection = checkText({ name, value, path: path?.startsWith('/') ? path : '/' });
  if (rejection !== undefined) return rejection;
  // In a Set-Cookie line it would end the attribute.
  if (path?.includes(';')) return 'invalid-path';
  // A host-only cookie of another jar stays host-only, for its own host.
  if (cookie.hostOnly === true && domain !== null && domain !== host) return 'domain-mismatch';
  return {
    name,
    value,
    domain: cookie.hostOnly === true ? undefined : (domain ?? undefined),
    path: path ?? undefined,
    expires: epoch(expires),
    maxAge: maxAge === null ? undefined : Number(maxAge),
    secure,
    httpOnly,
    partitioned: isPartitioned(cookie),
    sameSite: sameSiteOf(cookie),
  };
}

/** Reads a stored `Cookie`, or its JSON form in tough-cookie, unchanged. */
export function cookieToInit(cookie: Cookie, now: number): CookieInit {
  return {
    name: cookie.key,
    value: cookie.value,
    domain: cookie.domain ?? '',
    path: cookie.path ?? '/',
    // As in tough-cookie: only `true` means host-only.
    hostOnly: cookie.hostOnly === true,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    partitioned: isPartitioned(cookie),
    sameSite: sameSiteOf(cookie),
    expiresAtMs: storedExpiry(cookie, now),
    creation: epoch(cookie.creation) ?? now,
  };
}

// tough-cookie counts Max-Age from the last access. Here it becomes a fixed instant.
function storedExpiry(cookie: Cookie, now: number): number | undefined {
  if (cookie.maxAge !== null) {
    const received = epoch(cookie.lastAccessed) ?? epoch(cookie.creation) ?? now;
    return received + Number(cookie.maxAge) * 1000;
  }
  return epoch(cookie.expires);
}

function epoch(date: Date | 'Infinity' | null): number | undefined {
  return date instanceof Date ? date.getTime() : undefined;
}

function sameSiteOf({ sameSite }: Cookie): SameSite | undefined {
  return sameSite === undefined ? undefined : parseSameSite(sameSite);
}

function isPartitioned(cookie: Cookie): boolean {
  return cookie.extensions?.some((extension) => /^partitioned(=|$)/i.test(extension.trim())) ?? false;
}
