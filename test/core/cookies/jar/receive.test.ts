import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import type { CookieRejection } from '../../../../src/core/cookies/jar/outcome.ts';

const shop = new URL('https://www.shop.example/account/orders');
const now = Date.UTC(2026, 0, 1);

describe('the reason why a line was not stored', () => {
  const rows: [reason: CookieRejection, line: string, url?: string | undefined, sameSite?: 'none'][] = [
    ['empty', '=; Path=/'],
    ['control-character', 'a=1\u0007'],
    ['ambiguous-nameless', '=a=b'],
    ['too-large', `a=${'v'.repeat(4096)}`],
    ['invalid-domain', 'a=1; Domain=.'],
    ['unsupported-url', 'a=1', 'ftp://www.shop.example/'],
    ['domain-mismatch', 'a=1; Domain=other.example'],
    ['public-suffix', 'a=1; Domain=co.uk', 'https://shop.co.uk/'],
    ['insecure-origin', 'a=1; Secure', 'http://www.shop.example/'],
    ['overwrites-secure', 'kept=2', 'http://www.shop.example/account/'],
    ['prefix', '__Secure-a=1'],
    ['same-site-none-insecure', 'a=1; SameSite=None'],
    ['partitioned-insecure', 'a=1; Partitioned'],
    ['cross-site', 'a=1; SameSite=Lax', undefined, 'none'],
    ['expired', 'a=1; Max-Age=0'],
  ];
  it.each(rows)('is %s', (reason, line, url = shop.href, sameSite) => {
    const jar = new BrowserCookieJar();
    jar.receive('kept=1; Secure', shop, { now });
    expect(jar.receive(line, new URL(url), { now, sameSite })).toMatchObject({ stored: false, reason });
    expect(jar.allCookies(now)).toMatchObject([{ name: 'kept', value: '1' }]);
  });

  it('names the cookie also when it was refused', () => {
    const jar = new BrowserCookieJar();
    expect(jar.receive(' sid =1\u0000; Path=/', shop).name).toBe('sid');
  });

  it('is absent for a cookie that was stored', () => {
    expect(new BrowserCookieJar().receive('a=1', shop)).toEqual({ name: 'a', stored: true });
  });
});

describe('C01 a public suffix as Domain', () => {
  it.each([
    ['https://a.co.uk/', 'co.uk'],
    ['https://a.co.uk/', 'co.UK'],
    ['https://a.github.io/', 'GITHUB.IO'],
    ['https://a.xn--p1ai/', 'xn--p1ai'],
    ['https://a.рф/', 'рф'],
    ['https://a.b.ck/', 'b.ck'],
    ['https://a.unknowntld/', 'unknowntld'],
    ['https://a.localhost/', 'localhost'],
  ])('is refused at %s for %s', (url, domain) => {
    expect(new BrowserCookieJar().receive(`a=1; Domain=${domain}`, new URL(url)).stored).toBe(false);
  });

  it('is accepted where the list has an exception', () => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1; Domain=www.ck', new URL('https://www.ck/'));
    expect(jar.cookieHeader(new URL('https://sub.www.ck/'))).toBe('a=1');
  });

  it('gives the suffix itself a host-only cookie', () => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1; Domain=github.io', new URL('https://github.io/'));
    expect(jar.allCookies()).toMatchObject([{ domain: 'github.io', hostOnly: true }]);
    expect(jar.cookieHeader(new URL('https://evil.github.io/'))).toBe('');
  });
});

describe('C02 a trailing dot', () => {
  it.each([
    ['https://www.shop.com/', 'shop.com.'],
    ['https://www.shop.com./', 'shop.com'],
    ['https://www.shop.com./', 'com.'],
    ['https://www.shop.com/', 'com.'],
  ])('is part of the name: %s refuses Domain=%s', (url, domain) => {
    expect(new BrowserCookieJar().receive(`a=1; Domain=${domain}`, new URL(url)).stored).toBe(false);
  });
});

it('C02 counts a host with a trailing dot as another site', () => {
  const jar = new BrowserCookieJar();
  jar.receive('a=1', new URL('https://www.shop.com/'));
  jar.receive('a=1', new URL('https://www.shop.com./'));
  expect(inspect(jar)).toContain('sites: 2 }');
});

