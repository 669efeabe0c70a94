import { isRequestError, RequestError } from '../core/errors.ts';
import type { SessionOptions } from '../core/session/options.ts';
import { forAll, Narrow } from './bounded.ts';
import type { Clock } from './clock.ts';
import { Departures } from './departures.ts';
import { type Ending, Endings } from './endings.ts';
import type { HeldLock } from './held-lock.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { LiveMap } from './live-map.ts';
import type { LiveSession, LiveSessionEvents, LiveSessionStart } from './live-session.ts';
import type { LoginHost } from './login.ts';
import { makeSession } from './make-session.ts';
import type { ResolvedRegistry } from './options.ts';
import type { Passages } from './passages.ts';
import { RegistryWatch } from './registry-watch.ts';
import type { UpdateOptions } from './store.ts';
import { StoredSessions } from './stored-sessions.ts';

/** The sessions in memory, and their transfer to and from the store. */
export class LiveSessions implements LiveSessionEvents, LoginHost {
  readonly #options: ResolvedRegistry;
  readonly #live: LiveMap;
  readonly #background = new Narrow();
  readonly #departures: Departures;
  readonly #passages: Passages;
  readonly stored: StoredSessions;
  readonly endings: Endings;
  readonly watch: RegistryWatch;
  /** The operations on one session run in order. */
  readonly queue = new KeyedQueue();
  #reserved = 0;

  constructor(options: ResolvedRegistry, passages: Passages) {
    this.#options = options;
    this.#passages = passages;
    this.watch = new RegistryWatch(options.observers);
    this.endings = new Endings((id) => passages.ended(id), this.watch);
    this.stored = new StoredSessions(options, this.endings, this.watch);
    this.#live = new LiveMap(this.clock, options, (live) => this.#doWhatIsDue(live));
    this.#departures = new Departures(this, this.#live, options);
  }

  get size(): number {
    return this.#live.size;
  }

  get clock(): Clock {
    return this.stored.clock;
  }

  onError(error: unknown, id: string): void {
    this.#options.onError(error, id);
  }

  all(): LiveSession[] {
    return this.#live.all();
  }

  /** The ids of the sessions in memory that `isWanted` selects. */
  ids(isWanted: (session: { readonly id: string }) => boolean): string[] {
    return this.all()
      .map(({ session }) => session.id)
      .filter((id) => isWanted({ id }));
  }

