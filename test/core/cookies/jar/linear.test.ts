import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import { parseCookieDate } from '../../../../src/core/cookies/jar/dates.ts';
import { parseSetCookie } from '../../../../src/core/cookies/jar/parse.ts';
import { canonicalHost } from '../../../../src/core/sites.ts';
import { growthOf, linearGrowth } from '../../../helpers/growth.ts';

describe('a Set-Cookie line is parsed in time that grows with its length', () => {
  it.each([
    ['semicolons', 'a=1', ';'],
    ['blanks', 'a=1;', ' '],
    ['blanks and more', 'a=1', ' ;'],
    ['tabs', 'a=1;', '\t'],
    ['equals signs', 'a=1;', '='],
    ['equals signs in the pair', 'a', '='],
    ['unknown attributes', 'a=1', ';x=y'],
    ['known attributes', 'a=1', ';path=/x'],
    ['ends', 'a=1', ';expires=1 Jan 2030 00:00:00'],
    ['Max-Age of many digits', 'a=1;max-age=', '9'],
    ['a Domain of many dots', 'a=1;domain=', '.'],
    ['a value', 'a=', 'x'],
    ['bytes that are no UTF-8', 'a=', '\udcff'],
  ])('of %s', (_, start, piece) => {
    const work = (size: number) => () => parseSetCookie(start + piece.repeat(size));
    expect(growthOf(work, 2500)).toBeLessThan(linearGrowth);
  });

  it.each([
    ['digits', '1'],
    ['times', '1:1:'],
    ['colons', ':'],
    ['tokens', 'x '],
    ['delimiters', '/'],
  ])('and so is a date of %s', (_, piece) => {
    const work = (size: number) => () => parseCookieDate(piece.repeat(size));
    expect(growthOf(work, 2500)).toBeLessThan(linearGrowth);
  });

  it.each([
    ['labels', 'a.'],
    ['dots', '.'],
    ['IDN labels', 'ü.'],
    ['colons', ':'],
    ['brackets', '['],
    ['percent signs', '%41'],
  ])('and so is the domain of a record of %s', (_, piece) => {
    const work = (size: number) => () => canonicalHost(piece.repeat(size));
    expect(growthOf(work, 2500)).toBeLessThan(linearGrowth);
  });

  it('a jar handles a Domain in time that grows with its length', () => {
    const url = new URL('https://www.shop.example/');
    const work = (size: number) => {
      const jar = new BrowserCookieJar();
      return () => jar.receive(`a=1; Domain=${'a.'.repeat(size)}shop.example`, url);
    };
    expect(growthOf(work, 2500)).toBeLessThan(linearGrowth);
  });
});
