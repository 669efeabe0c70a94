import type { ChildProcess } from 'node:child_process';
import { ask, startChild } from './children.ts';
import type { makers } from './peers.ts';
import type { Run } from './report.ts';
import { type Cost, type Measured, summarize, takeTurns } from './rounds.ts';

const count = 8;

/** How the throughput of a machine grows with the number of processes, ours beside the bare client's. */
export async function processes({ report, origin, rounds, isQuick }: Run): Promise<void> {
  const children: ChildProcess[] = [];
  const start = async (make: keyof typeof makers): Promise<ChildProcess> => {
    const child = startChild('./peer.ts');
    children.push(child);
    await ask(child, { make, origin });
    return child;
  };
  /** All of them at once, each with its part of the requests. */
  const measured = async (name: string, make: keyof typeof makers, of: number): Promise<Measured> => {
    const group = await Promise.all(Array.from({ length: of }, () => start(make)));
    return {
      name,
      measure: async (plan) => {
        const part = { ...plan, requests: plan.requests / of };
        const costs = await Promise.all(
          group.map((child) => ask<Cost>(child, { url: `${origin}/`, plan: part })),
        );
        const sum = (of: (cost: Cost) => number): number =>
          costs.reduce((total, cost) => total + of(cost), 0);
        // Each tells its time for one request; together they make so many more in it.
        return { time: sum(({ time }) => time) / of ** 2, cpu: sum(({ cpu }) => cpu) / of };
      },
    };
  };
  const contestants = [
    await measured('undici.request', 'undiciRequest', 1),
    await measured('session.fetch', 'session', 1),
    await measured(`undici.request, ${count}`, 'undiciRequest', count),
    await measured(`session.fetch, ${count}`, 'session', count),
  ];
  const plan = { rounds, requests: isQuick ? 8000 : 32_000, concurrency: 50 };
  const costs = await takeTurns(contestants, plan);
  const names = contestants.map(({ name }) => name);
  report.table(`1 and ${count} processes, C=50 each`, summarize(names, costs));
  const [bare = [], own = [], bareMany = [], ownMany = []] = costs.map((of) => of.map(({ time }) => time));
  const growth = (one: readonly number[], many: readonly number[], round: number): number =>
    (one[round] ?? 0) / (many[round] ?? 1);
  const ratios = own.map((_, round) => growth(own, ownMany, round) / growth(bare, bareMany, round));
  report.ratio('Growth of the throughput with processes, against undici.request', ratios, 0.95);
  for (const child of children) child.disconnect();
}
