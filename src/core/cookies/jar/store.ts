import { type Callback, type Cookie, type ErrorCallback, type Nullable, Store } from 'tough-cookie';
import { RequestError } from '../../errors.ts';
import { hostFacts } from '../../sites.ts';
import { cookieToInit, toCookie } from './conversions.ts';
import type { CookieSites } from './cookie-sites.ts';
import { domainMatches, pathMatches } from './hosts.ts';
import type { CookieRejection } from './outcome.ts';
import { putRecord } from './put.ts';
import type { StoredCookie } from './rules.ts';

/**
 * The jar's storage in the shape of tough-cookie's `Store`, for code that uses `jar.store`. Synchronous. Cookies are
 * copied in both directions, and are stored only when the rules for live cookies allow them.
 */
export class BrowserCookieStore extends Store {
  readonly #sites: CookieSites;

  /** Use {@link BrowserCookieJar}, which shares the cookies with its store. @internal */
  constructor(sites: CookieSites) {
    super();
    this.synchronous = true;
    this.#sites = sites;
  }

  override findCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
  ): Promise<Cookie | undefined>;
  override findCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    callback: Callback<Cookie | undefined>,
  ): void;
  override findCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    callback?: Callback<Cookie | undefined>,
  ): Promise<Cookie | undefined> | undefined {
    return settle(() => {
      const found = this.#ofDomain(domain).find((cookie) => isNamed(cookie, domain, path, key));
      return found === undefined ? undefined : toCookie(found);
    }, callback);
  }

  override findCookies(
    domain: Nullable<string>,
    path: Nullable<string>,
    allowSpecialUseDomain?: boolean,
  ): Promise<Cookie[]>;
  override findCookies(
    domain: Nullable<string>,
    path: Nullable<string>,
    allowSpecialUseDomain?: boolean,
    callback?: Callback<Cookie[]>,
  ): void;
  override findCookies(
    domain: Nullable<string>,
    path: Nullable<string>,
    allowSpecialUseDomain?: boolean | Callback<Cookie[]>,
    callback?: Callback<Cookie[]>,
  ): Promise<Cookie[]> | undefined {
    return settle(
      () =>
        this.#ofDomain(domain)
          .filter((cookie) => domainMatches(domain ?? '', cookie.domain))
          .filter((cookie) => !path || pathMatches(path, cookie.path))
          .map(toCookie),
      typeof allowSpecialUseDomain === 'function' ? allowSpecialUseDomain : callback,
    );
  }

  override putCookie(cookie: Cookie): Promise<void>;
  override putCookie(cookie: Cookie, callback: ErrorCallback): void;
  override putCookie(cookie: Cookie, callback?: ErrorCallback): Promise<void> | undefined {
    return settle(() => {
      const now = Date.now();
      const reason = putRecord(this.#sites, cookieToInit(cookie, now), now);
      if (reason !== undefined) throw rejected(cookie.key, reason);
    }, asCallback(callback));
  }

  override updateCookie(oldCookie: Cookie, newCookie: Cookie): Promise<void>;
  override updateCookie(oldCookie: Cookie, newCookie: Cookie, callback: ErrorCallback): void;
  override updateCookie(
    _oldCookie: Cookie,
    newCookie: Cookie,
    callback?: ErrorCallback,
  ): Promise<void> | undefined {
    return callback === undefined ? this.putCookie(newCookie) : void this.putCookie(newCookie, callback);
  }

  override removeCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
  ): Promise<void>;
  override removeCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    callback: ErrorCallback,
  ): void;
  override removeCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    callback?: ErrorCallback,
  ): Promise<void> | undefined {
    return settle(() => {
      this.#sites.remove((cookie) => isNamed(cookie, domain, path, key));
    }, asCallback(callback));
  }

  override removeCookies(domain: string, path: Nullable<string>): Promise<void>;
  override removeCookies(domain: string, path: Nullable<string>, callback: ErrorCallback): void;
  override removeCookies(
    domain: string,
    path: Nullable<string>,
    callback?: ErrorCallback,
  ): Promise<void> | undefined {
    return settle(() => {
      this.#sites.remove((cookie) => cookie.domain === domain && (!path || cookie.path === path));
    }, asCallback(callback));
  }

  override removeAllCookies(): Promise<void>;
  override removeAllCookies(callback: ErrorCallback): void;
  override removeAllCookies(callback?: ErrorCallback): Promise<void> | undefined {
    return settle(() => this.#sites.clear(), asCallback(callback));
  }

  override getAllCookies(): Promise<Cookie[]>;
  override getAllCookies(callback: Callback<Cookie[]>): void;
  override getAllCookies(callback?: Callback<Cookie[]>): Promise<Cookie[]> | undefined {
    return settle(() => this.#sites.all(Date.now()).map(toCookie), callback);
  }

  #ofDomain(domain: Nullable<string>): readonly StoredCookie[] {
    return domain ? this.#sites.of(hostFacts(domain).site, Date.now()) : [];
  }

  /** Shows counts only: `console.log` of a jar or a session shows no cookie. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `BrowserCookieStore { cookies: ${this.#sites.size}, sites: ${this.#sites.siteCount} }`;
  }
}

/** The error for a cookie that was refused. It names the cookie and the reason, never the value. */
export function rejected(name: string, reason: CookieRejection): RequestError {
  return new RequestError('ERR_INVALID_COOKIE', `Cookie ${JSON.stringify(name)} was not stored: ${reason}`);
}

/** Runs synchronously and reports as tough-cookie does: through the callback when there is one, else with a promise. */
export function settle<T>(run: () => T, callback: Callback<T> | undefined): Promise<T> | undefined {
  let result: T;
  try {
    result = run();
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (callback === undefined) return Promise.reject(failure);
    callback(failure);
    return undefined;
  }
  if (callback === undefined) return Promise.resolve(result);
  callback(null, result);
  return undefined;
}

/** As {@link settle}, for an asynchronous operation. */
export function settleLater<T>(
  promise: Promise<T>,
  callback: Callback<T> | undefined,
): Promise<T> | undefined {
  if (callback === undefined) return promise;
  promise.then(
    (result) => callback(null, result),
    (error: Error) => callback(error),
  );
  return undefined;
}

function asCallback(callback: ErrorCallback | undefined): Callback<void> | undefined {
  return callback === undefined ? undefined : (error: Error | null) => callback(error);
}

function isNamed(
  cookie: StoredCookie,
  domain: Nullable<string>,
  path: Nullable<string>,
  key: Nullable<string>,
): boolean {
  return cookie.domain === domain && cookie.path === path && cookie.name === key;
}
