import { ask, startChild } from './children.ts';
import type { Heap, HeapTask } from './heap.ts';
import type { Run } from './report.ts';
import { median } from './rounds.ts';

/** What open sessions take of the heap. */
export async function memory({ report, origin, isQuick }: Run): Promise<void> {
  const count = isQuick ? 1000 : 10_000;
  const heaps: Heap[] = [];
  for (let round = 0; round < 3; round++) {
    const child = startChild('./heap.ts', [], ['--expose-gc']);
    const task: HeapTask = { count, origin };
    heaps.push(await ask<Heap>(child, task));
    child.disconnect();
  }
  const kilobytes = (part: keyof Heap): number => median(heaps.map((heap) => heap[part])) / 1024;
  report.value('createSession, heap of each', kilobytes('empty'), 'KB', 2);
  report.value('session with 5 cookies, heap of each', kilobytes('filled'), 'KB');
  report.value('the same after a request', kilobytes('used'), 'KB');
  report.value(`${count} sessions with 5 cookies, whole heap`, kilobytes('whole') / 1024, 'MB', 60);
}
