import type { Cookie, CookieJar } from 'tough-cookie';
import { RequestError } from './errors.ts';
import { BrowserCookieJar, type CookieInit, type CookieRecord, type SameSiteContext } from './jar/index.ts';
import type { SetCookieResult } from './pipeline.ts';

/** A cookie of a session as plain data. */
export interface SessionCookie {
  readonly name: string;
  readonly value: string;
  /** Host, or the parent domain of a Domain cookie; no leading dot. */
  readonly domain: string;
  readonly path: string;
  /** True: sent to `domain` alone. False: to its subdomains as well. */
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Absent when it was not said, which counts as lax. */
  readonly sameSite?: 'lax' | 'strict' | 'none';
  /** Epoch milliseconds; absent for a cookie that ends with the session. */
  readonly expiresAtMs?: number;
  /** Present and true for a partitioned cookie. */
  readonly partitioned?: boolean;
}

/** Which cookies are meant: those that have all of these. */
export interface CookieFilter {
  readonly name?: string;
  /** The cookie's own domain; parents and subdomains do not count. */
  readonly domain?: string;
  readonly path?: string;
}

/**
 * What a session does with a jar. A jar with an asynchronous store answers with promises where a type says so,
 * and refuses where it says plain values.
 */
export interface CookieAccess {
  header(url: URL, context: SameSiteContext): string | Promise<string>;
  receive(
    lines: readonly string[],
    url: URL,
    context: SameSiteContext,
  ): readonly SetCookieResult[] | Promise<readonly SetCookieResult[]>;
  cookiesFor(url: URL): SessionCookie[];
  all(): SessionCookie[];
  /** Stores all of them or none; returns why one was refused. */
  put(cookies: readonly CookieInit[]): SetCookieResult | null;
  remove(filter: CookieFilter): void | Promise<void>;
}

/** The way to a jar: our own by its fast door, any other by tough-cookie's methods. */
export function accessCookies(jar: CookieJar): CookieAccess {
  return jar instanceof BrowserCookieJar ? new BrowserAccess(jar) : new ForeignAccess(jar);
}

