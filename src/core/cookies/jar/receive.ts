import { type CookieSites, hidesSecure } from './cookie-sites.ts';
import type { CookieRejection } from './outcome.ts';
import type { ParsedSetCookie } from './parse.ts';
import { admitReceived, type CookieOrigin, type SameSiteContext, type StoredCookie } from './rules.ts';

/** How a cookie came. */
export interface Receipt {
  /** Where from; `undefined` when the URL's scheme knows no cookies. */
  readonly origin: CookieOrigin | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly context: SameSiteContext;
  /** False for an API that is not HTTP, which neither sets nor replaces HttpOnly cookies. */
  readonly http: boolean;
}

/** What became of a cookie that a server sent. */
export interface Receiving {
  /** The cookie as it was stored or, with `expired`, as it was deleted. */
  readonly cookie?: StoredCookie;
  readonly rejection?: CookieRejection;
}

/** The storage model of RFC 6265bis 5.7 for a line that parsed. */
export function receiveCookie(sites: CookieSites, parsed: ParsedSetCookie, receipt: Receipt): Receiving {
  const { origin, now } = receipt;
  if (origin === undefined) return { rejection: 'unsupported-url' };
  const cookie = admitReceived(parsed, origin, now, receipt.context);
  if (typeof cookie === 'string') return { rejection: cookie };
  const { site } = origin.facts;
  if (!origin.secure && hidesSecure(sites.of(site, now), cookie)) return { rejection: 'overwrites-secure' };
  const old = sites.findSame(site, cookie, now);
  if (!receipt.http && (cookie.httpOnly || old?.httpOnly)) return { rejection: 'http-only' };
  if (cookie.expiresAtMs <= now) {
    if (old !== undefined) sites.removeOne(site, old);
    return { cookie, rejection: 'expired' };
  }
  sites.store(site, cookie, old, now, true);
  return { cookie };
}
