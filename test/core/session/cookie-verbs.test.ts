import { describe, expect, it } from 'vitest';
import {
  type CookieAttributes,
  type CookieFilter,
  createSession,
  type Session,
  type SessionCookie,
  type SessionCookieInit,
} from '../../../src/index.ts';
import { deepFreeze, refusalOf } from '../../helpers/refusals.ts';

const shop = 'https://shop.example/cart/items';

/** A session and a cookie that no refused call may touch. */
async function withKept(): Promise<Session> {
  const session = await createSession();
  session.setCookie('kept', '1', shop);
  return session;
}

const pairs = (cookies: readonly SessionCookie[]): string[] =>
  cookies.map(({ name, value }) => `${name}=${value}`);

describe('setCookie', () => {
  it('makes a host-only cookie of the default path, synchronously', async () => {
    await using session = await createSession();
    expect(session.setCookie('sid', '1', shop)).toBeUndefined();
    expect(session.getAllCookies()).toEqual([
      {
        name: 'sid',
        value: '1',
        domain: 'shop.example',
        path: '/cart',
        hostOnly: true,
        secure: false,
        httpOnly: false,
      },
    ]);
  });

  it('accepts every attribute', async () => {
    await using session = await createSession();
    const expiresAtMs = Date.now() + 1_000_000;
    const attributes: CookieAttributes = deepFreeze({
      domain: 'shop.example',
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'none',
      expiresAtMs,
      partitioned: true,
    });
    session.setCookie('sid', '1', 'https://www.shop.example/', attributes);
    expect(session.getAllCookies()).toEqual([{ name: 'sid', value: '1', ...attributes, hostOnly: false }]);
  });

  it.each([
    '',
    ' spaced ',
    '"quoted"',
    'a=b==',
    'a,b',
    '%3B%0A',
    'caf\u00e9 \ud83c\udf6a',
    '{"json":true}',
    '\u00a0',
  ])('takes the value %j verbatim', async (value) => {
    await using session = await createSession();
    session.setCookie('v', value, shop);
    expect(session.getCookies(shop).v).toBe(value);
  });

  it.each<[name: unknown, value: unknown]>([
    ['', '1'],
    [5, '1'],
    [undefined, '1'],
    ['a=b', '1'],
    ['a;b', '1'],
    ['a\r\nb', '1'],
    ['a\0', '1'],
    ['a', '1;2'],
    ['a', '1\r\nX: y'],
    ['a', '1\n'],
    ['a', '\0'],
    ['a', '\u007f'],
    ['a', 5],
    ['a', null],
    ['a', undefined],
    ['a', {}],
  ])('C14 refuses name %j with value %j and leaves the jar alone', async (name, value) => {
    await using session = await withKept();
    const { code, message } = await refusalOf(() => session.setCookie(name as string, value as string, shop));
    expect([code, message]).toEqual([
      'ERR_INVALID_COOKIE',
      expect.stringMatching(/^Invalid cookie string: /),
    ]);
    expect(pairs(session.getAllCookies())).toEqual(['kept=1']);
  });

  it.each<object>([
    { domain: 'other.example' },
    { domain: 'a.shop.example' },
    { domain: 'example' },
    { domain: 'shop.example;x' },
    { domain: 'shop.example\r\n' },
    { domain: 5 },
    { path: '/a;b' },
    { path: '/a\nb' },
    { path: 'relative' },
    { path: 5 },
    { secure: 'yes' },
    { httpOnly: 1 },
    { partitioned: null },
    { sameSite: 'Lax' },
    { sameSite: 'none' },
    { expiresAtMs: '5' },
    { expiresAtMs: Number.NaN },
    { expiresAtMs: Number.POSITIVE_INFINITY },
    { expiresAtMs: new Date() },
  ])('C14 refuses the attributes %o and leaves the jar alone', async (attributes) => {
    await using session = await withKept();
    const { code } = await refusalOf(() => session.setCookie('a', '1', shop, attributes as CookieAttributes));
    expect([code, pairs(session.getAllCookies())]).toEqual(['ERR_INVALID_COOKIE', ['kept=1']]);
  });

  it.each([null, 'Secure', 5, []])('refuses %j in place of attributes', async (attributes) => {
    await using session = await withKept();
    const { code } = await refusalOf(() => session.setCookie('a', '1', shop, attributes as CookieAttributes));
    expect(code).toBe('ERR_INVALID_OPTION');
  });

  it.each(['__Host-a', '__Secure-a'])('refuses %s without what its prefix promises', async (name) => {
    await using session = await withKept();
    const { code, message } = await refusalOf(() => session.setCookie(name, '1', shop));
    expect([code, message]).toEqual(['ERR_INVALID_COOKIE', expect.stringContaining('prefix')]);
  });

  it('never shows a value that it refuses', async () => {
    await using session = await withKept();
    const { message, stack } = await refusalOf(() => session.setCookie('a', 'canary;', shop));
    expect(`${message}${stack}`).not.toContain('canary');
  });

  it('deletes the cookie when its expiry is in the past', async () => {
    await using session = await withKept();
    session.setCookie('kept', '', shop, { expiresAtMs: 0 });
    expect(session.getAllCookies()).toEqual([]);
  });
});

