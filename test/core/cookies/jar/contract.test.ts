import { inspect, promisify } from 'node:util';
import { Cookie, CookieJar, MemoryCookieStore, type SerializedCookieJar, Store } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { BrowserCookieJar } from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';

const url = 'https://www.shop.example/account/orders';

function filled(): BrowserCookieJar {
  const jar = new BrowserCookieJar();
  jar.setCookieSync('a=1; Path=/; Secure; HttpOnly; SameSite=Lax', url);
  jar.setCookieSync('b=2; Domain=shop.example; Path=/account', url);
  return jar;
}

const header = 'b=2; a=1';

it('is a CookieJar', () => {
  expect(new BrowserCookieJar()).toBeInstanceOf(CookieJar);
});

describe('setCookie', () => {
  it('returns a Cookie with what was stored, at once, by promise and by callback', async () => {
    const jar = new BrowserCookieJar();
    const expected = { key: 'a', value: '1', domain: 'www.shop.example', path: '/account', hostOnly: true };
    expect(jar.setCookieSync('a=1', url)).toBeInstanceOf(Cookie);
    expect(jar.setCookieSync('a=1', url)).toMatchObject(expected);
    expect(await jar.setCookie('a=1', new URL(url))).toMatchObject(expected);
    const called: unknown[] = [];
    jar.setCookie('a=1', url, (error, cookie) => called.push(error, cookie));
    jar.setCookie('a=1', url, { ignoreError: true }, (error, cookie) => called.push(error, cookie));
    expect(called).toMatchObject([null, expected, null, expected]);
  });

  it('has stored the cookie before it returns', () => {
    const jar = new BrowserCookieJar();
    void jar.setCookie('a=1', url);
    expect(jar.getCookieStringSync(url)).toBe('a=1');
  });

  it('reports a refused cookie by its name and the reason, never by its value', async () => {
    const jar = new BrowserCookieJar();
    const line = 'sid=secret; Domain=evil.example';
    const message = 'Cookie "sid" was not stored: domain-mismatch';
    expect(() => jar.setCookieSync(line, url)).toThrow(message);
    await expect(jar.setCookie(line, url)).rejects.toMatchObject({ code: 'ERR_INVALID_COOKIE', message });
    const called: unknown[] = [];
    jar.setCookie(line, url, (error) => called.push(error?.message));
    expect(called).toEqual([message]);
  });

  it('returns undefined for a refused cookie with ignoreError, and for a prefix always', () => {
    const jar = new BrowserCookieJar();
    expect(jar.setCookieSync('a=1; Domain=evil.example', url, { ignoreError: true })).toBeUndefined();
    expect(jar.setCookieSync('__Host-a=1', url)).toBeUndefined();
  });

  it('returns the cookie that deletes one', () => {
    const jar = filled();
    expect(jar.setCookieSync('a=; Path=/; Max-Age=0', url)).toMatchObject({ key: 'a', expires: new Date(0) });
    expect(jar.getCookieStringSync(url)).toBe('b=2');
  });

  it('refuses a URL that is not absolute', () => {
    expect(() => new BrowserCookieJar().setCookieSync('a=1', '/account')).toThrow('absolute URL');
    expect(() => new BrowserCookieJar().getCookiesSync('')).toThrow('absolute URL');
  });

  it.each([undefined, null, 5])('refuses %s as a cookie', (cookie) => {
    expect(() => new BrowserCookieJar().setCookieSync(cookie as never, url)).toThrow('was not stored: empty');
  });

  it('counts Max-Age from the given clock', () => {
    const jar = new BrowserCookieJar();
    const now = new Date(Date.now() + 5000);
    expect(jar.setCookieSync('a=1; Max-Age=10', url, { now })?.expires).toEqual(
      new Date(now.getTime() + 10_000),
    );
  });

  it('does not let an API that is not HTTP set or replace an HttpOnly cookie', () => {
    const jar = filled();
    expect(() => jar.setCookieSync('c=1; HttpOnly', url, { http: false })).toThrow('http-only');
    expect(() => jar.setCookieSync('a=evil; Path=/', url, { http: false })).toThrow('http-only');
    expect(jar.getCookieStringSync(url)).toBe(header);
  });
});

