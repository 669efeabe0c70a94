import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import { createSession } from '../../../../src/index.ts';
import { refusalOf } from '../../../helpers/refusals.ts';

const bank = new URL('https://www.bank.example/');
const evil = new URL('https://evil.bank.example/');

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

function names(jar: BrowserCookieJar, url: URL): string[] {
  return jar.cookiesFor(url).map(({ name }) => name);
}

/** The names of a Cookie header. */
function sent(header: string): string[] {
  return header.split('; ').map((pair) => pair.slice(0, pair.indexOf('=')));
}

describe('a host that floods its siblings with cookies for their parent', () => {
  const flood = (jar: BrowserCookieJar, attributes: string, size = 4000, count = 40): void => {
    for (const at of numbers(count)) {
      jar.receive(`flood${at}=${'x'.repeat(size)}; Domain=bank.example; ${attributes}`, evil);
    }
  };

  it.each([
    ['a host-only cookie without Secure, set before', 'sid=1', 'before'],
    ['a host-only cookie without Secure, set after', 'sid=1', 'after'],
    ['a Secure cookie', 'sid=1; Secure', 'before'],
    ['a __Host- cookie', '__Host-sid=1; Secure; Path=/', 'before'],
    ['a __Secure- cookie for the parent', '__Secure-sid=1; Secure; Domain=bank.example', 'before'],
    ['a cookie for the parent', 'sid=1; Domain=bank.example', 'before'],
    ['a deep cookie', 'sid=1; Path=/', 'after'],
  ])('does not keep %s from being sent', (_, line, when) => {
    for (const attributes of ['Path=/', 'Path=/account', 'Path=/account; Secure']) {
      const jar = new BrowserCookieJar();
      if (when === 'before') jar.receive(line, bank);
      flood(jar, attributes);
      if (when === 'after') jar.receive(line, bank);
      const target = new URL('https://www.bank.example/account/orders');
      const header = jar.cookieHeader(target, 'strict', Date.now(), 32_768);
      expect(sent(header)).toContain(line.slice(0, line.indexOf('=')));
      expect(header.length).toBeLessThanOrEqual(32_768);
    }
  });

  it('fills the header together with others, and no cookie of the host itself is left out', () => {
    const jar = new BrowserCookieJar();
    for (const line of ['sid=1', '__Host-id=1; Secure; Path=/', 'wide=1; Domain=bank.example'])
      jar.receive(line, bank);
    for (const host of numbers(10)) {
      for (const at of numbers(4)) {
        const line = `flood${host}.${at}=${'x'.repeat(4000)}; Domain=bank.example; Path=/account; Secure`;
        jar.receive(line, new URL(`https://evil${host}.bank.example/`));
      }
    }
    const header = jar.cookieHeader(
      new URL('https://www.bank.example/account'),
      'strict',
      Date.now(),
      32_768,
    );
    expect(sent(header).slice(-2)).toEqual(['sid', '__Host-id']);
    expect(sent(header)).toHaveLength(10);
  });

  it('has less room than servers have for a header', () => {
    const jar = new BrowserCookieJar();
    flood(jar, 'Path=/');
    const kept = names(jar, bank);
    expect(kept).toEqual(['flood39']);
  });

  it('loses its own cookies, although others are older', () => {
    const jar = new BrowserCookieJar();
    for (const at of numbers(5)) jar.receive(`own${at}=${'x'.repeat(1000)}; Domain=bank.example`, bank);
    flood(jar, 'Path=/');
    expect(names(jar, bank).filter((name) => name.startsWith('own'))).toHaveLength(5);
  });

  it('gets no more room through names below its own', () => {
    const jar = new BrowserCookieJar();
    for (const at of numbers(100)) {
      const host = new URL(`https://h${at}.evil.bank.example/`);
      jar.receive(`flood${at}=${'x'.repeat(4000)}; Domain=bank.example`, host);
    }
    expect(names(jar, bank)).toHaveLength(1);
  });

  it('loses its own cookies where two levels share a parent', () => {
    const jar = new BrowserCookieJar();
    const parent = 'users.bank.example';
    jar.receive(`sid=1; Domain=${parent}`, new URL(`https://b.${parent}/`));
    for (const at of numbers(100)) {
      jar.receive(`flood${at}=${'x'.repeat(4000)}; Domain=${parent}`, new URL(`https://a.${parent}/`));
    }
    expect(names(jar, new URL(`https://b.${parent}/`))).toEqual(['sid', 'flood99']);
  });

  it('leaves room for the cookies that a site sets for itself', () => {
    const jar = new BrowserCookieJar();
    const home = new URL('https://bank.example/');
    for (const at of numbers(20)) jar.receive(`own${at}=${'x'.repeat(4000)}; Domain=bank.example`, home);
    expect(names(jar, bank)).toHaveLength(20);
  });

  it('with the most cookies loses first when the site has too many', () => {
    for (const attributes of ['', '; Domain=bank.example', '; Domain=bank.example; Secure', '; Secure']) {
      const jar = new BrowserCookieJar();
      for (const at of numbers(20)) jar.receive(`own${at}=1`, bank);
      for (const at of numbers(1000)) jar.receive(`flood${at}=1${attributes}`, evil);
      expect(names(jar, bank).filter((name) => name.startsWith('own'))).toHaveLength(20);
    }
  });
});

