import type { WebSocket } from 'undici';
import { ownCopy } from '../core/checks.ts';
import type { CookieImport, ImportFormat, ImportOptions } from '../core/cookies/formats/convert.ts';
import type { CookieAttributes, SessionCookieInit } from '../core/cookies/input.ts';
import type { BrowserCookieJar, CookieFilter } from '../core/cookies/jar/browser-cookie-jar.ts';
import { checkMiddleware, type Middleware } from '../core/flow/middleware.ts';
import { checkObservers, type Observer } from '../core/flow/observer.ts';
import type { WebSocketOptions } from '../core/live/websocket-options.ts';
import type { SessionOptions } from '../core/session/options.ts';
import type { SaveOptions, SessionDocument } from '../core/session/saved-session.ts';
import { Session } from '../core/session/session.ts';
import { copyUserData } from '../core/session/user-data.ts';

/** Events of a session for its registry. */
export interface SessionWatcher {
  /** Kept with the session. */
  userData: unknown;
  /** The caller, and not a response, changed the session. */
  changed(): void;
  /** The caller closes the session; called before it is closed. */
  closing(): void;
}

/** The values that a registry gives to a session besides its options. */
export interface RegistrySeams {
  readonly jar: BrowserCookieJar;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Outside the caller's own. */
  readonly middleware: readonly Middleware[];
  readonly observers: readonly Observer[];
}

/**
 * A session of a registry: a {@link Session} whose id is its name there. Closing it takes it out of the registry's
 * memory; with a store it is saved first, and `get` brings it back.
 */
export class RegistrySession extends Session {
  readonly #watcher: SessionWatcher;
  readonly #jar: BrowserCookieJar;
  /** The caller's own. */
  readonly #middleware: readonly Middleware[];
  /** The caller's own. */
  readonly #observers: readonly Observer[];

  /** Use {@link createRegistry}. @internal */
  constructor(options: SessionOptions, seams: RegistrySeams, watcher: SessionWatcher) {
    const { jar, createdAt } = seams;
    const middleware = checkMiddleware(options.middleware) ?? [];
    const observers = checkObservers(options.observers) ?? [];
    const own = {
      cookieJar: jar,
      // The jar has them.
      cookieLimits: undefined,
      middleware: [...seams.middleware, ...middleware],
      observers: [...seams.observers, ...observers],
    };
    super({ ...options, ...own }, createdAt);
    this.#watcher = watcher;
    this.#jar = jar;
    this.#middleware = middleware;
    this.#observers = observers;
  }

  override get cookieJar(): BrowserCookieJar {
    return this.#jar;
  }

  /**
   * The caller's data, stored with the session as JSON. A change inside the object is noticed when it is set again.
   * @default null
   */
  get userData(): unknown {
    return this.#watcher.userData;
  }

  set userData(userData: unknown) {
    this.#watcher.userData = copyUserData(userData);
    this.#watcher.changed();
  }

  override save(options: SaveOptions = {}): SessionDocument {
    return super.save({ userData: this.userData, ...options });
  }

  override setCookie(name: string, value: string, url: string | URL, attributes?: CookieAttributes): void {
    super.setCookie(name, value, url, attributes);
    this.#watcher.changed();
  }

  override setCookies(cookies: readonly SessionCookieInit[], url?: string | URL): void {
    super.setCookies(cookies, url);
    this.#watcher.changed();
  }

  override async clearCookies(filter?: CookieFilter): Promise<void> {
    await super.clearCookies(filter);
    this.#watcher.changed();
  }

  override importCookies(input: string | object, options?: ImportFormat | ImportOptions): CookieImport {
    const imported = super.importCookies(input, options);
    this.#watcher.changed();
    return imported;
  }

  override async websocket(url: string | URL, options?: WebSocketOptions): Promise<WebSocket> {
    const socket = await super.websocket(url, options);
    // The handshake may have set cookies.
    this.#watcher.changed();
    return socket;
  }

  /** A fork does not belong to the registry, so it does not have the registry's middleware and observers. */
  override fork(options: SessionOptions = {}): Promise<Session> {
    const given = ownCopy('Session options', options);
    const { middleware = this.#middleware, observers = this.#observers } = given;
    return super.fork({ ...given, middleware, observers });
  }

  override close(): Promise<void> {
    if (!this.closed) this.#watcher.closing();
    return super.close();
  }
}
