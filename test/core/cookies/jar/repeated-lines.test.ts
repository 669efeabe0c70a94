import { describe, expect, test } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';

const page = new URL('https://shop.example/a');
const line = 'sid=1; Path=/';

/** A jar that has seen the line so often that it is not read again. */
function jarOf(text = line, url = page): BrowserCookieJar {
  const jar = new BrowserCookieJar();
  for (let time = 1; time <= 3; time++) jar.receive(text, url);
  return jar;
}

describe('a line that is set again as it was', () => {
  test('is stored, and changes neither the version nor the order of creation', () => {
    const jar = jarOf();
    jar.receive('other=2; Path=/', page);
    jar.receive(line, page);
    const { version } = jar;
    expect(jar.receive(line, page)).toEqual({ name: 'sid', stored: true });
    expect(jar.version).toBe(version);
    expect(jar.cookieHeader(page)).toBe('sid=1; other=2');
  });

  test('sets its cookie again after the jar lost it', () => {
    const jar = jarOf();
    jar.remove({ name: 'sid' });
    expect(jar.receive(line, page)).toEqual({ name: 'sid', stored: true });
    expect(jar.cookieHeader(page)).toBe('sid=1');
  });

  test('sets its value again after another line changed it', () => {
    const jar = jarOf();
    jar.receive('sid=2; Path=/', page);
    jar.receive(line, page);
    expect(jar.cookieHeader(page)).toBe('sid=1');
  });

  test('sets its attributes again after a line of the same value changed them', () => {
    const jar = jarOf();
    jar.receive('sid=1; Path=/; HttpOnly', page);
    jar.receive(line, page);
    expect(jar.allCookies()[0]?.httpOnly).toBe(false);
  });

  test('is refused over http after a Secure cookie of its name was stored', () => {
    const plain = new URL('http://shop.example/a');
    const jar = jarOf('sid=1; Path=/x', plain);
    jar.receive('sid=2; Path=/; Secure', page);
    expect(jar.receive('sid=1; Path=/x', plain).reason).toBe('overwrites-secure');
  });

  test('is set again over http after the Secure cookie of its name expired', () => {
    const plain = new URL('http://shop.example/a');
    const jar = jarOf('sid=1; Path=/x', plain);
    jar.receive('sid=2; Path=/; Secure; Max-Age=10', page, { now: Date.now() });
    expect(jar.receive('sid=1; Path=/x', plain, { now: Date.now() + 20_000 }).stored).toBe(true);
  });

  test('is another cookie for another host, another default path and another context', () => {
    const jar = jarOf('sid=1');
    jar.receive('sid=1', new URL('https://www.shop.example/a'));
    jar.receive('sid=1', new URL('https://shop.example/b/c'));
    expect(jar.allCookies().map(({ domain, path }) => `${domain}${path}`)).toEqual([
      'shop.example/',
      'www.shop.example/',
      'shop.example/b',
    ]);
    const strict = jarOf('sid=1; SameSite=Strict');
    expect(strict.receive('sid=1; SameSite=Strict', page, { sameSite: 'none' }).stored).toBe(false);
  });

  test('moves its expiry each time it is set, if it has one', () => {
    const jar = new BrowserCookieJar();
    for (const now of [0, 1000, 2000, 3000].map((later) => Date.now() + later)) {
      jar.receive('sid=1; Max-Age=10', page, { now });
      expect(jar.allCookies(now)[0]?.expiresAtMs).toBe(now + 10_000);
    }
  });

  test('keeps its cookie from being dropped for its age, as if it were read', () => {
    const jar = jarOf('first=1; Path=/');
    for (let index = 0; index < 178; index++) jar.receive(`name${index}=1; Path=/`, page);
    const before = jar.version;
    for (let time = 1; time <= 3; time++) jar.receive('first=1; Path=/', page);
    expect(jar.version).toBe(before);
    for (let index = 0; index < 20; index++) jar.receive(`more${index}=1; Path=/`, page);
    expect(jar.cookieHeader(page)).toContain('first=1');
  });

  test('is stored when more lines repeat than are remembered', () => {
    const jar = new BrowserCookieJar();
    for (let time = 1; time <= 3; time++) {
      for (let index = 0; index < 20; index++) {
        expect(jar.receive(`name${index}=1`, page)).toEqual({ name: `name${index}`, stored: true });
      }
    }
    expect(jar.size).toBe(20);
  });

  test('does not change the jar from which its jar was copied', () => {
    const jar = jarOf();
    const copy = jar.cloneSync();
    for (let time = 1; time <= 3; time++) copy.receive(line, page);
    expect(jar.cookieHeader(page)).toBe('sid=1');
    copy.receive('sid=2; Path=/', page);
    expect(jar.cookieHeader(page)).toBe('sid=1');
  });
});