describe('a URL for cookies', () => {
  const bad: unknown[] = ['/cart', '', 'shop.example', 'ftp://shop.example/', 'data:,x', 5, null, {}];

  it.each(bad)('is refused by setCookie: %j', async (url) => {
    await using session = await withKept();
    const { code, message } = await refusalOf(() => session.setCookie('a', '1', url as string));
    expect([code, message]).toEqual([
      'ERR_INVALID_URL',
      'Invalid URL: cookies need an absolute http or https URL',
    ]);
  });

  it.each([...bad, undefined])('is refused by getCookies: %j', async (url) => {
    await using session = await withKept();
    const { code } = await refusalOf(() => session.getCookies(url as string));
    expect(code).toBe('ERR_INVALID_URL');
  });

  it('may be a URL object, which is not changed', async () => {
    await using session = await withKept();
    const url = new URL(shop);
    expect([{ ...session.getCookies(url) }, url.href]).toEqual([{ kept: '1' }, shop]);
  });
});

describe('getCookies', () => {
  it('returns an object without a prototype, synchronously', async () => {
    await using session = await createSession();
    session.setCookie('__proto__', '1', shop);
    session.setCookie('constructor', '2', shop);
    const cookies = session.getCookies(shop);
    expect([Object.getPrototypeOf(cookies), Object.entries(cookies)]).toEqual([
      null,
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ]);
  });

  it('returns the first sent one of two with one name', async () => {
    await using session = await createSession();
    session.setCookie('sid', 'root', shop, { path: '/' });
    session.setCookie('sid', 'deep', shop, { path: '/cart' });
    expect([session.getCookies(shop).sid, session.getCookies('https://shop.example/').sid]).toEqual([
      'deep',
      'root',
    ]);
  });

  it('includes HttpOnly cookies', async () => {
    await using session = await createSession();
    session.setCookie('sid', '1', shop, { httpOnly: true });
    expect(session.getCookies(shop).sid).toBe('1');
  });

  it.each([
    ['https://www.shop.example/cart', 'a host-only cookie below its host'],
    ['https://shop.example/', 'a cookie of a deeper path'],
    ['https://other.example/cart', 'a cookie of another site'],
  ])('at %s leaves out %s', async (url) => {
    await using session = await withKept();
    expect({ ...session.getCookies(url) }).toEqual({});
  });

  it('leaves out a Secure cookie without TLS', async () => {
    await using session = await createSession();
    session.setCookie('sid', '1', shop, { secure: true });
    expect({ ...session.getCookies(shop.replace('https', 'http')) }).toEqual({});
  });

  it('gives a copy', async () => {
    await using session = await withKept();
    session.getCookies(shop).kept = 'changed';
    expect(session.getCookies(shop).kept).toBe('1');
  });
});

describe('getAllCookies', () => {
  it('lists cookies of every site in the order of their creation', async () => {
    await using session = await createSession();
    for (const [name, host] of [
      ['c', 'a.example'],
      ['a', 'b.example'],
      ['b', 'a.example'],
    ]) {
      session.setCookie(name as string, '1', `https://${host}/`);
    }
    session.setCookie('c', '2', 'https://a.example/');
    expect(pairs(session.getAllCookies())).toEqual(['c=2', 'a=1', 'b=1']);
  });

  it('gives copies', async () => {
    await using session = await withKept();
    Object.assign(session.getAllCookies()[0] ?? {}, { value: 'changed' });
    expect(pairs(session.getAllCookies())).toEqual(['kept=1']);
  });
});

