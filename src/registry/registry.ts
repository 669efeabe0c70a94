import { RequestError } from '../core/errors.ts';
import type { Stage } from '../core/flow/pipeline.ts';
import type { SessionOptions } from '../core/session/options.ts';
import type { SessionDocument } from '../core/session/saved-session.ts';
import { closeOnExit } from './exit.ts';
import { checkId, newId } from './ids.ts';
import type { LiveSession } from './live-session.ts';
import { allEnded, LiveSessions } from './live-sessions.ts';
import { Login } from './login.ts';
import { type LoginOptions, type LoginSettings, resolveLogin } from './login-options.ts';
import { checkShared, type RegistryOptions, type ResolvedRegistry, resolveRegistry } from './options.ts';
import type { RegistrySession } from './registry-session.ts';

/** Options of a session of a registry: those of {@link createSession}, and what it begins with. */
export interface RegistrySessionOptions
  extends Omit<SessionOptions, 'sessionId' | 'cookieJar'>,
    LoginOptions {
  /** Cookies in any format that `importCookies` takes. */
  readonly cookies?: string | object | undefined;
  /** Asked for once before a new session is handed out; when that fails, there is no session. */
  readonly url?: string | URL | undefined;
  /** The caller's own, kept with the session. */
  readonly userData?: unknown;
}

/** What a registry tells of a session. No value of a cookie is in it. */
export interface SessionInfo {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds. */
  readonly lastUsedAt: number;
  /** Epoch milliseconds at which it ends if nobody uses it; `null` for never. */
  readonly expiresAt: number | null;
  readonly requests: number;
  /** How many cookies it has. */
  readonly cookies: number;
  /** False: it is in the store only. */
  readonly loaded: boolean;
}

/**
 * Creates a registry: sessions by id, each created once, ended when forgotten, and kept where `store` says.
 *
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * await using registry = createRegistry({ store: fileStore('sessions'), idleTimeout: 3_600_000 });
 * const session = await registry.getOrCreate('ada', { baseUrl: 'https://example.com' });
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  return new Registry(options);
}

/** Sessions by id. Safe for parallel calls; what concerns one session happens in order. */
export class Registry {
  readonly #options: ResolvedRegistry;
  readonly #live: LiveSessions;
  /** How sessions log in, by id, for as long as they are not ended. */
  readonly #logins = new Map<string, LoginSettings>();
  readonly #asking = new Map<string, Promise<RegistrySession>>();
  readonly #offExit: () => void;
  #closing: Promise<void> | undefined;

  /** Use {@link createRegistry}. */
  constructor(options: RegistryOptions = {}) {
    this.#options = resolveRegistry(options);
    this.#live = new LiveSessions(this.#options, (id) => this.#logins.delete(id));
    const { closeOnExit: isWanted, exitTimeout } = this.#options;
    this.#offExit = isWanted ? closeOnExit(() => this.close(), exitTimeout) : () => {};
  }

  /** Sessions in memory. */
  get size(): number {
    return this.#live.size;
  }

