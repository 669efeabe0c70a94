import { Cookie, type CookieJar } from 'tough-cookie';
import { RequestError } from '../../errors.ts';
import { hasControlCharacter } from '../../http.ts';
import { hostFacts } from '../../sites.ts';
import { BrowserCookieJar } from '../jar/browser-cookie-jar.ts';
import {
  type CookieFilter,
  type CookieInit,
  isSameCookie,
  type SessionCookie,
} from '../jar/cookie-record.ts';
import { defaultPath } from '../jar/hosts.ts';
import type { SetCookieResult } from '../jar/outcome.ts';
import { nameOfLine } from '../jar/parse.ts';
import { canonicalDomain, checkText, type SameSiteContext } from '../jar/rules.ts';
import type { CookieExplanation } from '../jar/send.ts';
import type { CookieAccess, PutRejection } from './access.ts';

/**
 * Access to the caller's own jar. It has tough-cookie's rules, without a correction by Date and without a limit on
 * the header.
 */
export class ForeignAccess implements CookieAccess {
  readonly #jar: CookieJar;

  constructor(jar: CookieJar) {
    this.#jar = jar;
  }

  get #isSync(): boolean {
    return this.#jar.store.synchronous === true;
  }

  header(url: URL, sameSiteContext: SameSiteContext): string | Promise<string> {
    // tough-cookie throws on hosts of a single label. Such a request gets no cookies.
    if (!this.#isSync) {
      return this.#jar.getCookieString(url.href, { sameSiteContext }).then(checkHeader, () => '');
    }
    let header = '';
    try {
      header = this.#jar.getCookieStringSync(url.href, { sameSiteContext });
    } catch {
      return '';
    }
    return checkHeader(header);
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
    // One after the other: the order of the lines decides which cookie is kept.
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
    const before = this.#jar.serializeSync()?.cookies ?? [];
    for (const cookie of cookies) {
      const reason = this.#store(cookie);
      if (reason === undefined) continue;
      this.#restore(before);
      return { name: cookie.name, stored: false, reason };
    }
    return null;
  }

  /** Cookies of a file must satisfy the rules for cookies of a server, even where this jar would accept them. */
  putOne(cookie: CookieInit): PutRejection | undefined {
    this.#needSync();
    return new BrowserCookieJar().put(cookie).reason ?? this.#store(cookie);
  }

  #store(cookie: CookieInit): PutRejection | undefined {
    // Checked before it becomes a line, where a semicolon would begin an attribute.
    const rejection = checkText(cookie);
    if (rejection !== undefined) return rejection;
    const domain = canonicalDomain(cookie.domain);
    if (domain === undefined) return 'invalid-domain';
    const { path = '/' } = cookie;
    // A line cannot hold a path with a semicolon. The URL of a page below such a path has it as default path.
    const page = path.includes(';') ? `${path}/` : path;
    const url = `${cookie.secure === true ? 'https' : 'http'}://${domain}${page}`;
    if (page !== path && defaultPath(new URL(url).pathname) !== path) return 'invalid-path';
    if (!(cookie.expiresAtMs === undefined || cookie.expiresAtMs > Date.now()))
      return this.#delete(cookie, domain);
    const stored = this.#jar.setCookieSync(toLine(cookie), url, { ignoreError: true });
    return stored === undefined ? 'refused-by-jar' : undefined;
  }

  /** A cookie that has expired deletes the one of its identity; tough-cookie keeps others in its place. */
  #delete({ name, path = '/', hostOnly, partitioned, ...cookie }: CookieInit, domain: string): undefined {
    const identity = {
      ...{ name, path, domain },
      hostOnly: hostOnly ?? !cookie.domain.startsWith('.'),
      partitioned: partitioned ?? false,
    };
    for (const other of this.all()) {
      if (isSameCookie(other, identity)) this.#jar.store.removeCookie(domain, path, name, () => {});
    }
  }

  // One by one: tough-cookie's own way to load a jar recurses, and loses cookies when there are thousands.
  #restore(before: readonly unknown[]): void {
    this.#jar.removeAllCookiesSync();
    for (const entry of before) {
      const cookie = Cookie.fromJSON(entry);
      if (cookie !== undefined) this.#jar.store.putCookie(cookie, () => {});
    }
  }

  explain(): CookieExplanation[] {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      "explainCookies knows the rules of the session's own jar, not those of a cookieJar of yours",
    );
  }

  async remove(filter: CookieFilter): Promise<void> {
    const domain = filter.domain === undefined ? undefined : canonicalDomain(filter.domain);
    if (filter.domain !== undefined && domain === undefined) return;
    await this.#removeAll((cookie) => matches(cookie, { ...filter, domain }));
  }

  async removeSite(url: URL): Promise<void> {
    const { site } = hostFacts(url.hostname);
    await this.#removeAll(({ domain }) => hostFacts(domain).site === site);
  }

  async #removeAll(isMeant: (cookie: SessionCookie) => boolean): Promise<void> {
    const serialized = await this.#jar.serialize();
    for (const cookie of serialized.cookies.map(fromSerialized)) {
      if (isMeant(cookie)) await this.#removeOne(cookie);
    }
  }

  /** With a callback, since a store need not return promises. */
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

