import { describe, expect, it } from 'vitest';
import { DueQueue } from '../../src/registry/due-queue.ts';
import { seededRandom } from '../helpers/random.ts';

interface Item {
  readonly name: number;
  dueAt: number;
}

const item = (name: number): Item => ({ name, dueAt: Number.POSITIVE_INFINITY });

describe('the queue of what is due', () => {
  it.each([1, 2, 3])('gives items in the order of their times (seed %i)', (seed) => {
    const { below } = seededRandom(seed);
    const queue = new DueQueue<Item>();
    const wanted = new Map<Item, number>();
    for (let name = 0; name < 500; name++) {
      const one = item(name);
      const times = [below(1000), below(1000)];
      for (const at of times) queue.add(one, at);
      wanted.set(one, Math.min(...times));
    }
    const seen: [Item, number][] = [];
    for (let now = 0; now < 1000; now += 7) for (const one of queue.take(now)) seen.push([one, now]);
    for (const one of queue.take(1000)) seen.push([one, 1000]);
    expect(seen.length).toBe(500);
    for (const [one, now] of seen) {
      const at = wanted.get(one) ?? -1;
      expect([at <= now, at > now - 8]).toEqual([true, true]);
    }
    expect(queue.next).toBe(Number.POSITIVE_INFINITY);
  });

  it('returns an item once for each time that it was added', () => {
    const queue = new DueQueue<Item>();
    const one = item(1);
    queue.add(one, 5);
    queue.add(one, 9);
    queue.add(one, 3);
    expect([...queue.take(10)]).toEqual([one]);
    queue.add(one, 12);
    expect([queue.next, [...queue.take(11)], [...queue.take(12)]]).toEqual([12, [], [one]]);
  });

  it('never returns an item without a due time', () => {
    const queue = new DueQueue<Item>();
    queue.add(item(1), Number.POSITIVE_INFINITY);
    expect([queue.next, [...queue.take(1e15)]]).toEqual([Number.POSITIVE_INFINITY, []]);
  });
});