describe('a Cookie object', () => {
  it('that is set is copied', () => {
    const jar = new BrowserCookieJar();
    const cookie = new Cookie({ key: 'a', value: '1', path: '/' });
    jar.setCookieSync(cookie, url);
    cookie.value = 'changed';
    expect(jar.getCookieStringSync(url)).toBe('a=1');
    expect(cookie.domain).toBeNull();
  });

  it.each<[string, (jar: BrowserCookieJar) => Cookie | undefined]>([
    ['setCookieSync', (jar) => jar.setCookieSync('a=1; Path=/', url)],
    ['getCookiesSync', (jar) => jar.getCookiesSync(url).find(({ key }) => key === 'a')],
  ])('that comes out of %s is the caller\u2019s own', (_name, take) => {
    const jar = filled();
    const cookie = take(jar);
    if (cookie === undefined) throw new Error('no cookie came out');
    cookie.value = 'changed';
    cookie.path = '/elsewhere';
    expect(jar.getCookieStringSync(url)).toBe(header);
  });

  it.each([
    ['a=1; Max-Age=60', 60_000],
    ['a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Max-Age=60', 60_000],
  ])('keeps what it says of time: %s', (line, lifeMs) => {
    const jar = new BrowserCookieJar();
    const now = new Date();
    jar.setCookieSync(Cookie.parse(line) ?? '', url, { now });
    expect(jar.allCookies()).toMatchObject([{ expiresAtMs: now.getTime() + lifeMs }]);
  });

  it('keeps Domain, flags, SameSite and Partitioned', () => {
    const jar = new BrowserCookieJar();
    const line = 'a=1; Domain=shop.example; Path=/; Secure; HttpOnly; SameSite=Strict; Partitioned';
    jar.setCookieSync(Cookie.parse(line) ?? '', url);
    expect(jar.getSetCookieStringsSync(url)).toEqual([line]);
  });

  it('of another jar stays host-only, and only at its own host', () => {
    const [, cookie] = filled().getCookiesSync(url);
    if (cookie === undefined) throw new Error('no cookie came out');
    const jar = new BrowserCookieJar();
    jar.setCookieSync(cookie, url);
    expect(jar.allCookies()).toMatchObject([{ name: 'a', hostOnly: true }]);
    expect(() => jar.setCookieSync(cookie, 'https://sub.www.shop.example/')).toThrow('domain-mismatch');
  });

  it.each([
    [{ key: 'a', value: '1; Domain=evil.example' }, 'invalid-value'],
    [{ key: 'a', value: '1\r\nX: y' }, 'control-character'],
    [{ key: 'a=b', value: '1' }, 'invalid-name'],
    [{ key: 'a', value: '1', path: '/a;b' }, 'invalid-path'],
  ])('is held to what a line could say: %j', (options, reason) => {
    expect(() => new BrowserCookieJar().setCookieSync(new Cookie(options), url)).toThrow(reason);
  });
});

describe('reading', () => {
  it('returns the cookies synchronously, by promise and by callback, in the order of sending', async () => {
    const jar = filled();
    const keys = (cookies: Cookie[]) => cookies.map(({ key }) => key);
    expect(keys(jar.getCookiesSync(url))).toEqual(['b', 'a']);
    expect(keys(await jar.getCookies(url))).toEqual(['b', 'a']);
    const called: unknown[] = [];
    jar.getCookies(url, (error, cookies) => called.push(error, keys(cookies ?? [])));
    jar.getCookies(url, {}, (error, cookies) => called.push(error, keys(cookies ?? [])));
    expect(called).toEqual([null, ['b', 'a'], null, ['b', 'a']]);
  });

  it('returns the header synchronously, by promise and by callback', async () => {
    const jar = filled();
    expect(jar.getCookieStringSync(url)).toBe(header);
    expect(await jar.getCookieString(url)).toBe(header);
    const called: unknown[] = [];
    jar.getCookieString(url, (error, value) => called.push(error, value));
    expect(called).toEqual([null, header]);
  });

  it('returns Set-Cookie lines synchronously, by promise and by callback', async () => {
    const jar = filled();
    const lines = ['b=2; Domain=shop.example; Path=/account', 'a=1; Path=/; Secure; HttpOnly; SameSite=Lax'];
    expect(jar.getSetCookieStringsSync(url)).toEqual(lines);
    expect(await jar.getSetCookieStrings(url)).toEqual(lines);
    const called: unknown[] = [];
    jar.getSetCookieStrings(url, (error, value) => called.push(error, value));
    expect(called).toEqual([null, lines]);
  });

  it('leaves out HttpOnly cookies with http: false, and ignores paths with allPaths', () => {
    const jar = filled();
    expect(jar.getCookieStringSync(url, { http: false })).toBe('b=2');
    expect(jar.getCookieStringSync('https://www.shop.example/', { allPaths: true })).toBe(header);
  });

  it('rejects and calls back with the error of an invalid URL', async () => {
    const jar = filled();
    await expect(jar.getCookies('nonsense')).rejects.toMatchObject({ code: 'ERR_INVALID_URL' });
    const called: unknown[] = [];
    jar.getCookieString('nonsense', (error) => called.push(error?.name));
    expect(called).toEqual(['RequestError']);
  });
});

