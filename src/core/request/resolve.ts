import { checkOneOf } from '../checks.ts';
import { maxCookieBytes } from '../cookies/header.ts';
import { describe, RequestError } from '../errors.ts';
import { encodeHeaderText } from '../header-text.ts';
import { type HeaderEntry, isToken, type RequestBody, type RequestHead } from '../http.ts';
import type { RequestContext } from '../presets/context.ts';
import { findHeader, type HeaderList, mergeHeaders, readHeaders } from './headers.ts';
import { noInit, type ReadInit, type RequestInit } from './init.ts';
import {
  type ExtractedBody,
  extractBody,
  formBody,
  jsonBody,
  takeSmall,
  toSearchParams,
} from './request-body.ts';
import { resolveContext } from './request-context.ts';
import { type CallSettings, resolveSettings } from './settings.ts';

/** A request with everything decided before it is sent: options merged, input parsed. Never changed, only spread anew. */
export interface ResolvedRequest {
  readonly url: URL;
  /** Upper case where the Fetch Standard normalises, else as given. */
  readonly method: string;
  /** The method before any redirect. */
  readonly initialMethod: string;
  /** The caller's headers in call order. */
  readonly headers: readonly HeaderEntry[];
  /** Lower-case names that the caller took away, from the preset's headers too. */
  readonly removedHeaders: ReadonlySet<string>;
  readonly body: RequestBody | null;
  readonly context: RequestContext;
  /** URLs this call was redirected from, oldest first; empty on the first hop. */
  readonly redirectedFrom: readonly URL[];
  /** Above the cookie stage the caller's own Cookie header, for its origin alone; below it the whole one, as bytes. */
  readonly cookie: string | null;
  /** Set by the preset stage: what is sent instead of `headers`; `null` sends those, in the transport's order. */
  readonly head: RequestHead | null;
  /** Where `head` is for HTTP/2: the same for HTTP/1.1, which the server may choose. */
  readonly http1Head: (() => RequestHead) | null;
  readonly settings: CallSettings;
}

/** What a request inherits from its session. */
export interface RequestBase {
  readonly baseUrl: URL | null;
  readonly defaultHeaders: HeaderList;
  /** What holds where the request says nothing. */
  readonly call: CallSettings;
}

/**
 * Turns what a caller passes to fetch into a complete request: URL, method, headers and body, the session's
 * defaults under the call's own. Does no I/O, reads no body and changes nothing of the caller's.
 *
 * @throws RequestError with an ERR_INVALID_* code
 */
export function resolveRequest(
  input: string | URL | Request,
  given: ReadInit,
  session: RequestBase,
): ResolvedRequest {
  const init = isRequest(input) ? underRequest(input, given) : given;
  const target = resolveUrl(isRequest(input) ? input.url : input, session.baseUrl);
  const url = addQuery(target.url, init.searchParams);
  const method = resolveMethod(init.method);
  const extracted = resolveBody(init, method);
  checkDuplex(init.duplex);
  // Default headers belong to the base URL's origin when there is one.
  const lower: HeaderList = target.isForeign ? { entries: [], removed: new Set() } : session.defaultHeaders;
  const { entries, removed } = mergeHeaders(lower, readHeaders(init.headers));
  const complete = completeHeaders(entries, extracted, takeCredentials(url));
  const cookie = cookieOf(complete);
  const headers = cookie === null ? complete : withoutCookie(complete);
  return {
    url,
    method,
    initialMethod: method,
    headers,
    removedHeaders: removed,
    body: extracted?.body ?? null,
    context: resolveContext(
      init,
      { url, method, headers, contentType: extracted?.contentType ?? null },
      session,
    ),
    redirectedFrom: noUrls,
    cookie,
    head: null,
    http1Head: null,
    settings: init === noInit ? session.call : resolveSettings(init, session.call),
  };
}

const noUrls: readonly URL[] = [];

/** Tells a Request, of whatever realm or copy of undici. */
export function isRequest(input: unknown): input is Request {
  // By its tag, so that a Request of another realm or of the npm package is one too.
  return typeof input === 'object' && Object.prototype.toString.call(input) === '[object Request]';
}

