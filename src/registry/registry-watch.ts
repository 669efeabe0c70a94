import { isRequestError } from '../core/errors.ts';
import type { RegistryObserver } from './registry-observer.ts';

/** Counts of a registry. Times are milliseconds. */
export interface RegistryCounts {
  /** Sessions that were created. */
  readonly created: number;
  /** Sessions that were loaded from the store. */
  readonly loaded: number;
  /** Sessions that moved from memory into the store. */
  readonly unloaded: number;
  /** Sessions that ended by `idleTimeout` or `maxAge`, and this process has noticed it. */
  readonly expired: number;
  /** Sessions that were killed, here or elsewhere. */
  readonly killed: number;
  readonly saves: number;
  readonly failedSaves: number;
  /** The time of all saves together. */
  readonly saveTime: number;
  readonly logins: number;
  readonly failedLogins: number;
  /** The time of all logins together. */
  readonly loginTime: number;
  /** Locks between processes that were acquired. */
  readonly locks: number;
  readonly failedLocks: number;
  /** The time of all waits for locks together. */
  readonly lockTime: number;
  /** Sessions whose changes were dropped, because a later holder of the lock has written. */
  readonly conflicts: number;
}

type Counts = { -readonly [Key in keyof RegistryCounts]: number };

/** The names of the counts of an operation: successes, failures, and the time of both. */
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

/** Counts the operations of a registry, and calls its observers. */
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

  /** Does `work`, and reports its result and duration. */
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
