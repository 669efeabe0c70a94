import { describe, expect, it } from 'vitest';
import type { CallRequest } from '../../../../src/core/flow/pipeline.ts';
import type { HeaderEntry, RequestHead } from '../../../../src/core/http.ts';
import { composeHead, writeHead } from '../../../../src/core/transport/head/compose.ts';
import { seededRandom } from '../../../helpers/random.ts';

const agent: HeaderEntry = ['User-Agent', 'x'];
const accept: HeaderEntry = ['Accept', '*/*'];
const origin: HeaderEntry = ['Origin', 'http://a.test'];
const all = [agent, accept, origin];

/** Where browsers have the three: Chromium's and Firefox's ways, OkHttp's, and one that ends with Connection. */
const orders = {
  first: ['host', 'connection', 'content-length', 'user-agent', 'accept', 'origin', 'cookie'],
  between: ['host', 'user-agent', 'accept', 'content-length', 'origin', 'connection', 'cookie'],
  behindCookie: ['host', 'user-agent', 'cookie', 'connection', 'accept', 'content-length', 'origin'],
  length: ['content-length', 'host', 'connection', 'user-agent', 'cookie', 'accept', 'origin'],
  last: ['user-agent', 'accept', 'host', 'origin', 'cookie', 'content-length', 'connection'],
} as const;

const chunked = 'transfer-encoding: chunked\r\n';

/** What undici writes of a request whose other fields are left to us. */
function written(tail = '\r\n', others = ''): string {
  return `POST /path HTTP/1.1\r\nhost: a.test\r\nconnection: keep-alive\r\n${others}${tail}`;
}

function headIn(order: readonly string[], given: readonly HeaderEntry[] = all): RequestHead {
  const place = ([name]: HeaderEntry): number => order.indexOf(name.toLowerCase());
  const headers = given.toSorted((a, b) => place(a) - place(b));
  const cookieAt = order.indexOf('cookie');
  const after = headers.findIndex((header) => place(header) > cookieAt);
  const cookieIndex = cookieAt < 0 || after < 0 ? headers.length : after;
  return { headers, cookieIndex, order: [...order], variable: [] };
}

/** A request for which HTTP/2 was offered, with its heads in both. */
function offering(order: readonly string[], cookie: string | null): CallRequest {
  const http1 = headIn(order);
  const lower = http1.headers.map(([name, value]): HeaderEntry => [name.toLowerCase(), value]);
  const head = { ...http1, headers: lower };
  return { headers: [], head, http1Head: () => http1, cookie } as unknown as CallRequest;
}

/** The names of a head in its own spelling, the blank line as `''`. */
function names(text: string): string[] {
  return text
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(': ')[0] ?? '');
}

function spelled(order: readonly string[]): string[] {
  return order.map((name) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()));
}

