import { describe, expect, it } from 'vitest';
import { nearestNames, nearName } from '../../src/core/near-names.ts';

const names = ['json', 'timeout', 'maxRedirects', 'os', 'baseUrl'];

describe('nearName', () => {
  it.each([
    ['baseURL', 'baseUrl'],
    ['base-url', 'baseUrl'],
    ['OS', 'os'],
    ['jsn', 'json'],
    ['jsno', 'json'],
    ['timeuot', 'timeout'],
    ['so', undefined],
    ['xyz', undefined],
    ['', undefined],
  ])('finds for %j %j', (name, expected) => {
    expect(nearName(name, names, (length) => (length < 4 ? 0 : 1))).toBe(expected);
  });

  it('allows the given number of edits', () => {
    expect(nearName('maxRedir', names, () => 3)).toBeUndefined();
    expect(nearName('maxRedir', names, () => 4)).toBe('maxRedirects');
  });

  it('finds nothing among no names', () => {
    expect(nearName('a', [], () => 9)).toBeUndefined();
  });
});

describe('nearestNames', () => {
  it('lists the nearest first, and among equal ones the earlier', () => {
    expect(nearestNames('ab', ['xyz', 'ac', 'ad', 'ab'], 3)).toEqual(['ab', 'ac', 'ad']);
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(nearestNames('abcd', ['abxy', 'abdc'], 1)).toEqual(['abdc']);
  });
});
