import { checkDelay, checkOptions, ownCopy } from '../core/checks.ts';
import { invalidOption, isRequestError, RequestError } from '../core/errors.ts';
import type { Middleware } from '../core/flow/middleware.ts';
import { forAll, throwTogether } from './bounded.ts';
import { closeOnExit } from './exit.ts';
import type { HeldLock } from './held-lock.ts';
import { checkId, newId } from './ids.ts';
import type { LiveSession } from './live-session.ts';
import { LiveSessions } from './live-sessions.ts';
import { Login } from './login.ts';
import type { LoginSettings } from './login-options.ts';
import { type RegistryOptions, type ResolvedRegistry, resolveRegistry } from './options.ts';
import type { RegistrySession } from './registry-session.ts';
import { infoOfLive, infoOfStored, type SessionInfo } from './session-info.ts';
import { type LeaseOptions, LeaseQueue, leaseOf, resolveWait, type SessionLease } from './session-lease.ts';
import { type Beginning, type RegistrySessionOptions, resolveBeginning } from './session-options.ts';

/** Options of {@link Registry.close}. */
export interface CloseOptions {
  /**
   * Longest time in milliseconds; then it fails with ERR_TIMEOUT, which says how many sessions are not saved.
   * @default no limit: until the last request has ended
   */
  readonly timeout?: number | undefined;
}

