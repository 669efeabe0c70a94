import { CookieJar, MemoryCookieStore } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { type CookieFormat, createSession, type Session } from '../../../../src/index.ts';
import { refusalOf, withPollutedPrototype } from '../../../helpers/refusals.ts';

const record = { name: 'a', value: '1', domain: 'shop.example', path: '/' };
const line = 'shop.example\tFALSE\t/\tFALSE\t0\ta\t1';

describe('the format is recognised', () => {
  it.each<[format: CookieFormat, input: unknown]>([
    ['netscape', `# Netscape HTTP Cookie File\n${line}`],
    ['netscape', `# HTTP Cookie File\n\n${line}`],
    ['netscape', `\ufeff# Netscape HTTP Cookie File\r\n${line}`],
    ['netscape', line],
    ['netscape', `# my cookies\n${line}`],
    ['netscape', `#HttpOnly_${line}`],
    ['netscape', line.replace('shop.example', '[::1]')],
    ['playwright', { cookies: [{ ...record, expires: -1, sameSite: 'Lax' }], origins: [] }],
    ['playwright', { cookies: [record], origins: [] }],
    ['playwright', [{ ...record, expires: -1, httpOnly: false, secure: false, sameSite: 'Lax' }]],
    ['puppeteer', [{ ...record, expires: -1, size: 2, session: true }]],
    ['puppeteer', { cookies: [{ ...record, expires: -1, size: 2, session: true, sameSite: 'Lax' }] }],
    ['puppeteer', [{ ...record, expires: 2e9 }]],
    [
      'puppeteer',
      [
        {
          ...record,
          partitionKey: { topLevelSite: 'https://a.example' },
          sameSite: 'Lax',
          expires: -1,
          secure: true,
        },
      ],
    ],
    ['puppeteer', [{ name: 'a', value: '1', url: 'https://shop.example/' }]],
    ['chrome', [{ ...record, hostOnly: true }]],
    ['chrome', [{ ...record, expirationDate: 2e9 }]],
    ['chrome', [null, 5, { ...record, session: true, sameSite: 'unspecified' }]],
    ['chrome', { url: 'https://shop.example', cookies: [{ ...record, storeId: '0' }] }],
    [
      'tough-cookie',
      {
        version: 'tough-cookie@4.1.3',
        cookies: [{ key: 'a', value: '1', domain: 'shop.example', path: '/' }],
      },
    ],
    ['tough-cookie', [{ key: 'a', value: '1', domain: 'shop.example', path: '/' }]],
  ])('%s in %j', async (format, input) => {
    const forms =
      typeof input === 'string'
        ? [input, Buffer.from(input)]
        : [input, JSON.stringify(input), ` \n${JSON.stringify(input, null, '\t')}`];
    for (const form of forms) {
      await using session = await createSession();
      expect(session.importCookies(form as string)).toMatchObject({ format, imported: 1 });
    }
  });

  it.each<[format: CookieFormat, input: string | object]>([
    ['chrome', []],
    ['chrome', '[]'],
    ['playwright', { cookies: [], origins: [] }],
    ['netscape', '# Netscape HTTP Cookie File\n'],
    ['netscape', '# HTTP Cookie File\n\n'],
  ])('%s without cookies in %j', async (format, input) => {
    await using session = await createSession();
    expect(session.importCookies(input)).toEqual({ format, imported: 0, rejected: [] });
  });

  it("but the caller's format takes precedence", async () => {
    await using session = await createSession();
    const playwright = [{ ...record, expires: -1, sameSite: 'Lax' }];
    expect(session.importCookies(playwright, 'chrome').rejected).toEqual([
      { index: 0, reason: 'invalid-same-site' },
    ]);
  });
});

