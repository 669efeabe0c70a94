import type { Callback, CookieJar, SerializedCookieJar, Store } from 'tough-cookie';
import { hostFacts } from '../../sites.ts';
import { toRecord } from './conversions.ts';
import type { CookieFilter, CookieIdentity, CookieInit, CookieRecord } from './cookie-record.ts';
import { CookieSites } from './cookie-sites.ts';
import { fillStore, fillStoreSync } from './fill.ts';
import { type CookieLimits, defaultLimits, resolveLimits, wireLength } from './limits.ts';
import { CookieJarMethods } from './methods.ts';
import type { CookieRejection, SetCookieResult } from './outcome.ts';
import { nameOfLine, parseSetCookie } from './parse.ts';
import { putRecord, removeMatching, removeSame, setRecord } from './put.ts';
import { receiveCookie } from './receive.ts';
import { RepeatedLines } from './repeated-lines.ts';
import { originOf, type SameSiteContext } from './rules.ts';
import { type CookieExplanation, explainCookies, fitInto, joinPairs, selectCookies } from './send.ts';
import { settle, settleLater } from './store.ts';

export type { CookieFilter, CookieInit, CookieRecord, SessionCookie } from './cookie-record.ts';
export type { CookieLimits } from './limits.ts';
export type { BrowserGetCookiesOptions, CookieJarMethods } from './methods.ts';
export type { SameSite } from './parse.ts';
export type { SameSiteContext } from './rules.ts';
export type { CookieExplanation, CookieWithheld } from './send.ts';
export type { BrowserCookieStore } from './store.ts';

/** The result of storing a cookie. */
export interface CookieOutcome extends SetCookieResult {
  /** Absent when it was stored. */
  readonly reason?: CookieRejection;
}

/** How a Set-Cookie line was received. */
export interface ReceiveOptions {
  /** Epoch milliseconds. @default Date.now() */
  readonly now?: number | undefined;
  /** `lax` means every cross-site top-level navigation here, POST included. @default 'strict' */
  readonly sameSite?: SameSiteContext | undefined;
  /** The response's Date header, by which Expires is corrected: Expires is given by the server's clock. */
  readonly date?: string | undefined;
}

/**
 * A tough-cookie `CookieJar` that keeps and sends cookies as browsers do. Source: RFC 6265bis, checked against
 * captures of Chromium 156 and Firefox 153; `docs/cookies.md` documents the choice where the two differ.
 *
 * Cookies are text. A byte that was not UTF-8 on the wire is a lone surrogate from U+DC80 to U+DCFF.
 *
 * @example
 * const jar = new BrowserCookieJar();
 * jar.receive('sid=1; Secure; HttpOnly', new URL('https://shop.example/'));
 * jar.cookieHeader(new URL('https://shop.example/cart')); // 'sid=1'
 */
export class BrowserCookieJar extends CookieJarMethods {
  /**
   * A jar without cookies.
   *
   * @param limits for cookies that servers set; they do not apply to cookies that the caller puts
   * @throws RequestError ERR_INVALID_OPTION for limits that are not whole numbers from 1
   */
  constructor(limits?: Partial<CookieLimits>) {
    super(new CookieSites(limits === undefined ? defaultLimits : resolveLimits(limits)));
  }

  /** The options of the jar. @internal */
  get limits(): CookieLimits {
    return this.sites.limits;
  }

  /** Grows with every change. A caller can reuse a Cookie header while the version is the same. */
  get version(): number {
    return this.sites.version;
  }

  /** Cookies in the jar, including expired ones of sites that were not used since. */
  get size(): number {
    return this.sites.size;
  }

  /**
   * Called after each change by a server or a caller, but not when a cookie expires. There is one listener: set it
   * again to replace it, or to `undefined` to remove it.
   */
  get onChange(): (() => void) | undefined {
    return this.sites.onChange;
  }

  set onChange(listener: (() => void) | undefined) {
    this.sites.onChange = listener;
  }

