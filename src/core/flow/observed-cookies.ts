import type { CookieAccess, CookieExplanation } from '../cookies/adapter/index.ts';
import { namesOfHeader, roomBeside } from '../cookies/header.ts';
import { sendContext } from '../cookies/same-site.ts';
import type { CallRequest } from './pipeline.ts';

/** The outcome for one cookie of the jar when a request was sent, without its value. */
export interface ObservedCookie {
  readonly name: string;
  readonly domain: string;
  readonly path: string;
  readonly sent: boolean;
  /**
   * Why it is not sent, absent when it is sent: a reason of `session.explainCookies`, or `omitted` for `credentials:
   * 'omit'`, `removed` for `cookie: null`, `own-header` for a cookie that the caller's Cookie header names.
   */
  readonly reason?: NonNullable<CookieExplanation['reason']> | 'omitted' | 'removed' | 'own-header';
}

/**
 * The outcome for the cookies of the URL's site; `null` for a jar of the caller, whose rules are unknown.
 *
 * @param notSent the reason where none of them is sent
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
