/**
 * How much longer work takes on an input eight times as long: about 8 where the work is linear, about 64 where it is
 * quadratic. Each size is tried several times and the fastest counts, so that a busy machine changes little.
 *
 * @param prepare makes the work for an input of `size`; what it does itself is not measured
 * @param size of the smaller input; large enough that quadratic work shows
 */
export function growthOf(prepare: (size: number) => () => unknown, size: number): number {
  const [small, large] = [prepare(size), prepare(8 * size)];
  for (let round = 0; round < 3; round++) small();
  return fastest(large) / Math.max(fastest(small), 0.005);
}

/** Between linear (8) and quadratic (64), with room on both sides. */
export const linearGrowth = 26;

function fastest(work: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return Math.min(...times);
}
