import { isRequestError } from '../core/errors.ts';
import { forAll } from './bounded.ts';
import type { Ending, Endings } from './endings.ts';
import type { KeyedQueue } from './keyed-queue.ts';
import type { LiveMap } from './live-map.ts';
import type { LifeLimits, LiveSession } from './live-session.ts';
import type { StoredSessions } from './stored-sessions.ts';

/** The parts of the registry that the removal of a session needs. */
export interface DepartureHost {
  readonly stored: StoredSessions;
  readonly endings: Endings;
  readonly queue: KeyedQueue;
  save(live: LiveSession): Promise<void>;
  write(live: LiveSession): Promise<void>;
  unloaded(live: LiveSession): void;
  onError(error: unknown, id: string): void;
}

/** Removes sessions from memory: into the store, at their end, or all together. */
export class Departures {
  readonly #host: DepartureHost;
  readonly #live: LiveMap;
  readonly #options: LifeLimits;
  readonly #leaving = new Set<Promise<void>>();
  /** Removed sessions with requests in progress, which will be saved once more. */
  readonly #lingering = new Map<string, LiveSession>();

  constructor(host: DepartureHost, live: LiveMap, options: LifeLimits) {
    this.#host = host;
    this.#live = live;
    this.#options = options;
  }

  /** Removes a session from memory: for good, or into the store. Requests in progress finish. */
  leave(live: LiveSession, how: Ending | 'stored'): Promise<void> {
    const { id } = live.session;
    this.forget(live);
    const stays = how === 'stored' && this.#host.stored.store !== null;
    if (!stays) this.#host.endings.note(id, how === 'expired' ? 'expired' : 'killed');
    // In the queue of the session, after what is pending for it.
    const done = stays ? this.#writeIfNew(live) : this.#remove(live, how === 'expired');
    if (stays) {
      this.#lingering.set(id, live);
      this.#host.unloaded(live);
    }
    return this.#track(this.#finish(live, done));
  }

  async #writeIfNew(live: LiveSession): Promise<void> {
    if (live.hasNews(this.#options))
      await this.#host.stored.guard(live.session.id, () => this.#host.write(live), undefined);
  }

  #remove(live: LiveSession, isExpired: boolean): Promise<void> {
    const { id } = live.session;
    const remove = async (): Promise<void> => {
      if (isExpired) await this.#host.stored.removeOver(id);
      else await this.#host.stored.kill(id, !live.isNew);
    };
    return this.#host.stored.guard(id, () => this.#host.queue.run(id, remove), undefined);
  }

  async #finish(live: LiveSession, done: Promise<void>): Promise<void> {
    const { id } = live.session;
    const ends = await Promise.allSettled([done, live.session.close()]);
    for (const end of ends) {
      // A session that another process has killed is only ended.
      if (end.status === 'fulfilled' || isRequestError(end.reason, 'ERR_SESSION_NOT_FOUND')) continue;
      this.forget(live);
      throw end.reason;
    }
    if (this.#lingering.get(id) !== live) return;
    this.#lingering.delete(id);
    // Saves the changes of requests that were in progress, unless the session was killed meanwhile.
    if (live.hasNews(this.#options)) await this.#host.save(live);
  }

  /**
   * Ends a session that is not in memory, for all processes.
   *
   * @returns whether the store had one
   */
  async killStored(id: string): Promise<boolean> {
    this.#lingering.delete(id);
    const wasThere = await this.#host.queue.run(id, () => this.#host.stored.kill(id, false));
    if (wasThere) this.#host.endings.note(id, 'killed');
    return wasThere;
  }

  /** It is no longer in memory, and will not be saved any more. */
  forget(live: LiveSession): void {
    const { id } = live.session;
    this.#live.remove(live);
    if (this.#lingering.get(id) === live) this.#lingering.delete(id);
  }

  /** The caller does not wait for this, so a failure goes to `onError`. */
  inBackground(id: string, work: Promise<void>): void {
    this.#track(work).catch((error) => {
      if (!isRequestError(error, 'ERR_SESSION_NOT_FOUND')) this.#host.onError(error, id);
    });
  }

  #track(work: Promise<void>): Promise<void> {
    const forget = (): void => void this.#leaving.delete(work);
    this.#leaving.add(work);
    work.then(forget, forget);
    return work;
  }

  /**
   * Ends all sessions. Those with changes are saved first, before any waiting. Then every session is closed, and the
   * changes of requests in progress are saved. Sessions that are being created come last, so that one that hangs does
   * not delay the others.
   *
   * @returns the failures
   */
  async closeAll(): Promise<Set<unknown>> {
    const failures = await this.#closeLive();
    await this.#host.queue.whenIdle();
    for (const error of await this.#closeLive()) failures.add(error);
    return failures;
  }

  async #closeLive(): Promise<Set<unknown>> {
    const failures = new Set<unknown>();
    const unsaved = this.#live.all().filter((live) => live.hasNews(this.#options));
    const save = async (live: LiveSession): Promise<void> => {
      await this.#host.save(live).catch((error) => {
        // It is not tried again.
        this.forget(live);
        this.inBackground(live.session.id, live.session.close());
        if (!isRequestError(error, 'ERR_SESSION_NOT_FOUND')) throw error;
      });
    };
    const leave = (live: LiveSession): Promise<void> => this.leave(live, 'stored');
    const [busy, idle] = [[], []] as [LiveSession[], LiveSession[]];
    for (const error of await forAll(unsaved, save, this.#host.stored.breadth)) failures.add(error);
    for (const live of this.#live.all()) (live.isBusy ? busy : idle).push(live);
    // Waits for the requests of all sessions at the same time.
    const waiting = Promise.allSettled(busy.map(leave));
    for (const error of await forAll(idle, leave, this.#host.stored.breadth)) failures.add(error);
    await waiting;
    for (const error of await forAll([...this.#leaving], (work) => work)) failures.add(error);
    return failures;
  }

  /** The number of sessions with unsaved changes. */
  get unsaved(): number {
    const known = new Set([...this.#live.all(), ...this.#lingering.values()]);
    return [...known].filter((live) => live.hasNews(this.#options)).length;
  }
}