describe('a file without cookies is refused, and its content is not shown', () => {
  it.each<[why: string, input: unknown, format?: CookieFormat]>([
    ['the text is neither JSON nor a cookies.txt', 'hunter2'],
    ['the text is neither JSON nor a cookies.txt', ''],
    ['the text is neither JSON nor a cookies.txt', '[{"value":"hunter2"'],
    ['the text is neither JSON nor a cookies.txt', 'hunter2', 'chrome'],
    ['there is no list of cookies', '"hunter2"'],
    ['there is no list of cookies', { value: 'hunter2' }],
    ['there is no list of cookies', { cookies: 'hunter2' }],
    ['there is no list of cookies', 'null', 'tough-cookie'],
    ['what is of the format netscape is text', [{ value: 'hunter2' }], 'netscape'],
    ['the format of the cookies is not recognised: name it', [{ value: 'hunter2' }]],
    ['the format of the cookies is not recognised: name it', ['hunter2']],
    [
      'these are cookies of getAllCookies(): give them to setCookies()',
      [{ ...record, value: 'hunter2', hostOnly: true, expiresAtMs: 2e12 }],
    ],
  ])('%s: %j', async (why, input, format) => {
    await using session = await createSession();
    const error = await refusalOf(() => session.importCookies(input as string, format));
    expect([error.code, error.message]).toEqual(['ERR_INVALID_COOKIE', `Cookies cannot be imported: ${why}`]);
    expect(`${error.stack}${String(error.cause)}`).not.toContain('hunter2');
  });

  it.each([undefined, null, 5, true])('%s', async (input) => {
    await using session = await createSession();
    const error = await refusalOf(() => session.importCookies(input as unknown as string));
    expect([error.code, error.message.startsWith('input must be ')]).toEqual(['ERR_INVALID_OPTION', true]);
  });

  it.each(['exportCookies', 'importCookies'] as const)('an unknown format by %s', async (verb) => {
    await using session = await createSession();
    const format = 'cookies' as CookieFormat;
    const error = await refusalOf(() =>
      verb === 'exportCookies' ? session.exportCookies(format) : session.importCookies([], format),
    );
    const written = '"netscape", "playwright", "chrome", "puppeteer", "webdriver", "tough-cookie"';
    const all = verb === 'exportCookies' ? written : `${written}, "cookie-header", "curl"`;
    expect([error.code, error.message]).toEqual([
      'ERR_INVALID_OPTION',
      `format must be one of ${all}, got "cookies"`,
    ]);
  });
});