it('refuses a Domain that is not ASCII', () => {
  const host = new URL('https://www.b\u00fccher.example/');
  const jar = new BrowserCookieJar();
  expect(jar.receive('a=1; Domain=b\u00fccher.example', host).reason).toBe('invalid-domain');
  expect(jar.receive('a=1; Domain=xn--bcher-kva.example', host).stored).toBe(true);
});

it('keeps a partitioned cookie beside one that is not', () => {
  const jar = new BrowserCookieJar();
  for (const line of ['a=1; Secure', 'a=2; Secure; Partitioned', 'a=3; Secure']) jar.receive(line, shop);
  expect(jar.cookieHeader(shop)).toBe('a=3; a=2');
});

it.each([
  ['alone', 'alone'],
  ['=alone', 'alone'],
  ['empty=', 'empty='],
])('sends what %s sets as %s', (line, header) => {
  const jar = new BrowserCookieJar();
  jar.receive(line, shop);
  expect(jar.cookieHeader(shop)).toBe(header);
});

describe('C03 a domain that is not the host or a parent of it', () => {
  it.each(['ample.com', 'other.com', 'a.example.com', 'www.example.com.evil.com'])('refuses %s', (domain) => {
    const jar = new BrowserCookieJar();
    expect(jar.receive(`a=1; Domain=${domain}`, new URL('https://example.com/')).reason).toBe(
      'domain-mismatch',
    );
  });
});

describe('C04 an IP address as host', () => {
  it.each([
    ['http://1.2.3.4/', '3.4'],
    ['http://1.2.3.4/', '2.3.4'],
    ['http://[2001:db8::1]/', '2001:db8::1'],
  ])('%s refuses Domain=%s', (url, domain) => {
    expect(new BrowserCookieJar().receive(`a=1; Domain=${domain}`, new URL(url)).reason).toBe(
      'domain-mismatch',
    );
  });

  it.each([
    ['http://1.2.3.4/', '1.2.3.4'],
    ['http://[2001:db8::1]/', '[2001:DB8::1]'],
  ])('%s takes Domain=%s for itself alone', (url, domain) => {
    const jar = new BrowserCookieJar();
    jar.receive(`a=1; Domain=${domain}`, new URL(url));
    expect(jar.allCookies()).toMatchObject([{ domain: new URL(url).hostname, hostOnly: true }]);
  });
});

it('C04 counts each IP address as a site of its own', () => {
  const jar = new BrowserCookieJar();
  for (const host of ['1.2.3.4', '9.9.3.4', '[::1]', '[::2]']) jar.receive('a=1', new URL(`http://${host}/`));
  expect(inspect(jar)).toContain('sites: 4 }');
});

describe('C05 a Secure cookie over plain http', () => {
  const http = new URL('http://www.shop.example/account/');

  it.each(['sid=evil', 'sid=; Max-Age=0', 'sid=evil; Path=/account', 'sid=evil; Domain=shop.example'])(
    'is left alone by %s',
    (line) => {
      const jar = new BrowserCookieJar();
      jar.receive('sid=good; Secure; Path=/', shop);
      expect(jar.receive(line, http).stored).toBe(false);
      expect(jar.cookieHeader(shop)).toBe('sid=good');
    },
  );

  it('does not prevent a cookie for a path above its own', () => {
    const jar = new BrowserCookieJar();
    jar.receive('sid=good; Secure; Path=/account', shop);
    expect(jar.receive('sid=plain; Path=/', http).stored).toBe(true);
    expect(jar.cookieHeader(shop)).toBe('sid=good; sid=plain');
  });

  it('no longer counts once it has expired', () => {
    const jar = new BrowserCookieJar();
    jar.receive('sid=good; Secure; Path=/; Max-Age=10', shop, { now });
    expect(jar.receive('sid=new; Path=/', http, { now: now + 10_000 }).stored).toBe(true);
  });
});

