import { hostFacts } from '../../sites.ts';
import { type CookieFilter, type CookieIdentity, type CookieInit, isSameCookie } from './cookie-record.ts';
import type { CookieSites } from './cookie-sites.ts';
import type { CookieRejection } from './outcome.ts';
import { admitRecord, canonicalDomain, type StoredCookie } from './rules.ts';

/** Stores a record unchanged; returns the reason when the rules for live cookies forbid it. */
export function putRecord(sites: CookieSites, init: CookieInit, now: number): CookieRejection | undefined {
  const cookie = admitRecord(init, now);
  if (typeof cookie === 'string') return cookie;
  // Negated, so that NaN counts as expired too.
  if (!(cookie.expiresAtMs > now)) return 'expired';
  const { site } = hostFacts(cookie.domain);
  sites.store(site, cookie, sites.findSame(site, cookie, now), now, false);
  return undefined;
}

/**
 * As {@link putRecord}, but an expired record deletes the cookie of its identity, as a Set-Cookie line does. RFC
 * 6265bis 5.7.
 */
export function setRecord(sites: CookieSites, init: CookieInit, now: number): CookieRejection | undefined {
  const rejection = putRecord(sites, init, now);
  if (rejection !== 'expired') return rejection;
  const cookie = admitRecord(init, now);
  if (typeof cookie === 'string') return cookie;
  sites.removeOf(hostFacts(cookie.domain).site, (other) => isSameCookie(other, cookie));
  return undefined;
}

/** Removes the cookies that match every property of the filter; returns how many. */
export function removeMatching(sites: CookieSites, { domain, ...same }: CookieFilter): number {
  const matches = matcherOf(same);
  if (domain === undefined) return sites.remove(matches);
  const host = canonicalDomain(domain);
  if (host === undefined) return 0;
  return sites.removeOf(hostFacts(host).site, (cookie) => cookie.domain === host && matches(cookie));
}

function matcherOf({ name, path, hostOnly, partitioned }: Omit<CookieFilter, 'domain'>) {
  return (cookie: StoredCookie): boolean =>
    (name === undefined || cookie.name === name) &&
    (path === undefined || cookie.path === path) &&
    (hostOnly === undefined || cookie.hostOnly === hostOnly) &&
    (partitioned === undefined || cookie.partitioned === partitioned);
}

/** Removes the one cookie of an identity; returns whether there was one. */
export function removeSame(sites: CookieSites, identity: CookieIdentity): boolean {
  return sites.removeOf(hostFacts(identity.domain).site, (cookie) => isSameCookie(cookie, identity)) > 0;
}
