import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { fuzzPages } from './fuzz-pages.ts';

it.each([1, 2, 3])(
  'finds no crash, hang or broken rule in some hundred mutations (seed %i)',
  async (seed) => {
    const { rounds, findings } = await fuzz(seed, (done) => done >= 400);
    expect([rounds, findings]).toEqual([400, []]);
  },
);

it.each([1, 2, 3])('finds no crash and no owner twice in a thousand mutated pages (seed %i)', (seed) => {
  const { rounds, findings } = fuzzPages(seed, (done) => done >= 1000);
  expect([rounds, findings]).toEqual([1000, []]);
});