function matches(cookie: SessionCookie, filter: CookieFilter): boolean {
  return (
    (filter.name === undefined || cookie.name === filter.name) &&
    (filter.domain === undefined || cookie.domain === filter.domain) &&
    (filter.path === undefined || cookie.path === filter.path) &&
    (filter.hostOnly === undefined || cookie.hostOnly === filter.hostOnly) &&
    (filter.partitioned === undefined || (cookie.partitioned ?? false) === filter.partitioned)
  );
}

function resultOf(line: string, stored: Cookie | undefined): SetCookieResult {
  return stored === undefined
    ? { name: nameOfLine(line), stored: false, reason: 'refused-by-jar' }
    : { name: stored.key, stored: true };
}

function fromTough(cookie: Cookie): SessionCookie {
  return fromSerialized(cookie.toJSON() as SerializedCookie);
}

type SerializedCookie = Record<string, unknown>;

function fromSerialized(cookie: SerializedCookie): SessionCookie {
  const { sameSite, expires, maxAge, creation, lastAccessed, extensions } = cookie;
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
    // tough-cookie keeps an unknown attribute as text.
    ...(Array.isArray(extensions) && extensions.some((text) => /^partitioned$/i.test(String(text)))
      ? { partitioned: true }
      : {}),
  };
}

function toLine(cookie: CookieInit): string {
  const { path = '/' } = cookie;
  const parts = [`${cookie.name}=${cookie.value}`];
  if (!path.includes(';')) parts.push(`Path=${path}`);
  const isHostOnly = cookie.hostOnly ?? !cookie.domain.startsWith('.');
  if (!isHostOnly) parts.push(`Domain=${cookie.domain}`);
  if (cookie.expiresAtMs !== undefined) parts.push(`Expires=${new Date(cookie.expiresAtMs).toUTCString()}`);
  if (cookie.secure === true) parts.push('Secure');
  if (cookie.httpOnly === true) parts.push('HttpOnly');
  if (cookie.sameSite !== undefined) parts.push(`SameSite=${cookie.sameSite}`);
  if (cookie.partitioned === true) parts.push('Partitioned');
  return parts.join('; ');
}

/**
 * The caller's jar may hold a cookie that no Set-Cookie line could set. Its control characters must not break the
 * lines of the head.
 */
function checkHeader(header: string): string {
  if (!hasControlCharacter(header)) return header;
  const message = 'the cookieJar has a cookie with a control character, which cannot be sent';
  throw new RequestError('ERR_INVALID_COOKIE', message);
}
