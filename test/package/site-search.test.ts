/** What the search of the site finds first. */
import { describe, expect, it } from 'vitest';
import { boostDocument, tokenize } from '../../docs/.vitepress/search.ts';

it.each([
  ['code is `ERR_TIMEOUT`, or a Set-Cookie', ['code', 'is', 'ERR_TIMEOUT', 'or', 'a', 'Set', 'Cookie']],
  ['über alles: 429', ['über', 'alles', '429']],
  ['', []],
])('the words of %j are %j', (text, expected) => {
  expect(tokenize(text)).toEqual(expected);
});

describe('a find counts more', () => {
  it.each([
    ['guide/log-in.html#by-json', 'options.html', 'login'],
    ['options.html#retry', 'api/jarfetch/interfaces/CallOptions.html#retry', 'retry'],
    ['options.html#retry', 'project/changelog.html', 'retry'],
    ['errors.html#on-the-way', 'guide/typescript.html#errors', 'err_timeout'],
  ])('on %s than on %s, for %s', (first, second, term) => {
    for (const base of ['/', '/jarfetch/']) {
      expect(boostDocument(`${base}${first}`, term)).toBeGreaterThan(boostDocument(`${base}${second}`, term));
    }
  });
});
