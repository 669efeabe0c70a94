import { isRequestError, RequestError } from '../core/errors.ts';
import type { SessionDocument } from '../core/session/saved-session.ts';
import { usualBreadth } from './bounded.ts';
import { StoreClock } from './clock.ts';
import type { Endings } from './endings.ts';
import { HeldLock } from './held-lock.ts';
import type { LiveSession } from './live-session.ts';
import type { ResolvedRegistry } from './options.ts';
import type { RegistryWatch } from './registry-watch.ts';
import { type IdPageOptions, idPageOf, type SessionStore, type UpdateOptions } from './store.ts';

/** Longest time for which a store remembers that a session was killed, in milliseconds. */
const longestMemory = 30 * 86_400_000;

/** The sessions as the store has them. Without a store there are none, and nothing is kept. */
export class StoredSessions {
  readonly #options: ResolvedRegistry;
  readonly #endings: Endings;
  readonly #watch: RegistryWatch;
  /** The store's, as far as it tells the time. */
  readonly clock: StoreClock;

  constructor(options: ResolvedRegistry, endings: Endings, watch: RegistryWatch) {
    this.#options = options;
    this.#endings = endings;
    this.#watch = watch;
    this.clock = new StoreClock(options.clock);
  }

  get store(): SessionStore | null {
    return this.#options.store;
  }

  /** How many sessions are saved at a time. */
  get breadth(): number {
    return this.store?.breadth ?? usualBreadth;
  }

  /** Runs what needs the store; with `keep-going`, a store that cannot be used gives `fallback`. */
  async guard<T>(id: string, action: () => Promise<T>, fallback: T): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (this.#options.onStoreError === 'throw' || !isRequestError(error, 'ERR_STORE')) throw error;
      this.#options.onError(error, id);
      return fallback;
    }
  }

  /** What the store has of a session whose time is not over. */
  async load(id: string): Promise<SessionDocument | null> {
    const { store } = this;
    if (store === null) return null;
    const stored = await this.#read(store, id);
    if (stored === null || !this.#isOver(stored)) return stored;
    await this.guard(id, () => this.removeOver(id), undefined);
    this.#endings.note(id, 'expired');
    return null;
  }

  /**
   * Deletes what the store has of a session, if its time is over.
   *
   * @returns whether it was
   */
  async removeIfOver(id: string): Promise<boolean> {
    const { store } = this;
    const stored = store === null ? null : await this.#read(store, id);
    if (stored === null || !this.#isOver(stored)) return false;
    await this.removeOver(id);
    this.#endings.note(id, 'expired');
    return true;
  }

  async #read(store: SessionStore, id: string): Promise<SessionDocument | null> {
    const stored = await this.#loadUnlessKilled(store, id);
    if (stored === null) return null;
    const time = store.time?.bind(store);
    if (time !== undefined) await this.clock.sync(time);
    if (stored.sessionId !== id) {
      const message = `Not a saved session: the store has ${JSON.stringify(stored.sessionId)} instead of ${id}`;
      throw new RequestError('ERR_INVALID_DOCUMENT', message);
    }
    return stored;
  }

  async #loadUnlessKilled(store: SessionStore, id: string): Promise<SessionDocument | null> {
    try {
      return await this.guard(id, () => store.load(id), null);
    } catch (error) {
      if (!isRequestError(error, 'ERR_SESSION_NOT_FOUND')) throw error;
      this.#endings.note(id, 'killed');
      return null;
    }
  }

  /** What others stored of a session that is in memory; `null` where nobody else may write. */
  async loadShared(id: string): Promise<SessionDocument | null> {
    const { store } = this;
    return store?.shared === true ? this.guard(id, () => store.load(id), null) : null;
  }

  /** Saves what is known here over what is stored, and takes over what others stored. */
  async write(live: LiveSession, lock?: UpdateOptions['lock']): Promise<void> {
    const { store } = this;
    if (store === null) return;
    try {
      const begins = live.isNew;
      const life = this.lifeOf(live);
      const ttl = Number.isFinite(life) ? { ttl: life } : {};
      const options = { ...ttl, lock: lock ?? live.lease ?? undefined, begins };
      const { id } = live.session;
      const saved = await this.#watch.time('onSave', { id }, () => store.update(id, live.capture(), options));
      if (saved !== null) live.adopt(saved);
    } finally {
      live.release();
    }
  }

  /**
   * Milliseconds after which the store need not have it any more. A key in the store always ends where the session does,
   * also while a request is under way.
   */
  lifeOf(live: LiveSession): number {
    return Math.max(1, live.lifeLeft(this.#options) + this.#slack);
  }

  /**
   * Ends a session for all processes, whatever the store has of it: it is not read.
   *
   * @returns whether the store had one
   */
  async kill(id: string, evenIfAbsent: boolean): Promise<boolean> {
    const { store } = this;
    if (store === null) return false;
    if (store.kill !== undefined) return store.kill(id, { ttl: this.#killedFor, evenIfAbsent });
    const found = await store.load(id);
    await store.update(id, () => null);
    return found !== null;
  }

  /** Milliseconds after which no process can still hold a session that was killed. */
  get #killedFor(): number {
    const { idleTimeout, maxAge } = this.#options;
    return Math.min(idleTimeout + this.#slack, maxAge, longestMemory);
  }

  /** Deletes what the store has of a session, if its time is over there too: another process may have used it. */
  async removeOver(id: string): Promise<void> {
    const unlessOver = (stored: SessionDocument | null): SessionDocument | null =>
      stored !== null && this.#isOver(stored) ? null : stored;
    await this.store?.update(id, unlessOver, { begins: true });
  }

  /** A lock of a session between processes; `null` without a store that has locks. */
  lock(
    id: string,
    options: { readonly name: string; readonly wait: number; readonly signal: AbortSignal | null },
  ): Promise<HeldLock | null> {
    const lock = this.store?.lock?.bind(this.store);
    if (lock === undefined) return Promise.resolve(null);
    const take = (): Promise<HeldLock> => HeldLock.take(lock, id, options, this.clock);
    return this.guard(id, () => this.#watch.time('onLock', { id, name: options.name }, take), null);
  }

  /**
   * @returns milliseconds that the store took, 0 without a store
   * @throws RequestError ERR_STORE
   */
  async ping(): Promise<number> {
    const { store } = this;
    if (store === null) return 0;
    const start = performance.now();
    if (store.ping === undefined) await store.load('ping');
    else await store.ping();
    return performance.now() - start;
  }

  async ids(): Promise<readonly string[]> {
    const { store } = this;
    return store === null ? [] : this.guard('', () => store.ids(), []);
  }

  async page(options: IdPageOptions): Promise<readonly string[]> {
    const { store } = this;
    if (store?.page === undefined || options.limit === Number.POSITIVE_INFINITY) {
      return idPageOf(await this.ids(), options);
    }
    const page = store.page.bind(store);
    return this.guard('', () => page(options), []);
  }

  /** Epoch milliseconds at which a stored session ends when nobody uses it. */
  endOf({ createdAt, lastUsedAt }: SessionDocument): number {
    const { idleTimeout, maxAge } = this.#options;
    return Math.min(lastUsedAt + idleTimeout + this.#slack, createdAt + maxAge);
  }

  #isOver(stored: SessionDocument): boolean {
    return this.endOf(stored) <= this.clock.wall();
  }

  /** A use is written when it is so much newer than the one that is stored: another process may have used it since. */
  get #slack(): number {
    const { idleTimeout, saveInterval } = this.#options;
    return idleTimeout / 10 + Math.min(saveInterval, idleTimeout / 10);
  }
}
