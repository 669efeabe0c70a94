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
   * @param url where cookies without a domain come from
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
   * Deletes the cookies that have all that the filter names; without a filter, every one.
   *
   * @throws RequestError ERR_INVALID_OPTION for a filter that is not understood
   */
  async clearCookies(filter: CookieFilter = {}): Promise<void> {
    this.#checkOpen();
    await this.#cookies.remove(resolveFilter(filter));
  }

  /**
   * Says of each cookie of the URL's site whether a request to `url` would carry it, and if not, why.
   *
   * @param context what the request is to the site: `strict` a same-site one, `lax` a cross-site navigation by GET
   *   or HEAD, `none` any other cross-site one
   * @throws RequestError ERR_INVALID_URL; ERR_INVALID_OPTION for a cookieJar of the caller's, whose rules are its own
   */
  explainCookies(url: string | URL, context: SameSiteContext = 'strict'): CookieExplanation[] {
    this.#checkOpen();
    return this.#cookies.explain(
      parseCookieUrl(url),
      checkOneOf('context', context, ['strict', 'lax', 'none']),
    );
  }

  /**
   * Writes all unexpired cookies in a format of other programs: text for `netscape`, else plain objects.
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
   * Loads cookies of other programs. Each passes the rules that live cookies pass; what is bad is left out and
   * reported by its place, the rest is stored.
   *
   * @param input the content of a file, as text or bytes, or what `JSON.parse` made of it; a Cookie header; a curl
   *   command as browsers copy it
   * @param options a format, which is found out when left out; where a Cookie header went to
   * @throws RequestError ERR_INVALID_COOKIE for what is no file of cookies, or has an end that is not understood;
   *   ERR_INVALID_OPTION for an unknown format
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
