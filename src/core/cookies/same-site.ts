import type { RequestContext } from '../presets/context.ts';
import { siteBetween } from '../sites.ts';
import type { SameSiteContext } from './jar/rules.ts';

/** The parts of a request that decide its SameSite context. */
export interface SameSiteRequest {
  readonly url: URL;
  readonly method: string;
  readonly context: RequestContext;
}

/**
 * The SameSite context for sending. A request without a page is same-site, because the user makes it. A navigation
 * from a cross-site page by a safe method sends Lax cookies. Any other cross-site request sends SameSite=None cookies
 * only. RFC 6265bis section 5.2.
 */
export function sendContext(request: SameSiteRequest): SameSiteContext {
  const context = receiveContext(request);
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  return context === 'lax' && !isSafe ? 'none' : context;
}

/**
 * The SameSite context for storing. The response to any cross-site top-level navigation may set Lax and Strict
 * cookies, also the response to a POST, which sends none of them. RFC 6265bis section 5.7, step on SameSite.
 */
export function receiveContext({ context, url }: SameSiteRequest): SameSiteContext {
  const { referrer, referrerInferred, mode, destination } = context;
  // An inferred page is of the same site, regardless of redirects.
  if (referrer === null || referrerInferred === true) return 'strict';
  if (siteBetween(referrer, url) !== 'cross-site') return 'strict';
  return mode === 'navigate' && destination === 'document' ? 'lax' : 'none';
}
