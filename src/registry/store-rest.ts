import { type Clock, stayAlive } from './clock.ts';
import type { WaitLimits } from './session-lease.ts';
import { isSilence } from './store-errors.ts';

/** Milliseconds between two pings of a store that gives no answer. */
const spacing = 100;

/** Longest time in milliseconds for which a store is waited for. */
const longestRest = 30_000;

/** Waits for a store that gives no answer. All jobs of a pool share the same pings. */
export class StoreRest {
  readonly #ping: () => Promise<unknown>;
  readonly #clock: Clock;
  #asking: Promise<void> | null = null;
  /** True after a wait without success, until the store answers: later jobs do not wait. */
  #isGone = false;

  constructor(ping: () => Promise<unknown>, clock: Clock) {
    this.#ping = ping;
    this.#clock = clock;
  }

  /** The store has answered. */
  answered(): void {
    this.#isGone = false;
  }

  /**
   * Resolves when the store answers again.
   *
   * @param error what the store failed with
   * @throws `error` when waiting does not help or the time is over, a later error of the store, or the signal's reason
   */
  async wait(error: unknown, { wait, signal }: WaitLimits): Promise<void> {
    if (!isSilence(error) || this.#isGone || wait <= 0) throw error;
    const { promise: over, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal?.reason);
    const cancel = this.#clock.schedule(() => reject(error), Math.min(wait, longestRest));
    const release = stayAlive();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#asking ??= this.#ask();
      await Promise.race([this.#asking, over]);
    } finally {
      cancel();
      release();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #ask(): Promise<void> {
    const end = this.#clock.monotonic() + longestRest;
    try {
      for (;;) {
        await new Promise<void>((resolve) => void this.#clock.schedule(resolve, spacing));
        const failure = await this.#ping().then(
          () => null,
          (error: unknown) => ({ error }),
        );
        if (failure === null) return;
        this.#isGone = this.#clock.monotonic() >= end;
        if (this.#isGone || !isSilence(failure.error)) throw failure.error;
      }
    } finally {
      this.#asking = null;
    }
  }
}
