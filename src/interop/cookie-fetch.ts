import { accessCookies, type CookieAccess } from '../core/cookies/adapter/index.ts';
import { cookieHeader } from '../core/cookies/header.ts';
import { storeCookies } from '../core/cookies/set-cookie-lines.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import { startDeadline } from '../core/flow/deadline.ts';
import { type CallRequest, compose, type Send } from '../core/flow/pipeline.ts';
import { followRedirects } from '../core/flow/redirects.ts';
import type { RequestBody } from '../core/http.ts';
import { readInit } from '../core/request/init.ts';
import { type ResolvedRequest, resolveRequest } from '../core/request/resolve.ts';
import { type ResolvedSession, resolveSession } from '../core/session/options.ts';
import type { Session } from '../core/session/session.ts';

/** What is asked of a response; every fetch's has it. */
interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body?: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A fetch of whatever make. What it is called with is its own business, hence `never`. */
export type FetchLike = (input: never, init?: never) => Promise<FetchResponse>;

/** The same, as it is called here. */
type AnyFetch = (input: string, init: object) => Promise<FetchResponse>;

/**
 * Gives any fetch the session's cookies, by fetch-cookie. Redirects are followed here, by the session's rules: each
 * hop with the cookies of its own URL, credentials for their origin alone, bodies sent again or refused. What the
 * caller passes in (Headers, init, Request) stays as it is. The response is the other fetch's own.
 *
 * Headers, proxy and TLS settings are the other fetch's: where these matter, `session.fetch` is the way.
 *
 * @throws RequestError ERR_SESSION_CLOSED after session.close(); ERR_INVALID_OPTION for what is no function
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
    const request = resolveRequest(input, readInit(pick(init, readHere)), options);
    const call = new ForeignCall(fetch as unknown as AnyFetch, access, foreignInit(input, init), request);
    return call.run();
  };
  return withCookies as unknown as Fetch;
}

/** What a call without a session's options starts from. */
let defaults: ResolvedSession | undefined;

/** What is read here; the rest of an init goes to the other fetch unread. */
const readHere = ['method', 'headers', 'body', 'redirect', 'credentials', 'maxRedirects'] as const;
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

/** What the other fetch is told on every hop. A Request's own values stand under those of the init, as in fetch. */
function foreignInit(input: unknown, init: object): object {
  const isRequest = Object.prototype.toString.call(input) === '[object Request]';
  return isRequest ? { ...pick(input as object, ofRequest), ...init } : { ...init };
}

/** One call through all its hops. */
class ForeignCall {
  readonly #fetch: AnyFetch;
  readonly #access: CookieAccess;
  readonly #init: object;
  readonly #request: ResolvedRequest;
  #last: FetchResponse | null = null;

  constructor(fetch: AnyFetch, access: CookieAccess, init: object, request: ResolvedRequest) {
    this.#fetch = fetch;
    this.#access = access;
    this.#init = init;
    this.#request = request;
  }

