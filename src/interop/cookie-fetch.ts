import { accessCookies, type CookieAccess } from '../core/cookies/adapter/index.ts';
import { cookieHeader, roomBeside } from '../core/cookies/header.ts';
import { receiveContext, sendContext } from '../core/cookies/same-site.ts';
import { storeCookies } from '../core/cookies/set-cookie-lines.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import { overHops, type RedirectRequest, type RedirectResponse } from '../core/flow/redirects.ts';
import type { RawHeaders, RequestBody } from '../core/http.ts';
import { refererLevel } from '../core/presets/index.ts';
import { readInit } from '../core/request/init.ts';
import { resolveRequest } from '../core/request/resolve.ts';
import { type ResolvedSession, resolveSession } from '../core/session/options.ts';
import { internalsOf, type Session } from '../core/session/session.ts';
import { siteBetween } from '../core/sites.ts';
import { sendByFetchCookie } from './fetch-cookie-hop.ts';
import { discardResponse, type FetchResponse } from './foreign-response.ts';
import { sendWatched } from './watched-fetch.ts';

/** A fetch of any package. `never`, because each has types of its own for what it is called with. */
export type FetchLike = (input: never, init?: never) => Promise<FetchResponse>;

/** The same, as it is called here. */
type AnyFetch = (input: string, init: object) => Promise<FetchResponse>;

/**
 * Gives any fetch the session's cookies, by fetch-cookie. Redirects are followed here, by the session's rules: each
 * hop with the cookies of its own URL, credentials for their origin only, bodies sent again or refused; `referrer`,
 * `mode` and `destination` decide about SameSite. What the caller passes in (Headers, init, Request) stays as it is.
 * The response is the other fetch's own.
 *
 * Headers, limits, proxy and TLS settings are the other fetch's: where these matter, use `session.fetch`.
 *
 * @throws RequestError ERR_SESSION_CLOSED after session.close(); ERR_INVALID_OPTION for what is not a function
 * @example
 * const fetchWithCookies = cookieFetch(session, globalThis.fetch);
 */
export function cookieFetch<Fetch extends FetchLike>(session: Session, fetch: Fetch): Fetch {
  if (typeof fetch !== 'function') throw invalidOption('fetch', 'a function', fetch);
  const access = accessCookies(session.cookieJar);
  defaults ??= resolveSession({ browser: null });
  const options = defaults;
  const withCookies = async (input: string | URL | Request, init: object = {}): Promise<FetchResponse> => {
    if (session.closed) throw new RequestError('ERR_SESSION_CLOSED', 'Session has been closed');
    const request = resolveRequest(input, readInit(pick(init, readHere), input), options);
    const foreign = new ForeignSend(fetch as unknown as AnyFetch, access, foreignInit(input, init));
    const send = overHops<RedirectRequest, ForeignHop>((hop) => foreign.send(hop), markRedirected);
    const watch = internalsOf(session).watch('cookieFetch', request);
    try {
      const { response } = await send({ ...request, watch });
      watch?.end(null);
      return response;
    } catch (reason) {
      watch?.end({ reason });
      throw reason;
    }
  };
  return withCookies as unknown as Fetch;
}

/** Sets `redirected` as fetch does. The other fetch has made each hop without redirects. */
function markRedirected({ response }: ForeignHop, hops: readonly ForeignHop[]): void {
  if (hops.length > 1) Object.defineProperty(response, 'redirected', { value: true });
}

/** The options of a call, which has none of a session. */
let defaults: ResolvedSession | undefined;

/** The options that are read here. The init itself goes to the other fetch. */
const readHere = [
  ...(['method', 'headers', 'body', 'redirect', 'credentials', 'maxRedirects'] as const),
  // These decide which cookies SameSite allows, and what redirects show of the page.
  ...(['referrer', 'referrerPolicy', 'mode', 'destination'] as const),
] as const;
const ofRequest = [
  'signal',
  'keepalive',
  'integrity',
  'referrer',
  'referrerPolicy',
  'cache',
  'body',
] as const;

function pick(from: object, keys: readonly string[]): object {
  const own = keys.map((key) => [key, Reflect.get(from, key)]);
  return Object.fromEntries(own.filter(([, value]) => value !== undefined && value !== null));
}

/**
 * The init for the other fetch on every hop. Values of the init have precedence over those of a Request, as in fetch.
 */
