import type { Clock } from './clock.ts';
import type { LockOptions, SessionStore, StoreLock } from './store.ts';

/** After this time, in milliseconds, the lock of a dead process is free. */
export const lockLife = 10_000;

/** A lock that is renewed for as long as its holder works. */
export class HeldLock {
  readonly #lock: StoreLock;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  #cancel: () => void = () => {};
  #isHeld = true;

  /** @throws RequestError ERR_STORE_LOCKED, ERR_STORE */
  static async take(
    lock: NonNullable<SessionStore['lock']>,
    id: string,
    options: Omit<LockOptions, 'ttl'>,
    clock: Clock,
  ): Promise<HeldLock> {
    return new HeldLock(await lock(id, { ...options, ttl: lockLife }), clock);
  }

  private constructor(lock: StoreLock, clock: Clock) {
    this.#lock = lock;
    this.#clock = clock;
    this.#renewLater();
  }

  get name(): string {
    return this.#lock.name;
  }

  get fence(): number {
    return this.#lock.fence;
  }

  /** Aborted when the lock ended while it was held: this process was stopped, or the store could not be reached. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  #renewLater(): void {
    this.#cancel = this.#clock.schedule(() => void this.#renew(), lockLife / 3);
  }

  async #renew(): Promise<void> {
    // A store that cannot be reached for a moment does not end the lock. The next renewal decides.
    const isOurs = await this.#lock.extend(lockLife).catch(() => true);
    if (!this.#isHeld) return;
    if (isOurs) this.#renewLater();
    else this.#lost.abort();
  }

  async release(): Promise<void> {
    this.#isHeld = false;
    this.#cancel();
    await this.#lock.release();
  }
}
