import { ownCopy } from '../core/checks.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import { forAll, throwTogether } from './bounded.ts';
import type { Clock } from './clock.ts';
import { drain } from './drain.ts';
import { closeOnExit } from './exit.ts';
import { giveCookies } from './first-cookies.ts';
import { checkId, newId } from './ids.ts';
import { Leasing } from './leasing.ts';
import { Listing, type ListOptions, resolveList } from './listing.ts';
import { LiveSessions } from './live-sessions.ts';
import { Logins } from './logins.ts';
import { type RegistryOptions, type ResolvedRegistry, resolveRegistry } from './options.ts';
import { type CloseOptions, endedWithin, resolveClose } from './registry-close.ts';
import type { RegistrySession } from './registry-session.ts';
import { type RegistryStats, statsOf } from './registry-stats.ts';
import type { SessionInfo } from './session-info.ts';
import { type LeaseOptions, resolveWait, type SessionLease } from './session-lease.ts';
import { type Beginning, type RegistrySessionOptions, resolveBeginning } from './session-options.ts';

/**
 * Creates a registry: sessions by id, each created once, ended after disuse, and stored in `store`.
 *
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * await using registry = createRegistry({ store: fileStore('sessions'), idleTimeout: 3_600_000 });
 * const session = await registry.getOrCreate('ada', { baseUrl: 'https://example.com' });
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  return new Registry(options);
}

const clocks = new WeakMap<Registry, Clock>();

/** The time of all processes with the registry's store. */
export function clockOf(registry: Registry): Clock | undefined {
  return clocks.get(registry);
}

/** Sessions by id. Safe for concurrent calls; operations on one session run in order. */
export class Registry {
  readonly #options: ResolvedRegistry;
  readonly #live: LiveSessions;
  readonly #logins: Logins;
  readonly #asking = new Map<string, Promise<RegistrySession>>();
  readonly #leasing: Leasing;
  readonly #listing: Listing;
  readonly #offExit: () => void;
  #closing: Promise<void> | undefined;

  /** Use {@link createRegistry}. */
  constructor(options: RegistryOptions = {}) {
    this.#options = resolveRegistry(options);
    this.#logins = new Logins(this.#options.clock);
    this.#live = new LiveSessions(this.#options, this.#logins);
    clocks.set(this, this.#live.clock);
    this.#leasing = new Leasing(this.#live);
    this.#listing = new Listing(this.#live, this.#options);
    const { closeOnExit: isWanted, exitTimeout, onExitError } = this.#options;
    this.#offExit = isWanted
      ? closeOnExit((timeout) => this.close({ timeout }), exitTimeout, onExitError)
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
   * The session `id`, from memory or the store. This counts as use: its idle time starts again.
   *
   * @throws RequestError ERR_SESSION_NOT_FOUND, whose message says whether it expired, was killed or never existed;
   * ERR_STORE, ERR_INVALID_DOCUMENT, ERR_TOO_MANY_SESSIONS, ERR_REGISTRY_CLOSED
   */
  async get(id: string): Promise<RegistrySession> {
    this.#checkOpen();
    const name = checkId(id);
    return this.#inOrder(name, async () => {
      const found = await this.#live.find(name, {}, this.#logins.middleware(name, this.#live));
      if (found === null) throw this.#live.endings.notFound(name);
      return found.session;
    });
  }

