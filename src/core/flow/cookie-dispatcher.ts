import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { Dispatcher } from 'undici';
import type { CookieAccess } from '../cookies/adapter/index.ts';
import { cookieHeader } from '../cookies/header.ts';
import { concernsCookies, storeCookies } from '../cookies/set-cookie-lines.ts';
import type { HeaderEntry } from '../http.ts';
import type { HeadAuthor } from '../transport/head/author.ts';
import type { LeaseDispatchOptions } from '../transport/lease.ts';
import { checkHandler, noConnection } from '../transport/leased-handler.ts';
import { serverName } from './dispatch-options.ts';

/** What stands behind a {@link CookieDispatcher}: a session, without its rules for requests. */
export interface CookieLink {
  readonly cookies: CookieAccess;
  /**
   * Says that a request starts.
   * @throws RequestError ERR_SESSION_CLOSED, ERR_TRANSPORT_CLOSED
   */
  begin(): void;
  /** Says that a request has its response, or failed. */
  end(): void;
  /** Sends a request, see Transport.dispatch; returns what gives up its connection while it is made. */
  dispatch(
    target: URL,
    options: LeaseDispatchOptions,
    handler: Dispatcher.DispatchHandler,
    author?: AuthorOf,
  ): () => void;
}

/** Learns of an exchange before the handler does. */
export interface ExchangeWatcher {
  /** Set by the dispatcher: gives up the place in the queue, or the connection that is being made. */
  abandon: (() => void) | null;
  onUpgrade(socket: Duplex): void;
  onResponse(status: number): void;
  onError(error: Error): void;
}

/** Makes the author of a head, when the request line is known. */
type AuthorOf = (options: LeaseDispatchOptions) => HeadAuthor;

/** A request's headers as they go out, who writes its head, and who follows it. */
interface Arranged {
  readonly headers: readonly HeaderEntry[];
  readonly author?: AuthorOf;
  readonly watcher?: ExchangeWatcher;
}

/** Puts the Cookie header, `''` for none, among the others. */
type Arrange = (target: URL, headers: readonly HeaderEntry[], cookie: string) => Arranged;

/**
 * An undici Dispatcher whose requests carry a jar's cookies and whose responses fill it: each hop by its own URL,
 * before anybody learns of the response. Invariant 1. It owns nothing: closing it leaves the session open.
 */
export class CookieDispatcher extends Dispatcher {
  readonly #link: CookieLink;
  readonly #arrange: Arrange;

  constructor(link: CookieLink, arrange: Arrange = placeCookie) {
    super();
    this.#link = link;
    this.#arrange = arrange;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    checkHandler(handler);
    const target = targetOf(options);
    try {
      this.#link.begin();
    } catch (error) {
      handler.onResponseError?.(noConnection, error as Error);
      return false;
    }
    const exchange = new CookieExchange(this.#link, target, handler);
    const fail = (error: unknown): void => exchange.onResponseError(noConnection, error as Error);
    try {
      // A dispatch cannot be awaited: a jar that answers later sends the request later.
      const header = this.#link.cookies.header(target, 'strict');
      if (typeof header === 'string') this.#send(exchange, options, header);
      else header.then((value) => this.#send(exchange, options, value)).catch(fail);
    } catch (error) {
      // The request has begun, and a session that closes waits for its end.
      fail(error);
    }
    return true;
  }

  #send(exchange: CookieExchange, options: Dispatcher.DispatchOptions, jarCookies: string): void {
    const given = entriesOf(options.headers);
    const own = given.filter(([name]) => name.toLowerCase() === 'cookie').map(([, value]) => value);
    const cookie = cookieHeader(jarCookies, own.length === 0 ? null : own.join('; '));
    const { headers, author, watcher } = this.#arrange(exchange.target, given, cookie);
    exchange.watcher = watcher ?? null;
    const servername = serverName(exchange.target);
    const sent = {
      ...options,
      headers: headers.flat(),
      ...(servername !== undefined && { servername }),
    };
    try {
      const abandon = this.#link.dispatch(exchange.target, sent, exchange, author);
      if (watcher !== undefined) watcher.abandon = abandon;
    } catch (error) {
      // undici throws what is wrong with the options; a caller of dispatch() has an eye on the handler alone.
      exchange.onResponseError(noConnection, error as Error);
    }
  }

  /** Does nothing: the connections belong to the session. */
  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    return settled(callback);
  }

  /** Does nothing: the connections belong to the session. */
  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    return settled(typeof first === 'function' ? first : second);
  }
}

function settled(callback: (() => void) | undefined): Promise<void> | void {
  if (callback === undefined) return Promise.resolve();
  queueMicrotask(callback);
}

/** Put together and not resolved: a path such as `//host/` must not choose another server. */
function targetOf({ origin, path }: Dispatcher.DispatchOptions): URL {
  const base = new URL(String(origin));
  base.protocol = base.protocol.replace(/^ws/, 'http');
  return new URL(base.origin + (path.startsWith('/') ? path : `/${path}`));
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

/** Where the caller has one, else at the end. */
function placeCookie(_target: URL, headers: readonly HeaderEntry[], cookie: string): Arranged {
  const isCookie = ([name]: HeaderEntry): boolean => name.toLowerCase() === 'cookie';
  const index = headers.findIndex(isCookie);
  const others = headers.filter((header) => !isCookie(header));
  if (cookie === '') return { headers: others };
  const entry: HeaderEntry = [headers[index]?.[0] ?? 'Cookie', cookie];
  return { headers: others.toSpliced(index < 0 ? others.length : index, 0, entry) };
}

/** Stores what a response sets, then passes it on; while a jar takes its time, all that follows waits in order. */
class CookieExchange implements Dispatcher.DispatchHandler {
  readonly target: URL;
  watcher: ExchangeWatcher | null = null;
  readonly #link: CookieLink;
  readonly #handler: Dispatcher.DispatchHandler;
  #waiting: (() => void)[] | null = null;
  #isOver = false;

  constructor(link: CookieLink, target: URL, handler: Dispatcher.DispatchHandler) {
    this.#link = link;
    this.target = target;
    this.#handler = handler;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.watcher?.onUpgrade(socket);
    this.#store(headers);
    this.#pass(() => this.#handler.onRequestUpgrade?.(controller, status, headers, socket));
    this.#end();
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    this.watcher?.onResponse(status);
    this.#store(headers);
    this.#pass(() => this.#handler.onResponseStart?.(controller, status, headers, statusText));
    if (status >= 200) this.#end();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#pass(() => this.#handler.onResponseData?.(controller, chunk));
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#pass(() => this.#handler.onResponseEnd?.(controller, trailers));
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.watcher?.onError(error);
    this.#pass(() => this.#handler.onResponseError?.(controller, error));
    this.#end();
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }

  #store(headers: IncomingHttpHeaders): void {
    if (!concernsCookies(headers)) return;
    const stored = storeCookies(this.#link.cookies, headers, this.target, 'strict');
    if (!(stored instanceof Promise)) return;
    this.#waiting = [];
    const resume = (): void => {
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      for (const pass of waiting) pass();
    };
    // A jar that fails loses its cookies, not the response.
    stored.then(resume, resume);
  }

  #pass(event: () => void): void {
    if (this.#waiting === null) event();
    else this.#waiting.push(event);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#link.end();
  }
}
