import type { Dispatcher } from 'undici';
import { cookieHeader, roomBeside } from '../core/cookies/header.ts';
import { sendContext } from '../core/cookies/same-site.ts';
import { invalidOption } from '../core/errors.ts';
import type { SessionInternals } from '../core/session/internals.ts';
import { internalsOf, Session } from '../core/session/session.ts';
import { isLegacyHandler, noConnection } from '../core/transport/leased-handler.ts';
import { serverName } from '../core/transport/server-name.ts';
import { Dispatcher as BaseDispatcher, Dispatcher1Wrapper } from '../core/undici.ts';
import { CookieExchange } from './cookie-exchange.ts';
import { type DispatchedRequest, placeCookie, readDispatched } from './dispatched-request.ts';
import { WatchedHandler } from './watched-handler.ts';

/**
 * Makes an undici Dispatcher with the session's jar and connections, for undici's own fetch, request, stream, WebSocket
 * and EventSource, and for the fetch of Node.js. Every hop has the cookies of its own URL; headers, limits and errors
 * are undici's. SameSite is decided by what the request says of its page: `Sec-Fetch-Site`, else `Origin`, else
 * `Referer`. Closing it leaves the session open, and after session.close() its requests fail with ERR_SESSION_CLOSED.
 *
 * @typeParam D the Dispatcher of the undici that it is for: copies of undici have types of their own, which need not fit
 *   each other. Inferred from the use of the result.
 * @throws RequestError ERR_INVALID_OPTION for what is not a Session
 * @example
 * const { body } = await undici.request(url, { dispatcher: cookieDispatcher(session) });
 */
export function cookieDispatcher<D extends Pick<Dispatcher, 'close'> = Dispatcher>(session: Session): D {
  if (!(session instanceof Session)) throw invalidOption('session', 'a Session of createSession()', session);
  const dispatcher: Pick<Dispatcher, 'close'> = new CookieDispatcher(session);
  return dispatcher as D;
}

/** It owns nothing: closing it leaves the session open. */
class CookieDispatcher extends BaseDispatcher {
  readonly #session: SessionInternals;
  #legacy: Dispatcher | undefined;

  constructor(session: Session) {
    super();
    this.#session = internalsOf(session);
  }

  /** Read by undici's fetch, which passes bodies unchanged to a mock. */
  get isMockActive(): boolean {
    return Reflect.get(this.#session.transport.dispatcher, 'isMockActive') === true;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isLegacyHandler(handler)) {
      this.#legacy ??= new Dispatcher1Wrapper(this);
      return this.#legacy.dispatch(options, handler);
    }
    const request = readDispatched(options);
    const { cookies } = this.#session;
    try {
      this.#session.begin();
    } catch (error) {
      handler.onResponseError?.(noConnection, error as Error);
      return false;
    }
    const exchange = new CookieExchange(cookies, request, handler, () => this.#session.end());
    const call = this.#session.watch('cookieDispatcher', request);
    const { url, method } = request;
    const watched =
      call === null ? null : new WatchedHandler(call, { url, method, body: options.body }, exchange);
    // The handler is the only way to report a failure, and the session waits for the end of the request.
    const fail = (error: unknown): void =>
      (watched ?? exchange).onResponseError(noConnection, error as Error);
    const send = (jarCookies: string): void => this.#send(request, jarCookies, options, watched ?? exchange);
    try {
      const header = cookies.header(request.url, sendContext(request), roomBeside(request.cookie));
      // dispatch() cannot wait. With an asynchronous jar the request is sent later.
      if (typeof header === 'string') send(header);
      else header.then(send).catch(fail);
    } catch (error) {
      fail(error);
    }
    return true;
  }

  #send(
    { url, headers, cookie }: DispatchedRequest,
    jarCookies: string,
    options: Dispatcher.DispatchOptions,
    handler: CookieExchange | WatchedHandler,
  ): void {
    const servername = serverName(url);
    const placed = placeCookie(headers, cookieHeader(jarCookies, cookie));
    const sent = { ...options, headers: placed.flat(), ...(servername !== undefined && { servername }) };
    const onLease = handler instanceof WatchedHandler ? handler.onLease(placed) : undefined;
    this.#session.transport.dispatch(url, sent, handler, onLease);
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
