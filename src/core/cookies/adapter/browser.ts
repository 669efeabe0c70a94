import type { BrowserCookieJar } from '../jar/browser-cookie-jar.ts';
import { toSessionCookie } from '../jar/conversions.ts';
import type { CookieFilter, CookieInit, SessionCookie } from '../jar/cookie-record.ts';
import { maxCookieBytes } from '../jar/limits.ts';
import type { CookieRejection, SetCookieResult } from '../jar/outcome.ts';
import type { SameSiteContext } from '../jar/rules.ts';
import type { CookieExplanation } from '../jar/send.ts';
import type { CookieAccess } from './access.ts';

/** Access to a BrowserCookieJar, by methods that create no object per cookie. */
export class BrowserAccess implements CookieAccess {
  readonly #jar: BrowserCookieJar;

  constructor(jar: BrowserCookieJar) {
    this.#jar = jar;
  }

  header(url: URL, context: SameSiteContext, room: number = maxCookieBytes): string {
    return this.#jar.cookieHeader(url, context, Date.now(), room);
  }

  receive(
    lines: readonly string[],
    url: URL,
    sameSite: SameSiteContext,
    date?: string | undefined,
  ): SetCookieResult[] {
    return lines.map((line) => this.#jar.receive(line, url, { sameSite, date }));
  }

  cookiesFor(url: URL): SessionCookie[] {
    return this.#jar.cookiesFor(url).map(toSessionCookie);
  }

  all(): SessionCookie[] {
    return this.#jar.allCookies().map(toSessionCookie);
  }

  put(cookies: readonly CookieInit[]): SetCookieResult | null {
    return this.#jar.putAll(cookies);
  }

  putOne(cookie: CookieInit): CookieRejection | undefined {
    return this.#jar.put(cookie).reason;
  }

  explain(url: URL, context: SameSiteContext, room: number = maxCookieBytes): CookieExplanation[] {
    return this.#jar.explain(url, context, Date.now(), room);
  }

  remove(filter: CookieFilter): void {
    this.#jar.remove(filter);
  }

  removeSite(url: URL): void {
    this.#jar.removeSite(url);
  }
}
