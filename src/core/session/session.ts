import { randomUUID } from 'node:crypto';
import type { CookieJar } from 'tough-cookie';
import type { WebSocket } from 'undici';
import { checkOneOf, checkOptions, ownCopy } from '../checks.ts';
import {
  accessCookies,
  type CookieAccess,
  type CookieExplanation,
  type SessionCookie,
} from '../cookies/adapter/index.ts';
import {
  type CookieExports,
  type CookieFormat,
  type CookieImport,
  exportCookies,
  type ImportFormat,
  type ImportOptions,
  importCookies,
} from '../cookies/formats/convert.ts';
import {
  type CookieAttributes,
  cookiesByName,
  putCookies,
  resolveCookie,
  resolveFilter,
  resolveSetCookie,
  type SessionCookieInit,
} from '../cookies/input.ts';
import {
  BrowserCookieJar,
  type CookieFilter,
  type SameSiteContext,
} from '../cookies/jar/browser-cookie-jar.ts';
import { parseCookieUrl } from '../cookies/jar/cookie-url.ts';
import { invalidObject, invalidOption, RequestError } from '../errors.ts';
import { Call } from '../flow/call.ts';
import { withCookies } from '../flow/cookies.ts';
import { exchange } from '../flow/exchange.ts';
import { compose, type Send } from '../flow/pipeline.ts';
import { withPreset } from '../flow/preset-stage.ts';
import { followRedirects } from '../flow/redirects.ts';
import { OriginHolds, withRetry } from '../flow/retry.ts';
import { type SharedCall, watchCall } from '../flow/watch.ts';
import { InFlight } from '../in-flight.ts';
import { EventStream, type EventStreamInit } from '../live/event-stream.ts';
import { type OpenSocket, openWebSocket } from '../live/websocket.ts';
import type { WebSocketOptions } from '../live/websocket-options.ts';
import { optionsIn } from '../option-row.ts';
import type { BrowserProfile, OperatingSystem } from '../presets/index.ts';
import { noInit, type ReadInit, type RequestInit, readInit } from '../request/init.ts';
import { optionTable } from '../request/option-table.ts';
import { withRequestBody } from '../request/request-source.ts';
import { isRequest, type ResolvedRequest, resolveRequest } from '../request/resolve.ts';
import type { SessionResponse } from '../response/response.ts';
import { shareTransport } from '../transport/sharing.ts';
import { Transport } from '../transport/transport.ts';
import { checkBesideTransport, checkFixed } from './fixed-options.ts';
import { type ResolvedSession, resolveSession, type SessionOptions } from './options.ts';
import { mergeOptions, type SaveOptions, type SessionDocument, writeDocument } from './saved-session.ts';

/** What `jarfetch/interop` needs of a session. */
export interface SessionInternals {
  readonly cookies: CookieAccess;
  readonly transport: Transport;
  /**
   * Says that a request starts.
   * @throws RequestError ERR_SESSION_CLOSED, ERR_TRANSPORT_CLOSED
   */
  begin(): void;
  /** Says that a request has its response, or failed. */
  end(): void;
}

/** For other rooms of the package: index.ts does not export it. */
export function internalsOf(session: Session): SessionInternals {
  // biome-ignore lint/complexity/useLiteralKeys: by its name in quotes TypeScript allows a private member
  return session['internals'];
}

/**
 * A client that remembers: one cookie jar, one browser's headers, warm connections. Safe for parallel calls.
 * An open session never keeps the process alive; an open WebSocket does.
 */