describe('C06 names of Object.prototype', () => {
  it.each(['__proto__', 'constructor', 'hasOwnProperty'])(
    '%s is a cookie, a path and a host like any other',
    (name) => {
      const jar = new BrowserCookieJar();
      const url = new URL(`https://${name.replaceAll('_', '')}/${name}`);
      jar.receive(`${name}=1; Path=/${name}`, url);
      jar.put({ name, value: '2', domain: name.replaceAll('_', ''), path: '/' });
      expect(BrowserCookieJar.fromJSON(JSON.stringify(jar)).cookieHeader(url)).toBe(`${name}=1; ${name}=2`);
      expect(Object.hasOwn(Object.prototype, '1')).toBe(false);
    },
  );
});

describe('C07 control characters', () => {
  const controls = [...Array(0x20).keys(), 0x7f].map((code) => String.fromCharCode(code));

  it('in a name, a value or an attribute drop the cookie', () => {
    const stored = controls.flatMap((control) => {
      const jar = new BrowserCookieJar();
      for (const line of [`a${control}b=1`, `a=1${control}2`, `a=1; Path=/x${control}y`])
        jar.receive(line, shop);
      return jar.allCookies();
    });
    expect(stored).toEqual([]);
  });

  it('are not loaded from a stored file', () => {
    const jar = new BrowserCookieJar();
    for (const control of controls) {
      jar.put({ name: `a${control}b`, value: '1', domain: 'shop.example' });
      jar.put({ name: 'a', value: `1${control}2`, domain: 'shop.example' });
      jar.put({ name: 'a', value: '1', domain: 'shop.example', path: `/x${control}` });
      jar.put({ name: 'a', value: '1', domain: `shop${control}.example` });
    }
    expect(jar.allCookies()).toEqual([]);
  });

  it('are not decoded out of a value', () => {
    const jar = new BrowserCookieJar();
    jar.receive('a=%0D%0Ab', shop);
    expect(jar.cookieHeader(shop)).toBe('a=%0D%0Ab');
  });
});

describe('C10 a name with a prefix', () => {
  it.each([
    '__Secure-a=1',
    '__sEcUrE-a=1',
    '__Host-a=1; Secure',
    '__host-a=1; Secure; Path=/a',
    '__HOST-a=1; Secure; Path=/; Domain=www.shop.example',
    '__Host-a=1; Path=/',
    '__Http-a=1; Secure',
    '__Http-a=1; HttpOnly',
    '__Host-Http-a=1; Secure; Path=/',
    '__Host-Http-a=1; Secure; HttpOnly',
    '=__Host-a',
    '__Secure-a',
    '=__http-a',
  ])('is refused in %s', (line) => {
    expect(new BrowserCookieJar().receive(line, shop).reason).toBe('prefix');
  });

  it.each([
    '__Secure-a=1; Secure',
    '__Host-a=1; Secure; Path=/',
    '__Http-a=1; Secure; HttpOnly; Path=/a',
    '__Host-Http-a=1; Secure; HttpOnly; Path=/',
    '_Host-a=1',
    '\u00a0__Host-a=1',
  ])('is taken in %s', (line) => {
    expect(new BrowserCookieJar().receive(line, shop).stored).toBe(true);
  });
});

describe('C11 Secure', () => {
  it.each([
    'http://localhost/',
    'http://app.localhost/',
    'http://127.0.0.1/',
    'http://127.9.9.9/',
    'http://[::1]/',
  ])('works without TLS on %s', (url) => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1; Secure', new URL(url));
    expect(jar.cookieHeader(new URL(url))).toBe('a=1');
  });

  it.each([
    'http://10.0.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost.example/',
    'http://127.example/',
  ])('does not on %s', (url) => {
    expect(new BrowserCookieJar().receive('a=1; Secure', new URL(url)).reason).toBe('insecure-origin');
  });

  it('is not sent over plain http', () => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1; Secure', shop);
    expect(jar.cookieHeader(new URL('http://www.shop.example/account/'))).toBe('');
  });
});

it('C12 refuses SameSite=None without Secure', () => {
  const jar = new BrowserCookieJar();
  expect(jar.receive('a=1; SameSite=None', shop).stored).toBe(false);
  expect(jar.receive('a=1; SameSite=None; Secure', shop).stored).toBe(true);
});

