import {
  type Callback,
  Cookie,
  CookieJar,
  type GetCookiesOptions,
  type SetCookieOptions,
} from 'tough-cookie';
import { invalidOption, RequestError } from '../../errors.ts';
import { cookieToInit, cookieToParsed, toCookie } from './conversions.ts';
import type { CookieSites } from './cookie-sites.ts';
import { nameOfLine, parseSetCookie } from './parse.ts';
import { putRecord } from './put.ts';
import { type Receiving, receiveCookie } from './receive.ts';
import { type CookieOrigin, originOf, type SameSiteContext, type StoredCookie } from './rules.ts';
import { joinPairs, selectCookies } from './send.ts';
import { BrowserCookieStore, rejected, settle } from './store.ts';

/** tough-cookie's options, and the time, which those do not have. */
export interface BrowserGetCookiesOptions extends GetCookiesOptions {
  /** @default new Date() */
  now?: Date | undefined;
}

/** tough-cookie's own methods with the rules of browsers. The jar can be used wherever a `CookieJar` is accepted. */
export class CookieJarMethods extends CookieJar {
  declare readonly store: BrowserCookieStore;
  /** The cookies themselves. @internal */
  protected readonly sites: CookieSites;

  /** @internal */
  constructor(sites: CookieSites) {
    super(new BrowserCookieStore(sites));
    this.sites = sites;
  }

  /**
   * Stores a Set-Cookie line or a copy of a `Cookie`. Returns a copy of what was stored, `undefined` when it was refused.
   *
   * @throws RequestError ERR_INVALID_COOKIE when it was refused, unless `ignoreError` is set or, as in tough-cookie,
   * the name's prefix was the reason; ERR_INVALID_URL for a URL that is not absolute
   */
  override setCookieSync(
    cookie: string | Cookie,
    url: string | URL,
    options: SetCookieOptions = {},
  ): Cookie | undefined {
    const { cookie: stored, rejection } = this.#receive(cookie, toOrigin(url), options);
    if (stored !== undefined) return toCookie(stored);
    if (rejection === undefined || rejection === 'prefix' || options.ignoreError) return undefined;
    throw rejected(typeof cookie === 'string' ? nameOfLine(cookie) : String(cookie?.key), rejection);
  }

  /** As {@link setCookieSync}; the cookie is stored before this returns. */
  override setCookie(
    cookie: string | Cookie,
    url: string | URL,
    callback: Callback<Cookie | undefined>,
  ): void;
  override setCookie(
    cookie: string | Cookie,
    url: string | URL,
    options: SetCookieOptions,
    callback: Callback<Cookie | undefined>,
  ): void;
  override setCookie(
    cookie: string | Cookie,
    url: string | URL,
    options?: SetCookieOptions,
  ): Promise<Cookie | undefined>;
  override setCookie(
    cookie: string | Cookie,
    url: string | URL,
    options?: SetCookieOptions | Callback<Cookie | undefined>,
    callback?: Callback<Cookie | undefined>,
  ): unknown {
    const [given, done] = typeof options === 'function' ? [undefined, options] : [options, callback];
    return settle(() => this.setCookieSync(cookie, url, given), done);
  }

  /**
   * Copies of the cookies that a request would carry, in the order of the header. Expired ones are never returned,
   * not even with `expire: false`.
   *
   * @throws RequestError ERR_INVALID_URL for a URL that is not absolute; it never throws because of a host
   */
  override getCookiesSync(url: string | URL, options: BrowserGetCookiesOptions = {}): Cookie[] {
    return this.#select(url, options).map(toCookie);
  }

  /** As {@link getCookiesSync}, with a promise or a callback. */
  override getCookies(url: string | URL, callback: Callback<Cookie[]>): void;
  override getCookies(
    url: string | URL,
    options: BrowserGetCookiesOptions | undefined,
    callback: Callback<Cookie[]>,
  ): void;
  override getCookies(url: string | URL, options?: BrowserGetCookiesOptions): Promise<Cookie[]>;
  override getCookies(
    url: string | URL,
    options?: BrowserGetCookiesOptions | Callback<Cookie[]>,
    callback?: Callback<Cookie[]>,
  ): unknown {
    const [given, done] = typeof options === 'function' ? [undefined, options] : [options, callback];
    return settle(() => this.getCookiesSync(url, given), done);
  }

