import { isRequestError, RequestError } from '../core/errors.ts';
import type { SessionOptions } from '../core/session/options.ts';
import { mergeOptions, optionsOf, type SessionDocument } from '../core/session/saved-session.ts';
import { Alarm, type Clock, StoreClock } from './clock.ts';
import { HeldLock } from './held-lock.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { LiveSession, type LiveSessionEvents, type LiveSessionStart } from './live-session.ts';
import type { LoginHost } from './login.ts';
import type { ResolvedRegistry } from './options.ts';
import type { SessionStore, UpdateOptions } from './store.ts';

/** Why a session is no longer there. */
export type Ending = 'expired' | 'killed';

/** Most ended sessions whose ending is remembered. */
const maxRemembered = 10_000;

/** Longest time for which a store remembers that a session was killed, in milliseconds. */
const longestMemory = 30 * 86_400_000;

/** Shortest time between two looks at all sessions for what is due, in milliseconds. */
const sweepSpacing = 20;

/** The sessions in memory and their way to and from the store. */
export class LiveSessions implements LiveSessionEvents, LoginHost {
  readonly #options: ResolvedRegistry;
  readonly #live = new Map<string, LiveSession>();
  readonly #endings = new Map<string, Ending>();
  readonly #leaving = new Set<Promise<void>>();
  /** Those that have left but still wait for requests, and will be saved once more. */
  readonly #lingering = new Set<LiveSession>();
  readonly #onEnd: (id: string) => void;
  readonly #clock: StoreClock;
  readonly #alarm: Alarm;
  /** What concerns one session happens in order. */
  readonly queue = new KeyedQueue();
  #reserved = 0;

  constructor(options: ResolvedRegistry, onEnd: (id: string) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    this.#clock = new StoreClock(options.clock);
    this.#alarm = new Alarm(options.clock, () => this.#sweep());
  }

  get size(): number {
    return this.#live.size;
  }

  all(): LiveSession[] {
    return [...this.#live.values()];
  }

  /** The session in memory; one whose time is over ends now, whenever the timer rings. */
  current(id: string): LiveSession | null {
    const live = this.#live.get(id);
    if (live === undefined) return null;
    if (live.expiresOn(this.#options) > this.#options.clock.monotonic()) return live;
    this.#expire(live);
    return null;
  }

  /** The session in memory or the store, for use; `null` when there is none. Called in the queue of `id`. */
  async find(
    id: string,
    options: SessionOptions,
    stages: LiveSessionStart['stages'],
  ): Promise<LiveSession | null> {
    const live = this.current(id);
    if (live !== null) {
      live.touch();
      this.changed(live);
      await this.refresh(live).catch((error) => {
        // It has ended, and another may have been created since.
        if (!isRequestError(error, 'ERR_SESSION_NOT_FOUND')) throw error;
      });
      if (this.current(id) === live) return live;
    }
    const stored = await this.load(id);
    return stored === null
      ? null
      : this.#admit(() => this.#make(id, options, { stored, userData: null, stages }));
  }

  /** Adds a new session once `prepare` has done its part; when that fails, there is none. */
  create(
    id: string,
    options: SessionOptions,
    start: Pick<LiveSessionStart, 'userData' | 'stages'>,
    prepare: (live: LiveSession) => Promise<void>,
  ): Promise<LiveSession> {
    return this.#admit(async () => {
      const live = this.#make(id, options, { stored: null, ...start });
      try {
        await prepare(live);
      } catch (error) {
        await live.session.close();
        throw error;
      }
      return live;
    });
  }

  #make(
    id: string,
    options: SessionOptions,
    start: Pick<LiveSessionStart, 'stored' | 'userData' | 'stages'>,
  ): LiveSession {
    const { saveProxyPassword } = this.#options;
    const given = { ...mergeOptions(this.#options.session, options), sessionId: id };
    const made = start.stored === null ? given : this.#asStored(start.stored, given, options);
    return new LiveSession({ ...start, options: made, proxyPassword: saveProxyPassword }, this.#clock, this);
  }

  /** What a session was when it was saved, it stays; connections are this process's. */
  #asStored(stored: SessionDocument, given: SessionOptions, asked: SessionOptions): SessionOptions {
    const proxy = asked.proxy ?? (stored.proxyPasswordOmitted ? given.proxy : undefined);
    const { transport } = given;
    const { proxy: _, ...rest } = given;
    return mergeOptions(
      rest,
      optionsOf(stored, {
        sessionId: given.sessionId,
        ...(transport === undefined ? { proxy } : { transport }),
      }),
    );
  }

  async #admit(make: () => Promise<LiveSession> | LiveSession): Promise<LiveSession> {
    this.#makeRoom();
    this.#reserved++;
    try {
      const live = await make();
      const { id } = live.session;
      this.#live.set(id, live);
      live.isReady = true;
      this.changed(live);
      return live;
    } finally {
      this.#reserved--;
    }
  }

  #makeRoom(): void {
    const { maxSessions, whenFull } = this.#options;
    if (this.#live.size + this.#reserved < maxSessions) return;
    for (const live of this.all()) this.current(live.session.id);
    while (this.#live.size + this.#reserved >= maxSessions) {
      const victim = whenFull === 'evict' ? this.#leastRecentlyUsed() : null;
      if (victim === null) {
        throw new RequestError(
          'ERR_TOO_MANY_SESSIONS',
          `More than ${maxSessions} sessions: raise maxSessions or end some`,
        );
      }
      if (this.#options.store === null) this.#expire(victim);
      else this.#evict(victim);
    }
  }

  /** One that is sending has not been forgotten. */
  #leastRecentlyUsed(): LiveSession | null {
    let found: LiveSession | null = null;
    for (const live of this.#live.values()) {
      if (live.isBusy) continue;
      if (found === null || live.lastUsedOn < found.lastUsedOn) found = live;
    }
    return found;
  }

  /** Into the store; back into memory when the store does not take it, since nothing may be lost. */
  #evict(victim: LiveSession): void {
    const { id } = victim.session;
    this.#live.delete(id);
    const done = this.#write(victim).then(
      () => victim.session.close(),
      (error) => {
        if (!this.#live.has(id)) this.#live.set(id, victim);
        throw error;
      },
    );
    this.#inBackground(id, done);
  }

