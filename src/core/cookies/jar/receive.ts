import type { CookieSites } from './cookie-sites.ts';
import { pathMatches } from './hosts.ts';
import type { CookieRejection } from './outcome.ts';
import type { ParsedSetCookie } from './parse.ts';
import { admitReceived, type Receipt, type StoredCookie } from './rules.ts';

/** The result of storing a cookie that a server sent. */
export interface Receiving {
  /** The cookie as it was stored or, with `expired`, as it was deleted. */
  readonly cookie?: StoredCookie;
  readonly rejection?: CookieRejection;
}

/** The storage model of RFC 6265bis 5.7 for a line that parsed. */
export function receiveCookie(sites: CookieSites, parsed: ParsedSetCookie, receipt: Receipt): Receiving {
  const { origin, now } = receipt;
  if (origin === undefined) return { rejection: 'unsupported-url' };
  const cookie = admitReceived(parsed, origin, receipt);
  if (typeof cookie === 'string') return { rejection: cookie };
  const { site } = origin.facts;
  if (!origin.secure && hidesSecure(sites.of(site, now), cookie)) return { rejection: 'overwrites-secure' };
  const old = sites.findSame(site, cookie, now);
  if (!receipt.http && (cookie.httpOnly || old?.httpOnly)) return { rejection: 'http-only' };
  if (cookie.expiresAtMs <= now) {
    if (old !== undefined) sites.removeOf(site, (other) => other === old);
    return { cookie, rejection: 'expired' };
  }
  sites.store(site, cookie, old, now, true);
  return { cookie };
}

/** Finds a Secure cookie that `cookie`, received over plain http, would replace or hide. RFC 6265bis 5.7. */
function hidesSecure(cookies: readonly StoredCookie[], cookie: StoredCookie): boolean {
  return cookies.some(
    (other) =>
      other.secure &&
      other.name === cookie.name &&
      domainsOverlap(other, cookie) &&
      pathMatches(cookie.path, other.path),
  );
}

function domainsOverlap(a: StoredCookie, b: StoredCookie): boolean {
  return a.domain === b.domain || a.domain.endsWith(`.${b.domain}`) || b.domain.endsWith(`.${a.domain}`);
}
