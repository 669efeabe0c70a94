import { RequestError, type RequestErrorCode, redactUrl } from '../errors.ts';
import { trimBlanks } from '../header-text.ts';
import { type HeaderEntry, hasC0Control, type RawHeaders } from '../http.ts';
import { contextAfter } from '../presets/index.ts';
import type { CallSettings } from '../request/call-settings.ts';
import type { ResolvedRequest } from '../request/resolve.ts';
import { isOversized } from '../sites.ts';
import type { CallRequest, Stage } from './pipeline.ts';

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The part of a request that the loop over hops uses. */
export type RedirectRequest = ResolvedRequest & Pick<CallRequest, 'watch'>;

/** The part of a response that the loop over hops uses. */
export interface RedirectResponse {
  readonly url: URL;
  readonly status: number;
  readonly headers: RawHeaders;
  /** Called for a response that will not be read. */
  readonly body: { discard(): void } | null;
}

/** The stage that follows redirects. */
export const followRedirects: Stage = (next) =>
  overHops(next, (response, hops) => {
    response.hops = hops;
  });

/**
 * The loop over hops: Fetch Standard, "HTTP-redirect fetch", with a browser's rules for headers and bodies.
 *
 * @param onLast called with the response that is returned, and with all responses
 */
export function overHops<Request extends RedirectRequest, Response extends RedirectResponse>(
  next: (request: Request) => Promise<Response>,
  onLast: (response: Response, hops: readonly Response[]) => void,
): (first: Request) => Promise<Response> {
  const end = (response: Response, hops: readonly Response[]): Response => {
    onLast(response, hops);
    return response;
  };
  const follow = async (first: Request, hops: [Response, ...Response[]]): Promise<Response> => {
    let request = first;
    let [response] = hops;
    for (;;) {
      const location = redirectOf(request, response);
      if (location === undefined) return end(response, hops);
      // It is not decoded. Invariant: no stranded body.
      response.body?.discard();
      const context = contextAfter(request.context, response.headers['referrer-policy'], hops.length);
      request = { ...nextHop(request, response.status, location, hops), context };
      request.watch?.redirect(response.status, request.url);
      response = await next(request);
      hops.push(response);
    }
  };
  // Most calls have one hop, which needs only one promise.
  return (request) =>
    next(request).then((response) =>
      redirectOf(request, response) === undefined ? end(response, [response]) : follow(request, [response]),
    );
}

/** The Location that is followed, `undefined` where this is the last response. */
function redirectOf(
  { settings }: RedirectRequest,
  { status, headers: { location } }: RedirectResponse,
): string | readonly string[] | undefined {
  const isFollowed = location !== undefined && redirectStatuses.has(status) && settings.redirect !== 'manual';
  return isFollowed ? location : undefined;
}

