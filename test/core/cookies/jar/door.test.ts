import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  BrowserCookieJar,
  type CookieInit,
  type SameSiteContext,
} from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import type { CookieRejection } from '../../../../src/core/cookies/jar/outcome.ts';

const url = new URL('https://www.shop.example/account/orders');
const now = Date.UTC(2026, 0, 1);

describe('put', () => {
  const rows: [reason: CookieRejection, record: Partial<CookieInit>][] = [
    ['invalid-name', { name: 'a=b' }],
    ['invalid-name', { name: 'a;b' }],
    ['invalid-name', { name: ' __Host-a' }],
    ['invalid-value', { value: '1; Domain=evil.example' }],
    ['invalid-value', { name: '', value: ' __Host-a' }],
    ['invalid-path', { path: 'relative' }],
    ['invalid-path', { path: 'a' }],
    ['control-character', { value: 'a\r\nSet-Cookie: b=1' }],
    ['empty', { name: '', value: '' }],
    ['ambiguous-nameless', { name: '', value: 'a=b' }],
    ['too-large', { value: 'v'.repeat(4096) }],
    ['public-suffix', { domain: '.co.uk' }],
    ['public-suffix', { domain: 'com', hostOnly: false }],
    ['prefix', { name: '__Host-a', secure: true, hostOnly: false }],
    ['prefix', { name: '__Host-a', secure: true, path: '/a' }],
    ['prefix', { name: '__secure-a' }],
    ['same-site-none-insecure', { sameSite: 'none' }],
    ['partitioned-insecure', { partitioned: true }],
    ['expired', { expiresAtMs: now }],
    ['expired', { expiresAtMs: Number.NaN }],
  ];
  it.each(rows)('refuses with %s (row %#)', (reason, part) => {
    const jar = new BrowserCookieJar();
    const result = jar.put({ name: 'a', value: '1', domain: 'shop.example', ...part }, now);
    expect(result).toMatchObject({ stored: false, reason });
    expect(jar.allCookies(now)).toEqual([]);
  });

  it.each(['', '.', 'a b', 'a/b', 'a:80', 'user@a', 'a?b', 'a#b', 'a%62', 'a\tb', '[::1', '::1'])(
    'refuses %j as a domain',
    (domain) => {
      expect(new BrowserCookieJar().put({ name: 'a', value: '1', domain }).reason).toBe('invalid-domain');
    },
  );

  it.each([
    ['Shop.EXAMPLE', 'shop.example'],
    ['b\u00fccher.example', 'xn--bcher-kva.example'],
    ['[2001:DB8::1]', '[2001:db8::1]'],
    ['1.2.3.4', '1.2.3.4'],
    ['intranet', 'intranet'],
  ])('takes the host %s as %s', (domain, canonical) => {
    const jar = new BrowserCookieJar();
    jar.put({ name: 'a', value: '1', domain });
    expect(jar.allCookies()).toMatchObject([{ domain: canonical, hostOnly: true }]);
  });

  it('makes a Domain cookie of an IP address a host-only one', () => {
    const jar = new BrowserCookieJar();
    jar.put({ name: 'a', value: '1', domain: '1.2.3.4', hostOnly: false });
    expect(jar.allCookies()).toMatchObject([{ domain: '1.2.3.4', hostOnly: true }]);
  });

  it.each([now + 1, -1, Number.NaN, 1e300, 'yesterday'])('takes a creation of %s for now', (creation) => {
    const jar = new BrowserCookieJar();
    jar.put({ name: 'a', value: '1', domain: 'shop.example', creation: creation as number }, now);
    expect(jar.allCookies(now)).toMatchObject([{ creation: now }]);
  });

  it('makes a domain with a leading dot a Domain cookie', () => {
    const jar = new BrowserCookieJar();
    jar.put({ name: 'a', value: '1', domain: '.shop.example' });
    expect(jar.allCookies()).toMatchObject([{ domain: 'shop.example', hostOnly: false }]);
  });

  it('does not throw for any content of a stored file', () => {
    const jar = new BrowserCookieJar();
    const junk = [undefined, null, 1, Number.NaN, 1e300, {}, [], 'Lax'];
    for (const name of ['name', 'value', 'domain', 'path', 'sameSite', 'expiresAtMs', 'creation']) {
      for (const value of junk) jar.put({ name: 'a', value: '1', domain: 'shop.example', [name]: value });
    }
    expect(jar.allCookies().every(({ value }) => value === '1' || value === 'Lax')).toBe(true);
    expect(JSON.stringify(jar)).toContain('"key":"a"');
  });

  it('keeps every field of allCookies', () => {
    const jar = new BrowserCookieJar();
    const lines = [
      'a=1; Domain=shop.example; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=60',
      'a=2; Path=/',
      'b="quoted"; SameSite=Strict',
      'nameless',
    ];
    for (const line of lines) jar.receive(line, url, { now });
    const copy = new BrowserCookieJar();
    for (const record of jar.allCookies(now)) copy.put(record, now + 1);
    expect(copy.allCookies(now)).toEqual(jar.allCookies(now));
    expect(jar.allCookies(now)[0]).toEqual({
      name: 'a',
      value: '1',
      domain: 'shop.example',
      path: '/',
      hostOnly: false,
      secure: true,
      httpOnly: true,
      sameSite: 'none',
      expiresAtMs: now + 60_000,
      partitioned: true,
      creation: now,
    });
  });

  it('replaces the cookie of the same name, domain and path', () => {
    const jar = new BrowserCookieJar();
    jar.put({ name: 'a', value: '1', domain: 'shop.example' });
    jar.put({ name: 'a', value: '2', domain: 'shop.example' });
    expect(jar.allCookies()).toMatchObject([{ value: '2' }]);
  });
});

