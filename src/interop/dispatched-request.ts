import type { Dispatcher } from 'undici';
import type { SameSiteRequest } from '../core/cookies/same-site.ts';
import type { HeaderEntry } from '../core/http.ts';
import type { RequestContext } from '../core/presets/context.ts';
import { inferContext } from '../core/presets/index.ts';
import { findHeader } from '../core/request/headers.ts';
import { modes } from '../core/request/request-context.ts';

/** A request as undici dispatches it, read for its cookies. */
export interface DispatchedRequest extends SameSiteRequest {
  readonly headers: readonly HeaderEntry[];
  /** The caller's own Cookie header. */
  readonly cookie: string | null;
}

/** @throws TypeError for an origin that is no URL */
export function readDispatched(options: Dispatcher.DispatchOptions): DispatchedRequest {
  const { method } = options;
  const url = targetOf(options);
  const headers = entriesOf(options.headers);
  const own = headers.filter(isCookie).map(([, value]) => value);
  return {
    url,
    method,
    headers,
    context: contextOf(url, method, headers, typeof options.upgrade === 'string'),
    cookie: own.length === 0 ? null : own.join('; '),
  };
}

/** Joined and not resolved, because a path such as `//host/` must not lead to another server. */
function targetOf({ origin, path }: Dispatcher.DispatchOptions): URL {
  const base = new URL(String(origin));
  base.protocol = base.protocol.replace(/^ws/, 'http');
  return new URL(base.origin + (path.startsWith('/') ? path : `/${path}`));
}

/**
 * The context by the headers. `Sec-Fetch-Site` counts most; without it the page is that of `Origin`, else of `Referer`.
 * A request that names no page is made by the person and is same-site, as in `session.fetch`.
 */
function contextOf(
  url: URL,
  method: string,
  headers: readonly HeaderEntry[],
  isUpgrade: boolean,
): RequestContext {
  const mode = oneOf(modes, isUpgrade ? 'websocket' : findHeader(headers, 'sec-fetch-mode'));
  const destination = findHeader(headers, 'sec-fetch-dest') ?? undefined;
  const referrer = pageOf(headers);
  return inferContext({ url, method, headers, contentType: null, mode, destination, referrer });
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null): T | undefined {
  return allowed.find((each) => each === value);
}

/** A page with an opaque origin, which belongs to no site. */
const opaque = new URL('about:blank');

function pageOf(headers: readonly HeaderEntry[]): URL | undefined {
  const site = findHeader(headers, 'sec-fetch-site');
  if (site === 'cross-site') return opaque;
  if (site !== null) return undefined;
  const origin = findHeader(headers, 'origin');
  if (origin === 'null') return opaque;
  return URL.parse(origin ?? findHeader(headers, 'referer') ?? '') ?? undefined;
}

/** The forms in which undici takes headers: a flat list, pairs, an object. */
function entriesOf(headers: Dispatcher.DispatchOptions['headers']): HeaderEntry[] {
  if (headers === null || headers === undefined) return [];
  const entries: HeaderEntry[] = [];
  const add = (name: string, value: string | number | readonly string[] | null | undefined): void => {
    if (value === null || value === undefined) return;
    for (const line of Array.isArray(value) ? value : [value]) entries.push([name, String(line)]);
  };
  if (isFlat(headers)) for (let at = 0; at < headers.length; at += 2) add(headers[at] ?? '', headers[at + 1]);
  else if (isPairs(headers)) for (const [name, value] of headers) add(name, value);
  else for (const [name, value] of Object.entries(headers)) add(name, value);
  return entries;
}

type Pairs = Iterable<[string, string | string[] | undefined]>;

function isFlat(headers: object): headers is string[] {
  return Array.isArray(headers) && typeof headers[0] === 'string';
}

function isPairs(headers: object): headers is Pairs {
  return Symbol.iterator in headers;
}

/** The headers with this Cookie: where the caller has one, else at the end. */
export function placeCookie(headers: readonly HeaderEntry[], cookie: string): readonly HeaderEntry[] {
  const index = headers.findIndex(isCookie);
  const others = headers.filter((header) => !isCookie(header));
  if (cookie === '') return others;
  const entry: HeaderEntry = [headers[index]?.[0] ?? 'Cookie', cookie];
  return others.toSpliced(index < 0 ? others.length : index, 0, entry);
}

function isCookie([name]: HeaderEntry): boolean {
  return name.toLowerCase() === 'cookie';
}
