import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { fuzzPages } from './fuzz-pages.ts';
import { fuzzReaders } from './fuzz-readers.ts';
import { fuzzSaved } from './fuzz-saved.ts';

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

it.each([1, 2, 3])(
  'finds no broken rule in hosts, redirects, event streams and media types (seed %i)',
  async (seed) => {
    const { rounds, findings } = await fuzzReaders(seed, (done) => done >= 100);
    expect([rounds, findings]).toEqual([100, []]);
  },
);

it.each([1, 2, 3])(
  'finds no wrong document in mutated documents and encrypted files (seed %i)',
  async (seed) => {
    const { rounds, findings } = await fuzzSaved(seed, (done) => done >= 200);
    expect([rounds, findings]).toEqual([200, []]);
  },
);
