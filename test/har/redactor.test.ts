import { expect, it } from 'vitest';
import { Redactor } from '../../src/har/redactor.ts';
import { growthOf, linearGrowth } from '../helpers/growth.ts';

it('marks known secrets at any position, the longest first', () => {
  const redactor = new Redactor([]);
  const [short, long] = ['eyJhbGciOi', 'eyJhbGciOi.and.more'].map(redactor.mark);
  expect(redactor.sweep({ a: ['x eyJhbGciOi.and.more y eyJhbGciOi', 'eyJhbGci'], n: 1 })).toEqual({
    a: [`x ${long} y ${short}`, 'eyJhbGci'],
    n: 1,
  });
});

it('marks them percent-encoded and in JSON, too', () => {
  const redactor = new Redactor([]);
  const mark = redactor.mark('a secret "=" here');
  expect(redactor.sweep(encodeURIComponent('a secret "=" here'))).toBe(mark);
  expect(redactor.sweep(JSON.stringify({ a: 'a secret "=" here' }))).toBe(`{"a":"${mark}"}`);
});

it.each([
  ['that begin alike', (at: number) => `eyJhbGciOi${at}`],
  ['that begin differently', (at: number) => `${at}`.padStart(12, 'x')],
])('takes time that grows with the text and the number of secrets: %s', (_, secretOf) => {
  const work = (size: number) => {
    const redactor = new Redactor([]);
    const secrets = Array.from({ length: size }, (_, at) => secretOf(at));
    for (const secret of secrets) redactor.mark(secret);
    const text = secrets.join(' ');
    return () => redactor.sweep(text);
  };
  expect(growthOf(work, 200)).toBeLessThan(linearGrowth);
});

it('marks the secret of a tag that is cut off', () => {
  const shown = new Redactor([]).body('<p><input name=csrf value="canary-of-a-form', 'text/html');
  expect(shown).not.toContain('canary-of-a-form');
});
