import type { CookieImport, ImportFormat, ImportOptions } from '../core/cookies/formats/convert.ts';
import type { CookieAttributes, SessionCookieInit } from '../core/cookies/input.ts';
import type { BrowserCookieJar, CookieFilter } from '../core/cookies/jar/browser-cookie-jar.ts';
import type { SessionOptions } from '../core/session/options.ts';
import type { SaveOptions, SessionDocument } from '../core/session/saved-session.ts';
import { Session } from '../core/session/session.ts';
import { copyUserData } from '../core/session/user-data.ts';

/** What a registry wants to know of a session it has handed out. */
export interface SessionWatcher {
  /** Kept with the session. */
  userData: unknown;
  /** The session was changed by its caller, not by a response. */
  changed(): void;
  /** The caller closes the session; called before it is closed. */
  closing(): void;
}

/**
 * A session of a registry: a {@link Session} whose id is its name there. Closing it takes it out of the registry's
 * memory; with a store it is saved first, and `get` brings it back.
 */
export class RegistrySession extends Session {
  readonly #watcher: SessionWatcher;
  readonly #jar: BrowserCookieJar;

  /** Use {@link createRegistry}. @internal */
  constructor(
    options: SessionOptions,
    jar: BrowserCookieJar,
    parts: ConstructorParameters<typeof Session>[1],
    watcher: SessionWatcher,
  ) {
    super({ ...options, cookieJar: jar }, parts);
    this.#watcher = watcher;
    this.#jar = jar;
  }

  override get cookieJar(): BrowserCookieJar {
    return this.#jar;
  }

  /**
   * The caller's own, kept with the session; of what JSON has. A change inside it is seen when it is set again.
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

  override close(): Promise<void> {
    if (!this.closed) this.#watcher.closing();
    return super.close();
  }
}
