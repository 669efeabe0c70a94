import { isRequestError, RequestError } from '../core/errors.ts';
import type { SessionOptions } from '../core/session/options.ts';
import { mergeOptions, optionsOf, type SessionDocument } from '../core/session/saved-session.ts';
import { Alarm, type Clock, StoreClock } from './clock.ts';
import { HeldLock } from './held-lock.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { LoginHost } from './login.ts';
import type { ResolvedRegistry } from './options.ts';
import { Resident, type ResidentEvents, type ResidentStart } from './resident.ts';
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
export class Residents implements ResidentEvents, LoginHost {
  readonly #options: ResolvedRegistry;
  readonly #residents = new Map<string, Resident>();
  readonly #endings = new Map<string, Ending>();
  readonly #leaving = new Set<Promise<void>>();
  /** Those that have left but still wait for requests, and will be saved once more. */
  readonly #lingering = new Set<Resident>();
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
    return this.#residents.size;
  }

  all(): Resident[] {
    return [...this.#residents.values()];
  }

  /** The session in memory; one whose time is over ends now, whenever the timer rings. */
  current(id: string): Resident | null {
    const resident = this.#residents.get(id);
    if (resident === undefined) return null;
    if (resident.expiresOn(this.#options) > this.#options.clock.monotonic()) return resident;
    this.#expire(resident);
    return null;
  }

  /** The session in memory or the store, for use; `null` when there is none. Called in the queue of `id`. */
  async find(id: string, options: SessionOptions, stages: ResidentStart['stages']): Promise<Resident | null> {
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
    start: Pick<ResidentStart, 'userData' | 'stages'>,
    prepare: (resident: Resident) => Promise<void>,
  ): Promise<Resident> {
    return this.#admit(async () => {
      const resident = this.#make(id, options, { stored: null, ...start });
      try {
        await prepare(resident);
      } catch (error) {
        await resident.session.close();
        throw error;
      }
      return resident;
    });
  }

  #make(
    id: string,
    options: SessionOptions,
    start: Pick<ResidentStart, 'stored' | 'userData' | 'stages'>,
  ): Resident {
    const { saveProxyPassword } = this.#options;
    const given = { ...mergeOptions(this.#options.session, options), sessionId: id };
    const made = start.stored === null ? given : this.#asStored(start.stored, given, options);
    return new Resident({ ...start, options: made, proxyPassword: saveProxyPassword }, this.#clock, this);
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

  async #admit(make: () => Promise<Resident> | Resident): Promise<Resident> {
    this.#makeRoom();
    this.#reserved++;
    try {
      const resident = await make();
      const { id } = resident.session;
      this.#residents.set(id, resident);
      resident.isReady = true;
      this.changed(resident);
      return resident;
    } finally {
      this.#reserved--;
    }
  }

  #makeRoom(): void {
    const { maxSessions, whenFull } = this.#options;
    if (this.#residents.size + this.#reserved < maxSessions) return;
    for (const resident of this.all()) this.current(resident.session.id);
    while (this.#residents.size + this.#reserved >= maxSessions) {
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
  #leastRecentlyUsed(): Resident | null {
    let found: Resident | null = null;
    for (const resident of this.#residents.values()) {
      if (resident.isBusy) continue;
      if (found === null || resident.lastUsedOn < found.lastUsedOn) found = resident;
    }
    return found;
  }

  /** Into the store; back into memory when the store does not take it, since nothing may be lost. */
  #evict(victim: Resident): void {
    const { id } = victim.session;
    this.#residents.delete(id);
    const done = this.#write(victim).then(
      () => victim.session.close(),
      (error) => {
        if (!this.#residents.has(id)) this.#residents.set(id, victim);
        throw error;
      },
    );
    this.#inBackground(id, done);
  }

  /** Takes over what others stored. */
  async refresh(live: Resident): Promise<void> {
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
  #endKilled(resident: Resident): void {
    const { id } = resident.session;
    this.#lingering.delete(resident);
    if (this.#residents.get(id) === resident) this.#residents.delete(id);
    this.#remember(id, 'killed');
    this.#inBackground(id, resident.session.close());
  }

  #endIfKilled(resident: Resident, error: unknown): void {
    if (isRequestError(error, 'ERR_SESSION_NOT_FOUND')) this.#endKilled(resident);
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
  async save(resident: Resident, lock?: UpdateOptions['lock']): Promise<void> {
    // Its first request has logged in: the queue of its id waits for that, and it is saved with what follows.
    if (!resident.isReady) return;
    return this.guard(resident.session.id, () => this.#write(resident, lock), undefined);
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

  #write(resident: Resident, lock?: UpdateOptions['lock']): Promise<void> {
    const { store } = this.#options;
    const { id } = resident.session;
    resident.saveOn = Number.POSITIVE_INFINITY;
    return this.queue.run(id, async () => {
      if (store === null) return;
      try {
        const begins = resident.isNew;
        const change = resident.capture();
        const saved = await store.update(id, change, { ...this.#ttlOf(resident), lock, begins });
        if (saved !== null) resident.adopt(saved);
      } catch (error) {
        this.#endIfKilled(resident, error);
        // It still has what is to be saved.
        this.changed(resident);
        throw error;
      } finally {
        resident.release();
      }
    });
  }

  /** A key in the store always ends where the session does, also while a request is under way. */
  #ttlOf(resident: Resident): Pick<UpdateOptions, 'ttl'> {
    const left = resident.lifeLeft(this.#options);
    return Number.isFinite(left) ? { ttl: Math.max(1, left + this.#slack) } : {};
  }

  /** Takes a session out of memory: for good, or into the store. Requests under way finish. */
  leave(resident: Resident, how: Ending | 'stored'): Promise<void> {
    const { id } = resident.session;
    if (this.#residents.get(id) === resident) this.#residents.delete(id);
    const { store } = this.#options;
    const stays = how === 'stored' && store !== null;
    if (how !== 'stored') this.#remember(id, how);
    else if (store === null) this.#remember(id, 'killed');
    if (stays) this.#lingering.add(resident);
    const isExpired = how === 'expired';
    const remove = async (): Promise<void> => {
      if (isExpired) await this.#deleteOver(id);
      else await this.delete(id, !resident.isNew);
    };
    const toStore = stays ? () => this.#write(resident) : remove;
    return this.#track(this.#finish(resident, toStore));
  }

  async #finish(resident: Resident, toStore: () => Promise<void>): Promise<void> {
    const { id } = resident.session;
    const ends = await Promise.allSettled([this.guard(id, toStore, undefined), resident.session.close()]);
    for (const end of ends) {
      // One that was killed elsewhere has ended, and that is all.
      if (end.status === 'fulfilled' || isRequestError(end.reason, 'ERR_SESSION_NOT_FOUND')) continue;
      this.#lingering.delete(resident);
      throw end.reason;
    }
    // What requests changed that were under way, unless it was killed meanwhile.
    if (this.#lingering.delete(resident) && resident.hasNews(this.#options)) await this.save(resident);
  }

  /**
   * Ends a session for all processes, whatever the store has of it: it is not read.
   *
   * @returns whether the store had one
   */
  async delete(id: string, evenIfAbsent: boolean): Promise<boolean> {
    const { store } = this.#options;
    for (const resident of this.#lingering) if (resident.session.id === id) this.#lingering.delete(resident);
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

  changed(resident: Resident): void {
    if (this.#residents.get(resident.session.id) !== resident) return;
    const { store, saveInterval, clock } = this.#options;
    if (store !== null && resident.saveOn === Number.POSITIVE_INFINITY && resident.hasNews(this.#options)) {
      resident.saveOn = clock.monotonic() + saveInterval;
    }
    this.#alarm.set(Math.min(resident.expiresOn(this.#options), resident.saveOn));
  }

  closing(resident: Resident): void {
    const { id } = resident.session;
    if (this.#residents.get(id) === resident) this.#inBackground(id, this.leave(resident, 'stored'));
  }

  #expire(resident: Resident): void {
    this.#inBackground(resident.session.id, this.leave(resident, 'expired'));
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const resident of this.all()) {
      if (this.current(resident.session.id) === null) continue;
      if (resident.saveOn <= now) this.#saveLater(resident);
      next = Math.min(next, resident.expiresOn(this.#options), resident.saveOn);
    }
    this.#alarm.set(Math.max(next, now + sweepSpacing));
  }

  #saveLater(resident: Resident): void {
    const done = this.#write(resident).finally(() => this.changed(resident));
    this.#inBackground(resident.session.id, done);
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
    const endings = this.all().map((resident) => this.leave(resident, 'stored'));
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