/**
 * A Request shows its body as a stream only, even where it was made of a string. What comes at once is taken as bytes,
 * so that it goes out with its length, as `fetch` would send it, and can be sent again.
 */
export async function withSmallBody(request: ResolvedRequest): Promise<ResolvedRequest> {
  const { body } = request;
  if (body?.kind !== 'stream' || !(body.stream instanceof ReadableStream)) return request;
  return { ...request, body: await takeSmall(body.stream) };
}

/** A Request says what the init leaves undefined. Its defaults cannot be told from a choice and say nothing. */
function underRequest(request: Request, init: ReadInit): ReadInit {
  const said = <T>(value: T, unsaid: T): T | undefined => (value === unsaid ? undefined : value);
  const usesBody = init.body === undefined && init.json === undefined && init.form === undefined;
  if (usesBody && request.bodyUsed)
    throw new RequestError('ERR_INVALID_BODY', 'Request body is already used');
  const underneath: RequestInit = {
    method: request.method,
    headers: request.headers,
    body: usesBody ? request.body : undefined,
    redirect: said(request.redirect, 'follow'),
    signal: request.signal,
    cache: said(request.cache as RequestInit['cache'], 'default'),
    credentials: request.credentials === 'omit' ? 'omit' : undefined,
    referrer: said(request.referrer, 'about:client'),
    referrerPolicy: said(request.referrerPolicy as RequestInit['referrerPolicy'], ''),
  };
  const over = Object.entries(init).filter(([, value]) => value !== undefined);
  return { ...noInit, ...underneath, ...Object.fromEntries(over) };
}

/** A string is data and may not lead away from baseUrl's origin; a URL object or a Request is a decision and may. */
function resolveUrl(input: unknown, baseUrl: URL | null): { url: URL; isForeign: boolean } {
  if (typeof input !== 'string' && !(input instanceof URL)) {
    throw new RequestError(
      'ERR_INVALID_URL',
      `Invalid URL: expected a string, URL or Request, got ${describe(input)}`,
    );
  }
  const url = parseUrl(input, baseUrl);
  const isForeign = baseUrl !== null && url.origin !== baseUrl.origin;
  if (isForeign && typeof input === 'string') {
    throw new RequestError(
      'ERR_INVALID_URL',
      `Invalid URL: it leads away from baseUrl's origin; pass a URL object if that is meant`,
    );
  }
  return { url, isForeign };
}

/**
 * A URL of one's own that can be asked for.
 *
 * @throws RequestError ERR_INVALID_URL
 */