export class Session {
  readonly id: string;
  /** The profile whose headers are sent, `null` for none. */
  readonly browser: BrowserProfile | null;
  readonly os: OperatingSystem;
  readonly #given: SessionOptions;
  readonly #createdAt: number;
  readonly #options: ResolvedSession;
  readonly #cookieJar: CookieJar;
  readonly #cookies: CookieAccess;
  readonly #transport: Transport;
  readonly #release: (() => Promise<void>) | null;
  readonly #calls = new InFlight();
  /** What goes on after its call: sockets and event streams. */
  readonly #ongoing = new Set<OpenSocket | EventStream>();
  readonly #holds = new OriginHolds();
  #send: Send | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Use {@link createSession}, or {@link loadSession} for one that was saved.
   *
   * @param createdAt epoch milliseconds at which it was first created
   * @internal
   */
  constructor(options: SessionOptions = {}, createdAt: number = Date.now()) {
    this.#options = resolveSession(options);
    // A proxy that a function says is asked for once: a fork has the same.
    this.#given = { ...ownCopy('Session options', options), ...this.#options.connection };
    this.#createdAt = createdAt;
    this.id = this.#options.sessionId ?? randomUUID();
    this.browser = this.#options.preset?.browser ?? null;
    this.os = this.#options.os;
    this.#cookieJar = this.#options.cookieJar ?? new BrowserCookieJar();
    this.#cookies = accessCookies(this.#cookieJar);
    if (this.#options.transport === null) {
      const { transport, release } = shareTransport(this.#options.connection);
      this.#transport = transport;
      this.#release = release;
    } else {
      this.#transport = this.#options.transport;
      this.#release = null;
    }
    // Given away as a function, to a client that has an option for it, it still is the session's.
    const fetch = { value: this.fetch.bind(this), writable: true, configurable: true };
    Object.defineProperty(this, 'fetch', fetch);
  }

  /** True once close() was called. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** The session's tough-cookie jar: works wherever one is taken. */
  get cookieJar(): CookieJar {
    return this.#cookieJar;
  }

  /**
   * Sends a request with the session's cookies and headers, and follows its redirects. A function of its own: clients
   * that take a `fetch` take `session.fetch`.
   *
   * @throws RequestError by code; a caller's abort rejects with the signal's reason
   * @example
   * const response = await session.fetch('https://example.com/api', { method: 'POST', json: { name: 'value' } });
   */
  fetch(input: string | URL | Request, init?: RequestInit | null): Promise<SessionResponse> {
    return this.#fetch(input, init, null);
  }

  /** @param shared the call that the request is a part of; `null` where it is one by itself */
  async #fetch(
    input: string | URL | Request,
    init: RequestInit | null | undefined,
    shared: SharedCall | null,
  ): Promise<SessionResponse> {
    this.#checkOpen();
    const given = readInit(init, input);
    const transport = given === noInit ? this.#transport : this.#transportOf(given);
    const preset = transport.preset ?? this.#options.preset;
    const resolved = resolveRequest(input, given, this.#options, preset);
    const prepared = isRequest(input) ? await withRequestBody(resolved, input, preset) : resolved;
    transport.begin();
    this.#calls.begin();
    let call: Call | null = null;
    try {
      call = shared === null ? this.#newCall(prepared) : this.#partOf(shared, prepared);
      const send = this.#sendOver(transport);
      const { middleware } = this.#options;
      if (middleware !== null) return await call.respondThrough(middleware, send);
      return call.respond(await send(call.request));
    } catch (error) {
      call?.fail(error);
      throw error;
    } finally {
      this.#calls.end();
      transport.end();
    }
  }

  /**
   * Opens a WebSocket with the session's cookies, headers, proxy and TLS settings; what the handshake sets is stored.
   * Resolves when it is open. `session.close()` closes it.
   *
   * @param url `ws:` or `wss:`; `http:` and `https:` mean the same
   * @throws RequestError by code, ERR_PROTOCOL with its status for a server that refuses; a caller's abort rejects
   *   with the signal's reason
   * @example
   * const socket = await session.websocket('wss://example.com/chat', { protocols: 'chat.v1' });
   * socket.addEventListener('message', ({ data }) => console.log(data));
   * socket.send('hello');
   */
  async websocket(url: string | URL, options: WebSocketOptions = {}): Promise<WebSocket> {
    this.#checkOpen();
    const transport = this.#transport;
    const preset = transport.preset ?? this.#options.preset;
    const host = {
      options: this.#options,
      withRetry: withRetry(this.#holds),
      send: this.#composeHop(transport),
      extensions: preset?.webSocketExtensions ?? null,
      watch: (request: ResolvedRequest) => watchCall(this.#options.observers, request, this.id, 'websocket'),
    };
    transport.begin();
    this.#calls.begin();
    let opened: OpenSocket;
    try {
      opened = await openWebSocket(host, url, options);
    } finally {
      this.#calls.end();
      transport.end();
    }
    this.#ongoing.add(opened);
    opened.socket.addEventListener('close', () => this.#ongoing.delete(opened));
    if (!this.closed) return opened.socket;
    await opened.close();
    throw sessionClosed();
  }

  /**
   * Reads server-sent events with the session's cookies and headers. A lost connection is made anew after the
   * server's `retry` with Last-Event-ID; 204 ends the stream. The total timeout bounds the wait for each response's
   * head, not the stream. `session.close()` ends it.
   *
   * @example
   * for await (const { type, data } of session.eventSource('https://example.com/events')) console.log(type, data);
   */
  eventSource(url: string | URL, init: EventStreamInit = {}): EventStream {
    this.#checkOpen();
    if (typeof init !== 'object' || init === null) throw invalidOption('init', 'an object', init);
    const { timeout, maxBodyBytes } = this.#options.call;
    const shared: SharedCall = { watch: null, requests: 0 };
    const stream = new EventStream(
      {
        fetch: (request) => this.#fetch(url, request, shared),
        headTimeout: timeout.total,
        maxEventBytes: maxBodyBytes,
        onReconnect: (wait) => {
          const attempt = shared.requests + 1;
          shared.watch?.retry({ attempt, wait, status: null, error: null });
        },
        onEnd: (ended, failure) => {
          this.#ongoing.delete(ended);
          shared.watch?.end(failure);
        },
      },
      init,
    );
    this.#ongoing.add(stream);
    return stream;
  }

  #newCall(request: ResolvedRequest): Call {
    return new Call(request, watchCall(this.#options.observers, request, this.id, 'fetch'));
  }

  #partOf(shared: SharedCall, request: ResolvedRequest): Call {
    shared.watch ??= watchCall(this.#options.observers, request, this.id, 'eventsource');
    return new Call(request, shared.watch, ++shared.requests);
  }

  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: internalsOf uses it
  private get internals(): SessionInternals {
    const transport = this.#transport;
    return {
      cookies: this.#cookies,
      transport,
      begin: () => {
        this.#checkOpen();
        transport.begin();
        this.#calls.begin();
      },
      end: () => {
        transport.end();
        this.#calls.end();
      },
    };
  }

  #sendOver(transport: Transport): Send {
    if (transport !== this.#transport) return this.#compose(transport);
    this.#send ??= this.#compose(transport);
    return this.#send;
  }

  #compose(transport: Transport): Send {
    return compose([withRetry(this.#holds), followRedirects], this.#composeHop(transport));
  }

  /** The stages of one hop. */
  #composeHop(transport: Transport): Send {
    const preset = transport.preset ?? this.#options.preset;
    return compose([withPreset(preset, transport.http2), withCookies(this.#cookies)], exchange(transport));
  }

  #transportOf(init: ReadInit): Transport {
    const transport = init.transport ?? undefined;
    if (transport === undefined) {
      checkFixed(init, this.#options);
      return this.#transport;
    }
    if (!(transport instanceof Transport)) {
      throw invalidObject('transport', 'a Transport of createTransport()', transport);
    }
    checkBesideTransport(init);
    return transport;
  }

  /**
   * The cookies that would be sent to `url` by a same-site request, HttpOnly ones included. Of two with the same
   * name the one that is sent first.
   *
   * @throws RequestError ERR_INVALID_URL, ERR_SESSION_CLOSED
   */
  getCookies(url: string | URL): Record<string, string> {
    this.#checkOpen();
    return cookiesByName(this.#cookies, parseCookieUrl(url));
  }

  /** All unexpired cookies in the order of their creation. */
  getAllCookies(): SessionCookie[] {
    this.#checkOpen();
    return this.#cookies.all();
  }

  /**
   * Stores one cookie as if `url` had set it. The value is taken verbatim.
   *
   * @throws RequestError ERR_INVALID_COOKIE for what no cookie may hold, ERR_INVALID_URL; the jar stays as it was
   */
  setCookie(name: string, value: string, url: string | URL, attributes: CookieAttributes = {}): void {
    this.#checkOpen();
    putCookies(this.#cookies, [resolveSetCookie(name, value, parseCookieUrl(url), attributes)]);
  }

  /**
   * Stores cookies without loss, all or none: the inverse of {@link getAllCookies}.
   *
   * @param url where cookies without a domain come from
   * @throws RequestError ERR_INVALID_COOKIE, ERR_INVALID_URL; the jar stays as it was
   */
  setCookies(cookies: readonly SessionCookieInit[], url?: string | URL): void {
    this.#checkOpen();
    if (!Array.isArray(cookies)) {
      throw new RequestError('ERR_INVALID_COOKIE', 'setCookies expects an array of cookies');
    }
    const fallback = url === undefined ? null : parseCookieUrl(url);
    putCookies(
      this.#cookies,
      cookies.map((cookie) => resolveCookie(cookie, fallback)),
    );
  }

  /**
   * Deletes the cookies that have all that the filter names; without a filter, every one.
   *
   * @throws RequestError ERR_INVALID_OPTION for a filter that is not understood
   */
  async clearCookies(filter: CookieFilter = {}): Promise<void> {
    this.#checkOpen();
    await this.#cookies.remove(resolveFilter(filter));
  }

  /**
   * Says of each cookie of the URL's site whether a request to `url` would carry it, and if not, why.
   *
   * @param context what the request is to the site: `strict` a same-site one, `lax` a cross-site navigation by GET
   *   or HEAD, `none` any other cross-site one
   * @throws RequestError ERR_INVALID_URL; ERR_INVALID_OPTION for a cookieJar of the caller's, whose rules are its own
   */
  explainCookies(url: string | URL, context: SameSiteContext = 'strict'): CookieExplanation[] {
    this.#checkOpen();
    return this.#cookies.explain(
      parseCookieUrl(url),
      checkOneOf('context', context, ['strict', 'lax', 'none']),
    );
  }

  /**
   * Writes all unexpired cookies in a format of other programs: text for `netscape`, else plain objects.
   *
   * @throws RequestError ERR_INVALID_OPTION for an unknown format
   * @example
   * const context = await browser.newContext({ storageState: session.exportCookies('playwright') });
   */
  exportCookies<Format extends CookieFormat>(format: Format): CookieExports[Format] {
    this.#checkOpen();
    return exportCookies(this.#cookies.all(), format);
  }

  /**
   * Loads cookies of other programs. Each passes the rules that live cookies pass; what is bad is left out and
   * reported by its place, the rest is stored.
   *
   * @param input the content of a file, as text or bytes, or what `JSON.parse` made of it; a Cookie header; a curl
   *   command as browsers copy it
   * @param options a format, which is found out when left out; where a Cookie header went to
   * @throws RequestError ERR_INVALID_COOKIE for what is no file of cookies, or has an end that is not understood;
   *   ERR_INVALID_OPTION for an unknown format
   * @example
   * const { imported, rejected } = session.importCookies(await readFile('cookies.txt'));
   * session.importCookies('Cookie: sid=1; theme=dark', { url: 'https://example.com/' });
   */
  importCookies(input: string | object, options?: ImportFormat | ImportOptions): CookieImport {
    this.#checkOpen();
    return importCookies(this.#cookies, input, options);
  }

  /**
   * Makes a session of its own with a copy of the cookies of this moment, on the same connections; changes stay apart.
   *
   * @param options what is to be different; `cookieJar` is refused, the copy is the jar
   * @throws RequestError ERR_INVALID_OPTION
   * @example
   * const guest = await session.fork({ defaultHeaders: { 'x-test': '1' } });
   */
  async fork(options: SessionOptions = {}): Promise<Session> {
    this.#checkOpen();
    const given = ownCopy('Session options', options);
    if (given.cookieJar !== undefined)
      throw invalidOption('cookieJar', 'left out: a fork has a copy', given.cookieJar);
    const { sessionId: _, ...same } = this.#given;
    const jar = this.#cookieJar;
    const cookieJar = jar instanceof BrowserCookieJar ? jar.cloneSync() : await jar.clone();
    return new Session({ ...mergeOptions(same, given), cookieJar });
  }

  /**
   * Writes the session as plain JSON, for {@link loadSession}: all unexpired cookies with everything, browser, headers,
   * base URL, proxy. The document is as secret as the cookies in it. TLS options and a transport of yours are not in it.
   *
   * @throws RequestError ERR_INVALID_OPTION for user data that JSON does not have, or a cookieJar of yours with an
   *   asynchronous store
   */
  save(options: SaveOptions = {}): SessionDocument {
    this.#checkOpen();
    checkOptions(options, 'Save options', saveKeys);
    const { id } = this;
    const state = { id, createdAt: this.#createdAt, options: this.#options, cookieJar: this.#cookieJar };
    return writeDocument(state, ownCopy('Save options', options));
  }

  /**
   * Ends the session; calls in flight finish, bounded by their own timeouts. Connections close with the last session
   * that shares them. Afterwards every method throws ERR_SESSION_CLOSED; closing again does nothing.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#ongoing].map((each) => each.close()));
    await this.#calls.whenIdle();
    await this.#release?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.closed) throw sessionClosed();
  }
}

function sessionClosed(): RequestError {
  return new RequestError('ERR_SESSION_CLOSED', 'Session has been closed');
}

const saveKeys: ReadonlySet<string> = new Set(optionsIn(optionTable, 'save'));
