import { describe, expect, it, vi } from 'vitest';
import type { HeaderEntry, RequestHead } from '../../../src/core/http.ts';
import {
  type BrowserAlias,
  type BrowserProfile,
  type ContextInput,
  getEmulationHeaders,
  inferContext,
  type PresetRequest,
  presetHeaders,
  resolvePreset,
} from '../../../src/core/presets/index.ts';

const url = new URL('https://www.example.com/api');

/** A typed navigation. */
const base = {
  method: 'GET',
  url,
  headers: [],
  redirectedFrom: [],
  http2: false,
  acceptLanguage: null,
  hasBody: false,
} as const;

type Part = Partial<PresetRequest> & {
  readonly say?: Partial<ContextInput>;
  readonly browser?: BrowserProfile | BrowserAlias;
};

function send({ browser = 'chrome', say, ...part }: Part = {}): RequestHead {
  const { method = 'GET', headers = [] } = part;
  return presetHeaders(resolvePreset(browser, undefined), {
    ...base,
    context: inferContext({ url, method, headers, contentType: null, ...say }),
    ...part,
    method,
    headers,
  });
}

const namesOf = ({ headers }: RequestHead) => headers.map(([name]) => name);

describe("a caller's header", () => {
  const browsers = ['chrome', 'firefox', 'safari', 'okhttp'] as const;

  it.each(browsers)("replaces %s's own, with the caller's spelling and value", (browser) => {
    const before = namesOf(send({ browser }));
    const after = send({ browser, headers: [['user-AGENT', 'mine']] });
    expect(after.headers).toContainEqual(['user-AGENT', 'mine']);
    expect(namesOf(after).map((name) => name.toLowerCase())).toEqual(
      before.map((name) => name.toLowerCase()),
    );
  });

  it('is distinguished from a removed one', () => {
    // A new language, so that nothing is remembered of either.
    const acceptLanguage = 'tlh';
    send({ acceptLanguage, headers: [['-accept', 'x']] });
    const { headers } = send({ acceptLanguage, removedHeaders: new Set(['accept']) });
    expect(headers.filter(([name]) => name === '' || /accept$/i.test(name))).toEqual([]);
  });

  it.each(browsers)('stays two adjacent entries when given twice: %s', (browser) => {
    const headers: HeaderEntry[] = [
      ['X-One', 'a'],
      ['X-Two', 'b'],
      ['x-one', 'c'],
    ];
    for (const say of [{}, { destination: '' }]) {
      const list = send({ browser, headers, say }).headers;
      const at = list.findIndex(([name]) => name === 'X-One');
      expect(list.slice(at, at + 2)).toEqual([
        ['X-One', 'a'],
        ['x-one', 'c'],
      ]);
    }
  });

  it.each(browsers)('is never lost: %s', (browser) => {
    const names = [
      'Host',
      'Cookie',
      'Authorization',
      'Content-Type',
      'Content-Length',
      'If-None-Match',
      'Range',
      'Origin',
      'Referer',
      'Pragma',
      'Cache-Control',
      'DNT',
      'Priority',
      'TE',
      'Sec-Fetch-Site',
      'Sec-CH-UA',
      'Accept-Language',
      'Accept-Encoding',
      'Last-Event-ID',
      'X-Own',
      'Sec-Purpose',
      'Upgrade-Insecure-Requests',
      'Access-Control-Request-Method',
    ];
    const headers = names.map((name): HeaderEntry => [name, `own ${name}`]);
    for (const say of [
      {},
      { destination: '' },
      { destination: 'image' },
      { destination: 'worker' },
      { mode: 'websocket' as const },
    ]) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const list = send({ browser, headers, say, method }).headers;
        for (const entry of headers) expect(list.filter((each) => each === entry)).toHaveLength(1);
      }
    }
  });

  it('is lower case on HTTP/2', () => {
    const list = send({ http2: true, headers: [['X-Own', 'Value']], say: { destination: '' } }).headers;
    expect(list).toContainEqual(['x-own', 'Value']);
  });

  it("is after Chromium's Accept on a navigation, with the transport's fields before", () => {
    const list = namesOf(
      send({
        headers: [
          ['X-Own', '1'],
          ['Authorization', 'Basic x'],
        ],
      }),
    );
    expect(list[0]).toBe('Authorization');
    expect(list[list.indexOf('Accept') + 1]).toBe('X-Own');
  });

  it('is ordered by the hash table of its version: SuperFastHash up to 128', () => {
    const post = { method: 'POST', headers: [['content-type', 'application/json']] as const };
    expect(namesOf(send({ ...post, browser: 'chrome_128' })).slice(0, 6)).toEqual([
      'sec-ch-ua',
      'content-type',
      'sec-ch-ua-mobile',
      'User-Agent',
      'sec-ch-ua-platform',
      'Accept',
    ]);
    expect(namesOf(send({ ...post, browser: 'chrome_129' })).slice(0, 6)).toEqual([
      'sec-ch-ua-platform',
      'User-Agent',
      'sec-ch-ua',
      'content-type',
      'sec-ch-ua-mobile',
      'Accept',
    ]);
  });
});

