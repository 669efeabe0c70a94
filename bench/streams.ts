import type { ChildProcess } from 'node:child_process';
import { ask, startChild } from './children.ts';
import type { Goal, Run } from './report.ts';
import { type Cost, compareStarts, type Measured, type Started } from './rounds.ts';

interface Transfer {
  readonly title: string;
  readonly path: string;
  /** Arguments of transfer.mjs beside the name of a way: which kind of way, and what is sent. */
  readonly direction: 'download' | 'upload';
  readonly source?: 'Readable' | 'generator';
  /** The first is the measure, and ours must not fall behind it. */
  readonly ways: readonly [string, ...string[]];
}

const leastUpload = 0.95;
const leastDownload = 0.97;
/** A web stream hands each piece through two queues of promises. */
const leastBody = 0.9;
/** MB, of a whole process. */
const most = 120;
const mostBeside = 1.15;

/** Large bodies in both directions, each way in a process of its own, so that its memory can be told. */
export async function streams(run: Run): Promise<void> {
  const bytes = run.isQuick ? 100_000_000 : 1_000_000_000;
  const size = run.isQuick ? '100 MB' : '1 GB';
  const uploading = { path: '/', direction: 'upload', ways: ['undici.request', 'session.fetch'] } as const;
  await compareWays(run, bytes, {
    title: `Download of ${size}`,
    path: `/bytes/${bytes}`,
    direction: 'download',
    ways: ['undici.stream', 'session.fetch', 'response.body', 'bare socket'],
  });
  await compareWays(run, bytes, { ...uploading, title: `Upload of ${size}, Readable`, source: 'Readable' });
  await compareWays(run, bytes, {
    ...uploading,
    title: `Upload of ${size}, async generator`,
    source: 'generator',
  });
}

async function compareWays(
  { report, origin, rounds, isQuick }: Run,
  bytes: number,
  transfer: Transfer,
): Promise<void> {
  const { title, path, direction, source, ways } = transfer;
  const starts = isQuick ? 1 : 4;
  const start = async (): Promise<Started> => {
    const children: ChildProcess[] = [];
    const contestants = ways.map((name): Measured => {
      const child = startChild('./transfer.mjs', [
        direction,
        name,
        ...(source === undefined ? [] : [source]),
      ]);
      children.push(child);
      return { name, measure: () => ask<Cost>(child, { url: origin + path, bytes }) };
    });
    const stop = (): void => {
      for (const child of children) child.disconnect();
    };
    return { contestants, stop };
  };
  const plan = { rounds: Math.ceil(rounds / starts), warmUp: 2, requests: 1, concurrency: 1 };
  const results = await compareStarts(starts, start, plan);
  const goals: Goal[] = [
    { against: ways[0], ratio: direction === 'download' ? leastDownload : leastUpload },
    { of: 'response.body', against: ways[0], ratio: leastBody },
    { against: ways[0], memoryRatio: mostBeside },
    { memory: most, isOutOfReach: true },
  ];
  report.table(title, results, goals);
}