describe('setCookies', () => {
  it('is the inverse of getAllCookies', async () => {
    await using from = await createSession();
    from.setCookie('plain', ' verbatim "1" ', shop);
    from.setCookie('wide', '2', 'https://www.shop.example/', { domain: 'shop.example', path: '/' });
    from.setCookie('full', '3', 'https://a.example/', {
      secure: true,
      httpOnly: true,
      sameSite: 'strict',
      expiresAtMs: Date.now() + 1_234_567,
    });
    from.setCookie('parted', '4', 'https://b.example/', {
      secure: true,
      sameSite: 'none',
      partitioned: true,
    });
    await using to = await createSession();
    to.setCookies(deepFreeze(from.getAllCookies()));
    expect(to.getAllCookies()).toEqual(from.getAllCookies());
  });

  it('stores none when one is invalid', async () => {
    await using session = await withKept();
    const good = { name: 'good', value: '1', domain: 'shop.example' };
    const { code } = await refusalOf(() => session.setCookies([good, { ...good, name: '__Host-a' }, good]));
    expect([code, pairs(session.getAllCookies())]).toEqual(['ERR_INVALID_COOKIE', ['kept=1']]);
  });

  it('scopes a cookie without a domain by its own url, or by the one given for all', async () => {
    await using session = await createSession();
    session.setCookies(
      [
        { name: 'a', value: '1' },
        { name: 'b', value: '2', url: 'https://other.example/x/y' },
      ],
      shop,
    );
    expect(session.getAllCookies().map(({ domain, path, hostOnly }) => [domain, path, hostOnly])).toEqual([
      ['shop.example', '/cart', true],
      ['other.example', '/x', true],
    ]);
  });

  it('refuses a cookie that has neither domain nor url', async () => {
    await using session = await withKept();
    const { code, message } = await refusalOf(() => session.setCookies([{ name: 'x', value: '1' }]));
    expect([code, message]).toEqual([
      'ERR_INVALID_COOKIE',
      'Cookie "x" has no domain. Host-only cookies lose their origin host when exported, so pass a URL to scope them',
    ]);
  });

  it.each<unknown>([null, undefined, {}, 'a=1', 5])('refuses %j in place of an array', async (cookies) => {
    await using session = await withKept();
    const { code, message } = await refusalOf(() => session.setCookies(cookies as SessionCookieInit[]));
    expect([code, message]).toEqual(['ERR_INVALID_COOKIE', 'setCookies expects an array of cookies']);
  });

  it.each<unknown>([null, 'a=1', 5, [], { name: 'a' }, { value: '1', domain: 'a.example' }])(
    'refuses %j in place of a cookie',
    async (cookie) => {
      await using session = await withKept();
      const { code } = await refusalOf(() => session.setCookies([cookie as SessionCookieInit]));
      expect(['ERR_INVALID_OPTION', 'ERR_INVALID_COOKIE']).toContain(code);
    },
  );

  it.each(['', 'a b', 'a.example:80', 'a/b', 'http://a.example', 'com'])(
    'refuses the domain %j for a cookie that reaches below it',
    async (domain) => {
      await using session = await withKept();
      const cookie = { name: 'a', value: '1', domain, hostOnly: false };
      const { code } = await refusalOf(() => session.setCookies([cookie]));
      expect([code, pairs(session.getAllCookies())]).toEqual(['ERR_INVALID_COOKIE', ['kept=1']]);
    },
  );

  it('drops expired cookies without an error', async () => {
    await using session = await withKept();
    session.setCookies([{ name: 'old', value: '1', domain: 'shop.example', expiresAtMs: 1000 }]);
    expect(pairs(session.getAllCookies())).toEqual(['kept=1']);
  });
});

describe('clearCookies', () => {
  const all = [
    { name: 'a', value: '1', domain: 'shop.example', path: '/' },
    { name: 'a', value: '2', domain: 'shop.example', path: '/cart' },
    { name: 'a', value: '3', domain: 'www.shop.example', path: '/' },
    { name: 'b', value: '4', domain: 'shop.example', path: '/' },
  ];

  it.each<[filter: CookieFilter | undefined, left: string[]]>([
    [undefined, []],
    [{}, []],
    [{ name: 'a' }, ['4']],
    [{ domain: 'shop.example' }, ['3']],
    [{ domain: '.Shop.Example' }, ['3']],
    [{ path: '/cart' }, ['1', '3', '4']],
    [{ name: 'a', domain: 'shop.example', path: '/' }, ['2', '3', '4']],
    [{ name: 'none' }, ['1', '2', '3', '4']],
  ])('with %j leaves the values %j', async (filter, left) => {
    await using session = await createSession();
    session.setCookies(all);
    await session.clearCookies(filter);
    expect(session.getAllCookies().map(({ value }) => value)).toEqual(left);
  });

  it.each<unknown>([null, 'a', 5, [], { nmae: 'a' }, { name: 5 }, { domain: null }, { path: {} }])(
    'refuses the filter %j and clears nothing',
    async (filter) => {
      await using session = await withKept();
      const { code } = await refusalOf(() => session.clearCookies(filter as CookieFilter));
      expect([code, pairs(session.getAllCookies())]).toEqual(['ERR_INVALID_OPTION', ['kept=1']]);
    },
  );
});

describe('every verb after close()', () => {
  it.each<[verb: string, use: (session: Session) => unknown]>([
    ['fetch', (session) => session.fetch(shop)],
    ['getCookies', (session) => session.getCookies(shop)],
    ['getAllCookies', (session) => session.getAllCookies()],
    ['setCookie', (session) => session.setCookie('a', '1', shop)],
    ['setCookies', (session) => session.setCookies([])],
    ['clearCookies', (session) => session.clearCookies()],
  ])('%s is refused', async (_, use) => {
    const session = await createSession();
    await session.close();
    const { code, message } = await refusalOf(() => use(session));
    expect([code, message]).toEqual(['ERR_SESSION_CLOSED', 'Session has been closed']);
  });
});