describe('an import', () => {
  it('stores valid cookies and reports the others in the order of the file', async () => {
    await using session = await createSession();
    const records = [record, null, { ...record, name: 'b', domain: '.com' }, { ...record, name: 'c' }];
    expect(session.importCookies(records, 'playwright')).toEqual({
      format: 'playwright',
      imported: 2,
      rejected: [
        { index: 1, reason: 'malformed' },
        { index: 2, name: 'b', reason: 'public-suffix' },
      ],
    });
    expect(session.getAllCookies().map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it('adds to the existing cookies, and replaces a cookie of the same name, domain and path', async () => {
    await using session = await createSession();
    session.setCookie('kept', '1', 'https://shop.example/');
    session.setCookie('a', 'old', 'https://shop.example/');
    session.importCookies(line);
    expect({ ...session.getCookies('https://shop.example/') }).toEqual({ kept: '1', a: '1' });
  });

  it('does not read a byte order mark as part of the first line', async () => {
    await using session = await createSession();
    const text = `\ufeff# Netscape HTTP Cookie File\n${line}`;
    for (const input of [text, Buffer.from(text)]) {
      expect(session.importCookies(input)).toEqual({ format: 'netscape', imported: 1, rejected: [] });
    }
    expect(session.importCookies(`\ufeff[${JSON.stringify({ ...record, hostOnly: true })}]`).imported).toBe(
      1,
    );
  });

  it('does not change the given records', async () => {
    await using session = await createSession();
    const records = Object.freeze([Object.freeze({ ...record, expires: -1, sameSite: 'Lax' })]);
    expect(session.importCookies(records).imported).toBe(1);
  });

  it('C06 reads own fields only, also of a file that says __proto__', async () => {
    const text =
      '[{"name":"a","value":"1","domain":"shop.example","path":"/","__proto__":{"secure":true},"storeId":"0"}]';
    await using session = await createSession();
    await withPollutedPrototype({ httpOnly: true, partitionKey: 'x', expires: 2e9 }, () =>
      session.importCookies(text),
    );
    expect(session.getAllCookies()).toMatchObject([{ secure: false, httpOnly: false }]);
    expect(Reflect.get({}, 'secure')).toBeUndefined();
  });

  it('takes bytes that are not UTF-8 as in a Cookie header', async () => {
    await using session = await createSession();
    session.importCookies(Buffer.from(line.replace(/1$/, 'caf\xe9 \xff'), 'latin1'));
    expect(session.getAllCookies()[0]?.value).toBe('caf\udce9 \udcff');
  });

  it.each<CookieFormat>(['netscape', 'playwright', 'chrome', 'puppeteer', 'tough-cookie'])(
    'of 100,000 cookies as %s loses none',
    async (format) => {
      await using session = await createSession();
      const count = 100_000;
      const cookies = Array.from({ length: count }, (_, at) => ({
        name: `c${at}`,
        value: '1',
        domain: `host${at % 500}.example`,
      }));
      session.setCookies(cookies);
      const written = session.exportCookies(format);
      await using copy = await createSession();
      const input = typeof written === 'string' ? written : JSON.stringify(written);
      expect(copy.importCookies(input)).toEqual({ format, imported: count, rejected: [] });
      expect(copy.getAllCookies().map(({ name }) => name)).toEqual(cookies.map(({ name }) => name));
    },
  );
});

describe('a jar of the caller', () => {
  const bad = [
    { ...record, name: 'b', value: 'hunter\r\n2' },
    { ...record, name: 'c', value: '1; Domain=com' },
    { ...record, name: 'd', path: '/; Secure' },
    { ...record, name: 'e', domain: '.com' },
  ];

  it('is filled by the same rules', async () => {
    const cookieJar = new CookieJar(undefined, { rejectPublicSuffixes: false });
    await using session = await createSession({ cookieJar });
    expect(session.importCookies([record, ...bad], 'playwright')).toEqual({
      format: 'playwright',
      imported: 1,
      rejected: [
        { index: 1, name: 'b', reason: 'control-character' },
        { index: 2, name: 'c', reason: 'invalid-value' },
        { index: 3, name: 'd', reason: 'invalid-path' },
        { index: 4, name: 'e', reason: 'public-suffix' },
      ],
    });
    expect(cookieJar.getCookieStringSync('https://shop.example/')).toBe('a=1');
  });

  it('may refuse cookies that this package would keep', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    expect(session.importCookies([{ ...record, name: '' }], 'playwright').rejected).toEqual([
      { index: 0, name: '', reason: 'refused-by-jar' },
    ]);
  });

  it('is exported', async () => {
    const cookieJar = new CookieJar();
    cookieJar.setCookieSync('a=1; Domain=shop.example', 'https://www.shop.example/');
    await using session = await createSession({ cookieJar });
    expect(session.exportCookies('netscape')).toContain('.shop.example\tTRUE\t/\tFALSE\t0\ta\t1\n');
  });

  it('keeps partitioned cookies', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    session.importCookies([{ ...record, secure: true, partitionKey: 'https://shop.example' }], 'playwright');
    expect(session.getAllCookies()).toMatchObject([{ name: 'a', partitioned: true }]);
    expect(session.exportCookies('playwright').cookies[0]?.partitionKey).toBe('https://shop.example');
  });

  it('with an asynchronous store is refused by both verbs', async () => {
    const store = Object.assign(new MemoryCookieStore(), { synchronous: false });
    await using session = await createSession({ cookieJar: new CookieJar(store) });
    for (const use of [() => session.exportCookies('netscape'), () => session.importCookies(line)]) {
      expect((await refusalOf(use)).code).toBe('ERR_INVALID_OPTION');
    }
  });
});

it.each<[verb: string, use: (session: Session) => unknown]>([
  ['exportCookies', (session) => session.exportCookies('netscape')],
  ['importCookies', (session) => session.importCookies(line)],
])('%s throws after close()', async (_verb, use) => {
  const session = await createSession();
  await session.close();
  expect((await refusalOf(() => use(session))).code).toBe('ERR_SESSION_CLOSED');
});
