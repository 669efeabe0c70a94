import { describe, expect, it } from 'vitest';
import {
  hasC0Control,
  hasControlCharacter,
  hasFieldControl,
  isToken,
  withoutBrackets,
} from '../../src/core/http.ts';

describe('control characters', () => {
  it.each<[character: string, c0: boolean, control: boolean, field: boolean]>([
    ['\0', true, true, true],
    ['\x08', true, true, true],
    ['\t', true, true, false],
    ['\n', true, true, true],
    ['\r', true, true, true],
    ['\x1f', true, true, true],
    [' ', false, false, false],
    ['~', false, false, false],
    ['\x7f', false, true, true],
    ['\x80', false, false, false],
    ['\u2028', false, false, false],
  ])('%j', (character, c0, control, field) => {
    const text = `a${character}b`;
    expect([hasC0Control(text), hasControlCharacter(text), hasFieldControl(text)]).toEqual([
      c0,
      control,
      field,
    ]);
  });
});

describe('a token', () => {
  it.each(['GET', 'x-a', "!#$%&'*+-.^_`|~09azAZ"])('may be %s', (text) => {
    expect(isToken(text)).toBe(true);
  });

  it.each(['', ' ', 'a b', 'a:', 'a/b', '(a)', 'é', 'a\n'])('cannot be %j', (text) => {
    expect(isToken(text)).toBe(false);
  });
});

describe('a host', () => {
  it.each([
    ['[::1]', '::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['example.com', 'example.com'],
    ['127.0.0.1', '127.0.0.1'],
  ])('%s without brackets is %s', (host, address) => {
    expect(withoutBrackets(host)).toBe(address);
  });
});
