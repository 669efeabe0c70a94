import { pathMatches } from './hosts.ts';
import { cookiesKept, maxCookies, maxSiteCookies, siteCookiesKept } from './limits.ts';
import type { CookieOrigin, SameSiteContext, StoredCookie } from './rules.ts';

/** The cookies of one site (registrable domain), in the order in which browsers send them. */
interface Site {
  /** Longer paths first, then older cookies first. RFC 6265bis 5.8.3. */
  readonly cookies: StoredCookie[];
  /** No cookie of the site ends before this; epoch milliseconds. */
  earliestExpiry: number;
  /** The cookies by {@link slotOf}; only where there are so many that a look through all is slow. */
  index?: Map<string, StoredCookie[]> | undefined;
  /** The last Cookie header that was made of them, until one of them changes. */
  sent?: SentHeader | undefined;
}

/** A Cookie header, and the request it is for. */
interface SentHeader {
  readonly host: string;
  /** `''` where no cookie of the site looks at it. */
  readonly path: string;
  readonly secure: boolean;
  readonly context: SameSiteContext;
  readonly header: string;
}

/** More cookies than a server can set for a site: only what a caller puts is worth an index. */
const indexFrom = 2 * maxSiteCookies;

const noCookies: readonly StoredCookie[] = [];

/**
 * The jar's memory: site -> cookies. A read touches the cookies of one site only, at most 180 of them,
 * whatever else is in the jar. Knows the order, the limits and the clock, but no rule about who may set what.
 */
export class CookieSites {
  #sites: Map<string, Site> | undefined;
  #sequence = 0;
  #ceiling = maxCookies;
  #size = 0;
  #version = 0;

  /** Cookies in the jar, those included whose time is over but whose site nobody touched since. */
  get size(): number {
    return this.#size;
  }

