import { describe, expect, it } from 'vitest';
import { sendContext } from '../../src/core/cookies/same-site.ts';
import { inferContext } from '../../src/core/presets/index.ts';
import { hostFacts, isTrustworthy, siteBetween } from '../../src/core/sites.ts';
import { BrowserCookieJar, getEmulationHeaders } from '../../src/index.ts';
import { growthOf, linearGrowth } from '../helpers/growth.ts';

const labels = (count: number, label = 'a'): string => `${label}.`.repeat(count).slice(0, -1);

describe('A01 a host that is too long for DNS', () => {
  it.each([
    ['254 characters', `${'a'.repeat(60)}.`.repeat(4) + 'b'.repeat(10)],
    ['128 labels', labels(128)],
    ['64 KB', `${labels(30_000)}.example`],
  ])('is its own site: %s', (_, host) => {
    expect(hostFacts(host)).toMatchObject({ host, site: host, publicSuffix: true });
  });

  it('differs from the longest valid one', () => {
    const longest = `${labels(119, 'b')}.shop.example.com`.slice(-253);
    expect(longest).toHaveLength(253);
    expect(hostFacts(longest).site).toBe('example.com');
    expect(hostFacts(`${longest}.`).site).toBe('example.com.');
    expect(hostFacts(`${labels(125)}.com`.slice(-253)).site).toBe('a.com');
  });

  it('is checked in time that grows with its length', () => {
    let at = 0;
    const work = (size: number) => () => hostFacts(`${labels(size)}.x${at++}`);
    expect(growthOf(work, 500)).toBeLessThan(linearGrowth);
  });

  it('neither sets nor gets cookies, and has no parent', () => {
    const jar = new BrowserCookieJar();
    const long = new URL(`https://${labels(200)}.shop.example/`);
    expect(jar.receive('a=1', long).reason).toBe('invalid-domain');
    expect(jar.receive('a=1; Domain=shop.example', long).reason).toBe('invalid-domain');
    jar.receive('a=1; Domain=shop.example', new URL('https://shop.example/'));
    expect(jar.cookieHeader(long)).toBe('');
    expect(jar.put({ name: 'a', value: '1', domain: long.hostname }).reason).toBe('invalid-domain');
    expect(jar.put({ name: 'a', value: '1', domain: labels(100_000) }).reason).toBe('invalid-domain');
  });
});

describe('V3: one notion of a site for the jar, SameSite and the presets', () => {
  it.each<[from: string, to: string, same: boolean]>([
    ['shop.com', 'www.shop.com', true],
    ['a-.shop.com', 'www.shop.com', true],
    ['a-.shop.com', 'b-.shop.com', true],
    // An empty label: no name, and so a site of its own.
    ['a.shop.com..', 'b.shop.com..', false],
    ['a.shop.com.', 'b.shop.com.', true],
    ['-a.shop.com', 'shop.com', true],
    ['a_b.shop.com', 'www.shop.com', true],
    ['xn--mnchen-3ya.example', 'www.xn--mnchen-3ya.example', true],
    ['shop.com.', 'www.shop.com.', true],
    ['shop.com.', 'shop.com', false],
    ['a.github.io', 'b.github.io', false],
    ['a.github.io', 'x.a.github.io', true],
    ['shop.co.uk', 'bank.co.uk', false],
    ['127.0.0.1', '127.0.0.2', false],
    ['[::1]', '[::2]', false],
    ['a.intranet', 'b.intranet', false],
  ])('%s and %s', (from, to, same) => {
    const [page, url] = [new URL(`https://${from}/`), new URL(`https://${to}/`)];
    expect(hostFacts(page.hostname).site === hostFacts(url.hostname).site).toBe(same);
    expect(siteBetween(page, url)).toBe(same ? 'same-site' : 'cross-site');
    const jar = new BrowserCookieJar();
    for (const host of [page, url]) jar.receive('a=1', host);
    expect(jar.explain(url).length).toBe(same ? 2 : 1);
    const context = inferContext({
      url,
      method: 'GET',
      headers: [],
      contentType: null,
      mode: 'cors',
      referrer: page,
    });
    expect(sendContext({ url, method: 'GET', context })).toBe(same ? 'strict' : 'none');
    const headers = getEmulationHeaders('chrome', 'linux', { url, referrer: page, mode: 'cors' });
    expect(new Map(headers).get('sec-fetch-site') ?? new Map(headers).get('Sec-Fetch-Site')).toBe(
      same ? 'same-site' : 'cross-site',
    );
  });
});

describe('V3: what is local', () => {
  it.each([
    ['localhost', true],
    ['localhost.', true],
    ['shop.localhost', true],
    ['shop.localhost.', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['[::ffff:7f00:1]', false],
    ['localhost.example', false],
    ['notlocalhost', false],
  ])('is the same for Secure cookies and for trustworthy origins: %s', (host, local) => {
    const url = new URL(`http://${host}/`);
    expect(isTrustworthy(url)).toBe(local);
    expect(new BrowserCookieJar().receive('a=1; Secure', url).stored).toBe(local);
  });
});
