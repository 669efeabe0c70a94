import { expect, it } from 'vitest';
import { runChild } from '../helpers/children.ts';

interface Remains {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly most: number;
  readonly growth: number;
  readonly listeners: number;
  readonly timers: number;
  readonly trouble: readonly string[];
}

let soaked: Promise<Remains> | undefined;

/** 10,000 calls through faults of every kind, over at most 50 connections; once for all tests. */
function soak(): Promise<Remains> {
  soaked ??= runChild('faults', { args: ['10000', '50'], node: ['--expose-gc'] }).then(({ stdout, stderr }) =>
    JSON.parse(stderr === '' ? stdout : JSON.stringify({ trouble: [stderr] })),
  );
  return soaked;
}

it('Y02 has no uncaught rejection, exception or warning in 10,000 calls of all kinds', async () => {
  const { trouble, outcomes } = await soak();
  expect(trouble).toEqual([]);
  const kinds = [
    'ERR_BODY_TRUNCATED',
    'ERR_CONNECTION_LOST',
    'ERR_DECODE',
    'ERR_PROTOCOL',
    'ERR_TIMEOUT',
    'read',
  ];
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(kinds));
}, 300_000);

it('N14 leaves no socket, timer or memory behind after them', async () => {
  const { most, growth, timers } = await soak();
  // A new connection may be seen before the end of the one whose place it takes.
  expect(most).toBeLessThan(60);
  expect(timers).toBe(0);
  expect(growth).toBeLessThan(5_000_000);
}, 300_000);

it('T15 leaves no listener on the one signal of all of them', async () => {
  expect((await soak()).listeners).toBe(0);
}, 300_000);

it('N06 does not use an unsolicited answer for one of them', async () => {
  expect((await soak()).outcomes.EVIL).toBeUndefined();
}, 300_000);
