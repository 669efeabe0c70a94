import type { CookieFilter, CookieInit, SessionCookie } from '../jar/cookie-record.ts';
import type { CookieRejection, SetCookieResult } from '../jar/outcome.ts';
import type { SameSiteContext } from '../jar/rules.ts';
import type { CookieExplanation } from '../jar/send.ts';

/** Why a jar did not store a cookie. The caller's own jar gives no reason. */
export type PutRejection = CookieRejection | 'refused-by-jar';

/**
 * The operations of a session on a jar. A jar with an asynchronous store returns promises where the type allows them,
 * and throws where it does not.
 */
export interface CookieAccess {
  /**
   * The Cookie header of a request. A BrowserCookieJar limits it to `room` bytes, by default the longest that is
   * sent.
   */
  header(url: URL, context: SameSiteContext, room?: number): string | Promise<string>;
  /** Reads Set-Cookie lines; `date` is the Date header of the same response. */
  receive(
    lines: readonly string[],
    url: URL,
    context: SameSiteContext,
    date?: string | undefined,
  ): readonly SetCookieResult[] | Promise<readonly SetCookieResult[]>;
  cookiesFor(url: URL): SessionCookie[];
  all(): SessionCookie[];
  /** Stores all of them or none; returns the reason when one is refused. */
  put(cookies: readonly CookieInit[]): SetCookieResult | null;
  /** Stores one by the rules for live cookies, or returns the reason for refusing it. */
  putOne(cookie: CookieInit): PutRejection | undefined;
  /**
   * Reports for each cookie of the URL's site whether a request would carry it, in a header of at most `room` bytes.
   */
  explain(url: URL, context: SameSiteContext, room?: number): CookieExplanation[];
  remove(filter: CookieFilter): void | Promise<void>;
  /** Removes the cookies of the URL's site (registrable domain). */
  removeSite(url: URL): void | Promise<void>;
}