describe('A10 a Cookie header that would be too long', () => {
  const url = new URL('https://www.shop.example/a/b');

  it('keeps its order, and gives the omitted cookies the reason no-room', () => {
    const jar = new BrowserCookieJar();
    jar.receive(`wide=${'w'.repeat(50)}; Domain=shop.example; Path=/a`, url);
    jar.receive(`host=${'h'.repeat(50)}; Path=/`, url);
    jar.receive(`safe=${'s'.repeat(50)}; Path=/a; Secure`, url);
    expect(sent(jar.cookieHeader(url, 'strict', Date.now(), 1000))).toEqual(['wide', 'safe', 'host']);
    expect(sent(jar.cookieHeader(url, 'strict', Date.now(), 130))).toEqual(['safe', 'host']);
    expect(sent(jar.cookieHeader(url, 'strict', Date.now(), 60))).toEqual(['safe']);
    expect(jar.cookieHeader(url, 'strict', Date.now(), 10)).toBe('');
    const reasons = jar
      .explain(url, 'strict', Date.now(), 130)
      .map(({ cookie, reason }) => [cookie.name, reason]);
    expect(reasons).toEqual([
      ['wide', 'no-room'],
      ['safe', undefined],
      ['host', undefined],
    ]);
  });

  it.each([
    ['x', 1],
    ['\udcff', 1],
    ['ü', 2],
    ['€', 3],
  ] as const)('is as long as it may be and no longer, in bytes of %j', (piece, bytes) => {
    const jar = new BrowserCookieJar();
    jar.receive(`a=${piece.repeat(100)}`, url);
    jar.receive(`b=${piece.repeat(100)}`, url);
    const whole = 2 * (2 + 100 * bytes) + 2;
    expect(jar.cookieHeader(url, 'strict', Date.now(), whole)).toContain('; b=');
    expect(jar.cookieHeader(url, 'strict', Date.now(), whole - 1)).not.toContain('; ');
  });
});

describe('A27 a jar that is full', () => {
  const fill = (jar: BrowserCookieJar, hosts: readonly string[], value = '1', count = 150): void => {
    for (const host of hosts) {
      for (const at of numbers(count)) jar.receive(`c${at}=${value}`, new URL(`https://${host}/`));
    }
  };
  const login = (jar: BrowserCookieJar): void => {
    jar.receive('__Host-sid=1; Secure; Path=/', bank);
    jar.receive('plain=1', bank);
  };

  it('removes from the sites with the most cookies: 30 sites of a flooder', () => {
    const jar = new BrowserCookieJar();
    login(jar);
    fill(
      jar,
      numbers(30).map((at) => `site${at}.example`),
    );
    expect(jar.size).toBeLessThanOrEqual(3300);
    expect(names(jar, bank)).toEqual(['__Host-sid', 'plain']);
  });

  it('removes from the sites with the most cookies: 40 names below a suffix', () => {
    const jar = new BrowserCookieJar();
    login(jar);
    fill(
      jar,
      numbers(40).map((at) => `name${at}.github.io`),
    );
    expect(names(jar, bank)).toEqual(['__Host-sid', 'plain']);
  });

  it('removes from the least recently used site where all have equally many', () => {
    const jar = new BrowserCookieJar();
    jar.receive('sid=1', bank);
    for (const at of numbers(3299)) jar.receive('c=1', new URL(`https://site${at}.example/`));
    expect(jar.cookieHeader(bank)).toBe('sid=1');
    jar.receive('c=1', new URL('https://last.example/'));
    expect(jar.size).toBe(3000);
    expect(jar.cookieHeader(bank)).toBe('sid=1');
    expect(jar.cookieHeader(new URL('https://site0.example/'))).toBe('');
  });

  it('removes those without Secure first, although they are newer', () => {
    const jar = new BrowserCookieJar({ maxCookies: 22 });
    for (const at of numbers(11)) jar.receive(`s${at}=1; Secure`, bank);
    for (const at of numbers(12)) jar.receive(`p${at}=1`, bank);
    expect(jar.size).toBe(20);
    expect(jar.allCookies().filter(({ secure }) => secure).length).toBe(11);
  });

  it('has a limit of characters, whatever single sites set', () => {
    const jar = new BrowserCookieJar();
    login(jar);
    fill(
      jar,
      numbers(20).map((at) => `site${at}.example`),
      '\udcff'.repeat(4000),
    );
    const characters = jar.allCookies().reduce((sum, { value }) => sum + value.length, 0);
    expect(characters).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(characters).toBeGreaterThan(3 * 1024 * 1024);
    expect(names(jar, bank)).toEqual(['__Host-sid', 'plain']);
  });

  it('counts characters of a value that grows', () => {
    const jar = new BrowserCookieJar({ maxCharacters: 10_000 });
    for (const at of numbers(10)) jar.receive('a=1', new URL(`https://site${at}.example/`));
    for (const at of numbers(10)) jar.receive(`a=${'x'.repeat(4000)}`, new URL(`https://site${at}.example/`));
    const characters = jar.allCookies().reduce((sum, { value }) => sum + value.length, 0);
    expect(characters).toBeLessThanOrEqual(10_000);
  });

  it('counts correctly after changes, deletions and expiries', () => {
    const jar = new BrowserCookieJar({ maxCharacters: 500 });
    const now = Date.now();
    for (const at of numbers(200)) {
      jar.receive(`a=${'x'.repeat(at % 50)}; Max-Age=${1 + (at % 3)}`, bank, { now: now + at * 1000 });
      jar.receive(`b=${'y'.repeat(at % 30)}`, bank, { now: now + at * 1000 });
      if (at % 7 === 0) jar.remove({ name: 'b' });
    }
    jar.receive('c=1', bank, { now: now + 1_000_000 });
    expect(names(jar, bank)).toContain('c');
    jar.remove();
    for (const at of numbers(5)) jar.receive(`d${at}=${'z'.repeat(60)}`, bank);
    expect(jar.size).toBe(5);
  });
});