  /** The Cookie header that a request would carry, '' for none. Throws as {@link getCookiesSync}. */
  override getCookieStringSync(url: string | URL, options: BrowserGetCookiesOptions = {}): string {
    return joinPairs(this.#select(url, options));
  }

  /** As {@link getCookieStringSync}, with a promise or a callback. */
  override getCookieString(
    url: string | URL,
    options: BrowserGetCookiesOptions,
    callback: Callback<string | undefined>,
  ): void;
  override getCookieString(url: string | URL, callback: Callback<string | undefined>): void;
  override getCookieString(url: string | URL, options?: BrowserGetCookiesOptions): Promise<string>;
  override getCookieString(
    url: string | URL,
    options?: BrowserGetCookiesOptions | Callback<string | undefined>,
    callback?: Callback<string | undefined>,
  ): unknown {
    const [given, done] = typeof options === 'function' ? [undefined, options] : [options, callback];
    return settle<string | undefined>(() => this.getCookieStringSync(url, given), done);
  }

  /** Loads the cookies of a serialized jar, in one loop and without recursion, so that any number of cookies loads. */
  override _importCookiesSync(serialized: unknown): void {
    const now = Date.now();
    const cookies = serializedCookies(serialized).map((entry) => Cookie.fromJSON(entry));
    const known = cookies.filter((cookie) => cookie !== undefined).map((cookie) => cookieToInit(cookie, now));
    // In tough-cookie's order: by the time of creation, otherwise as given.
    for (const init of known.sort((a, b) => (a.creation ?? now) - (b.creation ?? now)))
      putRecord(this.sites, init, now);
  }

  override _importCookies(serialized: unknown, callback: Callback<CookieJar>): void {
    settle<CookieJar>(() => {
      this._importCookiesSync(serialized);
      return this;
    }, callback);
  }

  /** Shows counts only: `console.log` of a jar or a session shows no cookie. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { size, siteCount } = this.sites;
    return `BrowserCookieJar { cookies: ${size}, sites: ${siteCount} }`;
  }

  #receive(cookie: string | Cookie, origin: CookieOrigin | undefined, options: SetCookieOptions): Receiving {
    if (typeof cookie !== 'string' && !(cookie instanceof Object)) return { rejection: 'empty' };
    const parsed =
      typeof cookie === 'string' ? parseSetCookie(cookie) : cookieToParsed(cookie, origin?.facts.host);
    if (typeof parsed === 'string') return { rejection: parsed };
    const { now, sameSiteContext, http = true } = options;
    return receiveCookie(this.sites, parsed, {
      origin,
      now: now?.getTime() ?? Date.now(),
      context: toContext(sameSiteContext),
      http,
    });
  }

  #select(url: string | URL, options: BrowserGetCookiesOptions): StoredCookie[] {
    return selectCookies(this.sites, toOrigin(url), {
      context: toContext(options.sameSiteContext),
      now: options.now?.getTime() ?? Date.now(),
      allPaths: options.allPaths ?? false,
      http: options.http ?? true,
    });
  }
}

function serializedCookies(serialized: unknown): unknown[] {
  const cookies = typeof serialized === 'object' && serialized !== null && Reflect.get(serialized, 'cookies');
  if (!Array.isArray(cookies))
    throw invalidOption('cookies', 'an array of serialized cookies', cookies || undefined);
  return cookies;
}

function toContext(context: string | undefined): SameSiteContext {
  const word = context?.toLowerCase() ?? 'strict';
  if (word === 'strict' || word === 'lax' || word === 'none') return word;
  throw invalidOption('sameSiteContext', "'strict', 'lax' or 'none'", context);
}

// The lines of one response are stored one by one with the same URL, and often the next request has the same URL.
let lastUrl = 'about:blank';
let lastOrigin: CookieOrigin | undefined;

function toOrigin(url: string | URL): CookieOrigin | undefined {
  if (url instanceof URL) return originOf(url);
  if (url === lastUrl) return lastOrigin;
  const parsed = URL.parse(url);
  if (parsed === null)
    throw new RequestError('ERR_INVALID_URL', 'The URL of a cookie must be an absolute URL');
  lastOrigin = originOf(parsed);
  lastUrl = url;
  return lastOrigin;
}
