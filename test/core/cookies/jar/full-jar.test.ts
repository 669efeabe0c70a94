import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import captured from '../../../fixtures/full-jar.json' with { type: 'json' };
import {
  type FullJarCase,
  type FullJarSite,
  fullJarCases,
  hostOf,
  linesOf,
} from '../../../helpers/full-jar.ts';

const now = Date.UTC(2026, 10, 27);

function urlOf(site: FullJarSite): URL {
  return new URL(`${site.secure ? 'https' : 'http'}://${hostOf(site)}/`);
}

/** How many cookies of each host stay. */
function play({ sites, last }: FullJarCase): Record<string, number> {
  const jar = new BrowserCookieJar();
  // In the order of their last use, as the jar sees them.
  const inOrder = sites.toSorted((a, b) => b.unusedDays - a.unusedDays);
  for (const site of [...inOrder, last]) {
    const at = now - site.unusedDays * 86_400_000;
    for (const line of linesOf(site)) expect(jar.receive(line, urlOf(site), { now: at }).stored).toBe(true);
  }
  const counts: Record<string, number> = {};
  for (const { domain } of jar.allCookies(now)) counts[domain] = (counts[domain] ?? 0) + 1;
  return counts;
}

function capturedOf(name: string): Record<string, number> {
  const after: object = captured.cases.find((one) => one.name === name)?.after ?? {};
  // The type of the file has all sites in all cases.
  return Object.fromEntries(Object.entries(after).map(([host, count]) => [host, Number(count)]));
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}

describe('a full jar', () => {
  const [inUse, ...others] = fullJarCases;

  it.each(others.map((one) => [one.name, one] as const))('drops what Chromium drops: %s', (name, one) => {
    expect(play(one)).toEqual(capturedOf(name));
  });

  it('keeps its limit where all are in use, unlike Chromium', () => {
    if (inUse === undefined) throw new Error('no cases');
    expect(total(capturedOf(inUse.name))).toBe(4001);
    const counts = play(inUse);
    expect(total(counts)).toBeLessThanOrEqual(3300);
    // No site loses all it has, and none much more than another.
    expect(Object.keys(counts)).toHaveLength(41);
  });

  it('counts sending as use', () => {
    const jar = new BrowserCookieJar();
    const day = 86_400_000;
    for (const name of ['read', 'unread']) {
      const url = new URL(`http://${name}.test/`);
      jar.receive('a=1; Max-Age=31536000', url, { now: now - 40 * day });
    }
    const read = new URL('http://read.test/');
    expect(jar.cookieHeader(read, 'strict', now - 29 * day)).toBe('a=1');
    const copy = jar.cloneSync();
    for (const each of [jar, copy]) {
      for (let at = 0; at < 3299; at++) each.receive('a=1', new URL(`http://site-${at}.test/`), { now });
      expect(each.cookieHeader(read, 'strict', now)).toBe('a=1');
      expect(each.cookieHeader(new URL('http://unread.test/'), 'strict', now)).toBe('');
    }
  });
});
