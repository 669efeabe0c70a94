import { toRecord, toSessionCookie } from './conversions.ts';
import type { SessionCookie } from './cookie-record.ts';
import type { CookieSites } from './cookie-sites.ts';
import { domainMatches, pathMatches } from './hosts.ts';
import { wireLength } from './limits.ts';
import type { CookieOrigin, SameSiteContext, StoredCookie } from './rules.ts';

/**
 * Why a cookie of the site is not sent to a URL; the list is closed. `no-room`: the Cookie header would become too
 * long.
 */
export type CookieWithheld = 'expired' | 'host' | 'path' | 'insecure' | 'same-site' | 'no-room';

/** Whether a request would carry a cookie, and if not, the reason. */
export interface CookieExplanation {
  readonly cookie: SessionCookie;
  readonly sent: boolean;
  /** Absent when it is sent. */
  readonly reason?: CookieWithheld;
}

/** RFC 6265bis 5.8.3: why an unexpired cookie is not sent with a request, `undefined` when it is sent. */
function withheld(
  cookie: StoredCookie,
  origin: CookieOrigin,
  context: SameSiteContext,
  allPaths = false,
): CookieWithheld | undefined {
  const { host } = origin.facts;
  if (cookie.domain !== host && (cookie.hostOnly || !domainMatches(host, cookie.domain))) return 'host';
  if (!allPaths && !pathMatches(origin.path, cookie.path)) return 'path';
  if (cookie.secure && !origin.secure) return 'insecure';
  if (context === 'strict' || cookie.sameSite === 'none') return undefined;
  // A missing SameSite counts as Lax. Chromium's exception for the first two minutes is not followed.
  return context === 'none' || cookie.sameSite === 'strict' ? 'same-site' : undefined;
}

/** Selects cookies by these conditions. */
export interface CookieQuery {
  readonly context: SameSiteContext;
  /** Epoch milliseconds. */
  readonly now: number;
  /** When true, selects the cookies of every path of the host. */
  readonly allPaths?: boolean;
  /** False for an API that is not HTTP, which gets no HttpOnly cookies. */
  readonly http?: boolean;
}

/** The cookies of a request in the order of the header; none where the URL's scheme has no cookies. */
export function selectCookies(
  sites: CookieSites,
  origin: CookieOrigin | undefined,
  query: CookieQuery,
): StoredCookie[] {
  if (origin === undefined) return [];
  const { context, now, allPaths = false, http = true } = query;
  const selected: StoredCookie[] = [];
  for (const cookie of sites.use(origin.facts.site, now)) {
    const reason = withheld(cookie, origin, context, allPaths);
    if (reason === undefined && (http || !cookie.httpOnly)) selected.push(cookie);
  }
  return selected;
}

/** The value of a Cookie header. A cookie without a name is sent as its value alone. RFC 6265bis 5.8.3, Chromium. */
export function joinPairs(cookies: readonly StoredCookie[]): string {
  let header = '';
  for (const { name, value } of cookies) {
    if (header !== '') header += '; ';
    header += name === '' ? value : `${name}=${value}`;
  }
  return header;
}

const separator = '; ';

/**
 * The cookies that fit in a Cookie header of `room` bytes, in their order. A host could fill the header of all its
 * siblings with cookies for their parent domain. So cookies of the host itself have priority over those of a parent,
 * and Secure ones over others, because a sibling cannot set those; among equals shorter ones come first.
 */
export function fitInto(cookies: readonly StoredCookie[], room: number): StoredCookie[] {
  const sizes = new Map(cookies.map((cookie) => [cookie, wireLength(joinPairs([cookie]))]));
  const sizeOf = (cookie: StoredCookie): number => sizes.get(cookie) ?? 0;
  const chosen = new Set<StoredCookie>();
  let left = room + separator.length;
  for (const cookie of cookies.toSorted((a, b) => worthOf(b) - worthOf(a) || sizeOf(a) - sizeOf(b))) {
    left -= sizeOf(cookie) + separator.length;
    if (left < 0) break;
    chosen.add(cookie);
  }
  return cookies.filter((cookie) => chosen.has(cookie));
}

function worthOf({ hostOnly, secure }: StoredCookie): number {
  return (hostOnly ? 2 : 0) + (secure ? 1 : 0);
}

/** Returns for every cookie of the URL's site, expired ones included, whether it would be sent. Changes nothing. */
export function explainCookies(
  sites: CookieSites,
  origin: CookieOrigin | undefined,
  { context, now, room }: { context: SameSiteContext; now: number; room: number },
): CookieExplanation[] {
  if (origin === undefined) return [];
  const known = sites.peek(origin.facts.site);
  const reasonOf = (cookie: StoredCookie): CookieWithheld | undefined =>
    cookie.expiresAtMs <= now ? 'expired' : withheld(cookie, origin, context);
  const wanted = known.filter((cookie) => reasonOf(cookie) === undefined);
  const sent = new Set(wireLength(joinPairs(wanted)) > room ? fitInto(wanted, room) : wanted);
  return known.map((stored) => {
    const cookie = toSessionCookie(toRecord(stored));
    if (sent.has(stored)) return { cookie, sent: true };
    return { cookie, sent: false, reason: reasonOf(stored) ?? 'no-room' };
  });
}