describe('order', () => {
  it('has the positions of the fields that the transport writes, sent or not', () => {
    const order = send({
      method: 'POST',
      headers: [['Authorization', 'x']],
      say: { destination: 'document' },
    }).order;
    expect(order.slice(0, 4)).toEqual(['host', 'connection', 'authorization', 'content-length']);
    expect(send({ browser: 'safari' }).order.slice(-2)).toEqual(['cookie', 'connection']);
  });

  it("has Firefox's Content-Length after the page's headers, and at the end without a body", () => {
    const order = (hasBody: boolean) =>
      send({
        browser: 'firefox',
        method: 'POST',
        hasBody,
        headers: [['X-Own', '1']],
        say: { destination: '' },
      }).order;
    expect(order(true).indexOf('content-length')).toBe(order(true).indexOf('x-own') + 1);
    expect(order(false).at(-1)).toBe('content-length');
  });

  it('names every header of the list', () => {
    const { headers, order } = send({ headers: [['X-Own', '1']] });
    expect(headers.map(([name]) => name.toLowerCase())).toEqual(
      order.filter((name) => !/^(host|connection|content-length|cookie)$/.test(name)),
    );
  });
});

describe('cookieIndex', () => {
  it.each([
    ['chrome', {}, 'Accept-Language', undefined],
    ['chrome', { http2: true }, 'accept-language', 'priority'],
    ['firefox', {}, 'Accept-Encoding', 'Upgrade-Insecure-Requests'],
    ['safari', {}, 'Accept-Encoding', undefined],
    ['okhttp', {}, 'Accept-Encoding', 'User-Agent'],
  ] as const)('of %s %o stands between %s and %s', (browser, part, before, after) => {
    const sent = send({ browser, ...part });
    const list = namesOf(sent);
    expect([list[sent.cookieIndex - 1], list[sent.cookieIndex]]).toEqual([before, after]);
  });

  it("points at the caller's own Cookie header", () => {
    const sent = send({ headers: [['Cookie', 'a=1']] });
    expect(sent.headers[sent.cookieIndex]).toEqual(['Cookie', 'a=1']);
  });
});

describe('older Chromium', () => {
  it.each([
    [
      'chrome_128',
      ['sec-ch-ua-platform', 'Upgrade-Insecure-Requests', 'Origin', 'Content-Type', 'User-Agent', 'Accept'],
    ],
    [
      'chrome_139',
      ['sec-ch-ua-platform', 'Origin', 'Content-Type', 'Upgrade-Insecure-Requests', 'User-Agent', 'Accept'],
    ],
    [
      'chrome_156',
      ['sec-ch-ua-platform', 'Upgrade-Insecure-Requests', 'Content-Type', 'User-Agent', 'Origin', 'Accept'],
    ],
  ] as const)('%s orders a form post as published', (browser, part) => {
    const headers: HeaderEntry[] = [['Content-Type', 'application/x-www-form-urlencoded']];
    const list = namesOf(send({ browser, method: 'POST', headers }));
    const at = list.indexOf(part[0]);
    expect(list.slice(at, at + part.length)).toEqual(part);
  });

  it('requests media with its own identity value up to 139', () => {
    const encoding = (browser: BrowserProfile) =>
      send({ browser, say: { destination: 'video' } }).headers.find(
        ([name]) => name === 'Accept-Encoding',
      )?.[1];
    expect([encoding('chrome_139'), encoding('chrome_140')]).toEqual(['identity;q=1, *;q=0', 'identity']);
  });
});

