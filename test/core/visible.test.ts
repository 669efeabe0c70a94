import { expect, it } from 'vitest';
import { makeVisible, makeVisibleLine, toSafeJson } from '../../src/core/visible.ts';

it.each([
  ['\u001b[2J', '\\x1b[2J'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['\u009b31m', '\\x9b31m'],
  ['a\bb\rc', 'a\\x08b\\x0dc'],
  ['\u007f', '\\x7f'],
  ['user\u202egnp.exe', 'user\\u202egnp.exe'],
  ['\u2066a\u2069\u200f', '\\u2066a\\u2069\\u200f'],
  ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
  ['\u{e0041}', '\\u{e0041}'],
  ['soft\u00adhyphen, filler\u3164, joiner\u034f', 'soft\\xadhyphen, filler\\u3164, joiner\\u034f'],
  ['\u2028', '\\u2028'],
  ['\ud800', '\\ud800'],
  ['a\r\nb\tc\n', 'a\nb\tc\n'],
  ['Grüße, 世界 🎉 ☎️ ע', 'Grüße, 世界 🎉 ☎️ ע'],
])('%j is shown as %s', (text, shown) => {
  expect(makeVisible(text)).toBe(shown);
});

it('shows line ends where one line is required', () => {
  expect(makeVisibleLine('a\nb\tc')).toBe('a\\nb c');
});

it('writes equal JSON without any of them', () => {
  const value = { text: 'a\u009b\u202e\u{e0041}\ud800b', 'k\u009b': [1, null, 'é🎉'] };
  const json = toSafeJson(value);
  expect(json).toMatch(/^[\x20-\x7eé🎉]+$/u);
  expect(JSON.parse(json)).toEqual(value);
});
