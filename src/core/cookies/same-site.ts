import type { RequestContext } from '../presets/context.ts';
import { siteBetween } from '../sites.ts';
import type { SameSiteContext } from './jar/rules.ts';

/** What of a request decides its SameSite context. */
export interface SameSiteRequest {
  readonly url: URL;
  readonly method: string;
  readonly context: RequestContext;
}

/**
 * What the request is to the site it goes to: a request without a page comes from the person and is same-site,
 * a cross-site page's navigation by a safe method may have Lax cookies, anything else of another site has none
 * but SameSite=None ones. RFC 6265bis section 5.2.
 */
export function sendContext(request: SameSiteRequest): SameSiteContext {
  const context = receiveContext(request);
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  return context === 'lax' && !isSafe ? 'none' : context;
}

/**
 * What the request is to the site whose response sets cookies: every cross-site top-level navigation may set Lax and
 * Strict ones, one by POST included, though it may send none. RFC 6265bis section 5.7, step on SameSite.
 */
export function receiveContext({ context, url }: SameSiteRequest): SameSiteContext {
  const { referrer, referrerInferred, mode, destination } = context;
  // A page that nobody named is no other site, wherever redirects lead.
  if (referrer === null || referrerInferred === true) return 'strict';
  if (siteBetween(referrer, url) !== 'cross-site') return 'strict';
  return mode === 'navigate' && destination === 'document' ? 'lax' : 'none';
}