describe('a cached list', () => {
  it('is the same list while no value in it belongs to one request', () => {
    expect(send().headers).toBe(send().headers);
  });

  it('is kept for a bounded number of kinds of request', () => {
    const { lines, ...rest } = resolvePreset('chrome', 'linux');
    const counted = { ...rest, lines: vi.fn(lines) };
    const ask = (name: string) =>
      presetHeaders(counted, {
        ...base,
        headers: [[name, '1']],
        context: inferContext({ ...base, contentType: null }),
      });
    ask('x-first');
    ask('x-first');
    expect(counted.lines).toHaveBeenCalledTimes(1);
    for (let index = 0; index < 1000; index++) ask(`x-${index}`);
    ask('x-first');
    expect(counted.lines).toHaveBeenCalledTimes(1002);
  });

  it('never shows another request’s values', () => {
    const one = send({
      headers: [['x-a', '1']],
      say: { destination: '', referrer: new URL('https://www.example.com/1') },
    });
    const two = send({
      headers: [['x-a', '2']],
      say: { destination: '', referrer: new URL('https://www.example.com/2') },
    });
    expect(one.headers).toContainEqual(['x-a', '1']);
    expect(two.headers).toContainEqual(['x-a', '2']);
    expect(two.headers).toContainEqual(['Referer', 'https://www.example.com/2']);
  });

  it('does not change the result after any number of kinds of request', () => {
    const names = Array.from({ length: 600 }, (_, index) => `x-${index}`);
    const fresh = names.map((name) => namesOf(send({ headers: [[name, '1']], say: { destination: '' } })));
    const again = names.map((name) => namesOf(send({ headers: [[name, '1']], say: { destination: '' } })));
    expect(again).toEqual(fresh);
    for (const [index, name] of names.entries()) expect(fresh[index]).toContain(name);
  });

  it('cannot be changed by a caller', () => {
    expect(() => Reflect.apply(Array.prototype.push, send().headers, [['x', 'y']])).toThrow(TypeError);
    getEmulationHeaders('chrome').length = 0;
    expect(getEmulationHeaders('chrome').length).toBeGreaterThan(5);
  });
});

describe('getEmulationHeaders', () => {
  it('lists a navigation of the newest Chrome on a Mac by default', () => {
    const headers = new Map(getEmulationHeaders());
    expect(headers.get('sec-ch-ua-platform')).toBe('"macOS"');
    expect(headers.get('Sec-Fetch-Dest')).toBe('document');
  });

  it('takes URLs as strings, and headers in any common form', () => {
    const referrer = 'https://www.example.com/page';
    const list = (headers: Headers | Record<string, string> | [string, string][]) =>
      getEmulationHeaders('firefox', 'linux', {
        url: 'https://www.example.com/x',
        method: 'PUT',
        referrer,
        headers,
      });
    const pairs = list([['x-own', '1']]);
    expect(pairs).toContainEqual(['Referer', referrer]);
    expect(list({ 'x-own': '1' })).toEqual(pairs);
    expect(list(new Headers({ 'x-own': '1' }))).toEqual(pairs);
  });

  it('lists the hop of a redirect', () => {
    const redirectedFrom = ['http://www.example.com/'];
    const names = getEmulationHeaders('chrome', 'linux', {
      url: 'https://www.example.com/',
      redirectedFrom,
    }).map(([name]) => name);
    expect(names.indexOf('sec-ch-ua')).toBe(names.indexOf('Sec-Fetch-Dest') + 1);
  });

  it('refuses a bad URL by code', () => {
    for (const context of [{ url: '/x' }, { referrer: 'nonsense' }]) {
      expect(() => getEmulationHeaders('chrome', undefined, context)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_URL' }),
      );
    }
  });

  it('lists what a context would carry', () => {
    const headers = new Map(
      getEmulationHeaders('chrome_156', 'windows', {
        destination: 'image',
        referrer: new URL('https://www.example.com/page'),
        url,
      }),
    );
    expect(headers.get('Sec-Fetch-Dest')).toBe('image');
    expect(headers.get('Referer')).toBe('https://www.example.com/page');
  });
});

describe('a head that is made again', () => {
  const withValue = (value: string): RequestHead => send({ headers: [['X-Token', value]] });

  it("is the same object for the same values, and never another request's", () => {
    const [one, two] = [withValue('one'), withValue('two')];
    expect(withValue('two')).toBe(two);
    expect(two).not.toBe(one);
    expect([one, two, withValue('one')].map(({ headers }) => new Map(headers).get('X-Token'))).toEqual([
      ...['one', 'two', 'one'],
    ]);
  });

  it('follows the spelling of a header and the page that it came from', () => {
    expect(namesOf(send({ headers: [['X-Token', 'two']] }))).toContain('X-Token');
    expect(namesOf(send({ headers: [['x-token', 'two']] }))).toContain('x-token');
    const refererOf = (page: string): string | undefined =>
      new Map(send({ say: { referrer: new URL(page) } }).headers).get('Referer');
    const pages = ['https://www.example.com/a', 'https://www.example.com/b', 'https://www.example.com/a'];
    expect(pages.map(refererOf)).toEqual(pages);
  });
});
