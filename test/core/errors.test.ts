import { describe, expect, it } from 'vitest';
import { describe as describeValue, invalidOption, redactUrl } from '../../src/core/errors.ts';
import { isRequestError, RequestError } from '../../src/index.ts';

describe('RequestError', () => {
  it('is a TypeError, like the errors of fetch', () => {
    expect(new RequestError('ERR_DNS', 'no such host')).toBeInstanceOf(TypeError);
  });

  it('names itself in name and stack', () => {
    const error = new RequestError('ERR_DNS', 'no such host');
    expect([error.name, String(error), error.stack?.split('\n')[0]]).toEqual([
      'RequestError',
      'RequestError: no such host',
      'RequestError: no such host',
    ]);
  });

  it('has every detail that it is given', () => {
    const details = {
      phase: 'headers',
      request: { method: 'GET', url: 'https://example.com/' },
      status: 502,
      hops: ['https://example.com/'],
      timeout: 10,
    } as const;
    const cause = new Error('below');
    expect({ ...new RequestError('ERR_TIMEOUT', 'late', { ...details, cause }) }).toEqual({
      code: 'ERR_TIMEOUT',
      ...details,
    });
    expect(new RequestError('ERR_TIMEOUT', 'late', { ...details, cause }).cause).toBe(cause);
  });

  it.each(['phase', 'request', 'status', 'hops', 'timeout', 'cause'])('has no %s that nobody gave', (key) => {
    expect(Object.hasOwn(new RequestError('ERR_DNS', 'no such host'), key)).toBe(false);
  });

  it('shows nothing but its code when there are no details', () => {
    expect(Object.keys(new RequestError('ERR_DNS', 'no such host'))).toEqual(['code']);
  });
});

describe('isRequestError', () => {
  it('recognises an error of this package', () => {
    expect(isRequestError(new RequestError('ERR_DNS', 'no such host'))).toBe(true);
  });

  it('recognises an error of another copy of the package by its registered brand', () => {
    const brand = Symbol.for('jarfetch.RequestError');
    const copied = Object.assign(new TypeError('x'), { code: 'ERR_TLS', [brand]: true });
    expect(isRequestError(copied, 'ERR_TLS')).toBe(true);
  });

  it('compares the code when one is given', () => {
    const error = new RequestError('ERR_DNS', 'no such host');
    expect([isRequestError(error, 'ERR_DNS'), isRequestError(error, 'ERR_TLS')]).toEqual([true, false]);
  });

  it.each([
    ['a TypeError', new TypeError('fetch failed')],
    ['an object with a code', { code: 'ERR_DNS', name: 'RequestError' }],
    ['null', null],
    ['undefined', undefined],
    ['a string', 'ERR_DNS'],
    ['a function', () => {}],
  ])('takes %s for something else', (_, value) => {
    expect(isRequestError(value)).toBe(false);
  });
});

describe('a refused option', () => {
  it.each<[unknown, string]>([
    [null, 'null'],
    [undefined, 'undefined'],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [true, 'true'],
    [12n, '12'],
    [Symbol('s'), 'Symbol(s)'],
    ['short', '"short"'],
    ['line\nbreak', '"line\\nbreak"'],
    ['a'.repeat(41), 'a long string'],
    [() => {}, 'a function'],
    [[], 'an array'],
    [{ secret: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [new Map(), 'an instance of Map'],
  ])('shows %s in a few words', (value, words) => {
    expect(describeValue(value)).toBe(words);
  });

  it('says what was expected and what was given', () => {
    const { code, message } = invalidOption('redirect', 'a string', 5);
    expect([code, message]).toEqual(['ERR_INVALID_OPTION', 'redirect must be a string, got 5']);
  });
});

describe('a URL in an error', () => {
  it.each([
    ['userinfo', 'https://ada:secret@example.com/a', 'https://example.com/a'],
    ['the fragment', 'https://example.com/a#secret', 'https://example.com/a'],
    ['query values', 'https://example.com/?a=secret&b=secret', 'https://example.com/?a=…&b=…'],
    ['a value with an equals sign', 'https://example.com/?a=x=secret', 'https://example.com/?a=…'],
    ['what an opaque URL holds', 'data:text/plain,secret', 'data:'],
  ])('loses %s', (_, url, shown) => {
    expect(redactUrl(new URL(url))).toBe(shown);
  });

  it('hides a query part without a name, because it may be a token', () => {
    expect(redactUrl(new URL('https://example.com/?a&b=&'))).toBe('https://example.com/?…&b=…&');
  });
});
