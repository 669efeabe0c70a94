import { describe, expect, it } from 'vitest';
import { readCurlCommand } from '../../../../src/core/cookies/formats/curl-command.ts';
import { isNetscape } from '../../../../src/core/cookies/formats/netscape.ts';
import { createSession } from '../../../../src/index.ts';
import { growthOf, linearGrowth } from '../../../helpers/growth.ts';
import { refusalOf } from '../../../helpers/refusals.ts';

const url = 'https://shop.example/account/orders';

describe('a Cookie header', () => {
  it.each([
    'sid=1; theme=dark',
    'Cookie: sid=1; theme=dark',
    'cookie:sid=1;theme=dark;',
    '  Cookie: sid=1;  theme=dark \r\n',
  ])('%j becomes session cookies of the host of its URL', async (text) => {
    await using session = await createSession();
    expect(session.importCookies(text, { url })).toEqual({
      format: 'cookie-header',
      imported: 2,
      rejected: [],
    });
    const same = { domain: 'shop.example', path: '/', hostOnly: true, secure: true, httpOnly: false };
    expect(session.getAllCookies()).toEqual([
      { name: 'sid', value: '1', ...same },
      { name: 'theme', value: 'dark', ...same },
    ]);
  });

  it('is taken verbatim: quotes, equals signs, bytes, prefixes, a pair without a name', async () => {
    await using session = await createSession();
    const header = 'a="q=v"; b=c=d==; e=caf\udce9; __Host-x=1; lonely';
    session.importCookies(header, { url, format: 'cookie-header' });
    expect(session.cookieJar.getCookieStringSync(url)).toBe(header);
  });

  it('says which pairs it leaves out', async () => {
    await using session = await createSession();
    const { imported, rejected } = session.importCookies('a=1; a=2; __Host-b=1', {
      url: 'http://shop.example/',
    });
    expect([imported, rejected]).toEqual([
      1,
      [
        { index: 1, reason: 'duplicate' },
        { index: 2, name: '__Host-b', reason: 'prefix' },
      ],
    ]);
    expect(session.getCookies('http://shop.example/')).toEqual({ a: '1' });
  });

  it.each(['sid=hunter2', 'Cookie: sid=hunter2'])('without a URL is refused: %j', async (text) => {
    await using session = await createSession();
    const format = text.startsWith('Cookie') ? undefined : ('cookie-header' as const);
    const error = await refusalOf(() => session.importCookies(text, { format }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_COOKIE', message: expect.stringContaining('url') });
    expect(error.message).not.toContain('hunter2');
  });

  it.each(['/relative', 'ftp://shop.example/', 5 as unknown as string])(
    'with the URL %j is refused',
    async (bad) => {
      await using session = await createSession();
      expect((await refusalOf(() => session.importCookies('a=1', { url: bad }))).code).toBe(
        'ERR_INVALID_URL',
      );
    },
  );

  it('has no unknown options', async () => {
    await using session = await createSession();
    const options = { uri: url } as object;
    expect((await refusalOf(() => session.importCookies('a=1', options))).code).toBe('ERR_INVALID_OPTION');
  });
});

const bash = String.raw`curl 'https://shop.example/account?q=%20' \
  -H 'accept: text/html' \
  -H 'accept-language: en' \
  -b 'sid=1; theme="dark"' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \
  --data-raw $'it\'s \u0021 Cookie: no=1'`;
const cmd = [
  'curl ^"https://shop.example/account?q=^%^20^" ^',
  '  -H ^"accept: text/html^" ^',
  '  -b ^"sid=1; theme=^\\^"dark^\\^"^" ^',
  '  --data-raw ^"^{^\\^"Cookie: no=1^\\^":1^}^"',
].join('\r\n');
const firefox = `curl 'https://shop.example/account' --compressed -H 'User-Agent: Mozilla/5.0' -H 'Accept: */*' -H 'Cookie: sid=1; theme="dark"' -H 'Priority: u=0, i'`;
const safari = `curl 'https://shop.example/account' \\\n-X 'GET' \\\n-H 'Cookie: sid=1; theme="dark"' \\\n-H 'Accept: */*'`;

describe('a command that was copied as cURL', () => {
  it.each([
    ['of Chromium for bash', bash],
    ['of Chromium for cmd', cmd],
    ['of Firefox', firefox],
    ['of Safari', safari],
    [
      'typed',
      String.raw`curl -sSLb sid=1\;\ theme='"'dark\" -X GET -A "b=1; Cookie: x" shop -o out https://shop.example/`,
    ],
    ['with the cookies in two places', `curl -b sid=1 -H 'cookie: theme="dark"' --url https://shop.example/`],
    [
      'of older Chromiums for cmd',
      'curl "https://shop.example/" ^\r\n  -H "cookie: sid=1; theme=^\\^"dark^\\^"" ^\r\n  --compressed',
    ],
    [
      'of Firefox for cmd',
      'curl ^"https://shop.example/^" --compressed -X POST -H ^"Cookie: sid=1; theme=^\\^"dark^\\^"^" --data-raw ^"a=1^&b=2^"',
    ],
    [
      'of Chromium with ANSI quotes',
      String.raw`curl $'https://shop.example/\u0021' -b $'sid=1; theme=\u0022dark\x22' --insecure`,
    ],
    ['with a long option', `curl https://shop.example/ --cookie 'sid=1; theme="dark"' --compressed`],
    [
      'with --header',
      `curl --request GET --url https://shop.example/ --header 'cookie: sid=1; theme="dark"'`,
    ],
    ['with $ quotes of a header', String.raw`curl https://shop.example/ -H $'Cookie: sid=1; theme=\"dark\"'`],
    ['broken inside its quotes', `curl https://shop.example/ -H "Cookie: sid=1; \\\ntheme=\\"dark\\""`],
    ['whose answer goes on', `curl https://shop.example/ -b 'sid=1; theme="dark"' | jq .name > out.json`],
    ['that sends the word', `curl https://shop.example/ -d curl -d 'curl x' -b 'sid=1; theme="dark"'`],
    ['of Windows', `curl.exe "https://shop.example/" -H "Cookie: sid=1; theme=\\"dark\\""`],
  ])('%s', async (_, command) => {
    await using session = await createSession();
    expect(session.importCookies(command)).toEqual({ format: 'curl', imported: 2, rejected: [] });
    expect(session.cookieJar.getCookieStringSync('https://shop.example/')).toBe('sid=1; theme="dark"');
    expect(session.cookieJar.getCookieStringSync('https://www.shop.example/')).toBe('');
  });

  it('may have special characters', () => {
    const { pairs } = readCurlCommand(
      String.raw`curl https://a/ -b $'a=it\'s\x21\u0021\\; b=2' -H "cookie: c=\"q\"\$"`,
    );
    expect(pairs).toEqual([String.raw`a=it's!!\ `.trim(), 'b=2', 'c="q"$']);
  });

  it('may be for another URL', async () => {
    await using session = await createSession();
    session.importCookies(firefox, { url: 'https://other.example/' });
    expect(session.getCookies('https://other.example/')).toEqual({ sid: '1', theme: '"dark"' });
  });

  it.each([
    ['no URL', `curl -b 'sid=hunter2'`, 'no http or https URL'],
    ['no cookies', 'curl https://shop.example/', 'no Cookie header'],
    [
      'more than one command',
      `curl 'https://a.example/' -b 'sid=hunter2' ;\ncurl 'https://b.example/' -b 'sid=2'`,
      'more than one curl command',
    ],
    [
      'more than one command for cmd',
      `curl ^"https://a.example/^" ^\r\n  -b ^"sid=hunter2^" &\r\ncurl ^"https://b.example/^"`,
      'more than one curl command',
    ],
    ['a file of cookies', 'curl https://shop.example/ -b cookies.txt', 'no Cookie header'],
  ])('with %s is refused', async (_, command, message) => {
    await using session = await createSession();
    const error = await refusalOf(() => session.importCookies(command));
    expect(error).toMatchObject({ code: 'ERR_INVALID_COOKIE', message: expect.stringContaining(message) });
    expect(error.message).not.toContain('hunter2');
  });
});

describe('text from outside is read in time that grows with its length', () => {
  it.each([
    ['quotes that do not close', `curl "${'\\"'}`, '\\"'],
    ['single quotes', 'curl ', `'a`],
    ['ANSI quotes', 'curl ', `$'\\'`],
    ['words', 'curl ', 'a '],
    ['options', 'curl ', '-b a=1 '],
    ['carets', 'curl ^"', '^"'],
    ['backslashes', 'curl ', '\\'],
  ])('a command of %s', (_, start, piece) => {
    const work = (size: number) => () => readCurlCommand(start + piece.repeat(size));
    expect(growthOf(work, 400)).toBeLessThan(linearGrowth);
  });

  it.each([
    ['carriage returns', 'a\r'],
    ['line separators', 'a\u2028'],
    ['tabs', '\t'],
    ['lines', 'a\n'],
    ['columns that are too few', 'a\tb\n'],
    ['ports', ':1'],
  ])('a file of %s', (_, piece) => {
    const work = (size: number) => () => isNetscape(piece.repeat(size));
    expect(growthOf(work, 1200)).toBeLessThan(linearGrowth);
  });
});
