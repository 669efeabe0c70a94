import { maxCookieBytes } from '../cookies/header.ts';
import { describe, RequestError } from '../errors.ts';
import { type HeaderEntry, isToken, type RequestBody, type RequestHead } from '../http.ts';
import type { RequestContext } from '../presets/context.ts';
import type { Preset } from '../presets/index.ts';
import { type CallSettings, mergeSettings } from './call-settings.ts';
import { findHeader, type HeaderList, mergeHeaders, readHeaders } from './headers.ts';
import { type ReadInit, type RequestInit, readInit } from './init.ts';
import { browserType, type ExtractedBody, extractBody, formBody, jsonBody } from './request-body.ts';
import { resolveContext } from './request-context.ts';
import { addQuery, resolveUrl, takeCredentials } from './url.ts';

/** A request that is complete before it is sent: options merged, input parsed. Immutable; stages create new ones. */
export interface ResolvedRequest {
  readonly url: URL;
  /** Upper case where the Fetch Standard normalises, else as given. */
  readonly method: string;
  /** The method before any redirect. */
  readonly initialMethod: string;
  /** The caller's headers in call order. */
  readonly headers: readonly HeaderEntry[];
  /** Lower-case names of headers that the caller removed, those of the preset included. */
  readonly removedHeaders: ReadonlySet<string>;
  readonly body: RequestBody | null;
  readonly context: RequestContext;
  /** URLs this call was redirected from, oldest first; empty on the first hop. */
  readonly redirectedFrom: readonly URL[];
  /**
   * Above the cookie stage this is the caller's own Cookie header, sent to its origin alone. Below it is the whole
   * header, as bytes.
   */
  readonly cookie: string | null;
  /**
   * Set by the preset stage: the head that is sent instead of `headers`. With `null`, `headers` are sent in the
   * transport's order.
   */
  readonly head: RequestHead | null;
  /** The HTTP/1.1 form of an HTTP/2 `head`, because the server may choose HTTP/1.1. */
  readonly http1Head: (() => RequestHead) | null;
  readonly settings: CallSettings;
}

/** The values that a request inherits from its session. */
export interface RequestBase {
  readonly baseUrl: URL | null;
  readonly defaultHeaders: HeaderList;
  /** The settings that apply where the request sets none. */
  readonly call: CallSettings;
}

/**
 * Turns the arguments of fetch into a complete request: URL, method, headers and body. The call's own values take
 * precedence over the session's defaults. Does no I/O, reads no body and changes none of the caller's objects.
 *
 * @param preset the preset whose headers will be added: it decides the Content-Type of a form and the boundary of a
 * FormData
 * @throws RequestError with an ERR_INVALID_* code
 */
export function resolveRequest(
  input: string | URL | Request,
  given: ReadInit,
  session: RequestBase,
  preset: Preset | null = null,
): ResolvedRequest {
  const init = isRequest(input) ? underRequest(input, given) : given;
  const target = resolveUrl(isRequest(input) ? input.url : input, session.baseUrl);
  const url = addQuery(target.url, init.searchParams);
  const method = resolveMethod(init.method);
  const settings = mergeSettings(session.call, init.settings);
  const browser = settings.presetHeaders ? preset : null;
  const extracted = resolveBody(init, method, browser);
  // Default headers are sent to the base URL's origin only, when there is one.
  const lower: HeaderList = target.isForeign ? { entries: [], removed: new Set() } : session.defaultHeaders;
  const { entries, removed } = mergeHeaders(lower, readHeaders(init.headers));
  const context = resolveContext(
    init,
    { url, method, headers: entries, contentType: extracted?.contentType ?? null },
    session,
  );
  const added = addedHeaders(extracted, browser === null ? null : context, takeCredentials(url));
  const complete = completeHeaders(entries, removed, extracted?.body ?? null, added);
  const cookie = cookieOf(complete);
  const headers = cookie === null ? complete : withoutCookie(complete);
  return {
    url,
    method,
    initialMethod: method,
    headers,
    removedHeaders: removed,
    body: extracted?.body ?? null,
    context,
    redirectedFrom: noUrls,
    cookie,
    head: null,
    http1Head: null,
    settings,
  };
}

const noUrls: readonly URL[] = [];

