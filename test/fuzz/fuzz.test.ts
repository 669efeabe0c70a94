import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

it.each([1, 2, 3])(
  'finds no crash, hang or broken rule in some hundred mutations (seed %i)',
  async (seed) => {
    const { rounds, findings } = await fuzz(seed, (done) => done >= 400);
    expect([rounds, findings]).toEqual([400, []]);
  },
);