  /**
   * Creates a session.
   *
   * @param id its name; a random one when left out or `'new'`
   * @throws RequestError ERR_SESSION_EXISTS, ERR_TOO_MANY_SESSIONS, ERR_INVALID_OPTION, ERR_REGISTRY_CLOSED, ERR_STORE,
   *   and what a request to `url` fails with
   */
  async create(id?: string, options: RegistrySessionOptions = {}): Promise<RegistrySession> {
    this.#checkOpen();
    const name = newId(id);
    const beginning = splitOptions(options);
    return this.#inOrder(name, async () => {
      if (this.#live.current(name) !== null || (await this.#live.load(name)) !== null) {
        throw new RequestError('ERR_SESSION_EXISTS', `session exists already: ${name}`);
      }
      return this.#create(name, beginning);
    });
  }

  /**
   * The session `id`, from memory or the store. Asking is use: its idle time starts anew.
   *
   * @throws RequestError ERR_SESSION_NOT_FOUND, which says whether it expired, was killed or never was; ERR_STORE,
   *   ERR_INVALID_DOCUMENT, ERR_TOO_MANY_SESSIONS, ERR_REGISTRY_CLOSED
   */
  async get(id: string): Promise<RegistrySession> {
    this.#checkOpen();
    const name = checkId(id);
    return this.#inOrder(name, async () => {
      const found = await this.#live.find(name, {}, this.#stagesOf(name));
      if (found === null) throw this.#live.notFound(name);
      return found.session;
    });
  }

  /**
   * The session `id`, created when there is none; once, however many ask at the same time: the options of the first
   * hold. On a session that is in memory already, options change nothing but the login.
   *
   * @throws RequestError as {@link create}
   */
  async getOrCreate(id: string, options: RegistrySessionOptions = {}): Promise<RegistrySession> {
    this.#checkOpen();
    const name = checkId(id);
    const beginning = splitOptions(options);
    const asked = this.#asking.get(name) ?? this.#getOrCreate(name, beginning);
    this.#asking.set(name, asked);
    try {
      return await asked;
    } finally {
      this.#asking.delete(name);
    }
  }

  #getOrCreate(id: string, beginning: Beginning): Promise<RegistrySession> {
    return this.#inOrder(id, async () => {
      this.#noteLogin(id, beginning.login);
      const found = await this.#live.find(id, beginning.session, this.#stagesOf(id));
      return found?.session ?? this.#create(id, beginning);
    });
  }

  /** A session that went into the store and comes back logs in as before; the last login that was given holds. */
  #noteLogin(id: string, login: LoginSettings | null): void {
    if (login !== null) this.#logins.set(id, login);
  }

  #stagesOf(id: string): (live: LiveSession) => readonly Stage[] {
    return (live) => [new Login(live, () => this.#logins.get(id), this.#live).stage];
  }

  async #create(id: string, { session, cookies, url, userData, login }: Beginning): Promise<RegistrySession> {
    this.#logins.delete(id);
    this.#noteLogin(id, login);
    const start = { userData, stages: this.#stagesOf(id) };
    const live = await this.#live.create(id, session, start, async (made) => {
      if (cookies !== undefined) made.session.importCookies(cookies);
      if (url === undefined) return;
      const response = await made.session.fetch(url);
      await response.body?.cancel();
    });
    return live.session;
  }

  /**
   * Tells whether `get` would find the session; no use of it.
   *
   * @throws RequestError ERR_STORE, ERR_INVALID_DOCUMENT, ERR_REGISTRY_CLOSED
   */
  async has(id: string): Promise<boolean> {
    this.#checkOpen();
    const name = checkId(id);
    return this.#inOrder(
      name,
      async () => this.#live.current(name) !== null || (await this.#live.load(name)) !== null,
    );
  }

  /**
   * All sessions, those that are only in the store too, in no order. One that cannot be read is left out and told to
   * `onError`.
   *
   * @throws RequestError ERR_STORE, ERR_REGISTRY_CLOSED
   */
  async list(): Promise<SessionInfo[]> {
    this.#checkOpen();
    const sessions = this.#live.all().filter(({ session }) => this.#live.current(session.id) !== null);
    const infos = sessions.map((live) => this.#infoOf(live));
    const listed = new Set(infos.map(({ id }) => id));
    for (const id of await this.#storedIds()) {
      if (listed.has(id)) continue;
      try {
        const stored = await this.#inOrder(id, () => this.#live.load(id));
        if (stored !== null) infos.push(this.#infoOfStored(id, stored));
      } catch (error) {
        this.#options.onError(error, id);
      }
    }
    return infos;
  }

  async #storedIds(): Promise<readonly string[]> {
    const { store } = this.#options;
    return store === null ? [] : this.#live.guard('', () => store.ids(), []);
  }

  #infoOf(live: LiveSession): SessionInfo {
    const { session, createdAt, lastUsedAt, requests } = live;
    const { clock } = this.#options;
    const left = live.expiresOn(this.#options) - clock.monotonic();
    const cookies = session.cookieJar.allCookies().length;
    const expiresAt = Number.isFinite(left) ? Math.round(clock.wall() + left) : null;
    return { id: session.id, createdAt, lastUsedAt, expiresAt, requests, cookies, loaded: true };
  }

  #infoOfStored(id: string, stored: SessionDocument): SessionInfo {
    const { createdAt, lastUsedAt, requests, cookies } = stored;
    const end = this.#live.endOf(stored);
    const expiresAt = Number.isFinite(end) ? end : null;
    return { id, createdAt, lastUsedAt, expiresAt, requests, cookies: cookies.length, loaded: false };
  }

  /**
   * Saves a session now; without an id, all that have changes.
   *
   * @throws RequestError ERR_STORE, ERR_SESSION_NOT_FOUND for one that is not in memory, ERR_INVALID_OPTION without a
   *   store; AggregateError with every failure of several
   */
  async save(id?: string): Promise<void> {
    this.#checkOpen();
    if (this.#options.store === null) {
      throw new RequestError('ERR_INVALID_OPTION', 'the registry has no store to save to');
    }
    if (id === undefined) {
      const changed = this.#live.all().filter((live) => live.hasNews(this.#options));
      const saves = changed.map((live) => this.#live.save(live));
      return allEnded('Some sessions could not be saved', saves);
    }
    const live = this.#live.current(checkId(id));
    if (live === null) throw this.#live.notFound(id);
    await this.#live.save(live);
  }

  /**
   * Ends a session for every process, and deletes it from the store. Requests under way finish. A process that holds it
   * learns of it with its next save or `get`: ERR_SESSION_NOT_FOUND.
   *
   * @returns false when there was none
   * @throws RequestError ERR_STORE, ERR_REGISTRY_CLOSED
   */
  async kill(id: string): Promise<boolean> {
    this.#checkOpen();
    const name = checkId(id);
    await this.#asking.get(name)?.catch(() => {});
    return this.#kill(name);
  }

  /**
   * Ends all sessions, those in the store too.
   *
   * @throws AggregateError with every failure, none of which stops the rest
   */
  async killAll(): Promise<void> {
    this.#checkOpen();
    const ids = new Set([...this.#live.all().map(({ session }) => session.id), ...(await this.#storedIds())]);
    await allEnded(
      'Some sessions could not be killed',
      [...ids].map((id) => this.#kill(id)),
    );
  }

  async #kill(id: string): Promise<boolean> {
    const live = this.#live.current(id);
    if (live !== null) {
      await this.#live.leave(live, 'killed');
      return true;
    }
    const wasThere = await this.#live.delete(id, false);
    if (wasThere) this.#live.killed(id);
    return wasThere;
  }

  /**
   * Ends the registry: sessions are saved where there is a store, and closed; requests under way finish. Closing again
   * does nothing; everything else throws ERR_REGISTRY_CLOSED from now on. The store stays open.
   *
   * @throws AggregateError with every failure, none of which stops the rest
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#offExit();
    await this.#live.queue.whenIdle();
    await this.#live.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #inOrder<T>(id: string, action: () => Promise<T>): Promise<T> {
    return this.#live.queue.run(id, action);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined)
      throw new RequestError('ERR_REGISTRY_CLOSED', 'Registry has been closed');
  }
}

/** A registry session's options, taken apart. */
interface Beginning extends Pick<RegistrySessionOptions, 'cookies' | 'url' | 'userData'> {
  readonly session: SessionOptions;
  readonly login: LoginSettings | null;
}

function splitOptions(given: RegistrySessionOptions): Beginning {
  const options = checkShared('Session options', given);
  const { cookies, url, userData, login, isLoggedOut, loginTimeout, loginBackoff, ...session } = options;
  return {
    cookies,
    url,
    userData,
    session,
    login: resolveLogin({ login, isLoggedOut, loginTimeout, loginBackoff }),
  };
}