  /** Sites that have a cookie. */
  get siteCount(): number {
    return this.#sites?.size ?? 0;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** The unexpired cookies of a site in sending order; expired ones are dropped on the way. Not to be changed. */
  of(site: string, now: number): readonly StoredCookie[] {
    const entry = this.#sites?.get(site);
    if (entry === undefined) return noCookies;
    if (now >= entry.earliestExpiry) this.#keep(site, entry, (cookie) => cookie.expiresAtMs > now);
    return entry.cookies;
  }

  /**
   * The Cookie header of a request, made by `join` unless the last one for the site is for such a request, too:
   * most requests of a session are to one host.
   */
  headerFor(
    { facts, path, secure }: CookieOrigin,
    context: SameSiteContext,
    now: number,
    join: () => string,
  ): string {
    const cookies = this.of(facts.site, now);
    const entry = this.#sites?.get(facts.site);
    if (entry === undefined) return '';
    // Longer paths come first, and `/` is every path.
    const asked = cookies[0]?.path === '/' ? '' : path;
    const { sent } = entry;
    const isSame = sent?.host === facts.host && sent.path === asked;
    if (isSame && sent.secure === secure && sent.context === context) return sent.header;
    const header = join();
    entry.sent = { host: facts.host, path: asked, secure, context, header };
    return header;
  }

  /** As {@link of}, but with expired cookies and without touching anything. */
  peek(site: string): readonly StoredCookie[] {
    return this.#sites?.get(site)?.cookies ?? noCookies;
  }

  /** Every unexpired cookie in the order of creation. */
  all(now: number): StoredCookie[] {
    const cookies: StoredCookie[] = [];
    for (const site of this.#sites?.keys() ?? []) {
      for (const cookie of this.of(site, now)) cookies.push(cookie);
    }
    return cookies.sort((a, b) => a.order - b.order);
  }

  /** Finds the cookie that `cookie` would replace: same name, domain, host-only flag, path and partition. */
  findSame(site: string, cookie: StoredCookie, now: number): StoredCookie | undefined {
    const cookies = this.of(site, now);
    const entry = cookies.length > indexFrom ? this.#sites?.get(site) : undefined;
    if (entry === undefined) return cookies.find((other) => isSame(other, cookie));
    entry.index ??= Map.groupBy(cookies, slotOf);
    return entry.index.get(slotOf(cookie))?.find((other) => isSame(other, cookie));
  }

  /**
   * Stores a cookie in the place of `old`, or as a new one.
   *
   * @param site the site of the cookie's domain
   * @param limited cut the site and the jar when they grow too big, as for everything a server sends.
   *   What the caller puts is never dropped for its number: the jar's ceiling rises with it.
   */
  store(
    site: string,
    cookie: StoredCookie,
    old: StoredCookie | undefined,
    now: number,
    limited: boolean,
  ): void {
    cookie.written = ++this.#sequence;
    cookie.order = old?.order ?? cookie.written;
    if (old !== undefined) cookie.creation = old.creation;
    const entry = this.#sites?.get(site);
    if (old === undefined || !saysTheSame(old, cookie)) this.#noteChange(entry);
    if (entry === undefined) this.#addSite(site, cookie);
    else {
      if (cookie.expiresAtMs < entry.earliestExpiry) entry.earliestExpiry = cookie.expiresAtMs;
      // A cookie in the place of another has its path and its order of creation, and so its index.
      if (old !== undefined) entry.cookies[entry.cookies.indexOf(old)] = cookie;
      else insertInOrder(entry.cookies, cookie);
      indexCookie(entry, cookie, old);
    }
    if (old !== undefined) return;
    this.#size++;
    if (limited) this.#enforce(site, now);
    else if (this.#size > this.#ceiling) this.#ceiling = this.#size;
  }

  /** Removes the cookies that `matches` names and returns how many they were. */
  remove(matches: (cookie: StoredCookie) => boolean): number {
    const before = this.#size;
    for (const [site, entry] of this.#sites ?? []) this.#keep(site, entry, (cookie) => !matches(cookie));
    return before - this.#size;
  }

  removeOne(site: string, cookie: StoredCookie): void {
    const entry = this.#sites?.get(site);
    if (entry !== undefined) this.#keep(site, entry, (other) => other !== cookie);
  }

  /** Takes over what `other` holds. The cookies are shared, which is safe as they are replaced, never changed. */
  copyFrom(other: CookieSites): void {
    if (other.#sites !== undefined) {
      const copies = [...other.#sites].map(
        ([site, { cookies, earliestExpiry }]) =>
          [site, { cookies: cookies.slice(), earliestExpiry }] as const,
      );
      this.#sites = new Map(copies);
    }
    this.#sequence = other.#sequence;
    this.#ceiling = other.#ceiling;
    this.#size = other.#size;
    this.#version++;
  }

  clear(): void {
    if (this.#size > 0) this.#version++;
    this.#sites = undefined;
    this.#size = 0;
    this.#ceiling = maxCookies;
  }

  #noteChange(entry: Site | undefined): void {
    this.#version++;
    if (entry?.sent !== undefined) entry.sent = undefined;
  }

  #addSite(site: string, cookie: StoredCookie): void {
    this.#sites ??= new Map();
    // An array made of its first cookie has room for one; one that grows by push() has room for seventeen.
    this.#sites.set(site, { cookies: [cookie], earliestExpiry: cookie.expiresAtMs });
  }

  /** Drops what `wanted` does not want; a site without cookies goes with its last one. */
  #keep(site: string, entry: Site, wanted: (cookie: StoredCookie) => boolean): void {
    const { cookies } = entry;
    const before = cookies.length;
    let kept = 0;
    let earliest = Number.POSITIVE_INFINITY;
    for (const cookie of cookies) {
      if (!wanted(cookie)) continue;
      cookies[kept++] = cookie;
      earliest = Math.min(earliest, cookie.expiresAtMs);
    }
    entry.earliestExpiry = earliest;
    if (kept === before) return;
    cookies.length = kept;
    if (entry.index !== undefined) entry.index = undefined;
    this.#size -= before - kept;
    this.#noteChange(entry);
    if (kept === 0) this.#sites?.delete(site);
  }

  #enforce(site: string, now: number): void {
    const entry = this.#sites?.get(site);
    if (entry !== undefined && entry.cookies.length > maxSiteCookies) {
      const doomed = chooseDoomed(entry.cookies, siteCookiesKept, now);
      this.#keep(site, entry, (cookie) => !doomed.has(cookie));
    }
    if (this.#size <= this.#ceiling) return;
    const cookies: StoredCookie[] = [];
    for (const { cookies: some } of this.#sites?.values() ?? [])
      for (const cookie of some) cookies.push(cookie);
    const doomed = chooseDoomed(cookies, this.#ceiling - (maxCookies - cookiesKept), now);
    this.remove((cookie) => doomed.has(cookie));
  }
}

/**
 * Chooses which cookies go so that `keep` remain: expired ones, then those without Secure, then Secure ones;
 * of equals, those written longest ago. RFC 6265bis 5.7 (priority order), Chromium (GarbageCollect).
 */
function chooseDoomed(cookies: readonly StoredCookie[], keep: number, now: number): Set<StoredCookie> {
  const rank = (cookie: StoredCookie): number => {
    if (cookie.expiresAtMs <= now) return 0;
    return cookie.secure ? 2 : 1;
  };
  const ordered = cookies.toSorted((a, b) => rank(a) - rank(b) || a.written - b.written);
  return new Set(ordered.slice(0, cookies.length - keep));
}

function isSame(a: StoredCookie, b: StoredCookie): boolean {
  return (
    a.name === b.name &&
    a.path === b.path &&
    a.domain === b.domain &&
    a.hostOnly === b.hostOnly &&
    a.partitioned === b.partitioned
  );
}

/** Tells a cookie that a server sets again, as many do with each response, from one that is set anew. */
function saysTheSame(a: StoredCookie, b: StoredCookie): boolean {
  return (
    a.value === b.value &&
    a.expiresAtMs === b.expiresAtMs &&
    a.secure === b.secure &&
    a.httpOnly === b.httpOnly &&
    a.sameSite === b.sameSite
  );
}

/** What {@link findSame} looks a cookie up by. Neither part holds a control character. */
function slotOf({ name, path }: StoredCookie): string {
  return `${name}\n${path}`;
}

function indexCookie({ index }: Site, cookie: StoredCookie, old: StoredCookie | undefined): void {
  if (index === undefined) return;
  const slot = slotOf(cookie);
  const others = index.get(slot)?.filter((other) => other !== old) ?? [];
  index.set(slot, [...others, cookie]);
}

// A new cookie is the youngest, so that only the lengths of the paths decide: it goes behind the last as long as its own.
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

/** Finds a Secure cookie that `cookie`, come over plain http, would replace or hide. RFC 6265bis 5.7. */
export function hidesSecure(cookies: readonly StoredCookie[], cookie: StoredCookie): boolean {
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