  async run(): Promise<FetchResponse> {
    const limits = { total: false, connect: false, headers: false, idle: false } as const;
    // The signal is the other fetch's to watch.
    const deadline = startDeadline(limits, null, () => ({ method: '', url: '' }));
    try {
      const { hops } = await compose(
        [followRedirects],
        this.#hop,
      )({
        ...this.#request,
        deadline,
        watch: null,
        attempt: 1,
      });
      if (this.#last === null) throw new TypeError('there was no response');
      if (hops.length > 1) Object.defineProperty(this.#last, 'redirected', { value: true });
      return this.#last;
    } catch (error) {
      discard(this.#last);
      throw error;
    }
  }

  readonly #hop: Send = async (request) => {
    const { url } = request;
    discard(this.#last);
    this.#last = null;
    const response = request.settings.credentials
      ? await this.#sendWithCookies(request)
      : await this.#send(request);
    this.#last = response;
    const location = response.headers.get('location') ?? undefined;
    return {
      method: request.method,
      url,
      sent: null,
      attempts: 1,
      status: response.status,
      statusText: '',
      headers: { location },
      body: null,
      setCookies: [],
      hops: [],
      timings: noTimings,
    };
  };

  /**
   * Of fetch-cookie what is sound: it asks the jar before a request, and tells it afterwards. It sees one hop of one
   * request at a time: a list of headers made for it, and a response with whole lines; so it neither follows
   * redirects, nor writes to the caller's Headers, nor splits Set-Cookie at commas.
   */
  async #sendWithCookies(request: CallRequest): Promise<FetchResponse> {
    // Loaded with the first call: most programs never need it.
    const { default: fetchCookie } = await import('fetch-cookie');
    const { url } = request;
    let response: FetchResponse | undefined;
    const once = fetchCookie(
      async (_url: string, init?: object) => {
        const headers: unknown = Reflect.get(Object(init), 'headers');
        response = await this.#send(request, headers as [string, string][]);
        return oneHop(url, setCookieLines(response));
      },
      {
        getCookieString: async () => cookieHeader(await this.#access.header(url, 'strict'), request.cookie),
        setCookie: async (line) => storeCookies(this.#access, { 'set-cookie': line }, url, 'strict'),
      },
    );
    await once(url.href, { headers: headerPairs(request) } as object);
    if (response === undefined) throw new TypeError('there was no response');
    return response;
  }

  async #send(
    request: CallRequest,
    headers: readonly unknown[] = headerPairs(request),
  ): Promise<FetchResponse> {
    const { url, method, body } = request;
    const { body: given, ...init } = this.#init as { readonly body?: unknown };
    const content = body === null ? {} : await foreignBody(body, given);
    return this.#fetch(url.href, { ...init, method, headers: [...headers], ...content, redirect: 'manual' });
  }
}

function headerPairs({ headers, cookie, settings }: CallRequest): [string, string][] {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  // Without the jar, the caller's cookies are a header like others.
  if (!settings.credentials && cookie !== null) pairs.push(['Cookie', cookie]);
  return pairs;
}

/** The bytes, which can be sent again; a stream as the caller gave it, for fetches differ in what they take. */
async function foreignBody(body: RequestBody, given: unknown): Promise<object> {
  if (body.kind === 'bytes') return { body: body.bytes };
  if (body.kind === 'parts') {
    // A Blob would write one of another class as the text "[object File]".
    const parts = body.parts.map((part) =>
      part instanceof Uint8Array || part instanceof Blob ? part : (part as Blob).arrayBuffer(),
    );
    return { body: new Blob((await Promise.all(parts)) as ConstructorParameters<typeof Blob>[0]) };
  }
  return { body: given, duplex: 'half' };
}

/** What fetch-cookie is shown of a response. */
function oneHop(url: URL, lines: string[]) {
  return { url: url.href, status: 200, headers: { get: () => null, has: () => false, getAll: () => lines } };
}

/** Set-Cookie lines, each whole: by `getSetCookie()`, or `raw()` of node-fetch. */
function setCookieLines({ headers }: FetchResponse): string[] {
  const { getSetCookie, raw }: { getSetCookie?: unknown; raw?: unknown } = headers as object;
  if (typeof getSetCookie === 'function') return getSetCookie.call(headers);
  if (typeof raw === 'function') return raw.call(headers)['set-cookie'] ?? [];
  const joined = headers.get('set-cookie');
  if (joined === null) return [];
  // Lines that were joined cannot be told apart again: a cookie might bring in another.
  const message =
    'fetch must give Headers with getSetCookie(): of joined Set-Cookie lines none can be trusted';
  throw new RequestError('ERR_INVALID_OPTION', message);
}

/** Largest body of a redirect that is read to keep its connection, in bytes. */
const drainLimit = 65_536;

/** Frees the connection of a response that nobody reads. */
function discard(response: FetchResponse | null): void {
  if (response === null) return;
  const length = Number(response.headers.get('content-length') ?? Number.POSITIVE_INFINITY);
  const { body } = response;
  if (length <= drainLimit) void response.arrayBuffer().catch(() => {});
  else if (body instanceof ReadableStream) void body.cancel().catch(() => {});
  else if (typeof body === 'object' && body !== null) {
    const destroy: unknown = Reflect.get(body, 'destroy');
    if (typeof destroy === 'function') destroy.call(body);
  }
}

const noTimings = {
  queued: 0,
  dns: null,
  connect: null,
  tls: null,
  sent: null,
  headers: null,
  body: null,
} as const;