export function parseUrl(input: string | URL, baseUrl: URL | null): URL {
  const text = input instanceof URL ? input.href : input;
  const url = URL.parse(text, baseUrl?.href);
  if (url !== null) {
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
    const scheme = JSON.stringify(url.protocol);
    throw new RequestError('ERR_INVALID_URL', `Unsupported URL scheme ${scheme}: expected http: or https:`);
  }
  // What looks like credentials or a query is not shown.
  const shown = /[@?#]/.test(text) ? 'the string' : JSON.stringify(text.slice(0, 80));
  throw new RequestError('ERR_INVALID_URL', `Invalid URL: ${shown} is not an absolute http or https URL`);
}

function addQuery(url: URL, searchParams: unknown): URL {
  if (searchParams === undefined) return url;
  const added = toSearchParams('searchParams', searchParams).toString();
  if (added !== '') url.search = url.search === '' ? added : `${url.search}&${added}`;
  return url;
}

const normalized: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH']);

/** Fetch Standard, "normalize a method", and PATCH, whose lower case no server means. */
export function resolveMethod(method: unknown): string {
  if (method === undefined) return 'GET';
  const upper = typeof method === 'string' ? method.toUpperCase() : '';
  if (typeof method !== 'string' || !isToken(method) || upper === 'CONNECT') {
    throw new RequestError('ERR_INVALID_OPTION', `Unsupported HTTP method: ${describe(method)}`);
  }
  return normalized.has(upper) ? upper : method;
}

export function resolveBody(init: ReadInit, method: string): ExtractedBody | null {
  const { json, form } = init;
  const body = init.body ?? undefined;
  const count = Number(body !== undefined) + Number(json !== undefined) + Number(form !== undefined);
  if (count === 0) return null;
  if (count > 1) {
    const given = Object.entries({ body, json, form }).filter(([, value]) => value !== undefined);
    const names = given.map(([name]) => name).join(' and ');
    throw new RequestError('ERR_INVALID_OPTION', `${names} cannot be combined: a request has one body`);
  }
  if (method === 'GET' || method === 'HEAD') {
    throw new RequestError('ERR_INVALID_BODY', `Request with ${method} method cannot have a body`);
  }
  if (json !== undefined) return jsonBody(json);
  return form === undefined ? extractBody(body) : formBody(form);
}

/**
 * The caller's headers with those of the body and of the URL's credentials.
 *
 * @throws RequestError ERR_INVALID_HEADER
 */
export function completeHeaders(
  entries: readonly HeaderEntry[],
  extracted: ExtractedBody | null,
  authorization: string | null,
): readonly HeaderEntry[] {
  if (entries.length === 0 && extracted === null && authorization === null) return entries;
  checkSingle(entries);
  const headers = entries.filter(([name, value]) => !isOwnLength(name, value, extracted?.body ?? null));
  if (extracted?.contentType != null && findHeader(headers, 'content-type') === null) {
    headers.push(['Content-Type', extracted.contentType]);
  }
  if (authorization !== null && findHeader(headers, 'authorization') === null) {
    headers.push(['Authorization', authorization]);
  }
  return headers;
}

/** Two of these would be two messages to some servers: request smuggling. RFC 9112 sections 3.2 and 6.3. */
function checkSingle(entries: readonly HeaderEntry[]): void {
  for (const single of ['host', 'content-length']) {
    if (entries.filter(([name]) => name.toLowerCase() === single).length > 1) {
      throw new RequestError('ERR_INVALID_HEADER', `the header ${single} must not be given twice`);
    }
  }
}

/** The caller's Cookie headers as one, `null` for none. */
export function cookieOf(entries: readonly HeaderEntry[]): string | null {
  if (findHeader(entries, 'cookie') === null) return null;
  const own = entries.filter(([name]) => name.toLowerCase() === 'cookie');
  const cookie = own.map(([, value]) => value).join('; ');
  if (encodeHeaderText(cookie).length > maxCookieBytes) {
    const message = `the header cookie must be at most ${maxCookieBytes} bytes`;
    throw new RequestError('ERR_INVALID_HEADER', message);
  }
  return cookie;
}

export function withoutCookie(entries: readonly HeaderEntry[]): readonly HeaderEntry[] {
  return entries.filter(([name]) => name.toLowerCase() !== 'cookie');
}

/** The length is ours to say, except for a stream's, which only the caller may know. */
function isOwnLength(name: string, value: string, body: RequestBody | null): boolean {
  if (name.toLowerCase() !== 'content-length') return false;
  if (!/^\d+$/.test(value)) {
    throw new RequestError(
      'ERR_INVALID_HEADER',
      'the value of the header content-length must be a number of bytes',
    );
  }
  return body?.kind !== 'stream';
}

/** Takes user and password out of a URL of ours and returns the Authorization header that they mean. */
export function takeCredentials(url: URL): string | null {
  const authorization = basicAuthorization(url);
  // Only where there are any: writing to a URL parses it anew.
  if (url.username !== '') url.username = '';
  if (url.password !== '') url.password = '';
  return authorization;
}

/** `https://user:password@host/` means Basic credentials for that origin, as in curl and got. RFC 7617. */
function basicAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    throw new RequestError('ERR_INVALID_URL', 'Invalid URL: user or password has a malformed percent escape');
  }
}

function checkDuplex(duplex: unknown): void {
  if (duplex !== undefined) checkOneOf('duplex', duplex, ['half']);
}