describe('a site of more cookies than a server could set', () => {
  const count = 1000;
  const record = (at: number, value: string) => ({ name: `c${at}`, value, domain: 'shop.example' });
  function putAll(jar: BrowserCookieJar, value: string): void {
    for (let at = 0; at < count; at++) jar.put(record(at, value));
  }

  it('replaces each of them in its place', () => {
    const jar = new BrowserCookieJar();
    for (const value of ['1', '2', '3']) putAll(jar, value);
    expect(jar.allCookies().map(({ name, value }) => [name, value])).toEqual(
      Array.from({ length: count }, (_, at) => [`c${at}`, '3']),
    );
  });

  it('stores a cookie again that was removed', () => {
    const jar = new BrowserCookieJar();
    putAll(jar, '1');
    putAll(jar, '2');
    expect(jar.remove({ name: 'c5' })).toBe(1);
    putAll(jar, '3');
    const names = jar.allCookies().map(({ name }) => name);
    expect([names.length, names.at(-1), new Set(names).size]).toEqual([count, 'c5', count]);
    expect(jar.cookiesFor(new URL('https://shop.example/'))).toHaveLength(count);
  });

  it('distinguishes cookies of one name and path', () => {
    const jar = new BrowserCookieJar();
    putAll(jar, '1');
    for (const value of ['1', '2']) {
      jar.put({ name: 'c5', value, domain: '.shop.example' });
      jar.put({ name: 'c5', value, domain: 'www.shop.example' });
    }
    const same = jar.allCookies().filter(({ name }) => name === 'c5');
    expect(same.map(({ value }) => value)).toEqual(['1', '2', '2']);
  });
});

describe('remove', () => {
  function filled(): BrowserCookieJar {
    const jar = new BrowserCookieJar();
    for (const line of ['a=1; Path=/', 'a=2; Path=/account', 'b=3; Domain=shop.example; Path=/'])
      jar.receive(line, url);
    jar.receive('a=4; Path=/', new URL('https://other.example/'));
    return jar;
  }

  it.each([
    [{}, []],
    [{ name: 'a' }, ['3']],
    [{ domain: '.SHOP.example' }, ['1', '2', '4']],
    [{ domain: 'www.shop.example' }, ['3', '4']],
    [{ path: '/account' }, ['1', '3', '4']],
    [{ name: 'a', domain: 'www.shop.example', path: '/' }, ['2', '3', '4']],
    [{ name: 'absent' }, ['1', '2', '3', '4']],
  ])('by %j leaves %j', (filter, left) => {
    const jar = filled();
    expect(jar.remove(filter)).toBe(4 - left.length);
    expect(jar.allCookies().map(({ value }) => value)).toEqual(left);
  });

  it('frees the sites that have no cookie left', () => {
    const jar = filled();
    jar.remove({ domain: 'other.example' });
    expect(inspect(jar)).toContain('sites: 1 }');
  });
});

