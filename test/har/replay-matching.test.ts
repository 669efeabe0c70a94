import { describe, expect, it } from 'vitest';
import { type ReplayHarOptions, replayHar } from '../../src/har/index.ts';
import { Marks, MarkTrial } from '../../src/har/marked-text.ts';
import { createSession } from '../../src/index.ts';
import { growthOf, linearGrowth } from '../helpers/growth.ts';
import { failureOf, harOf, type SmallEntry } from '../helpers/hars.ts';

const shop = 'https://shop.example/';
const [markA, markB] = ['redacted-00000000000000aa', 'redacted-00000000000000bb'];

type Request = readonly [url: string, init?: object];

/** The texts of the answers, or the message of a miss. */
async function replay(
  entries: readonly SmallEntry[],
  requests: readonly Request[],
  options: ReplayHarOptions = {},
) {
  await using session = await createSession({ transport: replayHar(harOf(...entries), options) });
  const came: string[] = [];
  for (const [url, init = {}] of requests) {
    const call = session.fetch(new URL(url, shop), init).then((response) => response.text());
    came.push(await call.catch(async () => (await failureOf(call)).message.replace(/^.*?: /, '')));
  }
  return came;
}

const json = (value: unknown): Partial<SmallEntry> => ({
  method: 'POST',
  body: JSON.stringify(value),
  bodyType: 'application/json',
});

describe('equal requests', () => {
  const polled = ['1', '2'].map((text): SmallEntry => ({ url: shop, text }));

  it('have the answers in recorded order, each once', async () => {
    expect(await replay(polled, [['/'], ['/'], ['/']])).toEqual([
      '1',
      '2',
      `exchange 1 of 2, GET ${shop} was replayed once; mode: 'any' replays it again`,
    ]);
  });

  it('have the last answer every time with any', async () => {
    expect(await replay(polled, [['/'], ['/'], ['/'], ['/']], { mode: 'any' })).toEqual(['1', '2', '2', '2']);
  });

  it('may come in another order than different ones', async () => {
    const entries = ['a', 'b', 'a'].map(
      (name, at): SmallEntry => ({ url: shop + name, text: `${name}${at}` }),
    );
    expect(await replay(entries, [['b'], ['a'], ['a']])).toEqual(['b1', 'a0', 'a2']);
  });
});

describe('a request matches the recording', () => {
  const multipart = (boundary: string, file: string): string =>
    [
      `--${boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\ntea\r\n`,
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n`,
      `Content-Type: application/octet-stream\r\n\r\n${file}\r\n--${boundary}--\r\n`,
    ].join('');
  const upload = (): FormData => {
    const form = new FormData();
    form.set('note', 'tea');
    form.set('file', new File(['bytes'], 'a.bin'));
    return form;
  };

  it.each<[string, SmallEntry, Request]>([
    ['with a fragment', { url: `${shop}a#b` }, ['/a#c']],
    ['with a query in other escapes', { url: `${shop}?a=%7Eb+c` }, ['/?a=~b%20c']],
    [
      'with JSON in other order and spacing',
      { url: shop, ...json({ a: [1, { b: null }], c: 'd' }) },
      [
        '/',
        {
          method: 'POST',
          body: '{ "c": "d", "a": [1, {"b":null}] }',
          headers: { 'content-type': 'application/json' },
        },
      ],
    ],
    [
      'with multipart of another boundary',
      {
        url: shop,
        method: 'POST',
        body: multipart('x', 'bytes'),
        bodyType: 'multipart/form-data; boundary=x',
      },
      ['/', { method: 'POST', body: upload() }],
    ],
    [
      'with multipart whose type says no boundary',
      { url: shop, method: 'POST', body: multipart('x', 'bytes'), bodyType: 'multipart/form-data' },
      ['/', { method: 'POST', body: upload() }],
    ],
    [
      'with a file that a browser has left out',
      { url: shop, method: 'POST', body: multipart('x', ''), bodyType: 'multipart/form-data; boundary=x' },
      ['/', { method: 'POST', body: upload() }],
    ],
    [
      'with a form of which all values are secret',
      { url: shop, method: 'POST', body: `user=${markA}&password=${markB}` },
      ['/', { method: 'POST', form: { user: 'ada', password: 'canary' } }],
    ],
    ['with a mark inside of a path', { url: `${shop}reset/${markA}/done` }, ['/reset/canary-1/done']],
    [
      'with a mark for a number in JSON',
      { url: shop, ...json({ pin: markA }) },
      ['/', { method: 'POST', json: { pin: 1234 } }],
    ],
    [
      'with bytes that are no text',
      { url: shop, method: 'POST', body: '\ufffd\0', bodyType: 'application/octet-stream' },
      ['/', { method: 'POST', body: new Uint8Array([0xff, 0]) }],
    ],
    [
      'with text in pieces',
      { url: shop, method: 'POST', body: 'one two', bodyType: 'text/plain' },
      [
        '/',
        { method: 'POST', body: ReadableStream.from(['one ', 'two'].map((piece) => Buffer.from(piece))) },
      ],
    ],
  ])('%s', async (_, entry, request) => {
    expect(await replay([{ text: 'found', ...entry }], [request])).toEqual(['found']);
  });

  it('with a body that the recording left out, or has as params', async () => {
    for (const postData of [
      undefined,
      { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'a%20b', value: 'c' }] },
    ]) {
      const har = harOf({ url: shop, method: 'POST', text: 'found' });
      Object.assign(har.log.entries[0]?.request ?? {}, { bodySize: 5, ...(postData && { postData }) });
      await using session = await createSession({ transport: replayHar(har) });
      const response = await session.fetch(shop, { method: 'POST', form: { 'a b': 'c' } });
      expect(await response.text()).toBe('found');
    }
  });
});

