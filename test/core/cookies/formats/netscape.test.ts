import { CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { createSession, type RejectedCookie, type SessionCookie } from '../../../../src/index.ts';

const later = Math.ceil(Date.now() / 1000) + 86_400;

/** What one line of a cookies.txt becomes. */
async function read(line: string): Promise<SessionCookie | RejectedCookie | undefined> {
  await using session = await createSession();
  const { rejected } = session.importCookies(`# Netscape HTTP Cookie File\n${line}`, 'netscape');
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

describe('a line of cookies.txt is read', () => {
  it.each<[what: string, line: string, cookie: Partial<SessionCookie>]>([
    ['with 0 for a session cookie', 'shop.example\tFALSE\t/\tFALSE\t0\ta\t1', {}],
    ['with no time for a session cookie', 'shop.example\tFALSE\t/\tFALSE\t\ta\t1', {}],
    ['with -1 for a session cookie', 'shop.example\tFALSE\t/\tFALSE\t-1\ta\t1', {}],
    ['with seconds', `shop.example\tFALSE\t/\tFALSE\t${later}\ta\t1`, { expiresAtMs: later * 1000 }],
    [
      'with a fraction',
      `shop.example\tFALSE\t/\tFALSE\t${later}.5\ta\t1`,
      { expiresAtMs: later * 1000 + 500 },
    ],
    ['with milliseconds', `shop.example\tFALSE\t/\tFALSE\t${later}000\ta\t1`, { expiresAtMs: later * 1000 }],
    ['with #HttpOnly_', '#HttpOnly_shop.example\tFALSE\t/\tFALSE\t0\ta\t1', { httpOnly: true }],
    [
      'with #HttpOnly_ and a dot',
      '#HttpOnly_.shop.example\tTRUE\t/\tFALSE\t0\ta\t1',
      { httpOnly: true, hostOnly: false },
    ],
    ['with a dot and the flag', '.shop.example\tTRUE\t/\tFALSE\t0\ta\t1', { hostOnly: false }],
    ['with the flag alone', 'shop.example\tTRUE\t/\tFALSE\t0\ta\t1', { hostOnly: false }],
    ['with a dot alone', '.shop.example\tFALSE\t/\tFALSE\t0\ta\t1', { hostOnly: false }],
    ['with flags in lower case', 'shop.example\ttrue\t/\ttrue\t0\ta\t1', { hostOnly: false, secure: true }],
    ['with flags in mixed case', 'shop.example\tFalse\t/\tTrue\t0\ta\t1', { secure: true }],
    ['with a port', 'shop.example:8080\tFALSE\t/\tFALSE\t0\ta\t1', {}],
    ['with a port behind IPv6', '[2001:db8::1]:8080\tFALSE\t/\tFALSE\t0\ta\t1', { domain: '[2001:db8::1]' }],
    ['with IPv6 without brackets', '2001:db8::1\tFALSE\t/\tFALSE\t0\ta\t1', { domain: '[2001:db8::1]' }],
    ['with an address and the flag', '192.0.2.1\tTRUE\t/\tFALSE\t0\ta\t1', { domain: '192.0.2.1' }],
    ['with an empty value', 'shop.example\tFALSE\t/\tFALSE\t0\ta\t', { value: '' }],
    ['with the value missing', 'shop.example\tFALSE\t/\tFALSE\t0\ta', { value: '' }],
    ['with no name', 'shop.example\tFALSE\t/\tFALSE\t0\t\t1', { name: '' }],
    ['with no path', 'shop.example\tFALSE\t\tFALSE\t0\ta\t1', {}],
    ['with CR LF', 'shop.example\tFALSE\t/\tFALSE\t0\ta\t1\r', {}],
    ['with = and blanks in the value', 'shop.example\tFALSE\t/\tFALSE\t0\ta\t"b = c"', { value: '"b = c"' }],
    ['with a host in capitals', 'Shop.EXAMPLE\tFALSE\t/\tFALSE\t0\ta\t1', {}],
    [
      'with a prefix that is kept',
      'shop.example\tFALSE\t/\tTRUE\t0\t__Host-a\t1',
      { name: '__Host-a', secure: true },
    ],
  ])('%s', async (_what, line, cookie) => {
    expect(await read(line)).toEqual({ ...plain, ...cookie });
  });

  it.each<[reason: string, line: string, name?: string]>([
    ['malformed', 'shop.example FALSE / FALSE 0 a 1'],
    ['malformed', 'shop.example\tFALSE\t/\tFALSE\t0'],
    ['malformed', 'shop.example\tFALSE\t/\tFALSE\t0\ta\thunter2\thunter3'],
    ['invalid-flag', 'shop.example\tyes\t/\tFALSE\t0\ta\thunter2'],
    ['invalid-flag', 'shop.example\t/\tFALSE\t0\ta\thunter2'],
    ['invalid-flag', 'shop.example\tFALSE\t/\t\t0\ta\thunter2'],
    ['invalid-expires', 'shop.example\tFALSE\t/\tFALSE\ttomorrow\ta\thunter2'],
    ['invalid-expires', 'shop.example\tFALSE\t/\tFALSE\ta\thunter2\thunter3'],
    ['invalid-expires', 'shop.example\tFALSE\t/\tFALSE\t1e9\ta\thunter2'],
    ['expired', 'shop.example\tFALSE\t/\tFALSE\t1\ta\thunter2', 'a'],
    ['expired', 'shop.example\tFALSE\t/\tFALSE\t-2\ta\thunter2', 'a'],
    ['control-character', 'shop.example\tFALSE\t/\tFALSE\t0\ta\thunter\r2', 'a'],
    ['invalid-value', 'shop.example\tFALSE\t/\tFALSE\t0\ta\thunter2; Domain=com', 'a'],
    ['invalid-domain', 'https://shop.example\tFALSE\t/\tFALSE\t0\ta\thunter2', 'a'],
    ['invalid-path', 'shop.example\tFALSE\tnone\tFALSE\t0\ta\thunter2', 'a'],
    ['public-suffix', '.co.uk\tTRUE\t/\tFALSE\t0\ta\thunter2', 'a'],
    ['prefix', 'shop.example\tFALSE\t/\tFALSE\t0\t__Host-a\thunter2', '__Host-a'],
    ['too-large', `shop.example\tFALSE\t/\tFALSE\t0\ta\t${'v'.repeat(4096)}`, 'a'],
    ['empty', 'shop.example\tFALSE\t/\tFALSE\t0\t\t', ''],
  ])('as %s: %j', async (reason, line, name) => {
    const result = await read(line);
    expect(result).toEqual({ line: 2, reason, ...(name !== undefined && { name }) });
    expect(JSON.stringify(result)).not.toContain('hunter');
  });
});

it('a bad line of cookies.txt is reported by its number while the others load', async () => {
  await using session = await createSession();
  const lines = [
    '# HTTP Cookie File',
    '',
    'shop.example\tFALSE\t/\tFALSE\t0\tfirst\t1',
    '# a comment\tTRUE\t/\tFALSE\t0\tnone\t1',
    'nonsense',
    '   ',
    '.com\tTRUE\t/\tFALSE\t0\tsuper\t1',
    'shop.example\tFALSE\t/\tFALSE\t0\tlast\t1',
  ];
  expect(session.importCookies(lines.join('\r\n'))).toEqual({
    format: 'netscape',
    imported: 2,
    rejected: [
      { line: 5, reason: 'malformed' },
      { line: 7, name: 'super', reason: 'public-suffix' },
    ],
  });
  expect(session.getAllCookies().map(({ name }) => name)).toEqual(['first', 'last']);
});

describe('cookies.txt is written', () => {
  it('as every program reads it', async () => {
    await using session = await createSession();
    const jar = session.cookieJar;
    const expires = new Date(later * 1000).toUTCString();
    jar.setCookieSync('session=1; Path=/', 'https://www.shop.example/');
    jar.setCookieSync(
      `domain="b = c"; Domain=shop.example; Path=/a; Secure; HttpOnly; Expires=${expires}`,
      'https://www.shop.example/',
    );
    jar.setCookieSync('empty=; SameSite=Strict', 'http://127.0.0.1/');
    expect(session.exportCookies('netscape')).toBe(
      [
        '# Netscape HTTP Cookie File',
        'www.shop.example\tFALSE\t/\tFALSE\t0\tsession\t1',
        `#HttpOnly_.shop.example\tTRUE\t/a\tTRUE\t${later}\tdomain\t"b = c"`,
        '127.0.0.1\tFALSE\t/\tFALSE\t0\tempty\t',
        '',
      ].join('\n'),
    );
  });

  it('with only its first line when there are no cookies', async () => {
    await using session = await createSession();
    expect(session.exportCookies('netscape')).toBe('# Netscape HTTP Cookie File\n');
    expect(session.importCookies(session.exportCookies('netscape'))).toMatchObject({
      imported: 0,
      rejected: [],
    });
  });

  it('with whole seconds, rounded so that an unexpired cookie is not expired', async () => {
    await using session = await createSession();
    session.setCookie('a', '1', 'https://shop.example/', { expiresAtMs: later * 1000 + 1 });
    expect(session.exportCookies('netscape')).toContain(`\t${later + 1}\t`);
  });

  it('with a comment for a cookie that has a tab, which only another jar can hold', async () => {
    const cookieJar = CookieJar.fromJSON({
      version: 'tough-cookie@6.1.0',
      storeType: 'MemoryCookieStore',
      rejectPublicSuffixes: true,
      cookies: [{ key: 'bad', value: 'hunter\t2', domain: 'shop.example', path: '/', hostOnly: true }],
    });
    cookieJar.setCookieSync('good=1', 'https://shop.example/');
    await using session = await createSession({ cookieJar });
    expect(session.exportCookies('netscape').split('\n')).toEqual([
      '# Netscape HTTP Cookie File',
      '# left out, has a tab or a line break: "bad"',
      'shop.example\tFALSE\t/\tFALSE\t0\tgood\t1',
      '',
    ]);
  });
});
