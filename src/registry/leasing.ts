import { isRequestError, RequestError } from '../core/errors.ts';
import type { HeldLock } from './held-lock.ts';
import type { LiveSession } from './live-session.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { RegistrySession } from './registry-session.ts';
import { LeaseQueue, leaseOf, type SessionLease, type WaitLimits } from './session-lease.ts';

/** Gives the sessions of a registry to one caller at a time, in this process and in all that share the store. */
export class Leasing {
  readonly #live: LiveSessions;
  readonly #queue = new LeaseQueue();
  #isDraining = false;
  #held = 0;
  #whenFree: () => void = () => {};

  constructor(live: LiveSessions) {
    this.#live = live;
  }

  /**
   * @param open finds or creates the session, once no one else holds its lease
   * @throws RequestError ERR_STORE_LOCKED, and what `open` throws; the reason of the signal
   */
  async take(id: string, limits: WaitLimits, open: () => Promise<RegistrySession>): Promise<SessionLease> {
    this.#checkOpen();
    const leave = this.#counted(await this.#queue.take(id, limits));
    try {
      this.#checkOpen();
      const lock = await this.#live.lock(id, 'use', limits.wait, limits.signal);
      return await this.#leased(id, open, lock, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** The number of leases that are held or being acquired. */
  get held(): number {
    return this.#held;
  }

  /** Refuses new leases and waits for those that are held. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#held === 0) return;
    await new Promise<void>((resolve) => {
      const before = this.#whenFree;
      this.#whenFree = () => {
        before();
        resolve();
      };
    });
  }

  #checkOpen(): void {
    if (this.#isDraining)
      throw new RequestError('ERR_REGISTRY_CLOSED', 'Registry is draining: it gives no more leases');
  }

  #counted(leave: () => void): () => void {
    this.#held++;
    return () => {
      leave();
      this.#held--;
      if (this.#held === 0) this.#whenFree();
    };
  }

  async #leased(
    id: string,
    open: () => Promise<RegistrySession>,
    lock: HeldLock | null,
    leave: () => void,
  ): Promise<SessionLease> {
    try {
      const session = await open();
      const live = this.#live.current(id);
      if (live !== null) live.lease = lock;
      return leaseOf(session, lock, () => this.#giveBack(live, lock, leave));
    } catch (error) {
      await lock?.release().catch((reason) => this.#live.onError(reason, id));
      throw error;
    }
  }

  async #giveBack(live: LiveSession | null, lock: HeldLock | null, leave: () => void): Promise<void> {
    try {
      // Other processes read it before they use it.
      if (live !== null && lock !== null && !live.session.closed) await this.#live.save(live, lock);
    } catch (error) {
      if (live !== null && isRequestError(error, 'ERR_STORE_CONFLICT')) this.#live.giveUp(live);
      throw error;
    } finally {
      if (live !== null) live.lease = null;
      const id = live?.session.id ?? '';
      await lock?.release().catch((reason) => this.#live.onError(reason, id));
      leave();
    }
  }
}