describe('version', () => {
  it.each<[string, (jar: BrowserCookieJar) => void]>([
    ['a new cookie', (jar) => jar.receive('b=1', url)],
    ['a new value', (jar) => jar.receive('a=2', url)],
    ['another attribute', (jar) => jar.receive('a=1; HttpOnly; Max-Age=400', url)],
    ['another end', (jar) => jar.receive('a=1; Max-Age=300', url)],
    ['a deletion', (jar) => jar.receive('a=; Max-Age=0', url)],
    ['put', (jar) => jar.put({ name: 'b', value: '1', domain: 'shop.example' })],
    ['remove', (jar) => jar.remove({ name: 'a' })],
    ['removeAllCookiesSync', (jar) => jar.removeAllCookiesSync()],
    ['the end of a cookie', (jar) => jar.cookieHeader(url, 'strict', Date.now() + 500_000)],
  ])('grows with %s', (_name, change) => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1; Max-Age=400', url);
    const before = jar.version;
    change(jar);
    expect(jar.version).toBeGreaterThan(before);
  });

  it('does not change while cookies are read or refused', () => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1', url);
    const before = jar.version;
    jar.receive('a=1', url);
    jar.cookieHeader(url);
    jar.allCookies();
    jar.explain(url);
    jar.receive('b=1; Domain=evil.example', url);
    jar.receive('absent=; Max-Age=0', url);
    jar.remove({ name: 'absent' });
    expect(jar.version).toBe(before);
  });
});

describe('explain', () => {
  it.each([
    ['a=1; Path=/', 'https://www.shop.example/', undefined],
    ['a=1; Path=/', 'https://sub.shop.example/', 'host'],
    ['a=1; Path=/; Domain=shop.example', 'https://sub.shop.example/', undefined],
    ['a=1; Path=/account', 'https://www.shop.example/', 'path'],
    ['a=1; Path=/; Secure', 'http://www.shop.example/', 'insecure'],
    ['a=1; Path=/; SameSite=Strict', 'https://www.shop.example/', 'same-site'],
    ['a=1; Path=/; Max-Age=10', 'https://www.shop.example/', 'expired'],
  ])('of %s at %s says %s', (line, target, reason) => {
    const jar = new BrowserCookieJar();
    jar.receive(line, url, { now });
    const [explanation] = jar.explain(new URL(target), 'lax', now + 10_000);
    expect(explanation).toMatchObject({ cookie: { name: 'a' }, sent: reason === undefined });
    expect(explanation?.reason).toBe(reason);
  });

  it('shows no cookie of another site', () => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1', url);
    expect(jar.explain(new URL('https://other.example/'))).toEqual([]);
    expect(jar.explain(new URL('data:,x'))).toEqual([]);
  });
});

it.each([
  'http://test/',
  'http://intranet/',
  'http://[::1]/',
  'http://1.2.3.4/',
  'https://a.example./',
  'https://b\u00fccher.example/',
  'http://a-.b_c.example/',
  'file:///etc/hosts',
  'data:,x',
  'https://co.uk/',
])('reads never throw: %s', (text) => {
  const jar = new BrowserCookieJar();
  const target = new URL(text);
  const stored = jar.receive('a=1; Path=/', target).stored;
  expect(jar.cookieHeader(target)).toBe(stored ? 'a=1' : '');
  expect(jar.getCookieStringSync(text)).toBe(stored ? 'a=1' : '');
  expect(stored).toBe(text.startsWith('http'));
});

it('shares a Domain cookie between hosts whose labels DNS would not allow', () => {
  const jar = new BrowserCookieJar();
  jar.receive('a=1; Domain=shop.example; Path=/', new URL('https://a-.shop.example/'));
  expect(jar.cookieHeader(new URL('https://b-.shop.example/'))).toBe('a=1');
  expect(jar.cookieHeader(url)).toBe('a=1');
});

