import { describe, expect, it } from 'vitest';
import { reorderHead } from '../../src/core/head-order.ts';
import type { HeaderEntry } from '../../src/core/pipeline.ts';

const agent: HeaderEntry = ['User-Agent', 'x'];
const accept: HeaderEntry = ['Accept', '*/*'];
const origin: HeaderEntry = ['Origin', 'http://a.test'];
const cookie: HeaderEntry = ['Cookie', 'a=1'];

/** Where browsers have the three: Chromium's and Firefox's ways, OkHttp's, and one that ends with Connection. */
const orders = {
  first: ['host', 'connection', 'content-length', 'user-agent', 'accept', 'origin', 'cookie'],
  between: ['host', 'user-agent', 'accept', 'content-length', 'origin', 'connection', 'cookie'],
  behindCookie: ['host', 'user-agent', 'cookie', 'connection', 'accept', 'content-length', 'origin'],
  length: ['content-length', 'host', 'connection', 'user-agent', 'cookie', 'accept', 'origin'],
  last: ['user-agent', 'accept', 'host', 'origin', 'cookie', 'content-length', 'connection'],
} as const;

/** A head as undici writes it. */
function head(headers: readonly HeaderEntry[], tail = '\r\n'): string {
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `POST /path HTTP/1.1\r\nhost: a.test\r\nconnection: keep-alive\r\n${fields}${tail}`;
}

/** The names of a head in its own spelling, the blank line as `''`. */
function names(text: string): string[] {
  return text
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(': ')[0] ?? '');
}

describe('the order of a head', () => {
  const all = [agent, accept, origin];
  const spelled = (order: readonly string[]): string[] =>
    order.map((name) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()));

  it.each(Object.entries(orders))('is the one asked for, with a cookie and a length: %s', (_, order) => {
    const headers = [...all, cookie].sort((a, b) => indexIn(order, a) - indexIn(order, b));
    const text = reorderHead(head(headers, 'content-length: 12\r\n\r\n'), { headers, order });
    expect(names(text)).toEqual([...spelled(order), '']);
    expect(text).toContain('\r\nContent-Length: 12\r\n');
    expect(text).toContain('\r\nHost: a.test\r\n');
    expect(text).toContain('\r\nConnection: keep-alive\r\n');
  });

  it.each(Object.entries(orders))('is the one asked for, with neither: %s', (_, order) => {
    const headers = [...all].sort((a, b) => indexIn(order, a) - indexIn(order, b));
    const text = reorderHead(head(headers), { headers, order });
    const wanted = order.filter((name) => name !== 'cookie' && name !== 'content-length');
    expect(names(text)).toEqual([...spelled(wanted), '']);
  });

  it.each(Object.entries(orders))(
    'is the same for the next request of that layout, with a cookie: %s',
    (_, order) => {
      const shared = [...order];
      const headers = [...all].sort((a, b) => indexIn(order, a) - indexIn(order, b));
      reorderHead(head(headers), { headers, order: shared });
      const more = [...all, cookie].sort((a, b) => indexIn(order, a) - indexIn(order, b));
      const text = reorderHead(head(more), { headers: more, order: shared });
      expect(names(text)).toEqual([...spelled(order.filter((name) => name !== 'content-length')), '']);
    },
  );

  it('puts the coding of a chunked body where the length would be, and adds no blank line', () => {
    const headers = [agent, accept, origin];
    const text = reorderHead(head(headers, 'transfer-encoding: chunked\r\n'), {
      headers,
      order: orders.between,
    });
    expect(names(text)).toEqual([
      'Host',
      'User-Agent',
      'Accept',
      'Transfer-Encoding',
      'Origin',
      'Connection',
    ]);
    expect(text.endsWith('keep-alive\r\n')).toBe(true);
  });

  it('keeps the spelling that a caller has for a field that undici writes', () => {
    const given: HeaderEntry[] = [['HOST', 'b.test'], ['connection', 'x'], agent];
    const text = reorderHead(head([agent]), { headers: given, order: ['host', 'connection', 'user-agent'] });
    expect(names(text)).toEqual(['HOST', 'connection', 'User-Agent', '']);
  });

  it('leaves a field that it was not told of where undici wrote it', () => {
    const headers = [agent, accept];
    const text = reorderHead(head([['Proxy-Authorization', 'Basic x'], ...headers]), {
      headers,
      order: ['host', 'connection', 'user-agent', 'accept'],
    });
    expect(names(text)).toEqual(['Host', 'Connection', 'Proxy-Authorization', 'User-Agent', 'Accept', '']);
  });

  it('leaves what has no place in front', () => {
    const text = reorderHead(head([agent]), { headers: [agent], order: ['user-agent'] });
    expect(names(text)).toEqual(['Host', 'Connection', 'User-Agent', '']);
  });

  it('writes a length last that has no place', () => {
    const text = reorderHead(head([agent], 'content-length: 0\r\n\r\n'), {
      headers: [agent],
      order: ['host', 'connection'],
    });
    expect(names(text)).toEqual(['Host', 'Connection', 'User-Agent', 'Content-Length', '']);
  });

  it('takes digits at the end of a value for what they are', () => {
    const headers: HeaderEntry[] = [agent, ['X-Content-Length', '12']];
    const order = ['content-length', 'host', 'connection', 'user-agent', 'x-content-length'];
    const text = reorderHead(head(headers), { headers, order });
    expect(names(text)).toEqual(['Host', 'Connection', 'User-Agent', 'X-Content-Length', '']);
  });
});

describe('a head that undici does not write', () => {
  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a chunk', '\r\n5\r\nhello'],
    ['the end of the chunks', '\r\n0\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['no connection', 'GET / HTTP/1.1\r\nhost: a\r\nuser-agent: x\r\n\r\n'],
    ['another order', 'GET / HTTP/1.1\r\nconnection: close\r\nhost: a\r\n\r\n'],
    ['no end', 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nUser-Agent: x\r\n'],
    [
      'a field that is missing',
      'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
      ['user-agent', 'host', 'accept', 'connection'],
    ],
  ])('passes as it is: %s', (_, text, order: readonly string[] = orders.first) => {
    expect(reorderHead(text, { headers: [agent, accept], order })).toBe(text);
  });
});

function indexIn(order: readonly string[], [name]: HeaderEntry): number {
  return order.indexOf(name.toLowerCase());
}
