import { describe, expect, it } from 'vitest';
import { mergeHeaders, readHeaders } from '../../../src/core/request/headers.ts';
import { createSession, type HeadersInput, type RequestInit } from '../../../src/index.ts';
import { deepFreeze, refusalOf } from '../../helpers/refusals.ts';
import { headerOf, type SeenRequest, startServer } from '../../helpers/servers.ts';

/** What a server sees of a request by a session without a preset. */
async function seen(init: RequestInit, defaultHeaders?: HeadersInput): Promise<SeenRequest | undefined> {
  const server = await startServer((_, response) => void response.end());
  await using session = await createSession({ browser: null, defaultHeaders });
  await session.fetch(server.url, init);
  return server.seen[0];
}

function* generate(...pairs: [string, string][]): Generator<[string, string]> {
  yield* pairs;
}

describe('headers', () => {
  it.each<[shape: string, headers: () => HeadersInput]>([
    ['a Headers', () => new Headers({ 'X-One': '1', 'X-Two': '2' })],
    [
      'a Map',
      () =>
        new Map([
          ['X-One', '1'],
          ['X-Two', '2'],
        ]),
    ],
    [
      'pairs',
      () => [
        ['X-One', '1'],
        ['X-Two', '2'],
      ],
    ],
    ['a generator', () => generate(['X-One', '1'], ['X-Two', '2'])],
    ['an object', () => ({ 'X-One': '1', 'X-Two': '2' })],
    [
      'an object without a prototype',
      () => Object.assign(Object.create(null), { 'X-One': '1', 'X-Two': '2' }),
    ],
  ])('come as %s', async (_, headers) => {
    const request = await seen({ headers: headers() });
    expect([headerOf(request, 'x-one'), headerOf(request, 'x-two')]).toEqual(['1', '2']);
  });

  it('keep the order and the spelling of the caller', async () => {
    const request = await seen({ headers: { 'x-b': '1', 'X-A': '2', 'X-c': '3' } });
    const names = request?.headers.map(([name]) => name).filter((name) => /^x-/i.test(name));
    expect(names).toEqual(['x-b', 'X-A', 'X-c']);
  });

  it.each<[value: string | number | boolean, written: string]>([
    ['text', 'text'],
    ['', ''],
    [' \t padded \t', 'padded'],
    ['from a file\n', 'from a file'],
    ['\r\n from a file\r\n\t', 'from a file'],
    ['\n', ''],
    [0, '0'],
    [-1.5, '-1.5'],
    [true, 'true'],
    [false, 'false'],
    ['caf\u00e9', 'caf\u00e9'],
  ])('write the value %o as %o', async (value, written) => {
    expect(headerOf(await seen({ headers: { 'x-value': value } }), 'x-value')).toBe(written);
  });

  it('write a list as one line each', async () => {
    const request = await seen({ headers: { 'x-list': ['a', 'b'] } });
    expect(request?.headers.filter(([name]) => name === 'x-list')).toEqual([
      ['x-list', 'a'],
      ['x-list', 'b'],
    ]);
  });

  it.each([null, undefined])('leave out a header whose value is %s', async (value) => {
    expect(headerOf(await seen({ headers: { 'x-gone': value } }), 'x-gone')).toBeUndefined();
  });

  it.each([null, undefined])('remove a default header by %s', async (value) => {
    const request = await seen({ headers: { 'X-TEAM': value } }, { 'x-team': 'a', 'x-stays': 'b' });
    expect([headerOf(request, 'x-team'), headerOf(request, 'x-stays')]).toEqual([undefined, 'b']);
  });

  it("remove a preset's header by null", async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    await session.fetch(server.url, { headers: { 'user-agent': null } });
    expect(headerOf(server.seen[0], 'user-agent')).toBeUndefined();
  });

  it('replace the default ones by name, in any case', async () => {
    const request = await seen({ headers: { 'X-Team': 'mine' } }, { 'x-team': 'ours' });
    expect(request?.headers.filter(([name]) => name.toLowerCase() === 'x-team')).toEqual([
      ['X-Team', 'mine'],
    ]);
  });

  it.each([null, undefined])('may be %s for none', async (headers) => {
    expect((await seen({ headers }))?.method).toBe('GET');
  });

  it('of a session are not changed by a request', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession({ browser: null, defaultHeaders: { 'x-team': 'a' } });
    await session.fetch(server.url, { headers: { 'x-team': 'b', 'x-more': 'c' } });
    await session.fetch(server.url);
    expect([headerOf(server.seen[1], 'x-team'), headerOf(server.seen[1], 'x-more')]).toEqual([
      'a',
      undefined,
    ]);
  });

  it('of a session do not follow later changes of the caller', async () => {
    const server = await startServer((_, response) => void response.end());
    const defaultHeaders = { 'x-team': 'a' };
    await using session = await createSession({ defaultHeaders });
    defaultHeaders['x-team'] = 'b';
    await session.fetch(server.url);
    expect(headerOf(server.seen[0], 'x-team')).toBe('a');
  });

  it('of the caller are not changed', async () => {
    const headers = new Headers({ 'x-one': '1' });
    await seen({ method: 'POST', headers, json: {} });
    expect([...headers]).toEqual([['x-one', '1']]);
  });

  it('may be frozen', async () => {
    const init = deepFreeze({ headers: { 'x-one': '1' } });
    expect(headerOf(await seen(init), 'x-one')).toBe('1');
  });
});