  /** The session in memory. An expired one ends now, before its timer. */
  current(id: string): LiveSession | null {
    const live = this.#live.get(id);
    if (live === undefined) return null;
    if (!this.#live.isOver(live)) return live;
    this.#expire(live);
    return null;
  }

  /** The session in memory or the store, for use; `null` when there is none. Called in the queue of `id`. */
  async find(
    id: string,
    options: SessionOptions,
    middleware: LiveSessionStart['middleware'],
  ): Promise<LiveSession | null> {
    const live = this.current(id);
    if (live !== null) {
      live.touch();
      this.changed(live);
      await this.refresh(live).catch((error) => {
        // It has ended, and another one may have been created since.
        if (!isRequestError(error, 'ERR_SESSION_NOT_FOUND')) throw error;
      });
      if (this.current(id) === live) return live;
    }
    const stored = await this.stored.load(id);
    if (stored === null) return null;
    const loaded = await this.#admit(() => this.#make(id, options, { stored, userData: null, middleware }));
    this.#passages.loaded(id);
    this.watch.note('onLoad', id);
    return loaded;
  }

  /** Adds a new session after `prepare`; when that fails, no session is added. */
  async create(
    id: string,
    options: SessionOptions,
    start: Pick<LiveSessionStart, 'userData' | 'middleware'>,
    prepare: (live: LiveSession) => Promise<void>,
  ): Promise<LiveSession> {
    const created = await this.#admit(async () => {
      const live = this.#make(id, options, { stored: null, ...start });
      try {
        await prepare(live);
      } catch (error) {
        await live.session.close();
        throw error;
      }
      return live;
    });
    this.watch.note('onCreate', id);
    return created;
  }

  #make(
    id: string,
    options: SessionOptions,
    start: Pick<LiveSessionStart, 'stored' | 'userData' | 'middleware'>,
  ): LiveSession {
    return makeSession(id, options, start, { options: this.#options, clock: this.clock, events: this });
  }

  async #admit(make: () => Promise<LiveSession> | LiveSession): Promise<LiveSession> {
    this.#makeRoom();
    this.#reserved++;
    try {
      const live = await make();
      this.#live.add(live);
      this.endings.began(live.session.id);
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
    this.#live.sweep();
    while (this.#live.size + this.#reserved >= maxSessions) {
      const victim = whenFull === 'evict' ? this.#live.leastRecentlyUsed() : null;
      if (victim === null) {
        throw new RequestError(
          'ERR_TOO_MANY_SESSIONS',
          `More than ${maxSessions} sessions: raise maxSessions or end some`,
        );
      }
      if (this.stored.store === null) this.#expire(victim);
      else this.#evict(victim);
    }
  }

  /** Moves it into the store, and keeps it in memory when the store fails, so that nothing is lost. */
  #evict(victim: LiveSession): void {
    const { id } = victim.session;
    this.#live.remove(victim);
    const done = this.write(victim).then(
      () => {
        this.unloaded(victim);
        return victim.session.close();
      },
      (error) => {
        if (this.#live.get(id) === undefined && !victim.session.closed) this.#live.add(victim);
        throw error;
      },
    );
    this.#departures.inBackground(id, done);
  }

  /** It moved from the memory into the store. */
  unloaded(live: LiveSession): void {
    const { id } = live.session;
    this.#passages.unloaded(id, this.stored.lifeOf(live));
    this.watch.note('onUnload', id);
  }

  /**
   * Takes over changes that others stored.
   *
   * @throws RequestError ERR_SESSION_NOT_FOUND when another process has killed it, which also ends it here
   */
  async refresh(live: LiveSession): Promise<void> {
    const { id } = live.session;
    try {
      const stored = await this.stored.loadShared(id);
      if (stored !== null) live.adopt(stored);
    } catch (error) {
      this.#endIfKilled(live, error);
      throw error;
    }
  }

  /** Another process has killed the session: it also ends here, and is not written back. */
  #endIfKilled(live: LiveSession, error: unknown): void {
    if (!isRequestError(error, 'ERR_SESSION_NOT_FOUND')) return;
    const { id } = live.session;
    this.#departures.forget(live);
    this.endings.note(id, 'killed');
    this.#departures.inBackground(id, live.session.close());
  }

  /** Another has used it since its lease was lost: the state of this process is older, and is not saved. */
  giveUp(live: LiveSession): void {
    this.#departures.forget(live);
    this.#departures.inBackground(live.session.id, live.session.close());
  }

  lock(id: string, name: string, wait: number, signal: AbortSignal | null = null): Promise<HeldLock | null> {
    return this.stored.lock(id, { name, wait, signal });
  }

  /** Merges the state of this process into the stored one, and takes over the changes of others. */
  async save(live: LiveSession, lock?: UpdateOptions['lock']): Promise<void> {
    // Its first request has logged in: the queue of its id waits for that, so the session is saved with the next
    // change.
    if (!live.isReady) return;
    return this.stored.guard(live.session.id, () => this.write(live, lock), undefined);
  }

  /** Saves all that have changes. */
  saveAll(): Promise<Set<unknown>> {
    const changed = this.all().filter((live) => live.hasNews(this.#options));
    return forAll(changed, (live) => this.save(live), this.stored.breadth);
  }

  /** As {@link save}, but fails whatever the option `onStoreError` says. */
  write(live: LiveSession, lock?: UpdateOptions['lock']): Promise<void> {
    live.saveOn = Number.POSITIVE_INFINITY;
    return this.queue.run(live.session.id, async () => {
      try {
        await this.stored.write(live, lock);
      } catch (error) {
        this.#endIfKilled(live, error);
        // It still has changes to save.
        this.changed(live);
        throw error;
      }
    });
  }

  touched(live: LiveSession): void {
    this.#live.touched(live);
  }

  changed(live: LiveSession): void {
    if (!this.#live.has(live)) return;
    const { saveInterval } = this.#options;
    const isUnsaved = live.saveOn === Number.POSITIVE_INFINITY && live.hasNews(this.#options);
    if (this.stored.store !== null && isUnsaved) live.saveOn = this.clock.monotonic() + saveInterval;
    this.#live.schedule(live);
  }

  closing(live: LiveSession): void {
    const { id } = live.session;
    if (this.#live.has(live)) this.#departures.inBackground(id, this.#departures.leave(live, 'stored'));
  }

  #expire(live: LiveSession): void {
    this.#departures.inBackground(live.session.id, this.#departures.leave(live, 'expired'));
  }

  #doWhatIsDue(live: LiveSession): void {
    if (this.current(live.session.id) === live && live.saveOn <= this.clock.monotonic())
      this.#saveInBackground(live);
  }

  #saveInBackground(live: LiveSession): void {
    live.saveOn = Number.POSITIVE_INFINITY;
    const done = this.#background.run(() => this.write(live)).finally(() => this.changed(live));
    this.#departures.inBackground(live.session.id, done);
  }

  leave(live: LiveSession, how: Ending): Promise<void> {
    return this.#departures.leave(live, how);
  }

  killStored(id: string): Promise<boolean> {
    return this.#departures.killStored(id);
  }

  /** Ends all; returns the failures. */
  async close(): Promise<Set<unknown>> {
    this.#live.stop();
    return this.#departures.closeAll();
  }

  /** The number of sessions with unsaved changes. */
  get unsaved(): number {
    return this.stored.store === null ? 0 : this.#departures.unsaved;
  }
}