describe('the order of a head', () => {
  it.each(Object.entries(orders))('is the one asked for, with a cookie and a length: %s', (_, order) => {
    const text = composeHead(written('content-length: 190\r\n\r\n'), headIn(order), 'a=1; b=2');
    expect(names(text)).toEqual([...spelled(order), '']);
    expect(text.startsWith('POST /path HTTP/1.1\r\n')).toBe(true);
    expect(text).toContain('\r\nContent-Length: 190\r\n');
    expect(text).toContain('\r\nHost: a.test\r\n');
    expect(text).toContain('\r\nConnection: keep-alive\r\n');
    expect(text).toContain('\r\nCookie: a=1; b=2\r\n');
    for (const [name, value] of all) expect(text).toContain(`\r\n${name}: ${value}\r\n`);
  });

  it.each(Object.entries(orders))('is the one asked for, with neither: %s', (_, order) => {
    const wanted = order.filter((name) => name !== 'cookie' && name !== 'content-length');
    expect(names(composeHead(written(), headIn(order), null))).toEqual([...spelled(wanted), '']);
  });

  it.each(Object.entries(orders))('is the same for every request of that layout: %s', (_, shared) => {
    const fixed = headIn(shared);
    for (const cookie of ['a=1', null, 'a=2']) {
      const wanted = shared.filter(
        (name) => name !== 'content-length' && (name !== 'cookie' || cookie !== null),
      );
      const text = composeHead(written(), fixed, cookie);
      expect(names(text)).toEqual([...spelled(wanted), '']);
      expect(/Cookie: (.*)\r/.exec(text)?.[1] ?? null).toBe(cookie);
    }
  });

  it.each([1, 2, 3, 4, 5])('is the one of this request, whatever was composed before: seed %i', (seed) => {
    const { pick } = seededRandom(seed);
    const layouts = Object.values(orders).flatMap((order) => {
      const fixed = headIn(order);
      const entries = (value: string): HeaderEntry[] =>
        fixed.headers.map(([name], index) => [name, index === 0 ? value : 'same']);
      // Two requests of one layout whose values differ, as in a Referer.
      const varying = { ...fixed, order: [...order], variable: [0] };
      const others = ['/a', '/b'].map((value) => ({ ...varying, headers: entries(value) }));
      return [fixed, ...others];
    });
    for (let count = 0; count < 400; count++) {
      const head = pick(layouts);
      // Texts of the same length that differ in each of their parts.
      const host = pick(['a.test', 'b.test']);
      const others = pick(['', '', 'traceparent: 00\r\n', 'traceparent: 01\r\n']);
      const tail = pick(['\r\n', 'content-length: 10\r\n\r\n', 'content-length: 11\r\n\r\n', chunked]);
      const fields = `host: ${host}\r\nconnection: ${pick(['keep-alive', 'close     '])}\r\n${others}${tail}`;
      const text = `${pick(['GET', 'PUT'])} ${pick(['/a', '/b', '/longer?x=1'])} HTTP/1.1\r\n${fields}`;
      const cookie = pick([null, 'a=1', 'a=2', '\u00e4=1']);
      const unused = { ...head, order: [...head.order] };
      expect(composeHead(text, head, cookie)).toBe(composeHead(text, unused, cookie));
    }
  });

  it('has the values of each request where the layout has none', () => {
    const layout = { ...headIn(orders.first), variable: [0, 2] };
    for (const value of ['one', 'two']) {
      const headers: HeaderEntry[] = [['USER-agent', value], accept, ['Origin', `http://${value}.test`]];
      const text = composeHead(written(), { ...layout, headers }, 'a=1');
      expect(names(text)).toEqual(['Host', 'Connection', 'USER-agent', 'Accept', 'Origin', 'Cookie', '']);
      expect(text).toContain(`\r\nUSER-agent: ${value}\r\n`);
      expect(text).toContain(`\r\nOrigin: http://${value}.test\r\n`);
    }
  });

  it('writes a field of undici once when the caller sets it twice', () => {
    const given: HeaderEntry[] = [['Connection', 'x'], agent, ['connection', 'y']];
    const text = composeHead(written(), headIn(['host', 'connection', 'user-agent'], given), null);
    expect(names(text)).toEqual(['Host', 'Connection', 'User-Agent', '']);
  });

  it('puts the coding of a chunked body in the position of the length, and adds no blank line', () => {
    const text = composeHead(written('transfer-encoding: chunked\r\n'), headIn(orders.between), null);
    expect(names(text)).toEqual([
      ...['Host', 'User-Agent', 'Accept', 'Transfer-Encoding', 'Origin', 'Connection'],
    ]);
    expect(text.endsWith('keep-alive\r\n')).toBe(true);
  });

  it("keeps the caller's spelling of a field that undici writes, and writes it once", () => {
    const given: HeaderEntry[] = [['HOST', 'b.test'], ['connection', 'x'], agent, ['content-LENGTH', '3']];
    const head = headIn(['host', 'connection', 'user-agent', 'content-length'], given);
    const text = composeHead(written('content-length: 3\r\n\r\n'), head, 'a=1');
    expect(names(text)).toEqual(['HOST', 'connection', 'User-Agent', 'content-LENGTH', 'Cookie', '']);
    expect(text).toContain('\r\nHOST: a.test\r\n');
  });

  it('keeps fields that others gave undici, after Connection', () => {
    const text = composeHead(written('\r\n', 'Proxy-Authorization: Basic x\r\n'), headIn(orders.first), null);
    expect(names(text)).toEqual([
      ...['Host', 'Connection', 'Proxy-Authorization', 'User-Agent', 'Accept', 'Origin', ''],
    ]);
  });

  it('is that of HTTP/1.1 where HTTP/2 was offered in vain, with the fields of other code', () => {
    const text = writeHead(
      offering(orders.first, 'a=1; b=2'),
      written('content-length: 2\r\n\r\n', 'traceparent: 00\r\n'),
    );
    expect(names(text)).toEqual([
      ...['Host', 'Connection', 'traceparent', 'Content-Length'],
      ...['User-Agent', 'Accept', 'Origin', 'Cookie', ''],
    ]);
  });

  it.each(['constructor', '__proto__'])('has a field with a name that every object has: %s', (name) => {
    const order = ['host', 'connection', 'user-agent', name];
    const text = composeHead(written(), headIn(order, [agent, [name, 'x']]), null);
    expect(names(text)).toEqual(['Host', 'Connection', 'User-Agent', name, '']);
  });

  it('leaves fields without a position at the beginning', () => {
    const text = composeHead(written(), headIn(['user-agent'], [agent]), null);
    expect(names(text)).toEqual(['Host', 'Connection', 'User-Agent', '']);
  });

  it.each([{ order: ['host', 'connection', 'user-agent'] }, { order: ['host', 'user-agent', 'connection'] }])(
    'writes a length last that has no place: $order',
    ({ order }) => {
      const text = composeHead(written('content-length: 0\r\n\r\n'), headIn(order, [agent]), 'a=1');
      expect(names(text)).toEqual([...spelled(order), 'Content-Length', 'Cookie', '']);
    },
  );

  it('does not change digits at the end of a value', () => {
    const text = composeHead(written('\r\n', 'x-content-length: 12\r\n'), headIn(orders.length), null);
    expect(names(text)).toEqual([
      ...['Host', 'Connection', 'x-content-length', 'User-Agent', 'Accept', 'Origin', ''],
    ]);
  });
});

