import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';

const url = new URL('https://shop.example/');
const lines = {
  strict: 'a=1; Secure; SameSite=Strict',
  lax: 'a=1; Secure; SameSite=Lax',
  unsaid: 'a=1; Secure',
  none: 'a=1; Secure; SameSite=None',
};

describe('a cookie is sent', () => {
  it.each([
    ['strict', 'strict', true],
    ['strict', 'lax', true],
    ['strict', 'unsaid', true],
    ['strict', 'none', true],
    ['lax', 'strict', false],
    ['lax', 'lax', true],
    ['lax', 'unsaid', true],
    ['lax', 'none', true],
    ['none', 'strict', false],
    ['none', 'lax', false],
    ['none', 'unsaid', false],
    ['none', 'none', true],
  ] as const)('in the context %s with SameSite %s: %s', (context, sameSite, sent) => {
    const jar = new BrowserCookieJar();
    jar.receive(lines[sameSite], url);
    expect(jar.cookieHeader(url, context)).toBe(sent ? 'a=1' : '');
    expect(jar.getCookieStringSync(url, { sameSiteContext: context })).toBe(sent ? 'a=1' : '');
    expect(jar.cookiesFor(url, context)).toHaveLength(sent ? 1 : 0);
  });

  it('withholds it from a cross-site request, also in the first two minutes', () => {
    const jar = new BrowserCookieJar();
    const now = Date.now();
    jar.receive(lines.unsaid, url, { now });
    expect(jar.cookieHeader(url, 'none', now + 1)).toBe('');
  });
});

describe('a cookie is stored', () => {
  it.each([
    ['lax', 'strict', true],
    ['lax', 'unsaid', true],
    ['none', 'strict', false],
    ['none', 'lax', false],
    ['none', 'unsaid', false],
    ['none', 'none', true],
  ] as const)('from a response in the context %s with SameSite %s: %s', (context, sameSite, stored) => {
    const jar = new BrowserCookieJar();
    expect(jar.receive(lines[sameSite], url, { sameSite: context }).stored).toBe(stored);
    const other = new BrowserCookieJar();
    other.setCookieSync(lines[sameSite], url, { sameSiteContext: context, ignoreError: true });
    expect(other.allCookies()).toHaveLength(stored ? 1 : 0);
  });
});

it('refuses an unknown context', () => {
  const jar = new BrowserCookieJar();
  const options = { sameSiteContext: 'bogus' as 'lax' };
  expect(() => jar.getCookiesSync(url, options)).toThrow("sameSiteContext must be 'strict', 'lax' or 'none'");
});