it.each(['NoneOfYourBusiness', 'StrictLax', 'Strict Lax', 'Laxx', ''])(
  'C13 takes SameSite=%s for none said',
  (word) => {
    const jar = new BrowserCookieJar();
    jar.receive(`a=1; SameSite=${word}`, shop);
    expect(jar.allCookies()[0]).not.toHaveProperty('sameSite');
  },
);

it('C19 stores the valid lines among invalid ones and says which were invalid', () => {
  const jar = new BrowserCookieJar();
  const lines = ['a=1', '', 'b=\u0000', 'c=3; Domain=evil.example', 'd=4'];
  expect(lines.map((line) => jar.receive(line, shop).stored)).toEqual([true, false, false, false, true]);
  expect(jar.cookieHeader(shop)).toBe('a=1; d=4');
});

it('C20 keeps two jars separate, clones included', () => {
  const jar = new BrowserCookieJar();
  jar.receive('a=1', shop);
  const clone = jar.cloneSync();
  clone.receive('a=2', shop);
  clone.receive('b=2', shop);
  expect([jar.cookieHeader(shop), clone.cookieHeader(shop)]).toEqual(['a=1', 'a=2; b=2']);
});

it('keeps a host-only and a Domain cookie of one name, and deletes only one of them', () => {
  const jar = new BrowserCookieJar();
  jar.receive('a=host; Path=/', shop);
  jar.receive('a=domain; Path=/; Domain=www.shop.example', shop);
  expect(jar.cookieHeader(shop)).toBe('a=host; a=domain');
  jar.receive('a=; Path=/; Max-Age=0', shop);
  expect(jar.cookieHeader(shop)).toBe('a=domain');
});

it('keeps the place of a cookie whose value changes', () => {
  const jar = new BrowserCookieJar();
  for (const line of ['a=1', 'b=2', 'a=3']) jar.receive(line, shop);
  expect(jar.cookieHeader(shop)).toBe('a=3; b=2');
  expect(jar.allCookies().map(({ name }) => name)).toEqual(['a', 'b']);
});

it('counts a byte that was not UTF-8 as one byte', () => {
  const jar = new BrowserCookieJar();
  const byte = '\udcff';
  expect(jar.receive(`a=${byte.repeat(4095)}`, shop).stored).toBe(true);
  expect(jar.receive(`a=${byte.repeat(4096)}`, shop).reason).toBe('too-large');
  expect(jar.cookieHeader(shop)).toBe(`a=${byte.repeat(4095)}`);
});

it.each([
  ['two bytes', '\u00e9', 2],
  ['three bytes', '\u6625', 3],
  ['four bytes', '\u{1f36a}', 4],
])('counts a character of %s as the bytes it takes', (_name, character, bytes) => {
  const fits = Math.floor(4095 / bytes);
  const jar = new BrowserCookieJar();
  expect(jar.receive(`a=${character.repeat(fits)}`, shop).stored).toBe(true);
  expect(jar.receive(`a=${character.repeat(fits + 1)}`, shop).reason).toBe('too-large');
});

it('ignores an attribute of more than 1024 bytes', () => {
  const jar = new BrowserCookieJar();
  jar.receive(`a=1; Path=/; Path=/${'p'.repeat(1024)}`, shop);
  jar.receive(`b=1; Path=/${'p'.repeat(1023)}`, shop);
  expect(jar.allCookies().map(({ path }) => path.length)).toEqual([1, 1024]);
});

it('keeps name, value and path of a cookie in a line with mostly other text', () => {
  const jar = new BrowserCookieJar();
  jar.receive(
    `sid=caf\u00e9 \udc80 with some length; Path=/a/long/path/of/its/own; junk=${'x'.repeat(9000)}`,
    shop,
  );
  expect(jar.allCookies()).toMatchObject([
    { name: 'sid', value: 'caf\u00e9 \udc80 with some length', path: '/a/long/path/of/its/own' },
  ]);
});

it('reads a megabyte of separators in linear time', () => {
  const jar = new BrowserCookieJar();
  const lines = [';', '=', ' ', '; ', 'a;', '; expires=1:', '0', '; 0'].map(
    (part) => `a=1;${part.repeat(1 << 19)}`,
  );
  const started = performance.now();
  for (const line of lines) jar.receive(line, shop);
  // Quadratic would be hours.
  expect(performance.now() - started).toBeLessThan(10_000);
});
