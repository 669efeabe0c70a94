import { isRequestError } from '../core/errors.ts';
import type { RegistryObserver } from './registry-observer.ts';

/** What a registry has done so far. Times are milliseconds. */
export interface RegistryCounts {
  /** Sessions that are new. */
  readonly created: number;
  /** Sessions that came from the store. */
  readonly loaded: number;
  /** Sessions that left the memory for the store. */
  readonly unloaded: number;
  /** Sessions that ended by `idleTimeout` or `maxAge`, as far as this process has seen it. */
  readonly expired: number;
  /** Sessions that were killed, here or elsewhere. */
  readonly killed: number;
  readonly saves: number;
  readonly failedSaves: number;
  /** Of all saves together. */
  readonly saveTime: number;
  readonly logins: number;
  readonly failedLogins: number;
  /** Of all logins together. */
  readonly loginTime: number;
  /** Locks between processes that were given. */
  readonly locks: number;
  readonly failedLocks: number;
  /** Waited for locks, all together. */
  readonly lockTime: number;
  /** Sessions whose changes were dropped, since a process that had the lock later has written. */
  readonly conflicts: number;
}

type Counts = { -readonly [Key in keyof RegistryCounts]: number };

/** What is counted under which names: the good ones, the others, and the time of both. */
const timed = {
  onSave: ['saves', 'failedSaves', 'saveTime'],
  onLogin: ['logins', 'failedLogins', 'loginTime'],
  onLock: ['locks', 'failedLocks', 'lockTime'],
} as const;

const plain = {
  onCreate: 'created',
  onLoad: 'loaded',
  onUnload: 'unloaded',
  onExpire: 'expired',
  onKill: 'killed',
  onConflict: 'conflicts',
} as const;

/** Counts what a registry does, and tells its observers. */
export class RegistryWatch {
  readonly #observers: readonly RegistryObserver[];
  readonly #counts: Counts = {
    ...{ created: 0, loaded: 0, unloaded: 0, expired: 0, killed: 0, conflicts: 0 },
    ...{ saves: 0, failedSaves: 0, saveTime: 0, logins: 0, failedLogins: 0, loginTime: 0 },
    ...{ locks: 0, failedLocks: 0, lockTime: 0 },
  };

  constructor(observers: readonly RegistryObserver[]) {
    this.#observers = observers;
  }

  counts(): RegistryCounts {
    return { ...this.#counts };
  }

  /** Something happened to a session. */
  note(method: keyof typeof plain, id: string): void {
    this.#counts[plain[method]]++;
    if (this.#observers.length > 0) this.#tell(method, { id });
  }

  /** Does `work`, and says how it ended and how long it took. */
  async time<T>(
    method: keyof typeof timed,
    event: { readonly id: string; readonly name?: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const start = performance.now();
    try {
      const result = await work();
      this.#timed(method, event, start, null);
      return result;
    } catch (error) {
      this.#timed(method, event, start, { reason: error });
      if (isRequestError(error, 'ERR_STORE_CONFLICT')) this.note('onConflict', event.id);
      throw error;
    }
  }

  #timed(
    method: keyof typeof timed,
    event: { readonly id: string; readonly name?: string },
    start: number,
    failure: { readonly reason: unknown } | null,
  ): void {
    const duration = performance.now() - start;
    const [good, bad, time] = timed[method];
    this.#counts[failure === null ? good : bad]++;
    this.#counts[time] += duration;
    if (this.#observers.length > 0) this.#tell(method, { ...event, duration, failure });
  }

  #tell(method: keyof RegistryObserver, event: object): void {
    for (const observer of this.#observers) {
      try {
        (observer[method] as ((event: object) => void) | undefined)?.call(observer, event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
