import type { CookieAccess } from '../cookies/adapter/index.ts';
import { cookieHeader, roomBeside } from '../cookies/header.ts';
import { receiveContext, sendContext } from '../cookies/same-site.ts';
import { concernsCookies, storeCookies } from '../cookies/set-cookie-lines.ts';
import type { RawResponse } from '../response/raw.ts';
import { observeCookies } from './observed-cookies.ts';
import type { CallRequest, Stage } from './pipeline.ts';

/**
 * The stage of one hop: it sends the jar's cookies for the hop's URL, and stores what the response sets, line by line
 * in wire order, before the next hop. Invariant: cookies per hop.
 */
export function withCookies(access: CookieAccess): Stage {
  return (next) => (request) => {
    // Without credentials the jar is not used, but the caller's own Cookie header is sent.
    if (!request.settings.credentials) return next(attachCookies(observed(access, request, 'omitted'), ''));
    const store = (response: RawResponse): RawResponse | Promise<RawResponse> =>
      storeOf(access, request, response);
    // `cookie: null` removes the whole header; cookies of the response are still stored.
    if (request.removedHeaders.has('cookie')) {
      return next(observed(access, request, 'removed')).then(store);
    }
    const told = observed(access, request, null);
    const header = headerOf(access, request);
    if (typeof header === 'string') return next(attachCookies(told, header)).then(store);
    return request.deadline.during(header).then((value) => next(attachCookies(told, value)).then(store));
  };
}

/** The Cookie header. A stage rejects and does not throw: a WebSocket reports what is thrown as ERR_PROTOCOL. */
function headerOf(access: CookieAccess, request: CallRequest): string | Promise<string> {
  try {
    return access.header(request.url, sendContext(request), roomBeside(request.cookie));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Adds the outcome for the jar's cookies to the request, where an observer requests it. */
function observed(
  access: CookieAccess,
  request: CallRequest,
  notSent: 'omitted' | 'removed' | null,
): CallRequest {
  if (request.watch?.asksFor('onCookies') !== true) return request;
  return { ...request, observedCookies: observeCookies(access, request, notSent) };
}

/** Adds the outcome for its cookies to the response. */
function storeOf(
  access: CookieAccess,
  request: CallRequest,
  response: RawResponse,
): RawResponse | Promise<RawResponse> {
  if (!concernsCookies(response.headers)) return response;
  // The call fails, so the body will not be read. Invariant: no stranded body.
  const fail = (error: unknown): never => {
    response.body?.discard();
    throw error;
  };
  try {
    const stored = storeCookies(access, response.headers, request.url, receiveContext(request));
    if (stored instanceof Promise) {
      return request.deadline
        .during(stored)
        .then((setCookies) => told(request, Object.assign(response, { setCookies })), fail);
    }
    response.setCookies = stored;
    return told(request, response);
  } catch (error) {
    return fail(error);
  }
}

function told({ watch }: CallRequest, response: RawResponse): RawResponse {
  watch?.setCookies(response);
  return response;
}

function attachCookies(request: CallRequest, jarCookies: string): CallRequest {
  if (jarCookies === '' && request.cookie === null) return request;
  const cookie = cookieHeader(jarCookies, request.cookie);
  return { ...request, cookie: cookie === '' ? null : cookie };
}
