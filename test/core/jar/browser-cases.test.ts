import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../src/core/jar/index.ts';

interface BrowserCase {
  readonly id: string;
  readonly url: string;
  readonly setCookie: readonly string[];
  readonly more?: readonly { readonly url: string; readonly setCookie: readonly string[] }[];
  readonly requestUrl: string;
  /** The Cookie header that Chromium 156 and Firefox 153 both sent. */
  readonly cookie: string;
}

const cases: BrowserCase[] = JSON.parse(
  readFileSync(new URL('../../fixtures/browser-cookie-cases.json', import.meta.url), 'utf8'),
);

function failures(send: (entry: BrowserCase) => string): object[] {
  return cases
    .map((entry) => ({ id: entry.id, expected: entry.cookie, sent: send(entry) }))
    .filter(({ expected, sent }) => sent !== expected);
}

function responses(entry: BrowserCase) {
  return [{ url: entry.url, setCookie: entry.setCookie }, ...(entry.more ?? [])];
}

it('sends what both browsers sent in each captured case, through the methods of CookieJar', () => {
  const failed = failures((entry) => {
    const jar = new BrowserCookieJar();
    for (const { url, setCookie } of responses(entry)) {
      for (const line of setCookie) jar.setCookieSync(line, url, { ignoreError: true });
    }
    return jar.getCookieStringSync(entry.requestUrl);
  });
  expect(failed).toEqual([]);
});

it('sends what both browsers sent in each captured case, through receive and cookieHeader', () => {
  const failed = failures((entry) => {
    const jar = new BrowserCookieJar();
    for (const { url, setCookie } of responses(entry)) {
      for (const line of setCookie) jar.receive(line, new URL(url));
    }
    return jar.cookieHeader(new URL(entry.requestUrl));
  });
  expect(failed).toEqual([]);
});

it('keeps every captured case through allCookies and put', () => {
  const failed = failures((entry) => {
    const received = new BrowserCookieJar();
    for (const { url, setCookie } of responses(entry)) {
      for (const line of setCookie) received.receive(line, new URL(url));
    }
    const jar = new BrowserCookieJar();
    for (const record of received.allCookies()) jar.put(record);
    return jar.cookieHeader(new URL(entry.requestUrl));
  });
  expect(failed).toEqual([]);
});

it('keeps every captured case through JSON', () => {
  const failed = failures((entry) => {
    const jar = new BrowserCookieJar();
    for (const { url, setCookie } of responses(entry)) {
      for (const line of setCookie) jar.receive(line, new URL(url));
    }
    return BrowserCookieJar.fromJSON(JSON.stringify(jar)).cookieHeader(new URL(entry.requestUrl));
  });
  expect(failed).toEqual([]);
});