describe('A28 the limits of a jar', () => {
  it('can be set', () => {
    const jar = new BrowserCookieJar({ maxCookies: 22 });
    for (const at of numbers(22)) jar.receive(`c${at}=1`, new URL(`https://site${at}.example/`));
    expect(jar.size).toBe(22);
    jar.receive('one-more=1', bank);
    expect(jar.size).toBe(20);
  });

  it('are those of a clone, and of the fork of a session', async () => {
    const cookieJar = new BrowserCookieJar({ maxCookies: 11 });
    await using session = await createSession({ cookieJar });
    await using fork = await session.fork();
    for (const jar of [cookieJar.cloneSync(), fork.cookieJar as BrowserCookieJar]) {
      for (const at of numbers(12)) jar.receive(`c${at}=1`, bank);
      expect(jar.size).toBe(10);
    }
  });

  it.each([0, -1, 1.5, Number.NaN, '5', null])('are whole numbers from 1: %j', async (given) => {
    for (const key of ['maxCookies', 'maxCharacters']) {
      const error = await refusalOf(() => new BrowserCookieJar({ [key]: given }));
      expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION' });
      expect(error.message).toContain(key);
    }
  });

  it('have no other names', async () => {
    const limits = { maxBytes: 1 } as object;
    expect((await refusalOf(() => new BrowserCookieJar(limits))).code).toBe('ERR_INVALID_OPTION');
  });

  it('do not apply to cookies that the caller puts', () => {
    const jar = new BrowserCookieJar({ maxCookies: 2, maxCharacters: 10 });
    for (const at of numbers(50)) jar.put({ name: `c${at}`, value: 'x'.repeat(100), domain: 'shop.example' });
    expect(jar.size).toBe(50);
  });
});

describe('onChange', () => {
  it('is called after each complete change, and for nothing else', () => {
    const jar = new BrowserCookieJar();
    const seen: number[] = [];
    jar.onChange = () => seen.push(jar.size);
    jar.receive('a=1', bank);
    jar.receive('a=1', bank);
    jar.receive('a=2', bank);
    jar.cookieHeader(bank);
    jar.receive('b=; Max-Age=0', bank);
    jar.put({ name: 'b', value: '1', domain: 'shop.example' });
    jar.putAll([
      { name: 'c', value: '1', domain: 'shop.example' },
      { name: 'd', value: '1', domain: 'shop.example' },
    ]);
    jar.putAll([
      { name: 'e', value: '1', domain: 'shop.example' },
      { name: 'f;', value: '1', domain: 'shop.example' },
    ]);
    jar.remove({ name: 'nobody' });
    jar.remove({ name: 'a' });
    jar.removeSite(new URL('https://x.shop.example/'));
    jar.removeAllCookiesSync();
    expect(seen).toEqual([1, 1, 2, 4, 3, 0]);
    jar.onChange = undefined;
    jar.receive('a=1', bank);
    expect(seen).toHaveLength(6);
  });
});
