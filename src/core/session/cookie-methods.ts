import type { CookieJar } from 'tough-cookie';
import { checkOneOf } from '../checks.ts';
import type { CookieAccess, CookieExplanation, SessionCookie } from '../cookies/adapter/index.ts';
import {
  type CookieExports,
  type CookieFormat,
  type CookieImport,
  exportCookies,
  type ImportFormat,
  type ImportOptions,
  importCookies,
} from '../cookies/formats/convert.ts';
import {
  type CookieAttributes,
  cookiesByName,
  putCookies,
  resolveCookie,
  resolveFilter,
  resolveSetCookie,
  type SessionCookieInit,
} from '../cookies/input.ts';
import type { CookieFilter, SameSiteContext } from '../cookies/jar/browser-cookie-jar.ts';
import { parseCookieUrl } from '../cookies/jar/cookie-url.ts';
import { RequestError } from '../errors.ts';

/** The cookie methods of a session; every method throws ERR_SESSION_CLOSED once it is closed. */
export abstract class CookieMethods {
  readonly #cookieJar: CookieJar;
  readonly #cookies: CookieAccess;

  /** @internal */
  constructor(cookieJar: CookieJar, cookies: CookieAccess) {
    this.#cookieJar = cookieJar;
    this.#cookies = cookies;
  }

  /** True once close() was called. */
  abstract get closed(): boolean;

  /** The session's tough-cookie jar: works wherever one is taken. */
  get cookieJar(): CookieJar {
    return this.#cookieJar;
  }

  /**
   * The cookies that would be sent to `url` by a same-site request, HttpOnly ones included. Of two with the same
   * name the one that is sent first.
   *
   * @throws RequestError ERR_INVALID_URL, ERR_SESSION_CLOSED
   */
  getCookies(url: string | URL): Record<string, string> {
    this.#checkOpen();
    return cookiesByName(this.#cookies, parseCookieUrl(url));
  }

  /** All unexpired cookies in the order of their creation. */
  getAllCookies(): SessionCookie[] {
    this.#checkOpen();
    return this.#cookies.all();
  }

  /**
   * Stores one cookie as if `url` had set it. The value is taken verbatim.
   *
   * @throws RequestError ERR_INVALID_COOKIE for what no cookie may hold, ERR_INVALID_URL; the jar stays as it was
   */
  setCookie(name: string, value: string, url: string | URL, attributes: CookieAttributes = {}): void {
    this.#checkOpen();
    putCookies(this.#cookies, [resolveSetCookie(name, value, parseCookieUrl(url), attributes)]);
  }

  /**
   * Stores cookies without loss, all or none: the inverse of {@link getAllCookies}.
   *
   * @param url the URL for which cookies without a domain are set
   * @throws RequestError ERR_INVALID_COOKIE, ERR_INVALID_URL; the jar stays as it was
   */
  setCookies(cookies: readonly SessionCookieInit[], url?: string | URL): void {
    this.#checkOpen();
    if (!Array.isArray(cookies)) {
      throw new RequestError('ERR_INVALID_COOKIE', 'setCookies expects an array of cookies');
    }
    const fallback = url === undefined ? null : parseCookieUrl(url);
    putCookies(
      this.#cookies,
      cookies.map((cookie) => resolveCookie(cookie, fallback)),
    );
  }

  /**
   * Deletes the cookies that match every property of the filter; without a filter, all cookies.
   *
   * @throws RequestError ERR_INVALID_OPTION for an invalid filter
   */
  async clearCookies(filter: CookieFilter = {}): Promise<void> {
    this.#checkOpen();
    await this.#cookies.remove(resolveFilter(filter));
  }

  /**
   * Reports for each cookie of the URL's site whether a request to `url` would carry it, and if not, the reason.
   *
   * @param context the SameSite context of the request: `strict` for a same-site request, `lax` for a cross-site
   * navigation by GET or HEAD, `none` for any other cross-site request
   * @throws RequestError ERR_INVALID_URL; ERR_INVALID_OPTION for a `cookieJar` of the caller, which may have other
   * rules
   */
  explainCookies(url: string | URL, context: SameSiteContext = 'strict'): CookieExplanation[] {
    this.#checkOpen();
    return this.#cookies.explain(
      parseCookieUrl(url),
      checkOneOf('context', context, ['strict', 'lax', 'none']),
    );
  }

  /**
   * Exports all unexpired cookies in the format of another program: text for `netscape`, plain objects for the
   * others.
   *
   * @throws RequestError ERR_INVALID_OPTION for an unknown format
   * @example
   * const context = await browser.newContext({ storageState: session.exportCookies('playwright') });
   */
  exportCookies<Format extends CookieFormat>(format: Format): CookieExports[Format] {
    this.#checkOpen();
    return exportCookies(this.#cookies.all(), format);
  }

  /**
   * Imports cookies of another program. Each cookie must pass the rules for cookies of a server. An invalid cookie is
   * left out and reported with its position; the others are stored.
   *
   * @param input the content of a file, as text or bytes, or the result of `JSON.parse`; a Cookie header; a curl
   * command as copied from a browser
   * @param options the format, which is detected when left out; the URL that a Cookie header was sent to
   * @throws RequestError ERR_INVALID_COOKIE for input that is not a cookie file, or does not end as its format
   * requires; ERR_INVALID_OPTION for an unknown format
   * @example
   * const { imported, rejected } = session.importCookies(await readFile('cookies.txt'));
   * session.importCookies('Cookie: sid=1; theme=dark', { url: 'https://example.com/' });
   */
  importCookies(input: string | object, options?: ImportFormat | ImportOptions): CookieImport {
    this.#checkOpen();
    return importCookies(this.#cookies, input, options);
  }

  #checkOpen(): void {
    if (this.closed) throw sessionClosed();
  }
}

export function sessionClosed(): RequestError {
  return new RequestError('ERR_SESSION_CLOSED', 'Session has been closed');
}
