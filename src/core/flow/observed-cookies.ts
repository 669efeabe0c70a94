import type { CookieAccess, CookieExplanation } from '../cookies/adapter/index.ts';
import { namesOfHeader, roomBeside } from '../cookies/header.ts';
import { sendContext } from '../cookies/same-site.ts';
import type { CallRequest } from './pipeline.ts';

/** What became of a cookie of the jar when a request was sent; without its value. */
export interface ObservedCookie {
  readonly name: string;
  readonly domain: string;
  readonly path: string;
  readonly sent: boolean;
  /**
   * Why it is not sent, absent when it is: as `session.explainCookies` says, or `omitted` by `credentials: 'omit'`,
   * `removed` by `cookie: null`, `own-header` for one that the caller's Cookie header names.
   */
  readonly reason?: NonNullable<CookieExplanation['reason']> | 'omitted' | 'removed' | 'own-header';
}

/**
 * What becomes of the cookies of the URL's site; `null` for a jar of the caller's, whose rules are not known.
 *
 * @param notSent why none of them is sent, where none is
 */
export function observeCookies(
  access: CookieAccess,
  request: CallRequest,
  notSent: 'omitted' | 'removed' | null,
): readonly ObservedCookie[] | null {
  const own = request.cookie;
  let explained: CookieExplanation[];
  try {
    explained = access.explain(request.url, sendContext(request), roomBeside(own));
  } catch {
    return null;
  }
  const named = own === null ? null : namesOfHeader(own);
  return explained.map(({ cookie: { name, domain, path }, sent, reason }) => {
    if (!sent) return { name, domain, path, sent, ...(reason !== undefined && { reason }) };
    const why = notSent ?? (named?.has(name) === true ? 'own-header' : null);
    return why === null ? { name, domain, path, sent } : { name, domain, path, sent: false, reason: why };
  });
}
