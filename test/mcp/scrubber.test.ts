import { describe, expect, it } from 'vitest';
import { Scrubber } from '../../src/mcp/scrubber.ts';
import { growthOf, linearGrowth } from '../helpers/growth.ts';

const value = 'tea & "scones" = 100%_é';
const word = 'white-rabbit';
const scrubber = new Scrubber([
  { value, mark: '[A]' },
  { value: word, mark: '[B]' },
]);
const each = (text: string, write: (character: string) => string): string => [...text].map(write).join('');
const hexOf = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, '0');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('removes a value that is written', () => {
  it.each([
    ['as it is', value],
    ['for a URL', encodeURIComponent(value)],
    ['for a URL, in small letters', encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
    ['for a URL twice', encodeURIComponent(encodeURIComponent(value))],
    ['for a form', new URLSearchParams({ v: value }).toString().slice(2)],
    ['for HTML by numbers', value.replace(/[&"]/g, (one) => `&#${one.charCodeAt(0)};`)],
    ['for HTML by names', value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')],
    ['for HTML, with the blanks of another kind', value.replaceAll(' ', '&nbsp; \n')],
    ['for a URL in HTML', encodeURIComponent(value).replaceAll('%', '&#x25;')],
    ['for JSON', JSON.stringify(value).slice(1, -1)],
    ['for JSON, whole in numbers', each(value, (one) => `\\u00${hexOf(one)}`)],
    ['for Markdown', value.replace(/[&%_]/g, (one) => `\\${one}`)],
    ['in hexadecimal', Buffer.from(value).toString('hex')],
    ['in Base64', base64(value).replace(/=+$/, '')],
    ['with zero-width spaces', each(value, (one) => `${one}\u200b`)],
    [
      'with soft hyphens in HTML',
      each(value.replaceAll('&', '&amp;'), (one) => one).replace('tea', 't&shy;ea'),
    ],
  ])('%s', (_, written) => {
    expect(scrubber.clean(`before ${written} after`)).toMatch(/^before \[A\]\u200b? after$/);
  });

  it.each([
    ['each character for a URL', each(word, (one) => `%${hexOf(one)}`)],
    ['each character for HTML', each(word, (one) => `&#x${hexOf(one)};`)],
    ['some characters only', 'wh%69te-&#114;abb\\u0069t'],
    [
      'with tags between',
      each(word, (one) => `${one}<b class="x"></b>`).slice(0, -'<b class="x"></b>'.length),
    ],
    ['after the half of an escape', `%4${word}`.replace('%4w', '%4w')],
  ])('%s', (_, written) => {
    expect(scrubber.clean(`<p>${written}</p>`)).toMatch(/^<p>(%4)?\[B\]<\/p>$/);
  });

  it.each(['', 'a', 'ab', 'ada:', 'user:'])('in the Base64 of more: %s', (before) => {
    const clean = scrubber.clean(base64(`${before}${word}:and more`));
    expect(clean).toContain('[B]');
    expect(Buffer.from(clean.replace('[B]', ''), 'base64').toString()).not.toContain('rabbit');
  });

  it('in Base64 that is broken into lines', () => {
    const lines = base64('x'.repeat(70) + word + 'y'.repeat(9)).replace(/.{76}/g, '$&\r\n');
    expect(scrubber.clean(lines)).toContain('[B]');
  });

  it.each(['c:\\wiki;2? and', '100%41', 'a+b c', '&amp;x', '\\u0041bc'])(
    'though it looks like an escape: %s',
    (odd) => {
      const clean = new Scrubber([{ value: odd, mark: '[C]' }]);
      expect(clean.clean(`x ${odd} y`)).toBe('x [C] y');
      expect(clean.clean(JSON.stringify({ odd }))).toBe('{"odd":"[C]"}');
      expect(clean.clean(`/?v=${encodeURIComponent(odd)}&w`)).toBe('/?v=[C]&w');
    },
  );
});

it('removes a value that ends like the beginning of another escape', () => {
  const odd = new Scrubber([{ value: 'tea & 100%', mark: '[C]' }]);
  expect(odd.clean('tea &amp; 100%41 tea+%26+100%25amp;')).toBe('[C]41 [C]amp;');
});

it('does not change anything else', () => {
  const text = 'a %zz b &nosuch; \\q <i>white</i> rabbit &#xffffffff; é + \n\t end';
  expect(scrubber.clean(text)).toBe(text);
  expect(new Scrubber([]).clean(value)).toBe(value);
});

it('removes a value at any position, and the longer of two', () => {
  const two = new Scrubber([
    { value: 'rabbit', mark: '[1]' },
    { value: 'white-rabbit', mark: '[2]' },
  ]);
  expect(two.clean('white-rabbit, rabbit & white-rabbitrabbit')).toBe('[2], [1] & [2][1]');
});

it.each(['%41', '&#x200b;', '<a ', 'é b', '\\u{', '&#'])('takes linear time for %s', (unit) => {
  const growth = growthOf((size) => {
    const text = unit.repeat(size);
    return () => scrubber.clean(text);
  }, 1000);
  expect(growth).toBeLessThan(linearGrowth);
});
