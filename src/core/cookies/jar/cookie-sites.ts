import { hasSameContent } from './cookie-record.ts';
import {
  chooseByCharacters,
  chooseByNumber,
  chooseOfParent,
  chooseOfSite,
  chooseUnused,
} from './eviction.ts';
import { type CookieLimits, defaultLimits, keptOf, maxParentCharacters, maxSiteCookies } from './limits.ts';
import type { RepeatedLines } from './repeated-lines.ts';
import type { CookieOrigin, SameSiteContext, StoredCookie } from './rules.ts';
import { findSame, headerOf, keepCookies, placeCookie, type SiteCookies, siteOfOne } from './site-cookies.ts';

const noCookies: readonly StoredCookie[] = [];

/**
 * The storage of the jar: site -> cookies. A read visits only the cookies of one site, at most 180 of them. It
 * implements the order, the limits and the expiry, but not the rules about who may set which cookie.
 */
export class CookieSites {
  readonly limits: CookieLimits;
  /** Called after each change, when it is complete. */
  onChange: (() => void) | undefined = undefined;
  /** Lines that servers set again unchanged; created with the first of them. */
  repeats: RepeatedLines | undefined = undefined;
  #sites: Map<string, SiteCookies> | undefined;
  #sequence = 0;
  #uses = 0;
  /** The allowed number of cookies and characters: the limits, or more where the caller stored more. */
  #maxSize: number;
  #maxCharacters: number;
  #size = 0;
  #characters = 0;
  #version = 0;

  constructor(limits: CookieLimits = defaultLimits) {
    this.limits = limits;
    this.#maxSize = limits.maxCookies;
    this.#maxCharacters = limits.maxCharacters;
  }

  /** Cookies in the jar, including expired ones of sites that were not used since. */
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

  /**
   * The unexpired cookies of a site in sending order; expired ones are dropped. The caller must not change the list.
   */
  of(site: string, now: number): readonly StoredCookie[] {
    return this.#fresh(site, now)?.cookies ?? noCookies;
  }

  /** As {@link of}, for cookies that are to be sent: it counts as a use of the site. */
  use(site: string, now: number): readonly StoredCookie[] {
    const entry = this.#fresh(site, now);
    if (entry === undefined) return noCookies;
    entry.used = ++this.#uses;
    entry.usedAtMs = now;
    return entry.cookies;
  }

  /**
   * The Cookie header of a request. It is made by `join`, unless the last header of the site was made for such a
   * request too: most requests of a session go to one host. Counts as a use of the site.
   */
  headerFor(origin: CookieOrigin, context: SameSiteContext, now: number, join: () => string): string {
    const entry = this.#fresh(origin.facts.site, now);
    if (entry === undefined) return '';
    entry.used = ++this.#uses;
    entry.usedAtMs = now;
    return headerOf(entry, origin, context, join);
  }

  /** As {@link of}, but with expired cookies and without any change. */
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

  /** Finds the cookie that `cookie` would replace: the one with its identity. */
  findSame(site: string, cookie: StoredCookie, now: number): StoredCookie | undefined {
    const entry = this.#fresh(site, now);
    return entry === undefined ? undefined : findSame(entry, cookie);
  }

