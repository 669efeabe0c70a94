/** Runs the actions of one key one after the other, and those of different keys concurrently. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `action` when all earlier ones of `key` have ended, however they ended. */
  run<T>(key: string, action: () => Promise<T> | T): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(action, action);
    this.#last.set(key, result);
    const forget = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key);
    };
    result.then(forget, forget);
    return result;
  }

  /** Resolves when all actions that were added until now have ended. */
  async whenIdle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