function nextHop<Request extends RedirectRequest>(
  request: Request,
  status: number,
  location: string | readonly string[],
  hops: readonly RedirectResponse[],
): Request {
  const { settings } = request;
  if (settings.redirect === 'error') {
    throw redirectError('ERR_REDIRECT', `Redirected (${status}) although redirect is 'error'`, request, hops);
  }
  if (hops.length > settings.maxRedirects) {
    const message = `More than ${settings.maxRedirects} redirects: raise maxRedirects if the chain is intended`;
    throw redirectError('ERR_TOO_MANY_REDIRECTS', message, request, hops);
  }
  const url = resolveLocation(request, location, hops);
  const dropsBody = status === 303 ? !isSafe(request.method) : status < 303 && request.method === 'POST';
  if (!dropsBody && request.body?.kind === 'stream') {
    const message = `Redirected (${status}) to send the body again, but a stream can be sent only once`;
    throw redirectError('ERR_BODY_NOT_REPLAYABLE', message, request, hops);
  }
  if (!dropsBody && request.body !== null && isDowngrade(request.url, url)) {
    const message = `Redirected (${status}) from https to http with the body, which would send it unencrypted`;
    throw redirectError('ERR_INVALID_REDIRECT', message, request, hops);
  }
  if (!dropsBody && request.body !== null && !settings.crossOriginBody && url.origin !== request.url.origin) {
    const message = `Redirected (${status}) to another origin with the body, which crossOriginBody: false forbids`;
    throw redirectError('ERR_INVALID_REDIRECT', message, request, hops);
  }
  return {
    ...request,
    url,
    redirectedFrom: [...request.redirectedFrom, request.url],
    method: dropsBody ? 'GET' : request.method,
    body: dropsBody ? null : request.body,
    ...travellingHeaders(request, url, dropsBody),
  };
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Longest Location that is followed, in bytes. */
const maxLocationBytes = 32_768;

/** An empty Location means the same URL, as in browsers. Fetch Standard, "location URL". */
function resolveLocation(
  request: RedirectRequest,
  location: string | readonly string[],
  hops: readonly RedirectResponse[],
): URL {
  const refuse = (message: string): RequestError =>
    redirectError('ERR_INVALID_REDIRECT', message, request, hops);
  const [line = '', ...others] = typeof location === 'string' ? [location] : location;
  if (others.some((other) => other !== line)) throw refuse('The redirect has Locations that differ');
  if (line.length > maxLocationBytes) {
    throw refuse(`The Location of the redirect is longer than ${maxLocationBytes} bytes`);
  }
  const text = escapeBytes(trimBlanks(line));
  // The URL parser drops tabs and newlines, and accepts NUL in a path. No server sends them intentionally.
  const url = hasC0Control(text) ? null : URL.parse(text, request.url.href);
  if (url === null) throw refuse('The Location of the redirect is no URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const message = `The redirect leads to ${JSON.stringify(url.protocol)}, only http: and https: are followed`;
    throw refuse(message);
  }
  if (isOversized(url.hostname)) {
    throw refuse('The redirect leads to a host that no name server knows: over 253 characters or 127 labels');
  }
  if (request.settings.refuseDowngrade && isDowngrade(request.url, url)) {
    throw refuse('The redirect leads from https to http, which refuseDowngrade forbids');
  }
  // A server must not choose the credentials that are sent.
  if (url.username !== '') url.username = '';
  if (url.password !== '') url.password = '';
  if (url.hash === '' && request.url.hash !== '') url.hash = request.url.hash;
  return url;
}

function isDowngrade(from: URL, to: URL): boolean {
  return from.protocol === 'https:' && to.protocol === 'http:';
}

/**
 * Percent-encodes each byte that is not ASCII, as Chromium, Firefox and curl do. The URL parser would decode such
 * bytes (one character each) as Latin-1.
 */
function escapeBytes(latin1: string): string {
  return latin1.replace(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/**
 * Headers that a browser would send to any server. They are listed by name, since a prefix such as `accept-` or
 * `content-` may also begin the name of a secret. `crossOriginHeaders` adds other names.
 */
const crossOriginSafe: ReadonlySet<string> = new Set([
  ...[
    'accept',
    'accept-charset',
    'accept-encoding',
    'accept-language',
    'user-agent',
    'range',
    // A Range without its If-Range would join parts of two versions. RFC 9110, section 13.1.5.
    'if-range',
    'priority',
    'te',
  ],
  ...['cache-control', 'pragma', 'upgrade-insecure-requests', 'dnt', 'sec-gpc', 'sec-purpose'],
  ...['content-type', 'content-encoding', 'content-language', 'content-length', 'content-disposition'],
]);
/** Name prefixes that the Fetch Metadata and Client Hints specifications reserve for user agents. */
const browsersOwn = /^sec-(fetch|ch)-/;

/** Whether a header of the caller may be sent to another origin, by its lower-case name. */
export function mayLeaveOrigin(name: string, settings: Pick<CallSettings, 'crossOriginHeaders'>): boolean {
  return crossOriginSafe.has(name) || browsersOwn.test(name) || settings.crossOriginHeaders.has(name);
}

/**
 * Only those headers of the caller that are listed here are sent to another origin. A header that was dropped is not
 * sent by later hops of the chain either. Invariant: credentials have a home.
 */
function travellingHeaders(
  request: RedirectRequest,
  url: URL,
  dropsBody: boolean,
): Pick<RedirectRequest, 'headers' | 'cookie'> {
  const isSameOrigin = url.origin === request.url.origin;
  const travels = ([spelling]: HeaderEntry): boolean => {
    const name = spelling.toLowerCase();
    if (dropsBody && name.startsWith('content-')) return false;
    return isSameOrigin || mayLeaveOrigin(name, request.settings);
  };
  return { headers: request.headers.filter(travels), cookie: isSameOrigin ? request.cookie : null };
}

function redirectError(
  code: RequestErrorCode,
  message: string,
  request: RedirectRequest,
  hops: readonly RedirectResponse[],
): RequestError {
  return new RequestError(code, message, {
    request: { method: request.method, url: redactUrl(request.url) },
    hops: hops.map((hop) => redactUrl(hop.url)),
    status: hops.at(-1)?.status,
  });
}
