import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linearGrowth, timeOf } from './helpers/growth.ts';
import { type FoundRegExp, type Pump, pumpsOf, regExpsBelow, regExpsOf } from './helpers/regexps.ts';

const found = regExpsBelow(resolve(import.meta.dirname, '../src'));
/** Characters of the smaller text; the larger one is 64 times as long. */
const size = 100;

/** Regular expressions that are made of text, by file, with what keeps their work small. */
const made: Readonly<Record<string, string>> = {
  'har/redact-body.ts': 'the names of attributes are ours, and the rest is as in the literals around it',
  'har/redactor.ts': 'secrets side by side, without anything that repeats',
  'mcp/scrubber.ts': 'side by side as they stand in the file; scrubber.test.ts measures them',
  'page/encoding/prescan.ts': 'the names of elements are ours, and nothing repeats',
  'page/extract/pattern.ts': 'patterns of a schema, which run under a watch that ends them',
  'registry/logged-out.ts': "the caller's own, for what the caller calls logged out",
};

/** The first text on which an expression takes more than linear time, `null` where none is known. */
function slowestOf({ expression }: FoundRegExp): string | null {
  return expression === null
    ? null
    : (pumpsOf(expression).find((pump) => !isLinear(expression, pump))?.name ?? null);
}

/** One try at a glance tells most; a busy machine gets more. Linear work grows 64 times, quadratic work 4096 times. */
function isLinear(expression: RegExp, pump: Pump): boolean {
  const [small, large] = [pump.text(size), pump.text(64 * size)];
  let [fastestSmall, fastestLarge] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 8; round++) {
    for (let again = 0; again < 3; again++) {
      fastestSmall = Math.min(
        fastestSmall,
        timeOf(() => run(expression, small)),
      );
    }
    fastestLarge = Math.min(
      fastestLarge,
      timeOf(() => run(expression, large)),
    );
    if (fastestLarge / Math.max(fastestSmall, 0.005) < linearGrowth) return true;
  }
  return false;
}

function run(expression: RegExp, text: string): unknown {
  expression.lastIndex = 0;
  return expression.global ? text.replace(expression, '') : expression.exec(text);
}

describe('A02 a regular expression over outside text takes linear time', () => {
  it('in every file of the source', () => {
    const literals = found.filter(({ expression }) => expression !== null);
    expect(literals.length).toBeGreaterThan(200);
    const slow = literals.flatMap((each) => {
      const text = slowestOf(each);
      return text === null ? [] : [`${each.place}: ${each.text} on ${text}`];
    });
    expect(slow).toEqual([]);
  });

  it('and those that are built from text are listed', () => {
    const files = found
      .filter(({ expression }) => expression === null)
      .map(({ place }) => place.replace(/:\d+$/, ''));
    expect([...new Set(files)]).toEqual(Object.keys(made));
  });
});

describe('the search for slow regular expressions finds', () => {
  it.each([
    ['blanks at the end', String.raw`/[ \t]+$/`],
    ['blanks at both ends', String.raw`/^\s+|\s+$/g`],
    ['blanks around a separator', String.raw`/\s*;\s*/g`],
    ['digits before a dot', String.raw`/\d+\./`],
    ['a tag without an end', '/<a[^>]*>/'],
    ['quotes without an end', String.raw`/"(?:[^"\\]|\\.)*";/g`],
    ['two repeats of the same', '/^a*a*$/'],
    ['a repeat of at least some', '/a{2,}b/'],
  ])('%s', (_, literal) => {
    const [planted] = regExpsOf('planted.ts', `export const planted = ${literal};`);
    expect(planted === undefined ? null : slowestOf(planted)).not.toBeNull();
  });

  it.each([
    String.raw`/^[ \t]+/`,
    String.raw`/(?<![ \t])[ \t]+$/`,
    String.raw`/[\r\n]/`,
    String.raw`/\s+/g`,
    '/^(?:a|b)*$/',
    '/"[^"]*(?:"|$)/g',
    String.raw`/\p{L}+/gu`,
  ])('nothing in %s', (literal) => {
    const [planted] = regExpsOf('planted.ts', `export const planted = ${literal};`);
    expect(planted === undefined ? '' : slowestOf(planted)).toBeNull();
  });
});
