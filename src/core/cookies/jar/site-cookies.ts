import { isSameCookie } from './cookie-record.ts';
import { charactersOf } from './eviction.ts';
import { maxSiteCookies } from './limits.ts';
import type { CookieOrigin, SameSiteContext, StoredCookie } from './rules.ts';

/** The cookies of one site (registrable domain), in the order in which browsers send them. */
export interface SiteCookies {
  /** Longer paths first, then older cookies first. RFC 6265bis 5.8.3. */
  readonly cookies: StoredCookie[];
  /** No cookie of the site expires before this; epoch milliseconds. */
  earliestExpiry: number;
  /** The sum of {@link charactersOf} for all of them. */
  characters: number;
  /** Position in the order of use. Storing a cookie and reading cookies to send them are uses. */
  used: number;
  /** Time of the last use; epoch milliseconds. */
  usedAtMs: number;
  /** The cookies by {@link slotOf}. Created only where there are so many that a linear search is slow. */
  index?: Map<string, StoredCookie[]> | undefined;
  /** The last Cookie header that was made of them; dropped when one of them changes. */
  sent?: SentHeader | undefined;
}

/** A Cookie header, and the request that it was made for. */
interface SentHeader {
  readonly host: string;
  /** `''` where no cookie of the site depends on it. */
  readonly path: string;
  readonly secure: boolean;
  readonly context: SameSiteContext;
  readonly header: string;
}

/** More cookies than a server can set for a site, so that only the caller's own cookies need an index. */
const indexFrom = 2 * maxSiteCookies;

/** A site with its first cookie. */
export function siteOfOne(cookie: StoredCookie, used: number, usedAtMs: number): SiteCookies {
  // An array literal with one cookie has room for one. An array that grows by push() has room for seventeen.
  const cookies = [cookie];
  return { cookies, earliestExpiry: cookie.expiresAtMs, characters: charactersOf(cookie), used, usedAtMs };
}

/** Finds the cookie that `cookie` would replace. */
export function findSame(site: SiteCookies, cookie: StoredCookie): StoredCookie | undefined {
  const { cookies } = site;
  if (cookies.length <= indexFrom) return cookies.find((other) => isSameCookie(other, cookie));
  site.index ??= Map.groupBy(cookies, slotOf);
  return site.index.get(slotOf(cookie))?.find((other) => isSameCookie(other, cookie));
}

/** Puts a cookie in the place of `old`, or in the position for the length of its path. */
export function placeCookie(site: SiteCookies, cookie: StoredCookie, old: StoredCookie | undefined): void {
  site.characters += charactersOf(cookie) - (old === undefined ? 0 : charactersOf(old));
  if (cookie.expiresAtMs < site.earliestExpiry) site.earliestExpiry = cookie.expiresAtMs;
  // A cookie in the place of another has its path and its order of creation, and so its index.
  if (old !== undefined) site.cookies[site.cookies.indexOf(old)] = cookie;
  else insertInOrder(site.cookies, cookie);
  indexCookie(site, cookie, old);
}

/** Drops the cookies that `wanted` rejects; returns how many. */
export function keepCookies(site: SiteCookies, wanted: (cookie: StoredCookie) => boolean): number {
  const { cookies } = site;
  const before = cookies.length;
  let kept = 0;
  let characters = 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (const cookie of cookies) {
    if (!wanted(cookie)) continue;
    cookies[kept++] = cookie;
    characters += charactersOf(cookie);
    earliest = Math.min(earliest, cookie.expiresAtMs);
  }
  site.earliestExpiry = earliest;
  if (kept === before) return 0;
  cookies.length = kept;
  site.characters = characters;
  if (site.index !== undefined) site.index = undefined;
  return before - kept;
}

/**
 * The Cookie header of a request. It is made by `join`, unless the last header of the site was made for such a
 * request too.
 */
export function headerOf(
  site: SiteCookies,
  { facts, path, secure }: CookieOrigin,
  context: SameSiteContext,
  join: () => string,
): string {
  // Longer paths come first, and `/` matches every path.
  const asked = site.cookies[0]?.path === '/' ? '' : path;
  const { sent } = site;
  const isSame = sent?.host === facts.host && sent.path === asked;
  if (isSame && sent.secure === secure && sent.context === context) return sent.header;
  const header = join();
  site.sent = { host: facts.host, path: asked, secure, context, header };
  return header;
}

/** The key by which {@link findSame} finds a cookie. Neither part holds a control character. */
function slotOf({ name, path }: StoredCookie): string {
  return `${name}\n${path}`;
}

function indexCookie({ index }: SiteCookies, cookie: StoredCookie, old: StoredCookie | undefined): void {
  if (index === undefined) return;
  const slot = slotOf(cookie);
  const others = index.get(slot)?.filter((other) => other !== old) ?? [];
  index.set(slot, [...others, cookie]);
}

// A new cookie is the youngest, so only the length of its path decides: it is inserted after the last one of that
// length.
function insertInOrder(cookies: StoredCookie[], cookie: StoredCookie): void {
  let [from, to] = [0, cookies.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((cookies[middle]?.path.length ?? 0) < cookie.path.length) to = middle;
    else from = middle + 1;
  }
  if (from === cookies.length) cookies.push(cookie);
  else cookies.splice(from, 0, cookie);
}
