import { type CookieRecord, toRecord } from './conversions.ts';
import type { CookieSites } from './cookie-sites.ts';
import { domainMatches, pathMatches } from './hosts.ts';
import type { CookieOrigin, SameSiteContext, StoredCookie } from './rules.ts';

/** Why a cookie of the site is not sent to a URL; the list is closed. */
export type CookieWithheld = 'expired' | 'host' | 'path' | 'insecure' | 'same-site';

/** What `explain` says of one cookie. */
export interface CookieExplanation {
  readonly cookie: CookieRecord;
  readonly sent: boolean;
  /** Absent when it is sent. */
  readonly reason?: CookieWithheld;
}

/** RFC 6265bis 5.8.3: why an unexpired cookie does not go with a request, `undefined` when it does. */
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
  // Saying nothing counts as Lax; Chromium's two minutes of grace after it was set are not followed.
  return context === 'none' || cookie.sameSite === 'strict' ? 'same-site' : undefined;
}

/** Which cookies are asked for. */
export interface CookieQuery {
  readonly context: SameSiteContext;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Those of every path of the host. */
  readonly allPaths?: boolean;
  /** False for an API that is not HTTP, which sees no HttpOnly cookie. */
  readonly http?: boolean;
}

/** The cookies that go with a request, none where the URL's scheme knows no cookies, in the order in which they go. */
export function selectCookies(
  sites: CookieSites,
  origin: CookieOrigin | undefined,
  query: CookieQuery,
): StoredCookie[] {
  if (origin === undefined) return [];
  const { context, now, allPaths = false, http = true } = query;
  const selected: StoredCookie[] = [];
  for (const cookie of sites.of(origin.facts.site, now)) {
    const reason = withheld(cookie, origin, context, allPaths);
    if (reason === undefined && (http || !cookie.httpOnly)) selected.push(cookie);
  }
  return selected;
}

/** The value of a Cookie header. A cookie without a name goes as its value alone. RFC 6265bis 5.8.3, Chromium. */
export function joinPairs(cookies: readonly StoredCookie[]): string {
  let header = '';
  for (const { name, value } of cookies) {
    if (header !== '') header += '; ';
    header += name === '' ? value : `${name}=${value}`;
  }
  return header;
}

/** Says of every cookie of the URL's site, expired ones included, what becomes of it. Changes nothing. */
export function explainCookies(
  sites: CookieSites,
  origin: CookieOrigin | undefined,
  context: SameSiteContext,
  now: number,
): CookieExplanation[] {
  if (origin === undefined) return [];
  return sites.peek(origin.facts.site).map((stored) => {
    const cookie = toRecord(stored);
    const reason = stored.expiresAtMs <= now ? 'expired' : withheld(stored, origin, context);
    return reason === undefined ? { cookie, sent: true } : { cookie, sent: false, reason };
  });
}