describe('a header that is made again', () => {
  const shop = new URL('https://shop.example/');
  const get = (jar: BrowserCookieJar, href: string, context?: SameSiteContext): string =>
    jar.cookieHeader(new URL(href), context);
  const makeJar = (): BrowserCookieJar => {
    const jar = new BrowserCookieJar();
    for (const line of ['a=1', 'b=2; Secure', 'c=3; SameSite=Strict', 'd=4; Domain=shop.example']) {
      jar.receive(`${line}; Path=/`, shop);
    }
    return jar;
  };

  it('is that of the request, whatever was requested before', () => {
    const asked: [href: string, context: SameSiteContext, header: string][] = [
      ['https://shop.example/', 'strict', 'a=1; b=2; c=3; d=4'],
      ['http://shop.example/', 'strict', 'a=1; c=3; d=4'],
      ['https://www.shop.example/', 'strict', 'd=4'],
      ['https://shop.example/', 'lax', 'a=1; b=2; d=4'],
      ['https://shop.example/', 'none', ''],
      ['https://other.example/', 'strict', ''],
    ];
    const jar = makeJar();
    for (const [href, context] of [...asked, ...asked.toReversed()]) {
      for (const [again, inContext, header] of [...asked, ...asked]) {
        get(jar, href, context);
        expect(get(jar, again, inContext)).toBe(header);
      }
    }
  });

  it('has the cookies of its path', () => {
    const jar = makeJar();
    expect(get(jar, 'https://shop.example/cart')).toBe('a=1; b=2; c=3; d=4');
    jar.receive('e=5; Path=/cart', shop);
    expect(get(jar, 'https://shop.example/')).toBe('a=1; b=2; c=3; d=4');
    expect(get(jar, 'https://shop.example/cart')).toBe('e=5; a=1; b=2; c=3; d=4');
    expect(get(jar, 'https://shop.example/')).toBe('a=1; b=2; c=3; d=4');
  });

  it.each<[string, (jar: BrowserCookieJar) => void, string]>([
    ['a new value', (jar) => jar.receive('a=9; Path=/', shop), 'a=9; b=2; c=3; d=4'],
    [
      'a new attribute',
      (jar) => jar.receive('a=1; Path=/; SameSite=None; Secure', shop),
      'a=1; b=2; c=3; d=4',
    ],
    [
      'a new cookie',
      (jar) => jar.put({ name: 'z', value: '0', domain: 'shop.example' }),
      'a=1; b=2; c=3; d=4; z=0',
    ],
    ['a removal', (jar) => jar.remove({ name: 'a' }), 'b=2; c=3; d=4'],
    ['a deletion', (jar) => jar.receive('a=; Path=/; Max-Age=0', shop), 'b=2; c=3; d=4'],
    ['all removed', (jar) => jar.removeAllCookiesSync(), ''],
  ])('knows of %s', (_name, change, header) => {
    const jar = makeJar();
    get(jar, 'https://shop.example/');
    change(jar);
    expect(get(jar, 'https://shop.example/')).toBe(header);
  });

  it.each<[string, string, SameSiteContext, string]>([
    ['Secure', 'http://shop.example/', 'strict', 'c=3; d=4'],
    ['SameSite=Strict', 'https://shop.example/', 'lax', 'b=2; d=4'],
  ])('knows of a cookie that has become %s', (attribute, href, context, header) => {
    const jar = makeJar();
    expect(get(jar, href, context)).toContain('a=1; ');
    jar.receive(`a=1; Path=/; ${attribute}`, shop);
    expect(get(jar, href, context)).toBe(header);
  });

  it('is empty without its cookies', () => {
    const jar = makeJar();
    const now = Date.now();
    jar.receive('e=5; Path=/; Max-Age=10', shop, { now });
    const at = (later: number): string =>
      jar.cookieHeader(new URL('https://shop.example/'), 'strict', now + later);
    expect(at(1)).toBe('a=1; b=2; c=3; d=4; e=5');
    expect(at(10_000)).toBe('a=1; b=2; c=3; d=4');
  });

  it('is separate in a clone', () => {
    const jar = makeJar();
    get(jar, 'https://shop.example/');
    const copy = jar.cloneSync();
    copy.receive('a=9; Path=/', shop);
    expect(get(copy, 'https://shop.example/')).toBe('a=9; b=2; c=3; d=4');
    expect(get(jar, 'https://shop.example/')).toBe('a=1; b=2; c=3; d=4');
  });
});
