import { expect, it } from 'vitest';
import { PatternRun, readPattern } from '../../../src/page/extract/pattern.ts';

it.each([
  ['price', 0],
  ['(\\d+)\\.(\\d+)', 2],
  ['[^)*+]+', 1],
  ['\\(a\\+\\)\\+', 0],
  ['(?:abc)+', 1],
  ['a{2,}', 1],
  ['(a+)+', null],
  ['(a|b)*', null],
  ['(?:a?){30}', null],
  ['((a+))*', null],
  ['(?<x>a|b){2,9}', null],
  ['(a+)?', 1],
])('%s has %s repeats', (source, repeats) => {
  expect(readPattern(source, 'p').repeats).toBe(repeats);
  expect(readPattern(new RegExp(source), 'p').repeats).toBe(repeats);
});

it('finds the same with and without a time limit', () => {
  const run = new PatternRun();
  const watched = readPattern('(a|b)+', 'p');
  expect(run.match(watched, 'xxabba')?.[0]).toBe('abba');
  expect(run.match(readPattern('b+', 'p'), 'xxabba')?.[0]).toBe('bb');
  expect(run.match(watched, 'x')).toBeNull();
});

it('reads the first 100,000 characters', () => {
  const run = new PatternRun();
  const pattern = readPattern('end', 'p');
  expect(run.match(pattern, `${'x'.repeat(99_997)}end`)?.index).toBe(99_997);
  expect(run.match(pattern, `${'x'.repeat(99_998)}end`)).toBeNull();
});