const closeKeys: ReadonlySet<string> = new Set(['timeout']);

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
  readonly #leases = new LeaseQueue();
  readonly #offExit: () => void;
  #closing: Promise<void> | undefined;

  /** Use {@link createRegistry}. */
  constructor(options: RegistryOptions = {}) {
    this.#options = resolveRegistry(options);
    this.#live = new LiveSessions(this.#options, (id) => this.#logins.delete(id));
    const { closeOnExit: isWanted, exitTimeout } = this.#options;
    this.#offExit = isWanted
      ? closeOnExit(
          (timeout) => this.close({ timeout }),
          exitTimeout,
          (error) => this.#options.onError(error, ''),
        )
      : () => {};
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
    const beginning = resolveBeginning(options);
    return this.#inOrder(name, async () => {
      if (this.#live.current(name) !== null || (await this.#live.stored.load(name)) !== null) {
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
      const found = await this.#live.find(name, {}, this.#middlewareOf(name));
      if (found === null) throw this.#live.endings.notFound(name);
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
    const beginning = resolveBeginning(options);
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
      const found = await this.#live.find(id, beginning.session, this.#middlewareOf(id));
      return found?.session ?? this.#create(id, beginning);
    });
  }

  /** A session that went into the store and comes back logs in as before; the last login that was given holds. */
  #noteLogin(id: string, login: LoginSettings | null): void {
    if (login !== null) this.#logins.set(id, login);
  }

  #middlewareOf(id: string): (live: LiveSession) => readonly Middleware[] {
    return (live) => [new Login(live, () => this.#logins.get(id), this.#live).middleware];
  }

  async #create(id: string, { session, cookies, url, userData, login }: Beginning): Promise<RegistrySession> {
    this.#logins.delete(id);
    this.#noteLogin(id, login);
    const start = { userData, middleware: this.#middlewareOf(id) };
    const live = await this.#live.create(id, session, start, async (made) => {
      if (cookies !== undefined) made.session.importCookies(cookies);
      if (url === undefined) return;
      const response = await made.session.fetch(url);
      await response.body?.cancel();
    });
    return live.session;
  }

  /**
   * The session `id`, created when there is none, for this caller alone: in all processes with the store nobody else
   * has its lease meanwhile. It is read from the store before, and saved when it is given back. For sites that change
   * the session's cookie with every request.
   *
   * @throws RequestError as {@link getOrCreate}; ERR_STORE_LOCKED when another holds it for longer than `wait`; the
   *   reason of the signal
   * @example
   * await using lease = await registry.lease('ada', { wait: 10_000 });
   * await lease.session.fetch('https://example.com/');
   */
  async lease(id: string, options: LeaseOptions = {}): Promise<SessionLease> {
    this.#checkOpen();
    const name = checkId(id);
    const { wait, signal, ...rest } = ownCopy('Lease options', options);
    const limits = resolveWait({ wait, signal });
    const beginning = resolveBeginning(rest);
    const leave = await this.#leases.take(name, limits);
    try {
      const lock = await this.#live.lock(name, 'use', limits.wait, limits.signal);
      return await this.#leased(name, beginning, lock, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #leased(
    id: string,
    beginning: Beginning,
    lock: HeldLock | null,
    leave: () => void,
  ): Promise<SessionLease> {
    try {
      const session = await this.#getOrCreate(id, beginning);
      const live = this.#live.current(id);
      if (live !== null) live.lease = lock;
      return leaseOf(session, lock, () => this.#giveBack(live, lock, leave));
    } catch (error) {
      await lock?.release().catch((reason) => this.#options.onError(reason, id));
      throw error;
    }
  }

  async #giveBack(live: LiveSession | null, lock: HeldLock | null, leave: () => void): Promise<void> {
    try {
      // Others read it before they use it.
      if (live !== null && lock !== null && !live.session.closed) await this.#live.save(live, lock);
    } catch (error) {
      if (live !== null && isRequestError(error, 'ERR_STORE_CONFLICT')) this.#live.giveUp(live);
      throw error;
    } finally {
      if (live !== null) live.lease = null;
      const id = live?.session.id ?? '';
      await lock?.release().catch((reason) => this.#options.onError(reason, id));
      leave();
    }
  }

  /**
   * Runs `fn` with the session `id` leased as by {@link lease}, and gives it back whatever happened.
   *
   * @returns what `fn` returns
   * @throws RequestError as {@link lease}, and what `fn` throws
   * @example
   * await registry.withSession('ada', async (session) => (await session.fetch('https://example.com/')).text());
   */
  async withSession<T>(
    id: string,
    fn: (session: RegistrySession, lease: SessionLease) => Promise<T> | T,
    options: LeaseOptions = {},
  ): Promise<T> {
    if (typeof fn !== 'function') throw invalidOption('fn', 'a function that takes a session', fn);
    const lease = await this.lease(id, options);
    try {
      return await fn(lease.session, lease);
    } finally {
      await lease.release();
    }
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
      async () => this.#live.current(name) !== null || (await this.#live.stored.load(name)) !== null,
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
    const infos = sessions.map((live) => infoOfLive(live, this.#options, this.#live.clock));
    const listed = new Set(infos.map(({ id }) => id));
    const others = (await this.#live.stored.ids()).filter((id) => !listed.has(id));
    const failures = await forAll(others, async (id) => {
      const stored = await this.#inOrder(id, () => this.#live.stored.load(id)).catch((error) => {
        this.#options.onError(error, id);
        return null;
      });
      if (stored !== null) infos.push(infoOfStored(stored, this.#live.stored.endOf(stored)));
    });
    throwTogether('Some sessions could not be listed', failures);
    return infos;
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
      throwTogether('Some sessions could not be saved', await this.#live.saveAll());
      return;
    }
    const live = this.#live.current(checkId(id));
    if (live === null) throw this.#live.endings.notFound(id);
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
    const inMemory = this.#live.all().map(({ session }) => session.id);
    const ids = new Set([...inMemory, ...(await this.#live.stored.ids())]);
    throwTogether('Some sessions could not be killed', await forAll(ids, (id) => this.#kill(id)));
  }

  async #kill(id: string): Promise<boolean> {
    const live = this.#live.current(id);
    if (live !== null) {
      await this.#live.leave(live, 'killed');
      return true;
    }
    return this.#live.killStored(id);
  }

  /**
   * Ends the registry: sessions are saved where there is a store, those with changes first, and closed; requests under
   * way finish. Closing again waits for the same end; everything else throws ERR_REGISTRY_CLOSED from now on. The store
   * stays open.
   *
   * @throws AggregateError with every failure, none of which stops the rest; RequestError ERR_TIMEOUT
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions(options, 'Close options', closeKeys);
    const { timeout } = ownCopy('Close options', options);
    const limit = timeout === undefined ? null : checkDelay('timeout', timeout);
    this.#closing ??= this.#close();
    if (limit === null) return this.#closing;
    await this.#within(limit, this.#closing);
  }

  async #close(): Promise<void> {
    this.#offExit();
    throwTogether('Some sessions could not be closed', await this.#live.close());
  }

  async #within(timeout: number, closing: Promise<void>): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    // By a timer that keeps the process: there is something to wait for.
    const timer = setTimeout(() => {
      const message = `Registry was not closed within ${timeout} ms: ${this.#live.unsaved} sessions are not saved`;
      reject(new RequestError('ERR_TIMEOUT', message, { timeout }));
    }, timeout);
    try {
      await Promise.race([closing, late]);
    } finally {
      clearTimeout(timer);
    }
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