function foreignInit(input: unknown, init: object): object {
  const isRequest = Object.prototype.toString.call(input) === '[object Request]';
  return isRequest ? { ...pick(input as object, ofRequest), ...init } : { ...init };
}

/** A response of the other fetch as the loop over hops takes it. */
interface ForeignHop extends RedirectResponse {
  readonly response: FetchResponse;
}

/** Sends one hop by the other fetch. */
class ForeignSend {
  readonly #fetch: AnyFetch;
  readonly #cookies: CookieAccess;
  readonly #init: object;

  /** @param init what the other fetch is told on every hop */
  constructor(fetch: AnyFetch, cookies: CookieAccess, init: object) {
    this.#fetch = fetch;
    this.#cookies = cookies;
    this.#init = init;
  }

  async send(request: RedirectRequest): Promise<ForeignHop> {
    const { url, settings } = request;
    const response = settings.credentials
      ? await this.#sendWithCookies(request)
      : await this.#send(request, headerPairs(request));
    const { status } = response;
    const headers = headersOf(response, ['location', 'referrer-policy']);
    return { url, status, headers, body: { discard: () => discardResponse(response) }, response };
  }

  async #sendWithCookies(request: RedirectRequest): Promise<FetchResponse> {
    const { url, cookie } = request;
    const { response, lines } = await sendByFetchCookie({
      url: url.href,
      headers: headerPairs(request),
      cookie: async () => {
        const header = await this.#cookies.header(url, sendContext(request), roomBeside(cookie));
        return cookieHeader(header, cookie);
      },
      send: (headers) => this.#send(request, headers),
    });
    const headers = headersOf(response, ['date', 'clear-site-data']);
    const said = lines.length === 0 ? headers : { ...headers, 'set-cookie': lines };
    try {
      await storeCookies(this.#cookies, said, url, receiveContext(request));
    } catch (error) {
      discardResponse(response);
      throw error;
    }
    return response;
  }

  async #send(request: RedirectRequest, headers: [string, string][]): Promise<FetchResponse> {
    const { url, method, body } = request;
    const { body: given, ...init } = this.#init as { readonly body?: unknown };
    const content = body === null ? {} : await foreignBody(body, given);
    const policy = policyAfterRedirects(request);
    const send = (): Promise<FetchResponse> =>
      this.#fetch(url.href, { ...init, ...policy, method, headers, ...content, redirect: 'manual' });
    return request.watch === null ? send() : sendWatched(send, request.watch, request, headers);
  }
}

/** The policy by which the other fetch, which knows this hop alone, shows as much of the page as the hops so far allow. */
function policyAfterRedirects({ url, redirectedFrom, context }: RedirectRequest): object {
  const { referrer, referrerInferred } = context;
  if (redirectedFrom.length === 0 || referrer === null || referrerInferred === true) return {};
  const hops = [...redirectedFrom, url];
  const level = refererLevel(
    context,
    hops,
    hops.map((hop) => siteBetween(referrer, hop)),
  );
  // Node.js 22 names the origin of a referrer that its policy forbids.
  if (level === 0) return { referrer: '', referrerPolicy: 'no-referrer' };
  return { referrerPolicy: level === 1 ? 'origin' : 'unsafe-url' };
}

/** As node:http has them: those that are there. */
function headersOf({ headers }: FetchResponse, names: readonly string[]): RawHeaders {
  const said = names.map((name): [string, string | null] => [name, headers.get(name)]);
  return Object.fromEntries(said.filter((entry): entry is [string, string] => entry[1] !== null));
}

function headerPairs({ headers, cookie, settings }: RedirectRequest): [string, string][] {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  // Without the jar, the caller's cookies are a header like others.
  if (!settings.credentials && cookie !== null) pairs.push(['Cookie', cookie]);
  return pairs;
}

/**
 * The bytes, which can be sent again. A stream is passed as the caller gave it, since each fetch accepts other kinds.
 */
async function foreignBody(body: RequestBody, given: unknown): Promise<object> {
  if (body.kind === 'bytes') return { body: body.bytes };
  if (body.kind === 'parts') {
    // A Blob would write a File of another class as the text "[object File]".
    const parts = body.parts.map((part) =>
      part instanceof Uint8Array || part instanceof Blob ? part : (part as Blob).arrayBuffer(),
    );
    return { body: new Blob((await Promise.all(parts)) as ConstructorParameters<typeof Blob>[0]) };
  }
  return { body: given, duplex: 'half' };
}