describe('a request differs', () => {
  const post = (form: object): Request => ['/', { method: 'POST', form }];
  it.each<[string, SmallEntry, Request, string]>([
    ['in its method', { url: shop, method: 'PUT' }, ['/'], 'the method ("GET", recorded "PUT")'],
    [
      'in its origin',
      { url: 'http://shop.example/' },
      ['/'],
      'the origin ("https://shop.example", recorded "http://shop.example")',
    ],
    [
      'in a value of the query',
      { url: `${shop}?page=1` },
      ['/?page=2'],
      'the query parameter "page" ("2", recorded "1")',
    ],
    ['in a secret of the query', { url: `${shop}?token=1` }, ['/?token=2'], 'the query parameter "token"'],
    [
      'in a long value, which may be secret',
      { url: `${shop}?q=12345678` },
      ['/?q=1'],
      'the query parameter "q"',
    ],
    [
      'in a field that is missing',
      { url: shop, method: 'POST', body: 'a=1&b=2' },
      post({ a: '1' }),
      'the form field "b", which is missing',
    ],
    [
      'in a field that is new',
      { url: shop, method: 'POST', body: 'a=1' },
      post({ a: '1', b: '2' }),
      'the form field "b", which the recording has not',
    ],
    [
      'in the order of its fields',
      { url: shop, method: 'POST', body: 'a=1&b=2' },
      post({ b: '2', a: '1' }),
      'the order or number of each form field',
    ],
    [
      'in a password that was masked twice as another',
      { url: shop, method: 'POST', body: `password=${markA}&again=${markB}` },
      post({ password: 'canary', again: 'canary' }),
      'the form field "again"',
    ],
    [
      'in JSON',
      { url: shop, ...json({ a: [{ b: 1 }] }) },
      ['/', { method: 'POST', json: { a: [{ b: 2 }] } }],
      'the JSON value a[0].b ("2", recorded "1")',
    ],
    [
      'in the kind of a JSON value',
      { url: shop, ...json({ a: [] }) },
      ['/', { method: 'POST', json: { a: {} } }],
      'the JSON value a',
    ],
    [
      'in text',
      { url: shop, method: 'POST', body: 'one', bodyType: 'text/plain' },
      ['/', { method: 'POST', body: 'two' }],
      'the body ("two", recorded "one")',
    ],
    [
      'in having a body',
      { url: shop, method: 'POST' },
      ['/', { method: 'POST', body: 'two' }],
      'a body, which the recording has not',
    ],
    [
      'in having none',
      { url: shop, method: 'POST', body: 'a=b' },
      ['/', { method: 'POST' }],
      'a body, which is missing',
    ],
    [
      'in being no revalidation',
      { url: shop, status: 304 },
      ['/'],
      'If-None-Match or If-Modified-Since, which the recorded request had',
    ],
    ['in asking for all of it', { url: shop, status: 206 }, ['/'], 'Range, which the recorded request had'],
  ])('%s', async (_, entry, request, said) => {
    const [message] = await replay([entry], [request]);
    expect(message).toBe(
      `the nearest is exchange 1 of 1, ${entry.method ?? 'GET'} ${entry.url.replace(/\?.*/, '')}, which differs in ${said}`,
    );
  });

  it('in a multipart field', async () => {
    const form = new FormData();
    form.set('note', 'milk');
    const body = '--x\r\nContent-Disposition: form-data; name="note"\r\n\r\ntea\r\n--x--\r\n';
    const entry: SmallEntry = {
      url: shop,
      method: 'POST',
      body,
      bodyType: 'multipart/form-data; boundary=x',
    };
    const [message] = await replay([entry], [['/', { method: 'POST', body: form }]]);
    expect(message).toContain('differs in the multipart field "note" ("milk", recorded "tea")');
  });

  it('and the nearest of many is named', async () => {
    const entries = [
      'https://other.example/cart/7',
      `${shop}cart/6?b=1`,
      `${shop}cart/7?a=1`,
      `${shop}cart`,
    ].map((url) => ({ url }));
    const [message] = await replay(entries, [['/cart/7?a=2']]);
    expect(message).toBe(
      `the nearest is exchange 3 of 4, GET ${shop}cart/7, which differs in the query parameter "a" ("2", recorded "1")`,
    );
  });

  it('from an empty recording', async () => {
    expect(await replay([], [['/']])).toEqual(['the recording has no exchange that can be replayed']);
  });
});

