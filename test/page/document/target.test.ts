import { expect, it } from 'vitest';
import { isRef, parseTarget } from '../../../src/page/document/target.ts';

it.each([
  ['@e3', undefined, { ref: '@e3' }],
  ['text=Next', undefined, { text: 'Next' }],
  ['text="Next"', undefined, { text: 'Next', exact: true }],
  ['text="Next', undefined, { text: '"Next' }],
  ['label=Your name', 1, { label: 'Your name', nth: 1 }],
  ['name=q', undefined, { name: 'q' }],
  ['href=/a?b=c', undefined, { href: '/a?b=c' }],
  ['rel=next', undefined, { rel: 'next' }],
  ['value=1', undefined, { value: '1' }],
  ['text=a\nb', undefined, { text: 'a\nb' }],
  ['other=1', undefined, 'other=1'],
  ['#list > a[name=x]', undefined, '#list > a[name=x]'],
  ['nav a', 2, { selector: 'nav a', nth: 2 }],
])('%j with nth %j is %j', (text, nth, query) => {
  expect(parseTarget(text, nth)).toEqual(query);
});

it.each(['@3', '@e', '@e3 ', '@page'])('%j is refused, and what a ref is like is told', (text) => {
  expect(isRef(text)).toBe(false);
  expect(() => parseTarget(text)).toThrow(`A ref has the form @e3, got ${JSON.stringify(text)}`);
});
