import { expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import { type BrowserCase, browserCases, responsesOf } from '../../../helpers/browser-cases.ts';

function failures(send: (entry: BrowserCase) => string): object[] {
  return browserCases
    .map((entry) => ({ id: entry.id, expected: entry.cookie, sent: send(entry) }))
    .filter(({ expected, sent }) => sent !== expected);
}

it('sends what both browsers sent in each captured case, through the methods of CookieJar', () => {
  const failed = failures((entry) => {
    const jar = new BrowserCookieJar();
    for (const { url, setCookie } of responsesOf(entry)) {
      for (const line of setCookie) jar.setCookieSync(line, url, { ignoreError: true });
    }
    return jar.getCookieStringSync(entry.requestUrl);
  });
  expect(failed).toEqual([]);
});

it('sends what both browsers sent in each captured case, through receive and cookieHeader', () => {
  const failed = failures((entry) => {
    const jar = new BrowserCookieJar();
    for (const { url, setCookie } of responsesOf(entry)) {
      for (const line of setCookie) jar.receive(line, new URL(url));
    }
    return jar.cookieHeader(new URL(entry.requestUrl));
  });
  expect(failed).toEqual([]);
});

it('keeps every captured case through allCookies and put', () => {
  const failed = failures((entry) => {
    const received = new BrowserCookieJar();
    for (const { url, setCookie } of responsesOf(entry)) {
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
    for (const { url, setCookie } of responsesOf(entry)) {
      for (const line of setCookie) jar.receive(line, new URL(url));
    }
    return BrowserCookieJar.fromJSON(JSON.stringify(jar)).cookieHeader(new URL(entry.requestUrl));
  });
  expect(failed).toEqual([]);
});