it('removes all cookies synchronously, by promise and by callback', async () => {
  for (const remove of [
    (jar: BrowserCookieJar) => jar.removeAllCookiesSync(),
    (jar: BrowserCookieJar) => jar.removeAllCookies(),
    (jar: BrowserCookieJar) =>
      promisify((done: (error: Error | null) => void) => {
        jar.removeAllCookies(done);
      })(),
  ]) {
    const jar = filled();
    await remove(jar);
    expect(jar.allCookies()).toEqual([]);
  }
});

describe('serialize', () => {
  it('returns a dump that tough-cookie reads', async () => {
    const jar = filled();
    const dump = jar.toJSON();
    expect(dump).toMatchObject({ storeType: 'BrowserCookieStore', cookies: [{ key: 'a' }, { key: 'b' }] });
    expect(jar.serializeSync()).toEqual(dump);
    expect(await jar.serialize()).toEqual(dump);
    expect(CookieJar.fromJSON(JSON.stringify(jar)).getCookieStringSync(url)).toBe(header);
  });

  it.each<[string, (text: string) => unknown]>([
    ['deserializeSync', (text) => BrowserCookieJar.deserializeSync(text)],
    ['fromJSON', (text) => BrowserCookieJar.fromJSON(text)],
    ['deserialize', (text) => BrowserCookieJar.deserialize(text)],
    ['deserialize with an object', (text) => BrowserCookieJar.deserialize(JSON.parse(text))],
    [
      'deserialize with a callback',
      (text) =>
        promisify((done: (error: Error | null, jar?: CookieJar) => void) =>
          BrowserCookieJar.deserialize(text, done),
        )(),
    ],
  ])('comes back through %s', async (_name, load) => {
    const jar = await load(JSON.stringify(filled()));
    if (!(jar instanceof BrowserCookieJar)) throw new Error('not our jar');
    expect(jar.allCookies()).toEqual(
      filled()
        .allCookies()
        .map((cookie) => ({ ...cookie, creation: expect.any(Number) })),
    );
  });

  it('refuses other values than a dump', async () => {
    expect(() => BrowserCookieJar.fromJSON('{}')).toThrow('cookies must be an array of serialized cookies');
    expect(() => BrowserCookieJar.fromJSON('nonsense')).toThrow(SyntaxError);
    await expect(BrowserCookieJar.deserialize('nonsense')).rejects.toBeInstanceOf(SyntaxError);
  });

  it('leaves out what a server could not have set', () => {
    const cookies = [
      { key: 'super', value: '1', domain: 'com', path: '/', hostOnly: false },
      { key: 'split', value: 'a\r\nb', domain: 'shop.example', path: '/', hostOnly: true },
      null,
      'text',
      { key: 'good', value: '1', domain: 'shop.example', path: '/', hostOnly: true },
    ];
    const jar = BrowserCookieJar.fromJSON({ cookies } as unknown as SerializedCookieJar);
    expect(jar.allCookies()).toMatchObject([{ name: 'good' }]);
  });

  it('turns a stored Max-Age into an instant', () => {
    const lastAccessed = new Date(Date.now() - 1000);
    const creation = new Date(lastAccessed.getTime() - 50_000);
    const cookie = {
      key: 'a',
      value: '1',
      domain: 'shop.example',
      path: '/',
      maxAge: 60,
      creation,
      lastAccessed,
    };
    const jar = BrowserCookieJar.fromJSON(JSON.stringify({ cookies: [cookie] }));
    expect(jar.allCookies()).toMatchObject([{ expiresAtMs: lastAccessed.getTime() + 60_000 }]);
  });

  it('keeps the order of creation', () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    const cookies = [3, 1, 2].map((second) => ({
      key: `c${second}`,
      value: '1',
      domain: 'a.example',
      path: '/',
      creation: at(second),
    }));
    const jar = BrowserCookieJar.fromJSON(JSON.stringify({ cookies }));
    expect(jar.allCookies().map(({ name }) => name)).toEqual(['c1', 'c2', 'c3']);
  });

  it('loads and dumps 100,000 cookies', () => {
    const cookies = Array.from({ length: 100_000 }, (_, at) => ({
      key: 'a',
      value: `${at}`,
      domain: `h${at}.example`,
      path: '/',
      hostOnly: true,
    }));
    const jar = BrowserCookieJar.fromJSON({ cookies } as unknown as SerializedCookieJar);
    expect(jar.allCookies()).toHaveLength(100_000);
    expect(jar.cloneSync().allCookies()).toHaveLength(100_000);
    expect(jar.toJSON()?.cookies.map(({ value }) => value)).toEqual(cookies.map(({ value }) => value));
  });

  it('loads a dump with 20,000 nulls', async () => {
    const jar = await BrowserCookieJar.deserialize({ cookies: new Array(20_000).fill(null) });
    expect(jar.allCookies()).toEqual([]);
  });
});