describe('match', () => {
  it.each<[ReplayHarOptions['match'], SmallEntry, Request, boolean]>([
    [{ ignoreQuery: ['ts'] }, { url: `${shop}?a=1&ts=2` }, ['/?ts=3&a=1'], true],
    [{ ignoreQuery: ['ts'] }, { url: `${shop}?a=1&ts=2` }, ['/?a=1'], true],
    [{ ignoreQuery: ['ts'] }, { url: `${shop}?a=1` }, ['/?a=2'], false],
    [{ ignoreQuery: true }, { url: `${shop}?a=1` }, ['/'], true],
    [
      { ignoreBody: true },
      { url: shop, method: 'POST', body: 'a=1' },
      ['/', { method: 'POST', form: { a: 2 } }],
      true,
    ],
    [
      { headers: ['X-Page'] },
      { url: shop, requestHeaders: [['x-page', '1']] },
      ['/', { headers: { 'x-page': '1' } }],
      true,
    ],
    [
      { headers: ['X-Page'] },
      { url: shop, requestHeaders: [['x-page', '1']] },
      ['/', { headers: { 'x-page': '2' } }],
      false,
    ],
    [({ url }, { request }) => url.length === request.url.length, { url: `${shop}?a=1` }, ['/?b=2'], true],
    [() => false, { url: shop }, ['/'], false],
  ])('%j with %j and %j: %s', async (match, entry, request, isFound) => {
    const [came] = await replay([{ text: 'found', ...entry }], [request], { match });
    expect(came === 'found').toBe(isFound);
  });

  it('as a function gets the request, and fails the call when it throws', async () => {
    const given: unknown[] = [];
    const cause = new Error('thrown');
    const match: ReplayHarOptions['match'] = ({ method, headers, body }) => {
      given.push([method, headers.get('x-a'), Buffer.from(body ?? []).toString()]);
      throw cause;
    };
    await using session = await createSession({ transport: replayHar(harOf({ url: shop }), { match }) });
    const failure = await failureOf(
      session.fetch(shop, { method: 'POST', body: 'tea', headers: { 'x-a': 'b' } }),
    );
    expect([failure.code, failure.cause, given]).toEqual(['ERR_MOCK_FAILED', cause, [['POST', 'b', 'tea']]]);
  });
});

describe('marks', () => {
  it('match one secret after the first use', async () => {
    const entries = ['1', '2'].map(
      (text): SmallEntry => ({ url: shop, method: 'POST', body: `password=${markA}`, text }),
    );
    const login = (password: string): Request => ['/', { method: 'POST', form: { password } }];
    const [first, second, third] = await replay(entries, [
      login('canary-1'),
      login('canary-2'),
      login('canary-1'),
    ]);
    expect([first, third]).toEqual(['1', '2']);
    expect(second).toContain('differs in the form field "password"');
    expect(second).not.toContain('canary');
  });

  it.each<[string, string, boolean]>([
    [`a ${markA} b`, 'a secret b', true],
    [`a ${markA} b`, `a ${markA} b`, true],
    [`a ${markA} b`, 'a  b', false],
    [`a ${markA} b ${markA}`, 'a x b x', true],
    [`a ${markA} b ${markA}`, 'a x b y', false],
    [`a ${markA} b ${markB}`, 'a x b x', false],
    [`${markA}.${markB}`, 'x.y', true],
    ['plain', 'plainer', false],
  ])('%s matches %s: %s', (recorded, text, expected) => {
    expect(new Marks().attempt().matches(recorded, text)).toBe(expected);
  });

  it('are matched in time that grows with the text', () => {
    const work = (size: number) => {
      const recorded = `x${markA}${'y'.repeat(3)}`.repeat(size);
      const text = `x${'y'.repeat(4)}z${'y'.repeat(3)}`.repeat(size);
      return () => new MarkTrial(new Map(), new Map()).matches(recorded, text);
    };
    expect(growthOf(work, 500)).toBeLessThan(linearGrowth);
  });
});

it('compares JSON of any depth and length', async () => {
  const deep = '['.repeat(5000) + ']'.repeat(5000);
  const long = JSON.stringify(Array.from({ length: 200_000 }, (_, at) => at));
  for (const body of [deep, long]) {
    const entry: SmallEntry = {
      url: shop,
      method: 'POST',
      body,
      bodyType: 'application/json',
      text: 'found',
    };
    const headers = { 'content-type': 'application/json' };
    expect(await replay([entry], [['/', { method: 'POST', body: `${body} `, headers }]])).toEqual(['found']);
  }
});

it('finds its exchange among thousands', async () => {
  const entries = Array.from(
    { length: 5000 },
    (_, at): SmallEntry => ({ url: `${shop}${at}`, text: `${at}` }),
  );
  expect(await replay(entries, [['/4999'], ['/0']])).toEqual(['4999', '0']);
});
