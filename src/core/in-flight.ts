/** Counts the calls in progress, so that closing can wait for them. */
export class InFlight {
  #count = 0;
  #idle: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count === 0) {
      this.#idle?.resolve();
      this.#idle = null;
    }
  }

  get count(): number {
    return this.#count;
  }

  /** Resolves when no call is in progress. */
  whenIdle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }
}
