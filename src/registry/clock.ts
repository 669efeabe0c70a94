import { maxTimerDelay } from '../core/checks.ts';

/** Where a registry's time comes from. A test passes its own. */
export interface Clock {
  /** Milliseconds that only grow, whatever happens to the system's time. */
  monotonic(): number;
  /** Epoch milliseconds. */
  wall(): number;
  /** Calls back once after so many milliseconds, without keeping the process alive; returns what cancels it. */
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

/** After so many milliseconds the store is asked again what time it is. */
const syncSpacing = 300_000;

/**
 * The time of all who use a store: machines whose own clocks differ agree on when a session ends. Between two looks at
 * the store's clock it goes on by a clock that only grows. Until the first, and without a store that tells the time, it
 * is the system's.
 */
export class StoreClock implements Clock {
  readonly #own: Clock;
  /** What the store said, and when. */
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

  /** Asks what time it is, unless that was done lately. A store that does not say changes nothing. */
  async sync(time: () => Promise<number>): Promise<void> {
    const before = this.#own.monotonic();
    if (this.#synced !== null && before - this.#synced.on < syncSpacing) return;
    const wall = await time().catch(() => Number.NaN);
    // The answer is as old as half of the way there and back.
    const on = (before + this.#own.monotonic()) / 2;
    if (Number.isFinite(wall)) this.#synced = { wall, on };
  }
}

/** One timer for everything that is due some time. Rings at the earliest instant that was asked for. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Asks to be rung at `instant` (monotonic milliseconds) or before; `Infinity` asks for nothing. */
  set(instant: number): void {
    if (instant >= this.#at) return;
    this.#cancel?.();
    this.#at = instant;
    const delay = Math.max(0, Math.ceil(instant - this.#clock.monotonic()));
    // A longer delay than a timer can hold rings early and is set again.
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