  /**
   * Stores a cookie in the place of `old`, or as a new one.
   *
   * @param site the site of the cookie's domain
   * @param limited cut the site and the jar when they exceed their limits, as for everything that a server sends. The
   * caller's own cookies are never dropped because of their number: they raise the limits of the jar.
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
    const isNews = old === undefined || !hasSameContent(old, cookie);
    const entry = this.#place(site, cookie, old, now);
    if (isNews) this.#noteChange(entry);
    if (limited) this.#enforce(site, entry, cookie, now);
    else {
      this.#maxSize = Math.max(this.#maxSize, this.#size);
      this.#maxCharacters = Math.max(this.#maxCharacters, this.#characters);
    }
    if (isNews) this.onChange?.();
  }

  /** Removes the cookies that `matches` accepts and returns how many. */
  remove(matches: (cookie: StoredCookie) => boolean): number {
    const before = this.#size;
    for (const [site, entry] of this.#sites ?? []) this.#keep(site, entry, (cookie) => !matches(cookie));
    if (this.#size < before) this.onChange?.();
    return before - this.#size;
  }

  /** Removes those of one site; returns how many. */
  removeOf(site: string, matches: (cookie: StoredCookie) => boolean): number {
    const before = this.#size;
    const entry = this.#sites?.get(site);
    if (entry !== undefined) this.#keep(site, entry, (cookie) => !matches(cookie));
    if (this.#size < before) this.onChange?.();
    return before - this.#size;
  }

  /**
   * Takes over the cookies of `other`. The objects are shared, which is safe because cookies are replaced and never
   * changed.
   */
  copyFrom(other: CookieSites): void {
    const copies = [...(other.#sites ?? [])].map(
      ([site, { cookies, earliestExpiry, characters, used, usedAtMs }]) =>
        [site, { cookies: cookies.slice(), earliestExpiry, characters, used, usedAtMs }] as const,
    );
    this.#sites = copies.length === 0 ? undefined : new Map(copies);
    this.#sequence = other.#sequence;
    this.#uses = other.#uses;
    this.#maxSize = other.#maxSize;
    this.#maxCharacters = other.#maxCharacters;
    this.#size = other.#size;
    this.#characters = other.#characters;
    this.#version++;
    this.onChange?.();
  }

  clear(): void {
    const wasEmpty = this.#size === 0;
    this.#sites = undefined;
    this.#size = 0;
    this.#characters = 0;
    this.#maxSize = this.limits.maxCookies;
    this.#maxCharacters = this.limits.maxCharacters;
    if (wasEmpty) return;
    this.#version++;
    this.onChange?.();
  }

  /** A site without its expired cookies; `undefined` when it has none. */
  #fresh(site: string, now: number): SiteCookies | undefined {
    const entry = this.#sites?.get(site);
    if (entry !== undefined && now >= entry.earliestExpiry) {
      this.#keep(site, entry, (cookie) => cookie.expiresAtMs > now);
    }
    return entry;
  }

  #noteChange(entry: SiteCookies): void {
    this.#version++;
    if (entry.sent !== undefined) entry.sent = undefined;
  }

  #place(site: string, cookie: StoredCookie, old: StoredCookie | undefined, now: number): SiteCookies {
    if (old === undefined) this.#size++;
    const entry = this.#sites?.get(site);
    if (entry === undefined) {
      const added = siteOfOne(cookie, ++this.#uses, now);
      this.#sites ??= new Map();
      this.#sites.set(site, added);
      this.#characters += added.characters;
      return added;
    }
    const { characters } = entry;
    entry.used = ++this.#uses;
    entry.usedAtMs = now;
    placeCookie(entry, cookie, old);
    this.#characters += entry.characters - characters;
    return entry;
  }

  /** Drops the cookies that `wanted` rejects; a site without cookies is dropped too. */
  #keep(site: string, entry: SiteCookies, wanted: (cookie: StoredCookie) => boolean): void {
    const { characters } = entry;
    const gone = keepCookies(entry, wanted);
    if (gone === 0) return;
    this.#size -= gone;
    this.#characters -= characters - entry.characters;
    this.#noteChange(entry);
    if (entry.cookies.length === 0) this.#sites?.delete(site);
  }

  /** Drops cookies when a server has set too many. */
  #enforce(site: string, entry: SiteCookies, added: StoredCookie, now: number): void {
    const isOfParent = !added.hostOnly && added.setter !== added.domain;
    if (isOfParent && entry.characters > maxParentCharacters) {
      this.#drop(site, entry, chooseOfParent(entry.cookies, added));
    }
    if (entry.cookies.length > maxSiteCookies) this.#drop(site, entry, chooseOfSite(site, entry.cookies));
    if (this.#isFull()) this.#cut(now);
  }

  #isFull(): boolean {
    return this.#size > this.#maxSize || this.#characters > this.#maxCharacters;
  }

  #cut(now: number): void {
    for (const site of this.#sites?.keys() ?? []) this.#fresh(site, now);
    const { maxCookies, maxCharacters } = this.limits;
    const kept = keptOf(maxCookies, this.#maxSize);
    if (this.#size > this.#maxSize) {
      this.#dropAll(chooseUnused(this.#holdings(), this.#size - kept, now));
    }
    // Where most of them were used recently, Chromium would let the jar grow.
    if (this.#size > this.#maxSize) {
      this.#dropAll(chooseByNumber(this.#holdings(), this.#size - kept));
    }
    if (this.#characters > this.#maxCharacters) {
      const goal = this.#characters - keptOf(maxCharacters, this.#maxCharacters);
      this.#dropAll(chooseByCharacters(this.#holdings(), goal));
    }
  }

  #holdings(): SiteCookies[] {
    return [...(this.#sites?.values() ?? [])];
  }

  #dropAll(doomed: ReadonlySet<StoredCookie>): void {
    for (const [site, entry] of this.#sites ?? []) this.#drop(site, entry, doomed);
  }

  #drop(site: string, entry: SiteCookies, doomed: ReadonlySet<StoredCookie>): void {
    if (doomed.size > 0) this.#keep(site, entry, (cookie) => !doomed.has(cookie));
  }
}
