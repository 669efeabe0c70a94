import { CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import {
  type CookieFormat,
  createSession,
  type RejectedCookie,
  type SessionCookie,
} from '../../../../src/index.ts';

const later = Math.ceil(Date.now() / 1000) + 86_400;
const expiresAtMs = later * 1000 + 250;

/** What one record becomes. */
async function read(
  format: CookieFormat,
  record: unknown,
): Promise<SessionCookie | RejectedCookie | undefined> {
  await using session = await createSession();
  const { rejected } = session.importCookies([record], format);
  return session.getAllCookies()[0] ?? rejected[0];
}

const plain = {
  name: 'a',
  value: '1',
  domain: 'shop.example',
  path: '/',
  hostOnly: true,
  secure: false,
  httpOnly: false,
};

const base = { name: 'a', value: '1', domain: 'shop.example', path: '/' };
const url = 'https://shop.example/account/orders?q#f';

type ReadRow = [format: CookieFormat, record: object, cookie: Partial<SessionCookie>];
const good: ReadRow[] = [
  ['playwright', base, {}],
  ['playwright', { ...base, domain: '.shop.example', expires: -1 }, { hostOnly: false }],
  ['playwright', { ...base, expires: later + 0.25 }, { expiresAtMs }],
  [
    'playwright',
    { ...base, sameSite: 'Lax', httpOnly: true, secure: true },
    { sameSite: 'lax', httpOnly: true, secure: true },
  ],
  [
    'playwright',
    { ...base, sameSite: 'None', secure: true, partitionKey: 'https://top.example' },
    { sameSite: 'none', secure: true, partitioned: true },
  ],
  ['playwright', { ...base, sameSite: 'Strict', partitionKey: '' }, { sameSite: 'strict' }],
  ['playwright', { ...base, sameSite: 'None', secure: false }, {}],
  [
    'playwright',
    { name: 'a', value: '1', url, sameSite: 'None' },
    { path: '/account', secure: true, sameSite: 'none' },
  ],
  ['playwright', { ...base, name: '' }, { name: '' }],
  ['playwright', { ...base, name: '__Host-a', secure: true }, { name: '__Host-a', secure: true }],
  ['playwright', { ...base, hostOnly: false, session: true, storeId: '0' }, {}],
  ['playwright', { name: 'a', value: '1', url }, { path: '/account', secure: true }],
  ['playwright', { name: 'a', value: '1', url: 'http://shop.example/' }, {}],
  [
    'puppeteer',
    { ...base, expires: -1, session: true, size: 2, priority: 'High', sourceScheme: 'Secure' },
    {},
  ],
  [
    'puppeteer',
    { ...base, domain: '.shop.example', expires: later + 0.25, session: false },
    { hostOnly: false, expiresAtMs },
  ],
  ['puppeteer', { ...base, session: true, expires: later }, {}],
  [
    'puppeteer',
    { ...base, sameSite: 'None', secure: true, partitionKey: { topLevelSite: 'https://top.example' } },
    { sameSite: 'none', secure: true, partitioned: true },
  ],
  ['puppeteer', { name: 'a', value: '1', domain: 'shop.example' }, {}],
  ['puppeteer', { name: 'a', value: '1', url, path: '/x' }, { path: '/x', secure: true }],
  ['puppeteer', { ...base, url }, {}],
  ['puppeteer', { ...base, sameSite: 'Default', size: 2, expires: -1 }, {}],
  [
    'puppeteer',
    {
      ...base,
      secure: true,
      partitionKey: { sourceOrigin: 'https://top.example', hasCrossSiteAncestor: false },
    },
    { secure: true, partitioned: true },
  ],
  [
    'webdriver',
    { ...base, secure: false, httpOnly: true, expiry: later },
    { httpOnly: true, expiresAtMs: later * 1000 },
  ],
  [
    'webdriver',
    { ...base, domain: '.shop.example', expiry: later, sameSite: 'Strict' },
    { hostOnly: false, sameSite: 'strict', expiresAtMs: later * 1000 },
  ],
  [
    'webdriver',
    { ...base, expiry: later, sameSite: 'None', secure: true },
    { sameSite: 'none', secure: true, expiresAtMs: later * 1000 },
  ],
  ['webdriver', { ...base, expiry: later, sameSite: 'None', secure: false }, { expiresAtMs: later * 1000 }],
  [
    'webdriver',
    { ...base, expiry: later, sameSite: 'no_restriction', secure: true, hostOnly: true },
    { sameSite: 'none', secure: true, expiresAtMs: later * 1000 },
  ],
  [
    'webdriver',
    { ...base, expiry: later, sameSite: 'lax', hostOnly: false },
    { sameSite: 'lax', hostOnly: false, expiresAtMs: later * 1000 },
  ],
  ['webdriver', { ...base, sameSite: 'unspecified' }, {}],
  ['webdriver', { name: 'a', value: '1', domain: 'shop.example' }, {}],
  ['chrome', { ...base, hostOnly: true, session: true, sameSite: 'unspecified', storeId: '0' }, {}],
  [
    'chrome',
    { ...base, domain: '.shop.example', hostOnly: false, expirationDate: later + 0.25 },
    { hostOnly: false, expiresAtMs },
  ],
  ['chrome', { ...base, sameSite: 'no_restriction', secure: true }, { sameSite: 'none', secure: true }],
  ['chrome', { ...base, sameSite: 'lax' }, { sameSite: 'lax' }],
  ['chrome', { ...base, sameSite: 'strict', httpOnly: true, id: 7 }, { sameSite: 'strict', httpOnly: true }],
  ['chrome', { ...base, sameSite: null }, {}],
  ['chrome', { ...base, domain: '.shop.example' }, { hostOnly: false }],
  ['chrome', { ...base, hostOnly: false }, { hostOnly: false }],
  ['chrome', { ...base, session: true, expirationDate: later }, {}],
  [
    'chrome',
    { ...base, secure: true, partitionKey: { topLevelSite: 'https://top.example' } },
    { secure: true, partitioned: true },
  ],
  ['tough-cookie', { key: 'a', value: '1', domain: 'shop.example', path: '/', hostOnly: true }, {}],
  [
    'tough-cookie',
    { key: 'a', domain: 'shop.example', hostOnly: false, expires: new Date(expiresAtMs).toJSON() },
    { value: '', hostOnly: false, expiresAtMs },
  ],
  [
    'tough-cookie',
    {
      key: 'a',
      value: '1',
      domain: 'shop.example',
      hostOnly: true,
      maxAge: 100,
      lastAccessed: new Date(expiresAtMs - 100_000).toJSON(),
    },
    { expiresAtMs },
  ],
  [
    'tough-cookie',
    {
      key: 'a',
      value: '1',
      domain: 'shop.example',
      hostOnly: true,
      secure: true,
      httpOnly: true,
      sameSite: 'none',
      extensions: ['Partitioned'],
    },
    { secure: true, httpOnly: true, sameSite: 'none', partitioned: true },
  ],
];

describe('a record is read', () => {
  it.each(good)('of %s: %j', async (format, record, cookie) => {
    expect(await read(format, record)).toEqual({ ...plain, ...cookie });
  });
});

type BadRow = [reason: string, format: CookieFormat, record: unknown, name?: string];
const records: CookieFormat[] = ['playwright', 'puppeteer', 'chrome', 'webdriver'];
const bad: BadRow[] = [
  ...[...records, 'tough-cookie' as const].flatMap((format): BadRow[] => [
    ['malformed', format, null],
    ['malformed', format, 'a=1'],
    ['malformed', format, [base]],
  ]),
  ...records.flatMap((format): BadRow[] => [
    ['invalid-type', format, { ...base, name: 5 }],
    ['invalid-type', format, { ...base, value: null }],
    ['invalid-type', format, { ...base, domain: {} }],
    ['invalid-type', format, { ...base, path: 5 }],
    ['invalid-type', format, { ...base, secure: 'yes' }],
    ['invalid-type', format, { ...base, httpOnly: 1 }],
    ['invalid-same-site', format, { ...base, sameSite: 'bogus' }],
    ['public-suffix', format, { ...base, domain: '.co.uk' }, 'a'],
    ['control-character', format, { ...base, value: 'hunter\r\n2' }, 'a'],
    ['invalid-value', format, { ...base, value: 'hunter2; Domain=com' }, 'a'],
    ['invalid-path', format, { ...base, path: 'none' }, 'a'],
    ['invalid-domain', format, { ...base, domain: 'a b' }, 'a'],
    ['prefix', format, { ...base, name: '__Secure-a' }, '__Secure-a'],
  ]),
  ['same-site-none-insecure', 'puppeteer', { ...base, sameSite: 'None' }, 'a'],
  ['partitioned-insecure', 'playwright', { ...base, partitionKey: 'https://top.example' }, 'a'],
  ['invalid-same-site', 'playwright', { ...base, sameSite: 'lax' }],
  ['invalid-same-site', 'puppeteer', { ...base, sameSite: 'no_restriction' }],
  ['invalid-same-site', 'chrome', { ...base, sameSite: 'None' }],
  ['expired', 'playwright', { ...base, expires: 0 }, 'a'],
  ['expired', 'chrome', { ...base, expirationDate: 1 }, 'a'],
  ['invalid-expires', 'playwright', { ...base, expires: -2 }],
  ['invalid-expires', 'playwright', { ...base, expires: String(later) }],
  ['invalid-expires', 'puppeteer', { ...base, expires: Number.NaN }],
  ['invalid-expires', 'chrome', { ...base, expirationDate: 'tomorrow' }],
  ['invalid-expires', 'webdriver', { ...base, expiry: 'tomorrow' }],
  ['expired', 'webdriver', { ...base, expiry: 1 }, 'a'],
  ['invalid-type', 'webdriver', { ...base, hostOnly: 'yes' }],
  ['invalid-scope', 'playwright', { ...base, url }],
  ['invalid-scope', 'playwright', { name: 'a', value: '1', path: '/', url }],
  ['invalid-scope', 'playwright', { name: 'a', value: '1', domain: 'shop.example' }],
  ['invalid-scope', 'playwright', { name: 'a', value: '1', url: 'shop.example' }],
  ['invalid-scope', 'puppeteer', { name: 'a', value: '1' }],
  ['invalid-type', 'chrome', { name: 'a', value: '1', path: '/' }],
  ['invalid-type', 'chrome', { ...base, session: 'no' }],
  ['invalid-type', 'tough-cookie', { key: 5, domain: 'shop.example' }],
  ['invalid-type', 'tough-cookie', { key: 'a', value: '1', domain: 'shop.example', secure: 'yes' }],
  ['invalid-expires', 'tough-cookie', { key: 'a', value: '1', domain: 'shop.example', expires: 'tomorrow' }],
  ['public-suffix', 'tough-cookie', { key: 'a', value: '1', domain: 'com', hostOnly: false }, 'a'],
  ['control-character', 'tough-cookie', { key: 'a', value: 'hunter\r\n2', domain: 'shop.example' }, 'a'],
  [
    'expired',
    'tough-cookie',
    { key: 'a', value: '1', domain: 'shop.example', expires: '2020-01-01T00:00:00Z' },
    'a',
  ],
];

describe('a record is refused', () => {
  it.each(bad)('as %s, of %s: %j', async (reason, format, record, name) => {
    const result = await read(format, record);
    expect(result).toEqual({ index: 0, reason, ...(name !== undefined && { name }) });
    expect(JSON.stringify(result)).not.toContain('hunter');
  });
});

/** A cookie of every kind. */
const lines = [
  'plain=1; Path=/',
  'unsaid=1; Path=/account; Secure; HttpOnly',
  'strict=1; Path=/; SameSite=Strict; Max-Age=1000',
  'domain=1; Path=/; Domain=shop.example; SameSite=Lax',
  'third=1; Path=/; Secure; SameSite=None; Partitioned',
  '__Host-id="q = v"; Path=/; Secure',
];

async function filled() {
  const session = await createSession();
  for (const line of lines) session.cookieJar.setCookieSync(line, 'https://www.shop.example/');
  return session;
}

/** All but for one thing: Playwright has no word for a SameSite that was not said. */
const asPlaywright = (cookie: SessionCookie): SessionCookie => ({
  ...cookie,
  sameSite: cookie.sameSite ?? 'lax',
});

/** Whole seconds, rounded up. */
const inSeconds = ({ expiresAtMs, ...cookie }: SessionCookie): SessionCookie =>
  expiresAtMs === undefined ? cookie : { ...cookie, expiresAtMs: Math.ceil(expiresAtMs / 1000) * 1000 };

/** Nor has WebDriver one for a partition. */
const asWebDriver = ({ partitioned: _, ...cookie }: SessionCookie): SessionCookie => inSeconds(cookie);

describe('what is written', () => {
  it.each<[format: CookieFormat, changed: (cookie: SessionCookie) => SessionCookie]>([
    ['playwright', asPlaywright],
    ['puppeteer', inSeconds],
    ['webdriver', asWebDriver],
    ['chrome', (cookie) => cookie],
    ['tough-cookie', (cookie) => cookie],
  ])('as %s comes back the same, as an object and as text', async (format, changed) => {
    await using session = await filled();
    const written = session.exportCookies(format);
    for (const input of [
      written,
      JSON.stringify(written),
      Buffer.from(JSON.stringify(written, null, '\t')),
    ]) {
      await using copy = await createSession();
      expect(copy.importCookies(input)).toEqual({ format, imported: lines.length, rejected: [] });
      expect(copy.getAllCookies()).toEqual(session.getAllCookies().map(changed));
    }
  });

  it.each<[format: CookieFormat, records: object[]]>([
    [
      'playwright',
      [
        {
          name: 'a',
          value: '1',
          domain: '.shop.example',
          path: '/',
          expires: later + 0.25,
          httpOnly: true,
          secure: true,
          sameSite: 'None',
          partitionKey: 'https://shop.example',
          _crHasCrossSiteAncestor: false,
        },
        {
          name: 'b',
          value: 'é',
          domain: 'www.shop.example',
          path: '/x',
          expires: -1,
          httpOnly: false,
          secure: false,
          sameSite: 'Lax',
        },
      ],
    ],
    [
      'puppeteer',
      [
        {
          name: 'a',
          value: '1',
          domain: '.shop.example',
          path: '/',
          expires: later + 1,
          size: 2,
          httpOnly: true,
          secure: true,
          session: false,
          sameSite: 'None',
          priority: 'Medium',
          sourceScheme: 'Unset',
          sourcePort: -1,
          partitionKey: {
            sourceOrigin: 'https://shop.example',
            topLevelSite: 'https://shop.example',
            hasCrossSiteAncestor: false,
          },
        },
        {
          name: 'b',
          value: 'é',
          domain: 'www.shop.example',
          path: '/x',
          expires: -1,
          size: 3,
          httpOnly: false,
          secure: false,
          session: true,
          priority: 'Medium',
          sourceScheme: 'Unset',
          sourcePort: -1,
        },
      ],
    ],
    [
      'chrome',
      [
        {
          domain: '.shop.example',
          hostOnly: false,
          name: 'a',
          value: '1',
          path: '/',
          secure: true,
          httpOnly: true,
          session: false,
          expirationDate: later + 0.25,
          sameSite: 'no_restriction',
          storeId: '0',
          partitionKey: { topLevelSite: 'https://shop.example' },
        },
        {
          domain: 'www.shop.example',
          hostOnly: true,
          name: 'b',
          value: 'é',
          path: '/x',
          secure: false,
          httpOnly: false,
          session: true,
          sameSite: 'unspecified',
          storeId: '0',
        },
      ],
    ],
    [
      'webdriver',
      [
        {
          name: 'a',
          value: '1',
          path: '/',
          domain: '.shop.example',
          secure: true,
          httpOnly: true,
          expiry: later + 1,
          sameSite: 'None',
        },
        { name: 'b', value: 'é', path: '/x', domain: 'www.shop.example', secure: false, httpOnly: false },
      ],
    ],
  ])('as %s has the words of that program', async (format, expected) => {
    await using session = await createSession();
    session.setCookies([
      {
        name: 'a',
        value: '1',
        domain: 'shop.example',
        hostOnly: false,
        secure: true,
        httpOnly: true,
        sameSite: 'none',
        expiresAtMs,
        partitioned: true,
      },
      { name: 'b', value: 'é', domain: 'www.shop.example', path: '/x' },
    ]);
    const written = session.exportCookies(format);
    expect(written).toEqual(format === 'playwright' ? { cookies: expected, origins: [] } : expected);
  });

  it('as tough-cookie is a jar of tough-cookie that sends the same', async () => {
    await using session = await filled();
    const jar = CookieJar.fromJSON(session.exportCookies('tough-cookie'));
    for (const url of [
      'https://www.shop.example/account',
      'https://shop.example/',
      'http://www.shop.example/',
    ]) {
      expect(jar.getCookieStringSync(url)).toBe(session.cookieJar.getCookieStringSync(url));
    }
  });

  it.each<CookieFormat>(['playwright', 'puppeteer', 'chrome', 'webdriver', 'tough-cookie'])(
    'as %s keeps bytes that are no UTF-8',
    async (format) => {
      await using session = await createSession();
      session.setCookie('a', 'caf\udce9', 'https://shop.example/');
      await using copy = await createSession();
      copy.importCookies(JSON.stringify(session.exportCookies(format)));
      expect(copy.getAllCookies()[0]?.value).toBe('caf\udce9');
    },
  );
});
