import { expect, it } from 'vitest';
import type { HeaderEntry, RequestHead } from '../../../../src/core/http.ts';
import { composeFields } from '../../../../src/core/transport/head/stream-fields.ts';

const pseudo = { ':authority': 'a.test', ':method': 'GET', ':path': '/', ':scheme': 'https' };
const order = [':method', ':authority', ':scheme', ':path', 'content-length', 'accept', 'cookie', 'priority'];

function headOf(headers: readonly HeaderEntry[], cookieIndex = 1): RequestHead {
  return { headers, cookieIndex, order, variable: [] };
}

const plain = headOf([
  ['accept', '*/*'],
  ['priority', 'u=1'],
]);
const first = [':method', 'GET', ':authority', 'a.test', ':scheme', 'https', ':path', '/'];

it("puts undici's pseudo-header fields into the order of the browser", () => {
  expect(composeFields(pseudo, plain, null)).toEqual([...first, 'accept', '*/*', 'priority', 'u=1']);
});

it('gives each cookie a field of its own, in the place of the cookies', () => {
  expect(composeFields(pseudo, plain, 'a=1; b=2')).toEqual([
    ...first,
    ...['accept', '*/*', 'cookie', 'a=1', 'cookie', 'b=2', 'priority', 'u=1'],
  ]);
  const last = headOf([['accept', '*/*']], 1);
  expect(composeFields(pseudo, last, 'a=1').slice(8)).toEqual(['accept', '*/*', 'cookie', 'a=1']);
});

it('follows each change of the cookies and of the headers', () => {
  const other = headOf([
    ['accept', 'text/html'],
    ['priority', 'u=1'],
  ]);
  for (const [head, cookie, expected] of [
    [plain, 'a=1', ['accept', '*/*', 'cookie', 'a=1', 'priority', 'u=1']],
    [plain, 'a=2', ['accept', '*/*', 'cookie', 'a=2', 'priority', 'u=1']],
    [plain, null, ['accept', '*/*', 'priority', 'u=1']],
    [other, null, ['accept', 'text/html', 'priority', 'u=1']],
    [plain, null, ['accept', '*/*', 'priority', 'u=1']],
  ] as const)
    expect(composeFields(pseudo, head, cookie).slice(8)).toEqual(expected);
});

it('takes path and method of each request, and gives each a list of its own', () => {
  const one = composeFields(pseudo, plain, null);
  one.push('x', 'y');
  const two = composeFields({ ...pseudo, ':method': 'HEAD', ':path': '/two' }, plain, null);
  expect(two.slice(0, 8)).toEqual([
    ...[':method', 'HEAD', ':authority', 'a.test', ':scheme', 'https', ':path', '/two'],
  ]);
  expect(two).not.toContain('x');
});

it('puts the length by undici into its place, or last where the browser has none', () => {
  const given = { ...pseudo, 'content-length': '5' };
  expect(composeFields(given, plain, null).slice(8, 10)).toEqual(['content-length', '5']);
  const head = { ...plain, order: order.filter((name) => name !== 'content-length') };
  expect(composeFields(given, head, null).slice(-2)).toEqual(['content-length', '5']);
});

it('leaves out what undici writes, and the length that a caller gave', () => {
  const head = headOf(
    [
      ['host', 'b.test'],
      ['connection', 'keep-alive'],
      ['content-length', '9'],
      ['accept', '*/*'],
    ],
    4,
  );
  expect(composeFields(pseudo, head, null).slice(8)).toEqual(['accept', '*/*']);
});

it('joins a header that is given several times, as undici does', () => {
  const head = headOf(
    [
      ['accept', 'a'],
      ['x-other', 'o'],
      ['accept', 'b'],
    ],
    3,
  );
  expect(composeFields(pseudo, head, null).slice(8)).toEqual(['accept', 'a, b', 'x-other', 'o']);
});

it('keeps fields that other code gave to undici, after all others', () => {
  const given = { traceparent: '00-1', baggage: ['a', 'b'], nothing: null, ...pseudo };
  expect(composeFields(given, plain, null).slice(8)).toEqual([
    ...['accept', '*/*', 'priority', 'u=1'],
    ...['traceparent', '00-1', 'baggage', 'a', 'baggage', 'b'],
  ]);
});