describe('a bad header', () => {
  const badNames = ['', ' ', 'x y', 'x:', 'x\r\ny', 'x\ny', 'x\ry', 'x\0', 'é', '(x)', 'x\u2028'];
  const badValues = ['a\r\nx: y', 'a\nb', 'a\rb', 'a\0b', '\u007f', '\u0001', '\u0100', '\ud83c\udf6a'];
  const shapes: [shape: string, make: (name: string, value: string) => unknown][] = [
    ['an object', (name, value) => ({ [name]: value })],
    ['pairs', (name, value) => [[name, value]]],
    ['a Map', (name, value) => new Map([[name, value]])],
    ['a generator', (name, value) => generate([name, value])],
  ];

  it.each(shapes.flatMap(([shape, make]) => badNames.map((name) => [name, shape, make] as const)))(
    'is refused for its name %j in %s before anything is sent',
    async (name, _, make) => {
      const server = await startServer((_, response) => void response.end());
      await using session = await createSession();
      const { code } = await refusalOf(() =>
        session.fetch(server.url, { headers: make(name, 'v') as HeadersInput }),
      );
      expect([code, server.connections]).toEqual(['ERR_INVALID_HEADER', 0]);
    },
  );

  it.each(shapes.flatMap(([shape, make]) => badValues.map((value) => [value, shape, make] as const)))(
    'is refused for its value %j in %s before anything is sent',
    async (value, _, make) => {
      const server = await startServer((_, response) => void response.end());
      await using session = await createSession();
      const { code, message } = await refusalOf(() =>
        session.fetch(server.url, { headers: make('x-bad', value) as HeadersInput }),
      );
      expect([code, server.connections]).toEqual(['ERR_INVALID_HEADER', 0]);
      expect(message).toBe('the value of the header x-bad has a control character, or one past U+00FF');
    },
  );

  it.each<[kind: string, headers: unknown, message: RegExp]>([
    ['a string, which may be a secret', 'x: y', /^headers must be an object or pairs, got a string$/],
    ['a number', 5, /^headers must be an object or pairs, got 5$/],
    ['true', true, /^headers must be an object or pairs, got true$/],
    ['a list of strings', ['ab'], /^headers given as a list must be pairs of name and value$/],
    ['a Set of strings', new Set(['ab']), /^headers given as a list must be pairs/],
    ['three in a pair', [['a', 'b', 'c']], /^headers given as a list must be pairs/],
    ['a name that is a number', [[5, 'b']], /^a header name must be a string, got 5$/],
    ['a name that is null', [[null, 'b']], /^a header name must be a string, got null$/],
    [
      'an object as value',
      { a: {} },
      /^the value of the header a must be a string, number or boolean, got an object$/,
    ],
    ['a function as value', { a: () => 1 }, /^the value of the header a must be .*, got a function$/],
    ['a symbol as value', { a: Symbol('s') }, /^the value of the header a must be .*, got Symbol\(s\)$/],
    ['null in a list', { a: ['b', null] }, /^the value of the header a must be .*, got null$/],
  ])('is refused with %s', (_, headers, message) => {
    expect(() => readHeaders(headers)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_HEADER' }));
    expect(() => readHeaders(headers)).toThrow(message);
  });

  it.each(['transfer-encoding', 'Keep-Alive', 'upgrade', 'Expect', 'Proxy-Authorization'])(
    'is refused where only the transport may write it: %s',
    (name) => {
      expect(() => readHeaders({ [name]: 'x' })).toThrow(`the header ${name} cannot be set: `);
    },
  );

  it.each(['constructor', '__proto__'])('may have a name that every object has: %s', (name) => {
    expect(readHeaders([[name, 'x']]).entries).toEqual([[name, 'x']]);
  });

  it('never shows its value', async () => {
    const { message, stack } = await refusalOf(() => readHeaders({ authorization: 'canary\r\n canary' }));
    expect(`${message}${stack}`).not.toContain('canary');
  });
});

describe('a multipart file name', () => {
  it.each([
    ['a line break', 'a\r\nX-Evil: 1', 'a%0D%0AX-Evil: 1'],
    ['a lone line feed', 'a\nb', 'a%0Ab'],
    ['a lone carriage return', 'a\rb', 'a%0Db'],
    ['a quote', 'a"; filename="b', 'a%22; filename=%22b'],
  ])('cannot end its line or its quotes with %s', async (_, name, escaped) => {
    const body = new FormData();
    body.set('file', new File(['x'], name));
    const request = await seen({ method: 'POST', body });
    expect(request?.body.toString()).toContain(`name="file"; filename="${escaped}"\r\n`);
  });

  it('has a field name that is escaped in the same way', async () => {
    const body = new FormData();
    body.set('a"\r\nb', 'x');
    const request = await seen({ method: 'POST', body });
    expect(request?.body.toString()).toContain('name="a%22%0D%0Ab"\r\n\r\nx');
  });
});

describe('mergeHeaders', () => {
  it('puts an overriding header in the position of the overridden one', () => {
    const lower = readHeaders({ a: '1', b: '2', c: '3' });
    expect(mergeHeaders(lower, readHeaders({ d: '4', B: 'x' })).entries).toEqual([
      ['a', '1'],
      ['B', 'x'],
      ['c', '3'],
      ['d', '4'],
    ]);
  });

  it('replaces every line of a name', () => {
    const lower = readHeaders({ a: ['1', '2'] });
    expect(mergeHeaders(lower, readHeaders({ a: 'x' })).entries).toEqual([['a', 'x']]);
  });

  it('keeps a removal, unless the overriding headers set the name again', () => {
    const lower = readHeaders({ a: null, b: null });
    expect([...mergeHeaders(lower, readHeaders({ b: 'x', c: null })).removed]).toEqual(['a', 'c']);
  });

  it('changes neither side', () => {
    const [lower, upper] = [deepFreeze(readHeaders({ a: '1' })), deepFreeze(readHeaders({ a: '2' }))];
    expect(mergeHeaders(lower, upper).entries).toEqual([['a', '2']]);
    expect([lower.entries, upper.entries]).toEqual([[['a', '1']], [['a', '2']]]);
  });
});
