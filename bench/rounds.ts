/** Interleaved rounds: on a shared machine only ratios of one run mean something. */

export interface Contestant {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

export interface Result {
  readonly name: string;
  /** Microseconds of wall time for each request: the median of the rounds. */
  readonly time: number;
  /** Microseconds of this process's CPU for each request: the median of the rounds. */
  readonly cpu: number;
  /** Throughput against the first contestant's: the median of the rounds' ratios. */
  readonly ratio: number;
  /** How far the middle half of those ratios spreads: half the distance between its ends. */
  readonly noise: number;
}

export interface Plan {
  readonly rounds: number;
  readonly requests: number;
  readonly concurrency: number;
}

/** Runs each contestant once a round, in turn, after a round to warm up; the first one is the measure. */
export async function compare(contestants: readonly Contestant[], plan: Plan): Promise<Result[]> {
  const times = contestants.map((): number[] => []);
  const cpus = contestants.map((): number[] => []);
  for (let round = -1; round < plan.rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const { time, cpu } = await runOnce(contestant, plan);
      if (round < 0) continue;
      times[index]?.push(time);
      cpus[index]?.push(cpu);
    }
  }
  const base = times[0] ?? [];
  return contestants.map(({ name }, index) => {
    const own = times[index] ?? [];
    const ratios = own.map((time, round) => (base[round] ?? 0) / time);
    const noise = (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2;
    return {
      name,
      time: quantile(own, 0.5),
      cpu: quantile(cpus[index] ?? [], 0.5),
      ratio: quantile(ratios, 0.5),
      noise,
    };
  });
}

async function runOnce(
  { run }: Contestant,
  { requests, concurrency }: Plan,
): Promise<{ time: number; cpu: number }> {
  let left = requests;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) await run();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const time = ((performance.now() - startedAt) * 1000) / requests;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { time, cpu: (user + system) / requests };
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(position)] ?? 0, sorted[Math.ceil(position)] ?? 0];
  return low + (high - low) * (position - Math.floor(position));
}
