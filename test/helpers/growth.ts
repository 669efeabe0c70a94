const factor = 64;

/**
 * Between linear (64) and quadratic (4096). The room above linear is for memory, which the larger input takes from the
 * system and the smaller does not: linear work was measured at up to 350 on a quiet machine.
 */
export const linearGrowth = 1000;

/**
 * How much longer work takes on an input 64 times as long: about 64 where the work is linear, about 4096 where it is
 * quadratic. The fastest of all tries counts, and a busy machine gets more tries: linear work ends at the first that is
 * below {@link linearGrowth}, quadratic work never is.
 *
 * @param prepare makes the work for an input of `size`; what it does itself is not measured
 * @param size of the smaller input; large enough that quadratic work shows
 */
export function growthOf(prepare: (size: number) => () => unknown, size: number): number {
  const [small, large] = [prepare(size), prepare(factor * size)];
  for (let round = 0; round < 3; round++) small();
  let [fastestSmall, fastestLarge] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let growth = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100 && (round < 5 || growth >= linearGrowth); round++) {
    fastestSmall = Math.min(fastestSmall, timeOf(small));
    fastestLarge = Math.min(fastestLarge, timeOf(large));
    growth = fastestLarge / Math.max(fastestSmall, 0.005);
  }
  return growth;
}

/** How long work takes, in milliseconds. */
export function timeOf(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** {@link growthOf} for work that ends in a promise. */
export async function growthOfCalls(
  prepare: (size: number) => () => Promise<unknown>,
  size: number,
): Promise<number> {
  const [small, large] = [prepare(size), prepare(factor * size)];
  let [fastestSmall, fastestLarge] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let growth = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100 && (round < 5 || growth >= linearGrowth); round++) {
    for (const [work, isSmall] of [
      [small, true],
      [large, false],
    ] as const) {
      const started = performance.now();
      await work();
      const time = performance.now() - started;
      if (isSmall) fastestSmall = Math.min(fastestSmall, time);
      else fastestLarge = Math.min(fastestLarge, time);
    }
    growth = fastestLarge / Math.max(fastestSmall, 0.005);
  }
  return growth;
}
