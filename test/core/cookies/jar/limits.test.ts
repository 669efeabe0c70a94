import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import { timeOf } from '../../../helpers/growth.ts';

const url = new URL('https://www.shop.example/');

function names(jar: BrowserCookieJar): string[] {
  return jar.allCookies().map(({ name }) => name);
}

function range(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => `${prefix}${from + at}`);
}

describe('C08 the cookies of one site', () => {
  it('are all kept up to 180', () => {
    const jar = new BrowserCookieJar();
    for (const name of range('c', 0, 180)) jar.receive(`${name}=1`, url);
    expect(names(jar)).toEqual(range('c', 0, 180));
  });

  it('are cut to the newest 150 by the 181st', () => {
    const jar = new BrowserCookieJar();
    for (const name of range('c', 0, 181)) jar.receive(`${name}=1`, url);
    expect(names(jar)).toEqual(range('c', 31, 181));
  });

  it('count together over all hosts of the site', () => {
    const jar = new BrowserCookieJar();
    for (const name of range('c', 0, 181)) jar.receive('a=1', new URL(`https://${name}.shop.example/`));
    expect(jar.allCookies()).toHaveLength(150);
  });

  it('are kept before the others when they are Secure', () => {
    const jar = new BrowserCookieJar();
    for (const name of range('s', 0, 20)) jar.receive(`${name}=1; Secure`, url);
    for (const name of range('c', 0, 161)) jar.receive(`${name}=1`, url);
    expect(names(jar)).toEqual([...range('s', 0, 20), ...range('c', 31, 161)]);
  });

  it('are removed by age when all are Secure', () => {
    const jar = new BrowserCookieJar();
    for (const name of range('s', 0, 181)) jar.receive(`${name}=1; Secure`, url);
    expect(names(jar)).toEqual(range('s', 31, 181));
  });

  it('count as new when they are written again', () => {
    const jar = new BrowserCookieJar();
    for (const name of range('c', 0, 180)) jar.receive(`${name}=1`, url);
    jar.receive('c0=2', url);
    jar.receive('c180=1', url);
    expect(names(jar)).toEqual(['c0', ...range('c', 32, 181)]);
  });

  it('do not displace those of another site', () => {
    const jar = new BrowserCookieJar();
    jar.receive('kept=1', new URL('https://other.example/'));
    for (const name of range('c', 0, 400)) jar.receive(`${name}=1`, url);
    expect(names(jar)).toContain('kept');
  });
});

it('C08 cuts the jar to the newest 3000 at the 3301st cookie', () => {
  const jar = new BrowserCookieJar();
  for (let at = 0; at < 3300; at++) jar.receive(`c${at}=1`, new URL(`https://site${at}.example/`));
  expect(jar.allCookies()).toHaveLength(3300);
  jar.receive('c3300=1', new URL('https://site3300.example/'));
  expect(names(jar)).toEqual(range('c', 301, 3301));
});

it('removes expired cookies when the jar is full, and no other when that is enough', () => {
  const jar = new BrowserCookieJar();
  const now = Date.now();
  for (let at = 0; at < 3000; at++) jar.receive(`c${at}=1`, new URL(`https://site${at}.example/`), { now });
  for (let at = 0; at < 300; at++) {
    jar.receive(`old${at}=1; Max-Age=1`, new URL(`https://old${at}.example/`), { now });
  }
  jar.receive('new=1', url, { now: now + 1000 });
  expect(jar.size).toBe(3001);
  expect(jar.allCookies(now).filter(({ name }) => name.startsWith('old'))).toEqual([]);
});

it('C09 bounds what a subdomain can make its siblings send', () => {
  const jar = new BrowserCookieJar();
  const bank = new URL('https://www.bank.example/');
  jar.receive('__Host-sid=1; Secure; Path=/', bank);
  for (const name of range('flood', 0, 200)) {
    jar.receive(`${name}=${'x'.repeat(4000)}; Domain=bank.example`, new URL('https://evil.bank.example/'));
  }
  const header = jar.cookieHeader(bank);
  expect(header.length).toBeLessThan(8190);
  expect(header).toContain('__Host-sid=1');
});

