import type { RequestInit, SessionResponse } from '../../index.ts';
import type { NavigationRequest } from './navigation.ts';
import { plainHeaders } from './visit-init.ts';

/**
 * The request of a reload: that of the last hop. HTML Standard, "reload": the history entry has the URL that is
 * shown, and a form's body only where no redirect changed the method.
 *
 * @param request the request that led to the page
 * @param shown the URL of the page
 */
export function reloadRequest(
  request: NavigationRequest,
  response: SessionResponse,
  shown: URL,
): NavigationRequest {
  // The URL that is shown contains the query of searchParams. The signal belonged to the finished call.
  const { searchParams: _query, signal: _signal, ...init } = request.init;
  const url = new URL(shown.href);
  if (response.hops.length < 2) {
    url.username = request.url.username;
    url.password = request.url.password;
    return { url, init };
  }
  const method = response.hops.at(-1)?.request?.method ?? 'GET';
  return { url, init: method === (init.method ?? 'GET').toUpperCase() ? init : withoutBody(init, method) };
}

/** The request after a redirect that changes its method. Fetch Standard, "HTTP-redirect fetch", step 12. */
function withoutBody(init: RequestInit, method: string): RequestInit {
  const { body: _body, form: _form, json: _json, headers, ...rest } = init;
  const dropped = /^(content-(encoding|language|location|type|length)|origin)$/i;
  const kept = Object.entries(plainHeaders(headers)).filter(([name]) => !dropped.test(name));
  return { ...rest, method, headers: Object.fromEntries(kept) };
}
