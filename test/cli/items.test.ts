import { expect, it } from 'vitest';
import { parseItem } from '../../src/cli/items.ts';

it.each([
  ['Accept:text/html', { kind: 'header', name: 'Accept', value: 'text/html' }],
  ['Accept: text/html', { kind: 'header', name: 'Accept', value: 'text/html' }],
  ['Referer:https://a.test/?b=c', { kind: 'header', name: 'Referer', value: 'https://a.test/?b=c' }],
  ['Accept:', { kind: 'header', name: 'Accept', value: null }],
  ['X-Empty;', { kind: 'header', name: 'X-Empty', value: '' }],
  ['q==tea', { kind: 'query', name: 'q', value: 'tea' }],
  ['q==@q.txt', { kind: 'query-file', name: 'q', value: 'q.txt' }],
  ['Authorization:@token.txt', { kind: 'header-file', name: 'Authorization', value: 'token.txt' }],
  ['Authorization: @ada', { kind: 'header', name: 'Authorization', value: '@ada' }],
  ['q==', { kind: 'query', name: 'q', value: '' }],
  ['q==a=b', { kind: 'query', name: 'q', value: 'a=b' }],
  ['name=Ada', { kind: 'field', name: 'name', value: 'Ada' }],
  ['name=a:b@c', { kind: 'field', name: 'name', value: 'a:b@c' }],
  ['name=', { kind: 'field', name: 'name', value: '' }],
  ['count:=1', { kind: 'json', name: 'count', value: 1 }],
  ['tags:=["a"]', { kind: 'json', name: 'tags', value: ['a'] }],
  ['photo@cat.jpg', { kind: 'file', name: 'photo', value: 'cat.jpg' }],
  ['text=@note.txt', { kind: 'field-file', name: 'text', value: 'note.txt' }],
  ['all:=@all.json', { kind: 'json-file', name: 'all', value: 'all.json' }],
  ['a\\:b:c', { kind: 'header', name: 'a:b', value: 'c' }],
  ['a\\=b=c', { kind: 'field', name: 'a=b', value: 'c' }],
  ['a\\\\=c', { kind: 'field', name: 'a\\', value: 'c' }],
  ['a\\b=c', { kind: 'field', name: 'a\\b', value: 'c' }],
  ['__proto__=1', { kind: 'field', name: '__proto__', value: '1' }],
])('%s', (word, item) => {
  expect(parseItem(word)).toEqual(item);
});

it.each([
  ['nothing', 'is no item'],
  ['=value', 'has no name'],
  ['count:=S3cret', 'The value of "count" is no JSON'],
])('%s is refused', (word, message) => {
  expect(() => parseItem(word)).toThrow(message);
});

it('shows neither a value nor a whole word that may be a value', () => {
  expect(() => parseItem('password:=S3cret')).toThrow(/^(?!.*S3cret)/);
  expect(() => parseItem('abcdefghijklS3cret')).toThrow(/^(?!.*S3cret)/);
});