describe('clone', () => {
  it('returns a separate jar synchronously, by promise and by callback', async () => {
    const jar = filled();
    const called: (CookieJar | undefined)[] = [];
    jar.clone((_error, clone) => called.push(clone));
    for (const clone of [jar.cloneSync(), await jar.clone(), jar._cloneSync(), called[0]]) {
      expect(clone).toBeInstanceOf(BrowserCookieJar);
      expect(clone?.getCookieStringSync(url)).toBe(header);
      clone?.removeAllCookiesSync();
    }
    expect(jar.getCookieStringSync(url)).toBe(header);
  });

  it('continues the order of creation', () => {
    const clone = filled().cloneSync();
    clone.setCookieSync('c=3', url);
    expect(clone.allCookies().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('fills a store of the caller\u2019s', async () => {
    const jar = filled();
    const called: (CookieJar | undefined)[] = [];
    await new Promise<void>((resolve) => {
      jar.clone(new MemoryCookieStore(), (_error, clone) => {
        called.push(clone);
        resolve();
      });
    });
    const clones = [
      jar.cloneSync(new MemoryCookieStore()),
      await jar.clone(new MemoryCookieStore()),
      await BrowserCookieJar.deserialize(JSON.stringify(jar), new MemoryCookieStore()),
      BrowserCookieJar.fromJSON(JSON.stringify(jar), new MemoryCookieStore()),
      called[0],
    ];
    for (const clone of clones) {
      expect(clone?.store).toBeInstanceOf(MemoryCookieStore);
      expect(clone?.getCookieStringSync(url)).toBe(header);
    }
  });

  it('refuses an asynchronous store in a synchronous call', () => {
    expect(() => filled().cloneSync(new Store())).toThrow('a synchronous store');
  });
});

describe('store', () => {
  const domain = 'www.shop.example';

  it('finds cookies by name and by host', async () => {
    const jar = filled();
    jar.setCookieSync('sibling=1; Path=/', 'https://sibling.shop.example/');
    const { store } = jar;
    expect(await store.findCookie(domain, '/', 'a')).toMatchObject({ value: '1' });
    expect(await store.findCookie(domain, '/', 'absent')).toBeUndefined();
    expect(await store.findCookies(domain, '/account')).toHaveLength(2);
    expect(await store.findCookies(domain, '/')).toHaveLength(1);
    expect(await store.getAllCookies()).toHaveLength(3);
  });

  it('stores cookies only by the rules', async () => {
    const { store } = filled();
    const cookie = new Cookie({ key: 'c', value: '3', domain, path: '/', hostOnly: true });
    await store.putCookie(cookie);
    await store.updateCookie(cookie, new Cookie({ ...cookie, value: '4' }));
    expect(await store.findCookie(domain, '/', 'c')).toMatchObject({ value: '4' });
    await expect(
      store.putCookie(new Cookie({ key: 'c', value: '3', domain: 'com', path: '/' })),
    ).rejects.toThrow('public-suffix');
  });

  it('removes one cookie, those of a domain, or all', async () => {
    const jar = filled();
    await jar.store.removeCookie(domain, '/', 'a');
    expect(jar.getCookieStringSync(url)).toBe('b=2');
    await jar.store.removeCookies('shop.example', '/elsewhere');
    expect(jar.getCookieStringSync(url)).toBe('b=2');
    await jar.store.removeCookies('shop.example', null);
    expect(jar.getCookieStringSync(url)).toBe('');
  });
});

it('shows counts and no cookie when it is printed', () => {
  const jar = filled();
  const printed = inspect({ jar, store: jar.store }, { depth: 9, showHidden: true });
  expect(printed).toContain('BrowserCookieJar { cookies: 2, sites: 1 }');
  expect(inspect(jar, { depth: 9, showHidden: true, customInspect: false })).not.toMatch(/'[12]'/);
});
