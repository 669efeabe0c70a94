import { onTestFinished } from 'vitest';
import { type Clock, createRegistry, type Registry, type RegistryOptions } from '../../src/registry/index.ts';

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  #now = 1_000;
  #timers = new Map<symbol, { readonly at: number; readonly callback: () => void }>();
  readonly #epoch = Date.now();

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  schedule(callback: () => void, milliseconds: number): () => void {
    const key = Symbol('timer');
    this.#timers.set(key, { at: this.#now + milliseconds, callback });
    return () => this.#timers.delete(key);
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass, with every timer that is due on the way. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      const [key, { at, callback }] = due;
      this.#timers.delete(key);
      this.#now = Math.max(this.#now, at);
      callback();
    }
    this.#now = end;
  }
}

/** A registry that is closed when the test ends. */
export function openRegistry(options: RegistryOptions = {}): Registry {
  const registry = createRegistry(options);
  onTestFinished(() => registry.close().catch(() => {}));
  return registry;
}
