import { expect, it } from 'vitest';
import { checkWork } from './count-work.ts';

it('finds no work in a length that an object only claims to have', async () => {
  for (const length of ['x', 1e308, -1, Number.NaN]) {
    expect(await checkWork(10, () => JSON.stringify({ length }))).toBeNull();
  }
});

it('finds work that grows with the square of the input', async () => {
  const text = 'a'.repeat(5000);
  const work = (): void => {
    for (let end = 1; end <= text.length; end++) text.slice(0, end).indexOf('b');
  };
  expect(await checkWork(text.length, work)).toMatch(/^\d+ steps for 5000 characters$/);
});

it('finds no work where the input is gone through a few times', async () => {
  const text = 'a,'.repeat(10_000);
  expect(await checkWork(text.length, () => text.split(',').join(';').toUpperCase())).toBeNull();
});