describe('a text that is not as undici writes a head', () => {
  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a chunk', '\r\n5\r\nhello'],
    ['the end of the chunks', '\r\n0\r\n\r\n'],
  ])('passes as it is where it is none: %s', (_, text) => {
    expect(composeHead(text, headIn(orders.first), 'a=1')).toBe(text);
  });

  it.each([
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['another field for the host', 'GET / HTTP/1.1\r\nvia: x\r\nconnection: close\r\n\r\n'],
    ['no connection', 'GET / HTTP/1.1\r\nhost: a\r\nuser-agent: x\r\n\r\n'],
    ['another order', 'GET / HTTP/1.1\r\nconnection: close\r\nhost: a\r\n\r\n'],
    ['no end', 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nX-Other: x\r\n'],
  ])('loses nothing: %s', (_, text) => {
    const composed = composeHead(
      text,
      headIn(orders.first, [['constructor', 'x'], ...all, ['Host', 'a']]),
      'a=1',
    );
    const fields =
      'constructor: x\r\nUser-Agent: x\r\nAccept: */*\r\nOrigin: http://a.test\r\nCookie: a=1\r\n';
    expect(composed.replace(fields, '')).toBe(text);
    expect(names(composed).at(-1)).toBe(text.endsWith('\r\n\r\n') ? '' : 'Cookie');
  });
});
