import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { WebSocket } from 'undici';
import { ownCopy } from '../checks.ts';
import { accessCookies, type CookieAccess } from '../cookies/adapter/index.ts';
import { BrowserCookieJar } from '../cookies/jar/browser-cookie-jar.ts';
import { invalidOption } from '../errors.ts';
import { Call } from '../flow/call.ts';
import type { Observer } from '../flow/observer.ts';
import { type SharedCall, watchCall, watchForeign } from '../flow/watch.ts';
import { InFlight } from '../in-flight.ts';
import type { EventStream, EventStreamInit } from '../live/event-stream.ts';
import type { LiveSocket } from '../live/websocket.ts';
import { resolveSocket, type WebSocketOptions } from '../live/websocket-options.ts';
import type { BrowserProfile, OperatingSystem } from '../presets/index.ts';
import { noInit, type RequestInit, readInit } from '../request/init.ts';
import { withRequestBody } from '../request/request-source.ts';
import { isRequest, type ResolvedRequest, resolveRequest } from '../request/resolve.ts';
import type { SessionResponse } from '../response/response.ts';
import type { Transport } from '../transport/transport.ts';
import { CookieMethods, sessionClosed } from './cookie-methods.ts';
import { Flows } from './flows.ts';
import type { SessionInternals } from './internals.ts';
import { ObserverList } from './observer-list.ts';
import { Ongoing } from './ongoing.ts';
import { checkForkOptions, type ResolvedSession, resolveSession, type SessionOptions } from './options.ts';
import { mergeOptions, type SaveOptions, type SessionDocument, writeDocument } from './saved-session.ts';
import { transportOf, transportOfCall } from './session-transport.ts';

/** For other folders of the package. index.ts does not export it. */
export function internalsOf(session: Session): SessionInternals {
  // biome-ignore lint/complexity/useLiteralKeys: by its name in quotes TypeScript allows a private member
  return session['internals'];
}

/**
 * An HTTP session: one cookie jar, one browser's headers, reused connections. Safe for parallel calls. An open
 * session never keeps the process alive; an open WebSocket does.
 */
export class Session extends CookieMethods {
  /** The profile whose headers are sent, `null` for none. */
  readonly browser: BrowserProfile | null;
  readonly os: OperatingSystem;
  readonly #given: SessionOptions;
  readonly #createdAt: number;
  readonly #options: ResolvedSession;
  readonly #cookies: CookieAccess;
  readonly #transport: Transport;
  readonly #release: (() => Promise<void> | undefined) | null;
  readonly #calls = new InFlight();
  readonly #ongoing = new Ongoing();
  readonly #flows: Flows;
  readonly #observers: ObserverList;
  #id: string | null;
  #closing: Promise<void> | undefined;

  /**
   * Use {@link createSession}, or {@link loadSession} for one that was saved.
   *
   * @param createdAt epoch milliseconds at which it was first created
   * @internal
   */
  constructor(options: SessionOptions = {}, createdAt: number = Date.now()) {
    const resolved = resolveSession(options);
    const cookieJar = resolved.cookieJar ?? new BrowserCookieJar(resolved.cookieLimits ?? undefined);
    const cookies = accessCookies(cookieJar);
    super(cookieJar, cookies);
    this.#options = resolved;
    this.#observers = new ObserverList(resolved.observers);
    this.#cookies = cookies;
    this.#given = { ...options };
    this.#createdAt = createdAt;
    this.#id = resolved.sessionId;
    this.browser = resolved.preset?.browser ?? null;
    this.os = resolved.os;
    const { transport, release } = transportOf(resolved);
    this.#transport = transport;
    this.#release = release;
    this.#flows = new Flows(cookies, resolved.preset, this.#transport);
    // Bound, so that it can be passed on as a function. Enumerable, because defineProperty() doubles the time.
    this.fetch = this.fetch.bind(this);
  }