  /** Stores the cookie of a Set-Cookie line, or returns the reason for refusing it. Never throws. */
  receive(line: string, url: URL, options: ReceiveOptions = {}): CookieOutcome {
    const { now = Date.now(), sameSite = 'strict', date } = options;
    const receipt = { origin: originOf(url), now, date, context: sameSite, http: true };
    const repeated = this.sites.repeats?.receive(this.sites, line, receipt);
    if (repeated !== undefined) return { name: repeated, stored: true };
    const parsed = parseSetCookie(line);
    if (typeof parsed === 'string') return { name: nameOfLine(line), stored: false, reason: parsed };
    const { version } = this.sites;
    const { cookie, rejection } = receiveCookie(this.sites, parsed, receipt);
    if (cookie !== undefined && rejection === undefined && version === this.sites.version) {
      this.sites.repeats ??= new RepeatedLines();
      this.sites.repeats.add(line, receipt, cookie, version);
    }
    return resultOf(parsed.name, rejection);
  }

  /**
   * The value of a request's Cookie header, '' for none: longer paths first, then older cookies.
   *
   * @param context the SameSite context of the request; a same-site request by default
   * @param now epoch milliseconds
   * @param room most bytes of the header; where not all cookies fit, those of the host itself have priority, then
   * Secure ones
   */
  cookieHeader(
    url: URL,
    context: SameSiteContext = 'strict',
    now: number = Date.now(),
    room: number = Number.POSITIVE_INFINITY,
  ): string {
    const { sites } = this;
    const origin = originOf(url);
    if (origin === undefined) return '';
    const select = () => selectCookies(sites, origin, { context, now });
    const header = sites.headerFor(origin, context, now, () => joinPairs(select()));
    // No character needs more than three bytes.
    if (header.length * 3 <= room || wireLength(header) <= room) return header;
    return joinPairs(fitInto(select(), room));
  }

  /** The cookies of {@link cookieHeader} as records, in the same order. */
  cookiesFor(url: URL, context: SameSiteContext = 'strict', now: number = Date.now()): CookieRecord[] {
    return selectCookies(this.sites, originOf(url), { context, now }).map(toRecord);
  }

  /** Every unexpired cookie in the order of creation. */
  allCookies(now: number = Date.now()): CookieRecord[] {
    return this.sites.all(now).map(toRecord);
  }

  /**
   * Stores a record unchanged, or returns the rule for cookies of a server that forbids it. Never throws. The limits
   * on number and size apply to servers only, so putting a cookie drops no other.
   */
  put(record: CookieInit, now: number = Date.now()): CookieOutcome {
    return resultOf(record.name, putRecord(this.sites, record, now));
  }

  /**
   * Stores records, all or none. An expired one deletes the cookie of its identity, as a Set-Cookie line does.
   *
   * @returns the result of the first that is not allowed, `null` when all were stored
   */
  putAll(records: readonly CookieInit[], now: number = Date.now()): CookieOutcome | null {
    // Done on a copy, so that a bad record in the middle leaves the jar unchanged.
    const target = records.length > 1 ? new CookieSites(this.sites.limits) : this.sites;
    if (target !== this.sites) target.copyFrom(this.sites);
    for (const record of records) {
      const reason = setRecord(target, record, now);
      if (reason !== undefined) return resultOf(record.name, reason);
    }
    if (target !== this.sites) this.sites.copyFrom(target);
    return null;
  }

  /** Removes the cookies that match every property of the filter, all of them for an empty filter; returns how many. */
  remove(filter: CookieFilter = {}): number {
    return removeMatching(this.sites, filter);
  }

  /**
   * Removes the one cookie of an identity, as {@link allCookies} returns it; returns whether there was one. @internal
   */
  removeSame(identity: CookieIdentity): boolean {
    return removeSame(this.sites, identity);
  }

  /** Removes the cookies of a URL's site (registrable domain); returns how many. */
  removeSite(url: URL): number {
    return this.sites.removeOf(hostFacts(url.hostname).site, () => true);
  }

  /**
   * Returns for each cookie of the URL's site whether it would be sent there, and if not, the reason.
   *
   * @param room most bytes of the Cookie header
   */
  explain(
    url: URL,
    context: SameSiteContext = 'strict',
    now: number = Date.now(),
    room: number = Number.POSITIVE_INFINITY,
  ): CookieExplanation[] {
    return explainCookies(this.sites, originOf(url), { context, now, room });
  }

