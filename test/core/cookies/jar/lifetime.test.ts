import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';

const url = new URL('https://shop.example/');
const now = Date.UTC(2026, 0, 1);
const day = 86_400_000;

function received(line: string): BrowserCookieJar {
  const jar = new BrowserCookieJar();
  jar.receive(line, url, { now });
  return jar;
}

it('makes Max-Age an instant when the cookie is received, and reading does not change it', () => {
  const jar = received('a=1; Max-Age=2');
  for (const later of [500, 1000, 1500, 1999])
    expect(jar.cookieHeader(url, 'strict', now + later)).toBe('a=1');
  expect(jar.cookieHeader(url, 'strict', now + 2000)).toBe('');
});

it.each([
  ['Max-Age=34560000', 400],
  ['Max-Age=34560001', 400],
  ['Max-Age=99999999999999999999999999999999999999', 400],
  [`Max-Age=${'9'.repeat(400)}`, 400],
  ['Expires=Fri, 31 Dec 9999 23:59:59 GMT', 400],
  ['Expires=Fri, 02 Jan 2026 00:00:00 GMT', 1],
  ['Max-Age=86400; Expires=Fri, 31 Dec 9999 23:59:59 GMT', 1],
])('C18 %s ends after %d days', (attributes, days) => {
  expect(received(`a=1; ${attributes}`).allCookies(now)).toMatchObject([{ expiresAtMs: now + days * day }]);
});

it.each([
  '',
  'Max-Age=',
  'Max-Age=1e3',
  'Max-Age=+5',
  'Max-Age="5"',
  'Max-Age=-',
  'Expires=junk',
  'Expires=',
])('%j leaves a session cookie', (attributes) => {
  expect(received(`a=1; ${attributes}`).allCookies(now)[0]).not.toHaveProperty('expiresAtMs');
});

it.each([
  ['a clock ten years back', -3650 * day, 'a=1'],
  ['a clock one day back', -day, 'a=1'],
  ['a clock one day ahead', day, 'a=1'],
  ['a clock ten years ahead', 3650 * day, ''],
])('C18 lives by the given clock: %s', (_name, jump, header) => {
  expect(received('a=1; Max-Age=172800').cookieHeader(url, 'strict', now + jump)).toBe(header);
});

it('keeps the time at which a cookie was first stored, whatever it says later', () => {
  const jar = received('a=1');
  jar.receive('a=2', url, { now: now + day });
  expect(jar.allCookies(now)).toMatchObject([{ value: '2', creation: now }]);
});

it('C18 does not extend the expiry by a creation in the future', () => {
  const jar = new BrowserCookieJar();
  jar.put(
    { name: 'a', value: '1', domain: 'shop.example', creation: now + day, expiresAtMs: now + 1000 },
    now,
  );
  expect(jar.cookieHeader(url, 'strict', now + 1000)).toBe('');
});

it('drops expired cookies at the next touch of their site, and the site with its last one', () => {
  const jar = received('a=1; Max-Age=1');
  jar.receive('b=1; Max-Age=5', url, { now });
  const counts = () => inspect(jar).match(/\d+/g)?.map(Number);
  expect(counts()).toEqual([2, 1]);
  jar.cookieHeader(new URL('https://other.example/'), 'strict', now + 9000);
  expect(counts()).toEqual([2, 1]);
  jar.cookieHeader(url, 'strict', now + 1000);
  expect(counts()).toEqual([1, 1]);
  jar.cookieHeader(url, 'strict', now + 5000);
  expect(counts()).toEqual([0, 0]);
});

it('sends the cookies after an expired one of the same site', () => {
  const jar = new BrowserCookieJar();
  for (const line of ['a=1; Max-Age=1', 'b=2', 'c=3; Max-Age=1', 'd=4']) jar.receive(line, url, { now });
  expect(jar.cookieHeader(url, 'strict', now + 1000)).toBe('b=2; d=4');
});

it('gives a cookie that is set again after its expiry a new place', () => {
  const jar = received('a=1; Max-Age=1');
  jar.receive('b=2', url, { now });
  jar.receive('a=3', url, { now: now + 1000 });
  expect(jar.cookieHeader(url, 'strict', now + 1000)).toBe('b=2; a=3');
});

describe('Expires', () => {
  const instant = (text: string) => received(`a=1; Expires=${text}`).allCookies(now)[0]?.expiresAtMs;
  const expected = Date.UTC(2026, 5, 9, 10, 18, 14);

  it.each([
    'Tue, 09 Jun 2026 10:18:14 GMT',
    'Tuesday, 09-Jun-26 10:18:14 GMT',
    'Tue Jun  9 10:18:14 2026',
    '10:18:14 9 JUNE 2026',
    '2026 jun 09 10:18:14 -0800 (PST)',
    '09 Jun 2026 010:0018:14',
    'x:y 09 Jun 2026 10:18:14 11:22:33',
    '09 Jun 2026 10:18:14.999',
  ])('reads %s', (text) => {
    expect(instant(text)).toBe(expected);
  });

  it.each([
    '09 Jun 2026 24:00:00',
    '09 Jun 2026 10:60:00',
    '09 Jun 2026 10:18:60',
    '31 Feb 2026 10:18:14',
    '31 Jun 2026 10:18:14',
    '32 Jan 2026 10:18:14',
    '0 Jul 2026 10:18:14',
    '09 Jun 2026',
    '09 2026 10:18:14',
    'Jun 2026 10:18:14',
    '09 Jun 10:18:14',
    '009 Jun 2026 10:18:14',
    '09 Jun 2026 10:18',
  ])('takes %s for no date', (text) => {
    const [cookie] = received(`a=1; Expires=${text}`).allCookies(now);
    expect(cookie).toMatchObject({ name: 'a' });
    expect(cookie).not.toHaveProperty('expiresAtMs');
  });

  it.each([
    ['29 Feb 2024', '29 Feb 2024 00:00:00'],
    ['a year of two digits from 70', '09 Jun 70 00:00:00'],
    ['a year of three digits', '09 Jun 100 00:00:00'],
    ['a year before 1601', '09 Jun 1600 00:00:00'],
  ])('deletes with a date of the past: %s', (_name, text) => {
    expect(received('a=0').receive(`a=1; Expires=${text}`, url, { now }).reason).toBe('expired');
  });

  it('reads a year of two digits up to 69 as one of this century', () => {
    expect(instant('09 Jun 69 00:00:00')).toBe(now + 400 * day);
  });
});