  /** Takes over what others stored. */
  async refresh(live: LiveSession): Promise<void> {
    const { store } = this.#options;
    if (store?.shared !== true) return;
    const { id } = live.session;
    let stored: SessionDocument | null;
    try {
      stored = await this.guard(id, () => store.load(id), null);
    } catch (error) {
      this.#endIfKilled(live, error);
      throw error;
    }
    if (stored !== null && live.isSucceededBy(stored)) this.#endKilled(live);
    else if (stored !== null) live.adopt(stored);
  }

  /** Another process has ended the session: it ends for its holder, too, and is not written back. */
  #endKilled(live: LiveSession): void {
    const { id } = live.session;
    this.#lingering.delete(live);
    if (this.#live.get(id) === live) this.#live.delete(id);
    this.#remember(id, 'killed');
    this.#inBackground(id, live.session.close());
  }

  #endIfKilled(live: LiveSession, error: unknown): void {
    if (isRequestError(error, 'ERR_SESSION_NOT_FOUND')) this.#endKilled(live);
  }

  /** What the store has of a session whose time is not over. */
  async load(id: string): Promise<SessionDocument | null> {
    const { store } = this.#options;
    if (store === null) return null;
    const stored = await this.#loadUnlessKilled(store, id);
    if (stored === null) return null;
    if (store.time !== undefined) await this.#clock.sync(() => store.time?.() ?? Promise.resolve(Number.NaN));
    if (stored.sessionId !== id) {
      const message = `Not a saved session: the store has ${JSON.stringify(stored.sessionId)} in the place of ${id}`;
      throw new RequestError('ERR_INVALID_DOCUMENT', message);
    }
    if (!this.#isOver(stored)) return stored;
    await this.guard(id, () => store.update(id, (found) => this.#unlessOver(found)), null);
    this.#remember(id, 'expired');
    return null;
  }

  async #loadUnlessKilled(store: SessionStore, id: string): Promise<SessionDocument | null> {
    try {
      return await this.guard(id, () => store.load(id), null);
    } catch (error) {
      if (!isRequestError(error, 'ERR_SESSION_NOT_FOUND')) throw error;
      this.#remember(id, 'killed');
      return null;
    }
  }

  /** Epoch milliseconds at which a stored session ends when nobody uses it. */
  endOf({ createdAt, lastUsedAt }: SessionDocument): number {
    const { idleTimeout, maxAge } = this.#options;
    return Math.min(lastUsedAt + idleTimeout + this.#slack, createdAt + maxAge);
  }

  /** A use is written when it is so much newer than the one that is stored: another process may have used it since. */
  get #slack(): number {
    const { idleTimeout, saveInterval } = this.#options;
    return idleTimeout / 10 + Math.min(saveInterval, idleTimeout / 10);
  }

  #isOver(stored: SessionDocument): boolean {
    return this.endOf(stored) <= this.#clock.wall();
  }

  /** Another process may have used it meanwhile. */
  #unlessOver(stored: SessionDocument | null): SessionDocument | null {
    return stored !== null && this.#isOver(stored) ? null : stored;
  }

  /** Saves what is known here over what is stored, and takes over what others stored. */
  async save(live: LiveSession, lock?: UpdateOptions['lock']): Promise<void> {
    // Its first request has logged in: the queue of its id waits for that, and it is saved with what follows.
    if (!live.isReady) return;
    return this.guard(live.session.id, () => this.#write(live, lock), undefined);
  }

  /** A lock of a session between processes; `null` without a store that has locks. */
  lock(id: string, name: string, wait: number): Promise<HeldLock | null> {
    const { store, clock } = this.#options;
    const lock = store?.lock?.bind(store);
    if (lock === undefined) return Promise.resolve(null);
    return this.guard(id, () => HeldLock.take(lock, id, { name, wait }, clock), null);
  }

  onError(error: unknown, id: string): void {
    this.#options.onError(error, id);
  }

  get clock(): Clock {
    return this.#clock;
  }

  #write(live: LiveSession, lock?: UpdateOptions['lock']): Promise<void> {
    const { store } = this.#options;
    const { id } = live.session;
    live.saveOn = Number.POSITIVE_INFINITY;
    return this.queue.run(id, async () => {
      if (store === null) return;
      try {
        const begins = live.isNew;
        const change = live.capture();
        const saved = await store.update(id, change, { ...this.#ttlOf(live), lock, begins });
        if (saved !== null) live.adopt(saved);
      } catch (error) {
        this.#endIfKilled(live, error);
        // It still has what is to be saved.
        this.changed(live);
        throw error;
      } finally {
        live.release();
      }
    });
  }

  /** A key in the store always ends where the session does, also while a request is under way. */
  #ttlOf(live: LiveSession): Pick<UpdateOptions, 'ttl'> {
    const left = live.lifeLeft(this.#options);
    return Number.isFinite(left) ? { ttl: Math.max(1, left + this.#slack) } : {};
  }

  /** Takes a session out of memory: for good, or into the store. Requests under way finish. */
  leave(live: LiveSession, how: Ending | 'stored'): Promise<void> {
    const { id } = live.session;
    if (this.#live.get(id) === live) this.#live.delete(id);
    const { store } = this.#options;
    const stays = how === 'stored' && store !== null;
    if (how !== 'stored') this.#remember(id, how);
    else if (store === null) this.#remember(id, 'killed');
    if (stays) this.#lingering.add(live);
    const isExpired = how === 'expired';
    const remove = async (): Promise<void> => {
      if (isExpired) await this.#deleteOver(id);
      else await this.delete(id, !live.isNew);
    };
    const toStore = stays ? () => this.#write(live) : remove;
    return this.#track(this.#finish(live, toStore));
  }

  async #finish(live: LiveSession, toStore: () => Promise<void>): Promise<void> {
    const { id } = live.session;
    const ends = await Promise.allSettled([this.guard(id, toStore, undefined), live.session.close()]);
    for (const end of ends) {
      // One that was killed elsewhere has ended, and that is all.
      if (end.status === 'fulfilled' || isRequestError(end.reason, 'ERR_SESSION_NOT_FOUND')) continue;
      this.#lingering.delete(live);
      throw end.reason;
    }
    // What requests changed that were under way, unless it was killed meanwhile.
    if (this.#lingering.delete(live) && live.hasNews(this.#options)) await this.save(live);
  }

  /**
   * Ends a session for all processes, whatever the store has of it: it is not read.
   *
   * @returns whether the store had one
   */
  async delete(id: string, evenIfAbsent: boolean): Promise<boolean> {
    const { store } = this.#options;
    for (const live of this.#lingering) if (live.session.id === id) this.#lingering.delete(live);
    if (store === null) return false;
    return this.queue.run(id, async () => {
      if (store.kill !== undefined) return store.kill(id, { ttl: this.#killedFor, evenIfAbsent });
      const found = await store.load(id);
      await store.update(id, () => null);
      return found !== null;
    });
  }

  /** Milliseconds after which no process can still hold a session that was killed. */
  get #killedFor(): number {
    const { idleTimeout, maxAge } = this.#options;
    return Math.min(idleTimeout + this.#slack, maxAge, longestMemory);
  }

  /** Deletes what the store has of a session, if its time is over there too. */
  async #deleteOver(id: string): Promise<void> {
    const { store } = this.#options;
    if (store === null) return;
    await this.queue.run(id, () => store.update(id, (stored) => this.#unlessOver(stored), { begins: true }));
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

  notFound(id: string): RequestError {
    const ending = this.#endings.get(id);
    const why =
      ending === undefined ? 'there never was one' : `it ${ending === 'killed' ? 'was killed' : 'expired'}`;
    return new RequestError('ERR_SESSION_NOT_FOUND', `session not found: ${id} (${why})`);
  }

  /** Remembers that a session was ended, the latest of them. */
  killed(id: string): void {
    this.#remember(id, 'killed');
  }

  #remember(id: string, ending: Ending): void {
    this.#onEnd(id);
    this.#endings.delete(id);
    this.#endings.set(id, ending);
    const [oldest] = this.#endings.keys();
    if (this.#endings.size > maxRemembered && oldest !== undefined) this.#endings.delete(oldest);
  }

  changed(live: LiveSession): void {
    if (this.#live.get(live.session.id) !== live) return;
    const { store, saveInterval, clock } = this.#options;
    if (store !== null && live.saveOn === Number.POSITIVE_INFINITY && live.hasNews(this.#options)) {
      live.saveOn = clock.monotonic() + saveInterval;
    }
    this.#alarm.set(Math.min(live.expiresOn(this.#options), live.saveOn));
  }

  closing(live: LiveSession): void {
    const { id } = live.session;
    if (this.#live.get(id) === live) this.#inBackground(id, this.leave(live, 'stored'));
  }

  #expire(live: LiveSession): void {
    this.#inBackground(live.session.id, this.leave(live, 'expired'));
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const live of this.all()) {
      if (this.current(live.session.id) === null) continue;
      if (live.saveOn <= now) this.#saveLater(live);
      next = Math.min(next, live.expiresOn(this.#options), live.saveOn);
    }
    this.#alarm.set(Math.max(next, now + sweepSpacing));
  }

  #saveLater(live: LiveSession): void {
    const done = this.#write(live).finally(() => this.changed(live));
    this.#inBackground(live.session.id, done);
  }

  /** Nobody waits for it: its failure is told to whoever wants to know. */
  #inBackground(id: string, work: Promise<void>): void {
    this.#track(work).catch((error) => this.#options.onError(error, id));
  }

  #track(work: Promise<void>): Promise<void> {
    const forget = (): void => void this.#leaving.delete(work);
    this.#leaving.add(work);
    work.then(forget, forget);
    return work;
  }

  /** Ends all: every session is saved where there is a store, and closed. */
  async close(): Promise<void> {
    this.#alarm.stop();
    const endings = this.all().map((live) => this.leave(live, 'stored'));
    await allEnded('Some sessions could not be closed', [...endings, ...this.#leaving]);
  }
}

/**
 * Waits for all, whatever fails.
 *
 * @throws the one failure, or AggregateError of several
 */
export async function allEnded(message: string, work: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(new Set(work));
  const errors = new Set(ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : [])));
  if (errors.size > 0) throw new AggregateError(errors, message);
}