it('C08 keeps memory and header flat under 1,000 responses of 16 KB of Set-Cookie', () => {
  const jar = new BrowserCookieJar();
  for (let response = 0; response < 1000; response++) {
    for (let line = 0; line < 64; line++) jar.receive(`c${response}.${line}=${'v'.repeat(240)}`, url);
  }
  expect(jar.size).toBeLessThanOrEqual(180);
  expect(jar.cookieHeader(url).length).toBeLessThanOrEqual(180 * 260);
});

it('frees the places of expired cookies before it drops others', () => {
  const jar = new BrowserCookieJar();
  const now = Date.now();
  for (const name of range('c', 0, 150)) jar.receive(`${name}=1`, url, { now });
  for (const name of range('old', 0, 30)) jar.receive(`${name}=1; Max-Age=1`, url, { now });
  for (const name of range('new', 0, 5)) jar.receive(`${name}=1`, url, { now: now + 1000 });
  expect(names(jar)).toEqual([...range('c', 0, 150), ...range('new', 0, 5)]);
});

describe('what the caller puts', () => {
  it('is never dropped because of its number', () => {
    const jar = crowded();
    for (let at = 0; at < 500; at++) jar.put({ name: `c${at}`, value: '1', domain: 'shop.example' });
    expect(jar.allCookies()).toHaveLength(5500);
  });

  it('raises the limit, so that one Set-Cookie line does not remove 2,000 cookies', () => {
    const jar = crowded();
    jar.receive('new=1', url);
    expect(jar.allCookies()).toHaveLength(4700);
  });
});

function crowded(): BrowserCookieJar {
  const jar = new BrowserCookieJar();
  for (let at = 0; at < 5000; at++) jar.put({ name: `c${at}`, value: '1', domain: `site${at}.example` });
  return jar;
}

it('a clone keeps the raised limit of its jar', () => {
  const clone = crowded().cloneSync();
  clone.receive('new=1', url);
  expect(clone.allCookies()).toHaveLength(4700);
});

it('an emptied jar has the limit of a new one', () => {
  const jar = crowded();
  jar.removeAllCookiesSync();
  expect(jar.size).toBe(0);
  for (let at = 0; at <= 3300; at++) jar.receive(`c${at}=1`, new URL(`https://site${at}.example/`));
  expect(jar.allCookies()).toHaveLength(3000);
});

describe('a read takes as long from a full jar as from a small one', () => {
  it.each<[string, (jar: BrowserCookieJar, at: number) => unknown]>([
    ['paths', (jar, at) => jar.receive(`a=1; Path=/p${at}`, url)],
    ['subdomains', (jar, at) => jar.receive('a=1', new URL(`https://h${at}.shop.example/`))],
    ['sites, put by the caller', (jar, at) => jar.put({ name: 'a', value: '1', domain: `h${at}.example` })],
  ])('after 100,000 %s', (_, fill) => {
    const [small, full] = [100, 100_000].map((count) => {
      const jar = new BrowserCookieJar();
      for (let at = 0; at < count; at++) fill(jar, at);
      return timeOfRead(jar);
    }) as [number, number];
    // A read that walks over all of them takes a thousand times as long.
    expect(full / small).toBeLessThan(30);
  });

  /** Of the fastest of a hundred, which no neighbour of the machine delayed. Unlike headers, records are not kept. */
  function timeOfRead(jar: BrowserCookieJar): number {
    const tenReads = () => {
      for (let count = 0; count < 10; count++) jar.cookiesFor(url);
    };
    return Math.min(...Array.from({ length: 100 }, () => timeOf(tenReads)));
  }
});
