/** The number of concurrent operations of one kind, where a store names no other: enough to keep it busy. */
export const usualBreadth = 64;

/**
 * Does `work` for all items, in order and a few at a time, also after failures. A process that must end early has
 * then finished some items, and the store does not get all requests at once.
 *
 * @param breadth the number of items at a time
 * @returns the failures, each once
 */
export async function forAll<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<unknown>,
  breadth = usualBreadth,
): Promise<Set<unknown>> {
  const failures = new Set<unknown>();
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      await work(next.value).catch((error) => failures.add(error));
    }
  };
  await Promise.all(Array.from({ length: breadth }, worker));
  return failures;
}

/** Throws several failures as one error. It has their code, where all have the same. */
export function throwTogether(message: string, failures: ReadonlySet<unknown>): void {
  if (failures.size === 0) return;
  const codes = new Set([...failures].map((error) => Object(error).code));
  const [code] = codes;
  const error = new AggregateError(failures, message);
  throw codes.size === 1 && code !== undefined ? Object.assign(error, { code }) : error;
}

/** Limits how much work runs at a time. The rest waits in order. */
export class Narrow {
  readonly #waiting: (() => void)[] = [];
  #under = 0;

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#under >= usualBreadth) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    else this.#under++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Passes its slot to the next operation.
      if (next === undefined) this.#under--;
      else next();
    }
  }
}