  /** A jar with the same cookies; with a store, tough-cookie's own jar on that store, filled with copies. */
  override clone(): Promise<BrowserCookieJar>;
  override clone(callback: Callback<CookieJar>): void;
  override clone(newStore: Store, callback: Callback<CookieJar>): void;
  override clone(newStore?: Store): Promise<CookieJar>;
  override clone(newStore?: Store | Callback<CookieJar>, callback?: Callback<CookieJar>): unknown {
    const [store, done] = typeof newStore === 'function' ? [undefined, newStore] : [newStore, callback];
    if (store === undefined) return settle<CookieJar>(() => this.cloneSync(), done);
    return settleLater(fillStore(this.sites, store), done);
  }

  /**
   * As {@link clone}, synchronously.
   *
   * @throws RequestError ERR_INVALID_OPTION when `newStore` is not synchronous
   */
  override cloneSync(): BrowserCookieJar;
  override cloneSync(newStore?: Store): CookieJar;
  override cloneSync(newStore?: Store): CookieJar {
    if (newStore !== undefined) return fillStoreSync(this.sites, newStore);
    const jar = new BrowserCookieJar(this.sites.limits);
    jar.sites.copyFrom(this.sites);
    return jar;
  }

  override _cloneSync(newStore?: Store): CookieJar {
    return this.cloneSync(newStore);
  }

  /**
   * Creates a jar from the result of {@link toJSON}, as an object or as text. Cookies that a server could not have
   * set (a foreign super-cookie, a control character) are left out.
   *
   * @throws SyntaxError for text that is not JSON, RequestError ERR_INVALID_OPTION when it has no cookies
   */
  static override deserializeSync(serialized: string | SerializedCookieJar): BrowserCookieJar;
  static override deserializeSync(serialized: string | SerializedCookieJar, store?: Store): CookieJar;
  static override deserializeSync(serialized: string | SerializedCookieJar, store?: Store): CookieJar {
    const jar = new BrowserCookieJar();
    jar._importCookiesSync(typeof serialized === 'string' ? JSON.parse(serialized) : serialized);
    return store === undefined ? jar : jar.cloneSync(store);
  }

  /** As {@link deserializeSync}. */
  static override fromJSON(serialized: string | SerializedCookieJar): BrowserCookieJar;
  static override fromJSON(serialized: string | SerializedCookieJar, store?: Store): CookieJar;
  static override fromJSON(serialized: string | SerializedCookieJar, store?: Store): CookieJar {
    return BrowserCookieJar.deserializeSync(serialized, store);
  }

  /** As {@link deserializeSync}, with a promise or a callback. */
  static override deserialize(serialized: string | object): Promise<BrowserCookieJar>;
  static override deserialize(serialized: string | object, callback: Callback<CookieJar>): void;
  static override deserialize(serialized: string | object, store: Store, callback: Callback<CookieJar>): void;
  static override deserialize(serialized: string | object, store?: Store): Promise<CookieJar>;
  static override deserialize(
    serialized: string | object,
    store?: Store | Callback<CookieJar>,
    callback?: Callback<CookieJar>,
  ): unknown {
    const [target, done] = typeof store === 'function' ? [undefined, store] : [store, callback];
    const load = () => BrowserCookieJar.deserializeSync(serialized as SerializedCookieJar);
    if (target === undefined) return settle<CookieJar>(load, done);
    const loaded = new Promise<BrowserCookieJar>((resolve) => resolve(load()));
    return settleLater(
      loaded.then((jar) => jar.clone(target)),
      done,
    );
  }
}

// The build renames a class that refers to itself, and `inspect` would show that name.
Object.defineProperty(BrowserCookieJar, 'name', { value: 'BrowserCookieJar' });

function resultOf(name: string, reason: CookieRejection | undefined): CookieOutcome {
  return reason === undefined ? { name, stored: true } : { name, stored: false, reason };
}