class BrowserAccess implements CookieAccess {
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
    // Tried on a copy first, so that a bad one in the middle leaves the jar as it was.
    if (cookies.length > 1) {
      const trial = this.#jar.cloneSync();
      const refused = putAll(trial, cookies);
      if (refused !== null) return refused;
    }
    return putAll(this.#jar, cookies);
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

/** A jar of the caller's: used as it is, with tough-cookie's rules. */
class ForeignAccess implements CookieAccess {
  readonly #jar: CookieJar;

  constructor(jar: CookieJar) {
    this.#jar = jar;
  }

  get #isSync(): boolean {
    return this.#jar.store.synchronous === true;
  }

  header(url: URL, sameSiteContext: SameSiteContext): string | Promise<string> {
    // tough-cookie throws on hosts of a single label; no cookie is the best answer to a question it cannot read.
    if (!this.#isSync) return this.#jar.getCookieString(url.href, { sameSiteContext }).catch(() => '');
    try {
      return this.#jar.getCookieStringSync(url.href, { sameSiteContext });
    } catch {
      return '';
    }
  }

  receive(
    lines: readonly string[],
    url: URL,
    sameSiteContext: SameSiteContext,
  ): SetCookieResult[] | Promise<SetCookieResult[]> {
    const options = { ignoreError: true, sameSiteContext };
    if (this.#isSync)
      return lines.map((line) => resultOf(line, this.#jar.setCookieSync(line, url.href, options)));
    return this.#receiveLater(lines, url, options);
  }

  async #receiveLater(lines: readonly string[], url: URL, options: object): Promise<SetCookieResult[]> {
    const results: SetCookieResult[] = [];
    // One after the other: the order of the lines decides which cookie stays.
    for (const line of lines)
      results.push(resultOf(line, await this.#jar.setCookie(line, url.href, options)));
    return results;
  }

  cookiesFor(url: URL): SessionCookie[] {
    this.#needSync();
    try {
      return this.#jar.getCookiesSync(url.href).map(fromTough);
    } catch {
      return [];
    }
  }

  all(): SessionCookie[] {
    this.#needSync();
    const now = Date.now();
    const cookies = this.#jar.serializeSync()?.cookies ?? [];
    return cookies.map(fromSerialized).filter(({ expiresAtMs = now + 1 }) => expiresAtMs > now);
  }

  put(cookies: readonly CookieInit[]): SetCookieResult | null {
    this.#needSync();
    const before = this.#jar.cloneSync();
    for (const cookie of cookies) {
      const path = cookie.path ?? '/';
      const url = `${cookie.secure === true ? 'https' : 'http'}://${cookie.domain.replace(/^\./, '')}${path}`;
      const stored = this.#jar.setCookieSync(toLine(cookie), url, { ignoreError: true });
      if (stored !== undefined) continue;
      this.#restore(before);
      return { name: cookie.name, stored: false, reason: 'invalid-value' };
    }
    return null;
  }

  #restore(before: CookieJar | undefined): void {
    this.#jar.removeAllCookiesSync();
    if (before !== undefined) before.cloneSync(this.#jar.store);
  }

  async remove(filter: CookieFilter): Promise<void> {
    const serialized = await this.#jar.serialize();
    for (const cookie of serialized.cookies.map(fromSerialized)) {
      if (!matches(cookie, filter)) continue;
      await this.#removeOne(cookie);
    }
  }

  /** With a callback: a store need not know promises. */
  #removeOne({ domain, path, name }: SessionCookie): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jar.store.removeCookie(domain, path, name, (error) => (error ? reject(error) : resolve()));
    });
  }

  #needSync(): void {
    if (this.#isSync) return;
    throw new RequestError(
      'ERR_INVALID_OPTION',
      'The cookieJar has an asynchronous store: use its own methods, this one answers at once',
    );
  }
}

function matches(cookie: SessionCookie, { name, domain, path }: CookieFilter): boolean {
  return (
    (name === undefined || cookie.name === name) &&
    (domain === undefined || cookie.domain === domain.replace(/^\./, '').toLowerCase()) &&
    (path === undefined || cookie.path === path)
  );
}

function resultOf(line: string, stored: Cookie | undefined): SetCookieResult {
  const name = line.slice(0, Math.max(0, line.search(/[=;]|$/))).trim();
  return stored === undefined
    ? { name, stored: false, reason: 'refused-by-jar' }
    : { name: stored.key, stored: true };
}

function fromTough(cookie: Cookie): SessionCookie {
  return fromSerialized(cookie.toJSON() as SerializedCookie);
}

type SerializedCookie = Record<string, unknown>;

function fromSerialized(cookie: SerializedCookie): SessionCookie {
  const { sameSite, expires, maxAge, creation, lastAccessed } = cookie;
  const expiresAtMs =
    typeof maxAge === 'number'
      ? Date.parse(String(lastAccessed ?? creation)) + maxAge * 1000
      : Date.parse(String(expires));
  return {
    name: String(cookie.key ?? ''),
    value: String(cookie.value ?? ''),
    domain: String(cookie.domain ?? ''),
    path: String(cookie.path ?? '/'),
    hostOnly: cookie.hostOnly !== false,
    secure: cookie.secure === true,
    httpOnly: cookie.httpOnly === true,
    ...(sameSite === 'lax' || sameSite === 'strict' || sameSite === 'none' ? { sameSite } : {}),
    ...(Number.isNaN(expiresAtMs) ? {} : { expiresAtMs }),
  };
}

function toLine(cookie: CookieInit): string {
  const parts = [`${cookie.name}=${cookie.value}`, `Path=${cookie.path ?? '/'}`];
  const isHostOnly = cookie.hostOnly ?? !cookie.domain.startsWith('.');
  if (!isHostOnly) parts.push(`Domain=${cookie.domain}`);
  if (cookie.expiresAtMs !== undefined) parts.push(`Expires=${new Date(cookie.expiresAtMs).toUTCString()}`);
  if (cookie.secure === true) parts.push('Secure');
  if (cookie.httpOnly === true) parts.push('HttpOnly');
  if (cookie.sameSite !== undefined) parts.push(`SameSite=${cookie.sameSite}`);
  return parts.join('; ');
}
