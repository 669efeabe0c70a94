/** An item that becomes due. */
export interface Due {
  /** Monotonic milliseconds at which it is due; `Infinity` for never. Only the queue sets it. */
  dueAt: number;
}

interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/**
 * Items by the time at which they are due, as a binary heap: adding and taking cost the logarithm of their number. An
 * item whose time was moved to later is taken too early, and added again.
 */
export class DueQueue<T extends Due> {
  readonly #heap: Entry<T>[] = [];

  /** The earliest time at which something is due; `Infinity` for nothing. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Asks for `item` at `at` or before. */
  add(item: T, at: number): void {
    if (at >= item.dueAt) return;
    item.dueAt = at;
    this.#heap.push({ at, item });
    this.#rise(this.#heap.length - 1);
  }

  /** Takes the items that are due. */
  *take(now: number): Generator<T> {
    while (this.next <= now) {
      const entry = this.#pop();
      // An earlier time was requested since, and has passed.
      if (entry === undefined || entry.item.dueAt !== entry.at) continue;
      entry.item.dueAt = Number.POSITIVE_INFINITY;
      yield entry.item;
    }
  }

  #pop(): Entry<T> | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (this.#at(parent) <= this.#at(at)) return;
      this.#swap(parent, at);
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = this.#at(right) < this.#at(left) ? right : left;
      if (this.#at(least) >= this.#at(at)) return;
      this.#swap(least, at);
      at = least;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