/** Recognises a Request of any realm or copy of undici. */
export function isRequest(input: unknown): input is Request {
  // Recognised by its tag, so that a Request of another realm or of the npm package counts too.
  return typeof input === 'object' && Object.prototype.toString.call(input) === '[object Request]';
}

/**
 * A Request gives the values that the init leaves undefined. Its defaults are ignored, since the caller may not
 * intend them.
 */
function underRequest(request: Request, init: ReadInit): ReadInit {
  const said = <T>(value: T, unsaid: T): T | undefined => (value === unsaid ? undefined : value);
  const usesBody = init.body === undefined && init.json === undefined && init.form === undefined;
  if (usesBody && request.bodyUsed)
    throw new RequestError('ERR_INVALID_BODY', 'Request body is already used');
  const underneath = readInit({
    method: request.method,
    headers: request.headers,
    body: usesBody ? request.body : undefined,
    redirect: said(request.redirect, 'follow'),
    signal: request.signal,
    cache: said(request.cache as RequestInit['cache'], 'default'),
    credentials: request.credentials === 'omit' ? 'omit' : undefined,
    referrer: said(request.referrer, 'about:client'),
    referrerPolicy: said(request.referrerPolicy as RequestInit['referrerPolicy'], ''),
  });
  const over = Object.entries(init).filter(([, value]) => value !== undefined);
  const settings =
    init.settings === null ? underneath.settings : { ...underneath.settings, ...init.settings };
  return { ...underneath, ...Object.fromEntries(over), settings, fixed: init.fixed };
}

const normalized: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH']);

/** Fetch Standard, "normalize a method", and PATCH, which no server expects in lower case. */
export function resolveMethod(method: unknown): string {
  if (method === undefined) return 'GET';
  const upper = typeof method === 'string' ? method.toUpperCase() : '';
  if (typeof method !== 'string' || !isToken(method) || upper === 'CONNECT') {
    throw new RequestError('ERR_INVALID_OPTION', `Unsupported HTTP method: ${describe(method)}`);
  }
  return normalized.has(upper) ? upper : method;
}

export function resolveBody(init: ReadInit, method: string, preset: Preset | null): ExtractedBody | null {
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
  return form === undefined ? extractBody(body, preset) : formBody(form);
}

/** The headers that follow from the body and the URL, where the caller does not set or remove them. */
export function addedHeaders(
  extracted: ExtractedBody | null,
  context: RequestContext | null,
  authorization: string | null,
): readonly HeaderEntry[] {
  const added: HeaderEntry[] = [];
  if (extracted !== null) {
    const type =
      context === null ? extracted.contentType : browserType(extracted, context.mode === 'navigate');
    if (type !== null) added.push(['Content-Type', type]);
  }
  if (authorization !== null) added.push(['Authorization', authorization]);
  return added.length === 0 ? noEntries : added;
}

const noEntries: readonly HeaderEntry[] = [];

/**
 * The caller's headers, completed with those that the caller neither set nor removed.
 *
 * @throws RequestError ERR_INVALID_HEADER
 */
export function completeHeaders(
  entries: readonly HeaderEntry[],
  removed: ReadonlySet<string>,
  body: RequestBody | null,
  added: readonly HeaderEntry[],
): readonly HeaderEntry[] {
  if (entries.length === 0) {
    return removed.size === 0 ? added : added.filter(([name]) => !removed.has(name.toLowerCase()));
  }
  checkSingle(entries);
  const headers = entries.filter(([name, value]) => !isOwnLength(name, value, body));
  for (const entry of added) {
    const name = entry[0].toLowerCase();
    if (!removed.has(name) && findHeader(headers, name) === null) headers.push(entry);
  }
  return headers;
}

/**
 * Some servers would read two requests where one of these occurs twice: request smuggling. RFC 9112 sections 3.2 and
 * 6.3.
 */
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
  if (cookie.length > maxCookieBytes) {
    const message = `the header cookie must be at most ${maxCookieBytes} bytes`;
    throw new RequestError('ERR_INVALID_HEADER', message);
  }
  return cookie;
}

export function withoutCookie(entries: readonly HeaderEntry[]): readonly HeaderEntry[] {
  return entries.filter(([name]) => name.toLowerCase() !== 'cookie');
}

/** Only the length of a stream may be given by the caller. Other lengths are computed. */
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
