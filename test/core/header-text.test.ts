import { describe, expect, it, vi } from 'vitest';
import { decodeHeaderText, encodeHeaderText, trimBlanks } from '../../src/core/header-text.ts';
import { growthOf, linearGrowth } from '../helpers/growth.ts';
import { seededRandom } from '../helpers/random.ts';

/** Bytes as undici gives them: one character each. */
const bytes = (...codes: number[]): string => String.fromCharCode(...codes);
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

describe('header bytes', () => {
  it.each([
    ['ASCII', 'a=1; Path=/', 'a=1; Path=/'],
    ['UTF-8 of two, three and four bytes', latin1('ü€😀'), 'ü€😀'],
    ['a byte order mark', latin1('\ufeffa'), '\ufeffa'],
    ['U+FFFD itself', latin1('a\ufffdb'), 'a\ufffdb'],
    ['U+FFFD beside a byte that is no UTF-8', `${latin1('\ufffd')}\xe9`, '\ufffd\udce9'],
    ['a byte of Latin-1', bytes(0x61, 0xe9, 0x62), 'a\udce9b'],
    ['a character that is cut off', latin1('😀').slice(0, 3), '\udcf0\udc9f\udc98'],
    ['a character that is cut off by another', `${latin1('€').slice(0, 2)}a`, '\udce2\udc82a'],
    ['a continuation byte alone', bytes(0x80), '\udc80'],
    ['an overlong form of two bytes', bytes(0xc0, 0xaf), '\udcc0\udcaf'],
    ['an overlong form of three bytes', bytes(0xe0, 0x80, 0xaf), '\udce0\udc80\udcaf'],
    ['an overlong form of four bytes', bytes(0xf0, 0x80, 0x80, 0xaf), '\udcf0\udc80\udc80\udcaf'],
    ['a surrogate', bytes(0xed, 0xa0, 0x80), '\udced\udca0\udc80'],
    ['a character past U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80), '\udcf4\udc90\udc80\udc80'],
    ['a byte that begins nothing', bytes(0xf8, 0xff), '\udcf8\udcff'],
    [
      'the last and the first of each length',
      latin1('\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}'),
      '\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}',
    ],
  ])('%s are read as UTF-8, and what is none as single bytes', (_, given, text) => {
    expect(decodeHeaderText(given)).toBe(text);
    expect(encodeHeaderText(text)).toBe(given);
  });

  it('are the same after reading and writing, for all bytes', () => {
    const random = seededRandom(7);
    const some = [0x41, 0x7f, 0x80, 0xa0, 0xbf, 0xc2, 0xe0, 0xe9, 0xed, 0xf0, 0xf4, 0xff, 0x90, 0x9f];
    for (let round = 0; round < 5000; round++) {
      const given = bytes(...Array.from({ length: random.below(12) }, () => random.pick(some)));
      expect(encodeHeaderText(decodeHeaderText(given))).toBe(given);
    }
  });

  it('A03 throw no exception for invalid UTF-8', () => {
    const decode = vi.spyOn(TextDecoder.prototype, 'decode');
    decodeHeaderText('\xff'.repeat(1000));
    expect(decode.mock.results.filter(({ type }) => type === 'throw')).toEqual([]);
    decode.mockRestore();
  });

  it.each([
    ['bytes that are no UTF-8', '\xff'],
    ['bytes that are none among others', 'a\xe9'],
    ['UTF-8', latin1('ü')],
  ])('are read and written in time that grows with their number: %s', (_, piece) => {
    expect(growthOf((size) => () => decodeHeaderText(piece.repeat(size)), 1000)).toBeLessThan(linearGrowth);
    const text = decodeHeaderText(piece);
    expect(growthOf((size) => () => encodeHeaderText(text.repeat(size)), 1000)).toBeLessThan(linearGrowth);
  });

  it('lose the blanks at both ends in time that grows with their number', () => {
    const work = (size: number) => {
      const blanks = ' \t'.repeat(size);
      return () => trimBlanks(`${blanks}a${blanks}b${blanks}`);
    };
    expect(work(3)()).toBe('a \t \t \tb');
    expect(growthOf(work, 400)).toBeLessThan(linearGrowth);
  });
});
