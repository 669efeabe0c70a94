/** Between linear (8) and quadratic (64), with room on both sides. */
export const linearGrowth = 26;

/**
 * How much longer work takes on an input eight times as long: about 8 where the work is linear, about 64 where it is
 * quadratic. The fastest of all tries counts, and a busy machine gets more tries: linear work ends at the first that is
 * below {@link linearGrowth}, quadratic work never is.
 *
 * @param prepare makes the work for an input of `size`; what it does itself is not measured
 * @param size of the smaller input; large enough that quadratic work shows
 */
export function growthOf(prepare: (size: number) => () => unknown, size: number): number {
  const [small, large] = [prepare(size), prepare(8 * size)];
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

function timeOf(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
