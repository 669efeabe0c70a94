/** Interleaved rounds: on a shared machine only ratios of one run mean something. */

/** What a round took. */
export interface Cost {
  /** Microseconds of wall time for each request. */
  readonly time: number;
  /** Microseconds of CPU for each request, of the process that made it. */
  readonly cpu: number;
  /** Most resident memory in MB that a process of its own has had until now. */
  readonly memory?: number;
}

/** One who takes part: from this process, or by a way of its own to measure, as from another process. */
export type Contestant = InProcess | Measured;

export interface InProcess {
  readonly name: string;
  /** Makes one request. */
  readonly run: () => Promise<unknown>;
  /** Comes before each round and is not measured. */
  readonly prepare?: () => Promise<void> | void;
}

export interface Measured {
  readonly name: string;
  /** Makes the requests of one round. */
  readonly measure: (plan: Plan) => Promise<Cost>;
}

export interface Result {
  readonly name: string;
  /** Microseconds of wall time for each request: the median of the rounds. */
  readonly time: number;
  /** Microseconds of CPU for each request: the median of the rounds. */
  readonly cpu: number;
  /** Throughput against the first contestant's: the median of the rounds' ratios. */
  readonly ratio: number;
  /** How far the middle half of those ratios spreads: half the distance between its ends. */
  readonly noise: number;
  /** Most resident memory in MB over all rounds; null where the process is not the contestant's own. */
  readonly memory: number | null;
}

export interface Plan {
  readonly rounds: number;
  /** Rounds before them that are not counted: the engine compiles what runs often. @default 1 */
  readonly warmUp?: number;
  /** Of each round; with `lasting`, of the first one. */
  readonly requests: number;
  readonly concurrency: number;
  /**
   * Milliseconds that each later round of a contestant takes, estimated from its round before. So a fast one makes
   * more requests: the first of a round are slow, because a process that waits collects its garbage.
   */
  readonly lasting?: number;
}

/** Compares contestants; the first one is the measure. */
export async function compare(contestants: readonly Contestant[], plan: Plan): Promise<Result[]> {
  const names = contestants.map(({ name }) => name);
  return summarize(names, await takeTurns(contestants, plan));
}

/** Contestants in processes of their own. */
export interface Started {
  readonly contestants: readonly Measured[];
  readonly stop: () => void;
}

/**
 * Compares contestants that are started several times: two processes with the same code differ by a tenth and more for
 * as long as they live.
 *
 * @param plan of each start
 */
export async function compareStarts(
  starts: number,
  start: () => Promise<Started>,
  plan: Plan,
): Promise<Result[]> {
  const costs: Cost[][] = [];
  let names: string[] = [];
  for (let count = 0; count < starts; count++) {
    const { contestants, stop } = await start();
    names = contestants.map(({ name }) => name);
    const taken = await takeTurns(contestants, plan);
    for (const [index, own] of taken.entries()) costs[index] = [...(costs[index] ?? []), ...own];
    stop();
  }
  return summarize(names, costs);
}

/** Runs each contestant once a round, in turn, every other round in reverse; returns the costs of each. */
export async function takeTurns(contestants: readonly Contestant[], plan: Plan): Promise<Cost[][]> {
  const costs = contestants.map((): Cost[] => []);
  const entries = [...contestants.entries()];
  const requests = entries.map(() => plan.requests);
  for (let round = -(plan.warmUp ?? 1); round < plan.rounds; round++) {
    for (const [index, contestant] of round % 2 === 0 ? entries : entries.toReversed()) {
      const cost = await measure(contestant, { ...plan, requests: requests[index] ?? plan.requests });
      if (plan.lasting !== undefined) requests[index] = Math.ceil((plan.lasting * 1000) / cost.time);
      if (round >= 0) costs[index]?.push(cost);
    }
  }
  return costs;
}

/** The results of contestants, from the costs of each. */
export function summarize(names: readonly string[], costs: readonly (readonly Cost[])[]): Result[] {
  const [base = []] = costs;
  return names.map((name, index) => resultOf(name, costs[index] ?? [], base));
}

function resultOf(name: string, own: readonly Cost[], base: readonly Cost[]): Result {
  const { middle, noise } = spreadOf(own.map(({ time }, round) => (base[round]?.time ?? 0) / time));
  const memory = own.flatMap((cost) => cost.memory ?? []);
  return {
    name,
    time: median(own.map(({ time }) => time)),
    cpu: median(own.map(({ cpu }) => cpu)),
    ratio: middle,
    noise,
    memory: memory.length === 0 ? null : Math.max(...memory),
  };
}

/** The median of ratios, and half the distance between their quartiles. */
export function spreadOf(ratios: readonly number[]): { readonly middle: number; readonly noise: number } {
  return { middle: median(ratios), noise: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2 };
}

export async function measure(contestant: Contestant, plan: Plan): Promise<Cost> {
  if ('measure' in contestant) return contestant.measure(plan);
  const { run, prepare } = contestant;
  const { requests, concurrency } = plan;
  await prepare?.();
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

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(position)] ?? 0, sorted[Math.ceil(position)] ?? 0];
  return low + (high - low) * (position - Math.floor(position));
}
