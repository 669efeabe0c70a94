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
