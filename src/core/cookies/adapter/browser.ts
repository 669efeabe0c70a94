import type {
  BrowserCookieJar,
  CookieFilter,
  CookieInit,
  CookieRecord,
  SameSiteContext,
} from '../jar/browser-cookie-jar.ts';
import type { CookieRejection, SetCookieResult } from '../jar/outcome.ts';
import type { CookieAccess, CookieExplanation, SessionCookie } from './access.ts';

/** The session's own kind of jar, by its fast door. */
export class BrowserAccess implements CookieAccess {
  readonly #jar: BrowserCookieJar;

  constructor(jar: BrowserCookieJar) {
    this.#jar = jar;
  }

  header(url: URL, context: SameSiteContext): string {
    return this.#jar.cookieHeader(url, context);
  }

  receive(lines: readonly string[], url: URL, sameSite: SameSiteContext): SetCookieResult[] {
    return lines.map((line) => this.#jar.receive(line, url, { sameSite }));
  }

  cookiesFor(url: URL): SessionCookie[] {
    return this.#jar.cookiesFor(url).map(toSessionCookie);
  }

  all(): SessionCookie[] {
    return this.#jar.allCookies().map(toSessionCookie);
  }

  put(cookies: readonly CookieInit[]): SetCookieResult | null {
    if (cookies.length <= 1) return putAll(this.#jar, cookies);
    // Done on a copy, so that a bad one in the middle leaves the jar as it was.
    const trial = this.#jar.cloneSync();
    const refused = putAll(trial, cookies);
    if (refused === null) this.#jar.store.sites.copyFrom(trial.store.sites);
    return refused;
  }

  putOne(cookie: CookieInit): CookieRejection | undefined {
    return this.#jar.put(cookie).reason;
  }

  explain(url: URL, context: SameSiteContext): CookieExplanation[] {
    return this.#jar
      .explain(url, context)
      .map((explanation) => ({ ...explanation, cookie: toSessionCookie(explanation.cookie) }));
  }

  remove(filter: CookieFilter): void {
    this.#jar.remove(filter);
  }
}

function putAll(jar: BrowserCookieJar, cookies: readonly CookieInit[]): SetCookieResult | null {
  for (const cookie of cookies) {
    const result = jar.put(cookie);
    if (result.stored) continue;
    if (result.reason !== 'expired') return result;
    // A cookie whose time is over is no mistake: it says that there is none any more, as in a Set-Cookie line.
    const { name, domain, path = '/' } = cookie;
    jar.remove({ name, domain, path });
  }
  return null;
}

function toSessionCookie(record: CookieRecord): SessionCookie {
  const { creation: _, partitioned, ...cookie } = record;
  return partitioned ? { ...cookie, partitioned } : cookie;
}
