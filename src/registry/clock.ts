import { maxTimerDelay } from '../core/checks.ts';

/** The source of a registry's time. Tests pass their own. */
export interface Clock {
  /** Monotonic milliseconds, unaffected by changes of the system's time. */
  monotonic(): number;
  /** Epoch milliseconds. */
  wall(): number;
  /**
   * Calls back once after a number of milliseconds, without keeping the process alive. Returns a function that
   * cancels it.
   */
  schedule(callback: () => void, milliseconds: number): () => void;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  schedule: (callback, milliseconds) => {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Keeps the process alive until the returned function is called: a caller waits for a timer of a {@link Clock}. */
export function stayAlive(): () => void {
  const timer = setInterval(() => {}, maxTimerDelay);
  return () => clearInterval(timer);
}

/** Milliseconds after which the store's time is read again. */
const syncSpacing = 300_000;

/**
 * The common time of all processes with a store, so that machines with different clocks agree on when a session ends.
 * Between two readings of the store's clock it uses the monotonic clock. Before the first reading, and for a store
 * without a clock, it is the system's time.
 */
export class StoreClock implements Clock {
  readonly #own: Clock;
  /** The last time of the store, and when it was read. */
  #synced: { readonly wall: number; readonly on: number } | null = null;

  constructor(own: Clock) {
    this.#own = own;
  }

  monotonic(): number {
    return this.#own.monotonic();
  }

  wall(): number {
    if (this.#synced === null) return this.#own.wall();
    return Math.round(this.#synced.wall + this.#own.monotonic() - this.#synced.on);
  }

  schedule(callback: () => void, milliseconds: number): () => void {
    return this.#own.schedule(callback, milliseconds);
  }

  /** Reads the store's time, unless that was done recently. A store without a clock changes nothing. */
  async sync(time: () => Promise<number>): Promise<void> {
    const before = this.#own.monotonic();
    if (this.#synced !== null && before - this.#synced.on < syncSpacing) return;
    const wall = await time().catch(() => Number.NaN);
    // The answer is about half a round trip old.
    const on = (before + this.#own.monotonic()) / 2;
    if (Number.isFinite(wall)) this.#synced = { wall, on };
  }
}

/** One timer for everything that becomes due. It calls back at the earliest instant that was requested. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Requests a call at `instant` (monotonic milliseconds) or before; `Infinity` requests nothing. */
  set(instant: number): void {
    if (instant >= this.#at) return;
    this.#cancel?.();
    this.#at = instant;
    const delay = Math.max(0, Math.ceil(instant - this.#clock.monotonic()));
    // A delay that is too long for a timer ends early and is set again.
    this.#cancel = this.#clock.schedule(() => this.#fire(), Math.min(delay, maxTimerDelay));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#at = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.stop();
    this.#ring();
  }
}