  /** The option `sessionId`, or a random UUID, which is created when it is first read. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  /** True once close() was called. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Sends a request with the session's cookies and headers, and follows its redirects. It is bound to the session: pass
   * `session.fetch` to clients that take a `fetch` function.
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
    const transport =
      given === noInit ? this.#transport : (transportOfCall(given, this.#options) ?? this.#transport);
    const preset = this.#flows.presetOver(transport);
    const resolved = resolveRequest(input, given, this.#options, preset);
    transport.begin();
    this.#calls.begin();
    let call: Call | null = null;
    try {
      const prepared = isRequest(input) ? await withRequestBody(resolved, input, preset) : resolved;
      call = shared === null ? this.#newCall(prepared) : this.#partOf(shared, prepared);
      const send = this.#flows.over(transport);
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
   * Opens a WebSocket with the session's cookies, headers, proxy and TLS settings, and stores the cookies that
   * the handshake sets. Resolves when it is open. `session.close()` closes it.
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
    const resolved = resolveSocket(url, options, this.#options);
    const transport = this.#transport;
    const host = {
      withRetry: this.#flows.withRetry,
      send: this.#flows.hop(transport),
      extensions: this.#flows.presetOver(transport)?.webSocketExtensions ?? null,
      watch: (request: ResolvedRequest) => watchCall(this.#observers.current, request, this, 'websocket'),
    };
    transport.begin();
    this.#calls.begin();
    let opened: LiveSocket;
    try {
      const live = await import('../live/websocket.ts'); // Only here, because it loads the whole of undici.
      opened = await live.openWebSocket(host, resolved);
    } finally {
      this.#calls.end();
      transport.end();
    }
    if (!this.closed) return this.#ongoing.addSocket(opened);
    await opened.close();
    throw sessionClosed();
  }

  /**
   * Reads server-sent events with the session's cookies and headers. After a lost connection it waits for the
   * server's `retry` time and reconnects with Last-Event-ID. Status 204 ends the stream. The total timeout bounds the
   * wait for each response's head, not the stream. `session.close()` ends it.
   *
   * @example
   * for await (const { type, data } of session.eventSource('https://example.com/events')) console.log(type, data);
   */
  eventSource(url: string | URL, init: EventStreamInit = {}): EventStream {
    this.#checkOpen();
    if (typeof init !== 'object' || init === null) throw invalidOption('init', 'an object', init);
    return this.#ongoing.openStream(this.#options.call, init, (request, shared) =>
      this.#fetch(url, request, shared),
    );
  }

  /**
   * Adds an observer for the calls that start from now on. The returned function removes it. A fork is not observed.
   *
   * @throws RequestError ERR_INVALID_OPTION, ERR_SESSION_CLOSED
   * @example
   * const stop = session.observe({ onExchangeEnd: ({ method, url, response }) => log(method, url, response?.status) });
   */
  observe(observer: Observer): () => void {
    this.#checkOpen();
    return this.#observers.add(observer);
  }

  #newCall(request: ResolvedRequest): Call {
    return new Call(request, watchCall(this.#observers.current, request, this, 'fetch'));
  }

  #partOf(shared: SharedCall, request: ResolvedRequest): Call {
    shared.watch ??= watchCall(this.#observers.current, request, this, 'eventsource');
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
      watch: (kind, request) => watchForeign(this.#observers.current, request, this, kind),
    };
  }

  /**
   * Creates another session with a copy of the current cookies, on the same connections. Later changes stay apart.
   *
   * @param options the options that differ; `cookieJar` and `cookieLimits` are refused: the copy is the jar
   * @throws RequestError ERR_INVALID_OPTION
   * @example
   * const guest = await session.fork({ defaultHeaders: { 'x-test': '1' } });
   */
  async fork(options: SessionOptions = {}): Promise<Session> {
    this.#checkOpen();
    const given = ownCopy('Session options', options);
    checkForkOptions(given);
    // A function is called for the proxy once, so that a fork has the same proxy.
    const { sessionId: _, ...same } = { ...this.#given, ...this.#options.connection };
    const jar = this.cookieJar;
    const cookieJar = jar instanceof BrowserCookieJar ? jar.cloneSync() : await jar.clone();
    return new Session({ ...mergeOptions(same, given), cookieJar, cookieLimits: undefined });
  }

  /**
   * Serializes the session as plain JSON, for `loadSession`: all unexpired cookies with all their attributes,
   * browser, headers, base URL, proxy. The document is as secret as the cookies in it. It does not include TLS
   * options and a transport of the caller.
   *
   * @throws RequestError ERR_INVALID_OPTION for user data that is not JSON, or a jar with an asynchronous store
   */
  save(options: SaveOptions = {}): SessionDocument {
    this.#checkOpen();
    const { id, cookieJar } = this;
    const state = { id, createdAt: this.#createdAt, options: this.#options, cookieJar };
    return writeDocument(state, options);
  }

  /**
   * Ends the session; calls in flight finish, bounded by their own timeouts. Connections close with the last session
   * that shares them. Afterwards every method throws ERR_SESSION_CLOSED; closing again does nothing.
   */
  close(): Promise<void> {
    const isIdle = this.#ongoing.size === 0 && this.#calls.count === 0;
    this.#closing ??= isIdle ? (this.#release?.() ?? Promise.resolve()) : this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#ongoing.size > 0) await this.#ongoing.close();
    if (this.#calls.count > 0) await this.#calls.whenIdle();
    await this.#release?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What is written to logs: no cookie and no header. */
  toJSON(): Pick<Session, 'id' | 'browser' | 'os' | 'closed'> {
    const { id, browser, os, closed } = this;
    return { id, browser, os, closed };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    // A Proxy of a session is `this` here, too, and has no private members.
    return `Session ${#id in this ? inspect(this.toJSON()) : '{}'}`;
  }

  #checkOpen(): void {
    if (this.closed) throw sessionClosed();
  }
}
// Without this the class in the build is named _Session, see RequestError.
Object.defineProperty(Session, 'name', { value: 'Session' });
