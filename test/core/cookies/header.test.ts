import { describe, expect, it } from 'vitest';
import { cookieHeader, maxCookieBytes } from '../../../src/core/cookies/header.ts';

describe("the caller's Cookie header", () => {
  it.each<[kind: string, jar: string, own: string, header: string]>([
    ['goes behind the jar', 'a=1; b=2', 'c=3', 'a=1; b=2; c=3'],
    ['wins by name', 'a=1; b=2', 'b=own', 'a=1; b=own'],
    ['keeps its order', 'a=1; b=2', 'z=9; b=8; a=7', 'z=9; b=8; a=7'],
    ['keeps its blanks and separators', '', 'a=1;b=2 ;  c=3;', 'a=1;b=2 ;  c=3;'],
    ['keeps what is twice', 'a=1', 'a=2; a=3', 'a=2; a=3'],
    ['keeps its bytes', 'j=1', 'n=\u00c3\u00bc', 'j=1; n=\u00c3\u00bc'],
    ['keeps a byte that is no UTF-8', '', 'n=\u00fc', 'n=\u00fc'],
    ['is not split in quotes', 'b=2; c=3', 'a="x; b=1"; c=4', 'b=2; a="x; b=1"; c=4'],
    ['is split behind a quote that never ends', 'b=2', 'a="x; b=1', 'a="x; b=1'],
    ['is split at a quote within a value', 'b=2', 'a=x"y; b=1"', 'a=x"y; b=1"'],
    ['may have equals signs in a value', 'b=1; a=2', 'a=b=c', 'b=1; a=b=c'],
    ['may name nothing', 'a=1', 'x', 'a=1; x'],
    ['goes before a nameless one of the jar', 'v; a=1', 'x', 'a=1; x'],
    ['may be empty', 'a=1', '', 'a=1'],
    ['knows a name by its UTF-8', '\u00fc=jar', '\u00c3\u00bc=own', '\u00c3\u00bc=own'],
  ])('%s', (_, jar, own, header) => {
    expect(cookieHeader(jar, own)).toBe(header);
  });
});

describe("the jar's cookies", () => {
  it('are written as UTF-8', () => {
    expect(cookieHeader('n=\u00fc', null)).toBe('n=\u00c3\u00bc');
  });

  it('are left out from the end where they do not fit', () => {
    const [long, longer] = [`a=${'x'.repeat(20_000)}`, `b=${'\u00fc'.repeat(10_000)}`];
    expect(cookieHeader(`${long}; ${longer}`, null)).toBe(long);
    expect(cookieHeader(`${long}; b=2`, null)).toBe(`${long}; b=2`);
  });

  it('leave room for the caller', () => {
    const own = `o=${'x'.repeat(maxCookieBytes - 2)}`;
    expect(cookieHeader('a=1', own)).toBe(own);
    const shorter = own.slice(5);
    expect(cookieHeader('a=1', shorter)).toBe(`a=1; ${shorter}`);
    expect(cookieHeader('a=12', shorter)).toBe(shorter);
  });
});
