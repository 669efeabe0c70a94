import type { Callback, CookieJar, SerializedCookieJar, Store } from 'tough-cookie';
import { type CookieRecord, toRecord } from './conversions.ts';
import { fillStore, fillStoreSync } from './fill.ts';
import { CookieJarMethods } from './methods.ts';
import type { CookieRejection, SetCookieResult } from './outcome.ts';
import { nameOfLine, parseSetCookie } from './parse.ts';
import { receiveCookie } from './receive.ts';
import { type CookieInit, originOf, type SameSiteContext } from './rules.ts';
import { type CookieExplanation, explainCookies, joinPairs, selectCookies } from './send.ts';
import { settle, settleLater } from './store.ts';

export type { CookieRecord } from './conversions.ts';
export type { BrowserGetCookiesOptions } from './methods.ts';
export type { SameSite } from './parse.ts';
export type { CookieInit, SameSiteContext } from './rules.ts';
export type { CookieExplanation, CookieWithheld } from './send.ts';
export type { BrowserCookieStore } from './store.ts';

/** What became of a cookie. */
export interface CookieOutcome extends SetCookieResult {
  /** Absent when it was stored. */
  readonly reason?: CookieRejection;
}

/** Which cookies {@link BrowserCookieJar.remove} removes: those that have all of these. */
export interface CookieFilter {
  readonly name?: string | undefined;
  /** The cookie's own domain, with or without a leading dot; parents and subdomains do not count. */
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
}

/** How a Set-Cookie line came. */
export interface ReceiveOptions {
  /** Epoch milliseconds. @default Date.now() */
  readonly now?: number | undefined;
  /** `lax` stands for every cross-site top-level navigation here, POST included. @default 'strict' */
  readonly sameSite?: SameSiteContext | undefined;
}

/**
 * A tough-cookie `CookieJar` that keeps and sends cookies as browsers do. Source: RFC 6265bis, checked against
 * captures of Chromium 156 and Firefox 153; `docs/cookies.md` says what was chosen where the two differ.
 *
 * Cookies are text. Bytes that were no UTF-8 on the wire stand as lone surrogates U+DC80 to U+DCFF.
 *
 * @example
 * const jar = new BrowserCookieJar();
 * jar.receive('sid=1; Secure; HttpOnly', new URL('https://shop.example/'));
 * jar.cookieHeader(new URL('https://shop.example/cart')); // 'sid=1'
 */
export class BrowserCookieJar extends CookieJarMethods {
  /** Grows with every change, so that a caller can remember a Cookie header for as long as it stays. */
  get version(): number {
    return this.store.sites.version;
  }

  /** Stores what a Set-Cookie line says, or says why not. Never throws. */
  receive(line: string, url: URL, options: ReceiveOptions = {}): CookieOutcome {
    const parsed = parseSetCookie(line);
    if (typeof parsed === 'string') return { name: nameOfLine(line), stored: false, reason: parsed };
    const { now = Date.now(), sameSite = 'strict' } = options;
    const { rejection } = receiveCookie(this.store.sites, parsed, {
      origin: originOf(url),
      now,
      context: sameSite,
      http: true,
    });
    return resultOf(parsed.name, rejection);
  }

  /**
   * The value of a request's Cookie header, '' when it gets none: longer paths first, then older cookies.
   *
   * @param context what the request is to the site; a same-site request by default
   * @param now epoch milliseconds
   */
  cookieHeader(url: URL, context: SameSiteContext = 'strict', now: number = Date.now()): string {
    const { sites } = this.store;
    const origin = originOf(url);
    if (origin === undefined) return '';
    return sites.headerFor(origin, context, now, () =>
      joinPairs(selectCookies(sites, origin, { context, now })),
    );
  }

  /** The cookies of {@link cookieHeader} as records, in the same order. */
  cookiesFor(url: URL, context: SameSiteContext = 'strict', now: number = Date.now()): CookieRecord[] {
    return selectCookies(this.store.sites, originOf(url), { context, now }).map(toRecord);
  }

  /** Every unexpired cookie in the order of creation. */
  allCookies(now: number = Date.now()): CookieRecord[] {
    return this.store.sites.all(now).map(toRecord);
  }

  /**
   * Stores a record as it is, or says why the rules for live cookies forbid it. Never throws.
   * Nothing that was put is dropped to make room for what is put: the limits on numbers bind servers.
   */
  put(record: CookieInit, now: number = Date.now()): CookieOutcome {
    return resultOf(record.name, this.store.put(record, now));
  }

  /** Removes the cookies that have all the filter names, every one when it names nothing; returns how many. */
  remove(filter: CookieFilter = {}): number {
    const { name, path } = filter;
    const domain = filter.domain?.replace(/^\./, '').toLowerCase();
    return this.store.sites.remove(
      (cookie) =>
        (name === undefined || cookie.name === name) &&
        (domain === undefined || cookie.domain === domain) &&
        (path === undefined || cookie.path === path),
    );
  }

  /** Says of each cookie of the URL's site whether it would be sent there, and if not, why. */
  explain(url: URL, context: SameSiteContext = 'strict', now: number = Date.now()): CookieExplanation[] {
    return explainCookies(this.store.sites, originOf(url), context, now);
  }

  /** A jar with the same cookies; with a store, tough-cookie's own jar on that store, filled with copies. */
  override clone(): Promise<BrowserCookieJar>;
  override clone(callback: Callback<CookieJar>): void;
  override clone(newStore: Store, callback: Callback<CookieJar>): void;
  override clone(newStore?: Store): Promise<CookieJar>;
  override clone(newStore?: Store | Callback<CookieJar>, callback?: Callback<CookieJar>): unknown {
    const [store, done] = typeof newStore === 'function' ? [undefined, newStore] : [newStore, callback];
    if (store === undefined) return settle<CookieJar>(() => this.cloneSync(), done);
    return settleLater(fillStore(this.store.sites, store), done);
  }

  /**
   * As {@link clone}, at once.
   *
   * @throws RequestError ERR_INVALID_OPTION when `newStore` is not synchronous
   */
  override cloneSync(): BrowserCookieJar;
  override cloneSync(newStore?: Store): CookieJar;
  override cloneSync(newStore?: Store): CookieJar {
    if (newStore !== undefined) return fillStoreSync(this.store.sites, newStore);
    const jar = new BrowserCookieJar();
    jar.store.sites.copyFrom(this.store.sites);
    return jar;
  }

  override _cloneSync(newStore?: Store): CookieJar {
    return this.cloneSync(newStore);
  }

  /**
   * The jar of what {@link toJSON} wrote, as an object or as text. Cookies that a server could not have set
   * (a foreign super-cookie, a control character) are left out.
   *
   * @throws SyntaxError for text that is no JSON, RequestError ERR_INVALID_OPTION when it has no cookies
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

function resultOf(name: string, reason: CookieRejection | undefined): CookieOutcome {
  return reason === undefined ? { name, stored: true } : { name, stored: false, reason };
}