  /**
   * The session `id`, created if it does not exist; once, also for concurrent calls: the options of the first call
   * apply. For a session in memory, options change only the login.
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
      this.#logins.note(id, beginning.login);
      const found = await this.#live.find(id, beginning.session, this.#logins.middleware(id, this.#live));
      return found?.session ?? this.#create(id, beginning);
    });
  }

  async #create(id: string, beginning: Beginning): Promise<RegistrySession> {
    const { session, url, userData, login } = beginning;
    this.#logins.ended(id);
    this.#logins.note(id, login);
    const start = { userData, middleware: this.#logins.middleware(id, this.#live) };
    const live = await this.#live.create(id, session, start, async (made) => {
      giveCookies(made.session, { ...beginning, url: url ?? session.baseUrl });
      if (url === undefined) return;
      const response = await made.session.fetch(url);
      await response.body?.cancel();
    });
    return live.session;
  }

  /**
   * The session `id`, created if it does not exist, for this caller alone: no one else gets its lease meanwhile, in
   * any process with the store. It is read from the store first, and saved at the end of the lease. For sites that
   * change the session's cookie with every request.
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
    return this.#leasing.take(name, limits, () => this.#getOrCreate(name, beginning));
  }

  /**
   * Runs `fn` with the session `id` leased as by {@link lease}, and ends the lease afterwards, also after a failure.
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
   * Tells whether `get` would find the session. This does not count as use.
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
   * All sessions or a page of them, in the order of their ids, those that are only in the store included. A session
   * that cannot be read is left out and reported to `onError`.
   *
   * @throws RequestError ERR_STORE, ERR_INVALID_OPTION, ERR_REGISTRY_CLOSED
   * @example
   * for (let after = '', page; page?.length !== 0; after = page.at(-1)?.id ?? '') {
   *   page = await registry.list({ after, limit: 1000 });
   * }
   */
  async list(options: ListOptions = {}): Promise<SessionInfo[]> {
    this.#checkOpen();
    return this.#listing.list(resolveList(options));
  }

  /**
   * Deletes the expired sessions from the store. Redis and SQLite also do that by themselves; expired files stay
   * until they are read.
   *
   * @returns how many sessions were deleted
   * @throws RequestError ERR_STORE, ERR_REGISTRY_CLOSED; AggregateError with every failure of several
   */
  async purge(): Promise<number> {
    this.#checkOpen();
    return this.#listing.purge();
  }

  /** Counts of the registry so far, and its current state. */
  stats(): RegistryStats {
    return statsOf(this.#live, this.#leasing);
  }

  /**
   * Fails when the registry cannot work now: for health checks of the process.
   *
   * @returns milliseconds that the store took to answer, 0 without a store
   * @throws RequestError ERR_STORE, ERR_REGISTRY_CLOSED
   */
  async ping(): Promise<number> {
    this.#checkOpen();
    return this.#live.stored.ping();
  }

  /**
   * Saves a session now; without an id, all with changes.
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
   * Ends a session for every process, and deletes it from the store. Requests in progress finish. Another process
   * that holds it gets ERR_SESSION_NOT_FOUND at its next save or `get`.
   *
   * @returns false when it did not exist
   * @throws RequestError ERR_STORE, ERR_REGISTRY_CLOSED
   */
  async kill(id: string): Promise<boolean> {
    this.#checkOpen();
    const name = checkId(id);
    await this.#asking.get(name)?.catch(() => {});
    return this.#kill(name);
  }

  /**
   * Ends all sessions, also those in the store.
   *
   * @throws AggregateError with every failure, none of which stops the rest
   */
  async killAll(): Promise<void> {
    this.#checkOpen();
    // Also sessions that an index has lost must end.
    await this.#live.stored.store?.purge?.();
    const inMemory = this.#live.ids(() => true);
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
   * Waits for the end of the work: until no lease is held and no request is in progress, and saves the changes. New
   * leases are refused from now on; `get` works until `close`.
   *
   * @throws AggregateError with every save that failed; RequestError ERR_TIMEOUT, ERR_REGISTRY_CLOSED
   */
  async drain(options: CloseOptions = {}): Promise<void> {
    this.#checkOpen();
    const limit = resolveClose(options);
    const drained = drain(this.#live, this.#leasing).then((failures) =>
      throwTogether('Some sessions could not be saved', failures),
    );
    if (limit === null) return drained;
    await endedWithin(limit, 'drained', drained, () => this.#live.unsaved);
  }

  /**
   * Ends the registry: sessions are saved where there is a store, those with changes first, and closed; requests in
   * progress finish. A second call waits for the same end; everything else throws ERR_REGISTRY_CLOSED from now on.
   * The store stays open.
   *
   * @throws AggregateError with every failure, none of which stops the rest; RequestError ERR_TIMEOUT
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const limit = resolveClose(options);
    this.#closing ??= this.#close();
    if (limit === null) return this.#closing;
    await endedWithin(limit, 'closed', this.#closing, () => this.#live.unsaved);
  }

  async #close(): Promise<void> {
    this.#offExit();
    throwTogether('Some sessions could not be closed', await this.#live.close());
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
