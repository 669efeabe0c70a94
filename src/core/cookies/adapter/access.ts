import type { CookieFilter, CookieInit, CookieWithheld, SameSiteContext } from '../jar/browser-cookie-jar.ts';
import type { CookieRejection, SetCookieResult } from '../jar/outcome.ts';

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

/** Whether a request would carry a cookie, and if not, why. */
export interface CookieExplanation {
  readonly cookie: SessionCookie;
  readonly sent: boolean;
  /** Absent when it is sent. */
  readonly reason?: CookieWithheld;
}

/** Why a jar did not take a cookie; one of the caller's gives no reason of its own. */
export type PutRejection = CookieRejection | 'refused-by-jar';

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
  /** Stores one by the rules for live cookies, or says why not. */
  putOne(cookie: CookieInit): PutRejection | undefined;
  /** Says of each cookie of the URL's site whether a request would carry it. */
  explain(url: URL, context: SameSiteContext): CookieExplanation[];
  remove(filter: CookieFilter): void | Promise<void>;
}
