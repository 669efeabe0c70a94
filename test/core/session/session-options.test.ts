import { CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import {
  createSession,
  createTransport,
  type RequestErrorCode,
  Session,
  type SessionOptions,
} from '../../../src/index.ts';
import { deepFreeze, refusalOf, withPollutedPrototype } from '../../helpers/refusals.ts';
import { headerOf, startServer } from '../../helpers/servers.ts';

type Row = readonly [option: string, value: unknown, message: RegExp];

/** Values that no option takes where a string, number, boolean or object of its own is wanted. */
const rows: readonly Row[] = [
  ['browser', 5, /browser|profile/i],
  ['browser', '', /browser|profile/i],
  ['browser', 'chrme', /chrome/],
  ['browser', 'chrome_9999', /chrome_/],
  ['browser', [], /browser|profile/i],
  ['browser', {}, /browser|profile/i],
  ['os', 5, /os|system/i],
  ['os', '', /os|system/i],
  ['os', null, /os|system/i],
  ['os', 'beos', /macos/],
  ['proxy', 5, /^proxy must be a proxy URL, 'env' or null, got 5$/],
  ['proxy', true, /^proxy must be/],
  ['proxy', [], /^proxy must be .*, got an array$/],
  ['proxy', {}, /^proxy must be .*, got an object$/],
  ['proxy', new URL('http://127.0.0.1:1'), /^proxy must be .*, got an instance of URL$/],
  ['proxy', 1n, /^proxy must be/],
  ['proxy', () => undefined, /^what the function proxy returns must be .*, got undefined$/],
  ['proxy', '', /^Failed to create proxy/],
  ['timeout', 0, /^timeout must be a number greater than 0, got 0: for no limit write false$/],
  ['timeout', -1, /^timeout must be greater than 0$/],
  ['timeout', Number.NaN, /^timeout must be a finite number$/],
  ['timeout', Number.POSITIVE_INFINITY, /^timeout must .* got Infinity: for no limit write false$/],
  ['timeout', null, /^timeout must .* got null: for no limit write false$/],
  ['timeout', { idle: null }, /^timeout\.idle must .* got null: for no limit write false$/],
  ['timeout', 2 ** 31, /^timeout must be at most 2147483647 ms$/],
  ['timeout', '1000', /^timeout must be a number, got "1000"$/],
  ['timeout', true, /^timeout must be a number, got true$/],
  ['timeout', [], /^timeout must be an object, got an array$/],
  ['timeout', { totl: 5 }, /^timeout has an unknown option: "totl"; did you mean total\?$/],
  ['timeout', { total: 0 }, /^timeout\.total must .* got 0: for no limit write false$/],
  ['timeout', { connect: '5' }, /^timeout\.connect must be a number, got "5"$/],
  ['timeout', { headers: Number.NaN }, /^timeout\.headers must be a finite number$/],
  ['insecure', 1, /^insecure must be true or false, got 1$/],
  ['insecure', 'true', /^insecure must be true or false, got "true"$/],
  ['insecure', null, /^insecure must be true or false, got null$/],
  ['http2', 1, /^http2 must be true or false, got 1$/],
  ['http2', null, /^http2 must be true or false, got null$/],
  ['trustStore', 'system', /^trustStore must be one of "combined", "mozilla", "defaultPaths", got "system"$/],
  ['trustStore', null, /^trustStore must be one of .*, got null$/],
  ['trustStore', false, /^trustStore must be one of .*, got false$/],
  ['ca', 5, /^ca must be PEM text, a Buffer or an array of them$/],
  ['ca', null, /^ca must be PEM text, a Buffer or an array of them$/],
  ['ca', [5], /^ca must be PEM text, a Buffer or an array of them$/],
  ['ca', '', /^ca must hold a certificate in PEM$/],
  ['ca', [], /^ca must hold a certificate in PEM$/],
  ['ca', 'roots.pem', /^ca must hold a certificate in PEM$/],
  ['cert', Buffer.from('x'), /^cert must hold a certificate in PEM$/],
  ['key', 'x', /^key must hold a private key in PEM$/],
  ['sessionId', 5, /^sessionId must be a string that is not empty, got 5$/],
  ['sessionId', '', /^sessionId must be a string that is not empty, got ""$/],
  ['sessionId', null, /^sessionId must be a string that is not empty, got null$/],
  ['cookieJar', 5, /^cookieJar must be a tough-cookie CookieJar, got 5$/],
  ['cookieJar', null, /^cookieJar must be a tough-cookie CookieJar, got null$/],
  ['cookieJar', {}, /^cookieJar must be a tough-cookie CookieJar, got an object$/],
  ['cookieJar', { setCookie() {}, getCookieString() {} }, /^cookieJar must be .*, got an object$/],
  ['cookieJar', CookieJar, /^cookieJar must be a tough-cookie CookieJar, got a function$/],
  ['transport', 5, /^transport must be a Transport of createTransport\(\), got 5$/],
  ['transport', null, /^transport must be a Transport of createTransport\(\), got null$/],
  ['transport', {}, /^transport must be a Transport of createTransport\(\), got an object$/],
  ['redirect', 'never', /^redirect must be one of "follow", "manual", "error", got "never"$/],
  ['redirect', false, /^redirect must be one of .*, got false$/],
  ['maxRedirects', -1, /^maxRedirects must be greater than or equal to 0$/],
  ['maxRedirects', 1.5, /^maxRedirects must be an integer$/],
  ['maxRedirects', Number.POSITIVE_INFINITY, /^maxRedirects must be a finite number$/],
  ['crossOriginBody', 'no', /^crossOriginBody must be true or false, got "no"$/],
  ['refuseDowngrade', 'yes', /^refuseDowngrade must be true or false, got "yes"$/],
  ['maxRedirects', '5', /^maxRedirects must be a number, got "5"$/],
  ['maxBodyBytes', 0, /^maxBodyBytes must be greater than 0$/],
  ['maxBodyBytes', 0.5, /^maxBodyBytes must be an integer$/],
  ['maxBodyBytes', Number.NaN, /^maxBodyBytes must be a finite number$/],
  ['maxBodyBytes', null, /^maxBodyBytes must be a number, got null$/],
  ['acceptLanguage', 5, /^acceptLanguage must be languages in order such as 'de-DE, en', got 5$/],
  ['acceptLanguage', '', /^acceptLanguage must be/],
  ['acceptLanguage', 'de;q=0.9', /^acceptLanguage must be/],
  ['acceptLanguage', 'de\r\nx: y', /^acceptLanguage must be/],
];

describe('createSession', () => {
  it.each(rows)('refuses %s: %o', async (option, value, message) => {
    const error = await refusalOf(() => createSession({ [option]: value } as SessionOptions));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringMatching(message) });
  });

  it.each(rows)('refuses %s: %o as well while another session is open', async (option, value, message) => {
    await using _open = await createSession();
    const error = await refusalOf(() => createSession({ [option]: value } as SessionOptions));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringMatching(message) });
  });

  it.each([
    ['null', null],
    ['a string', 'chrome'],
    ['a number', 5],
    ['an array', []],
    ['a function', () => {}],
  ])('refuses %s in place of options', async (_, options) => {
    const { code, message } = await refusalOf(() => createSession(options as SessionOptions));
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      expect.stringMatching(/^Session options must be an object/),
    ]);
  });

  it.each<[option: string, advice: string]>([
    ['__proto', ''],
    ['nonsense', ''],
    ['Browser', '; did you mean browser?'],
    ['baseURL', '; did you mean baseUrl?'],
    ['base_url', '; did you mean baseUrl?'],
    ['default-headers', '; did you mean defaultHeaders?'],
    ['cookiejar', '; did you mean cookieJar?'],
    ['cookieJr', '; did you mean cookieJar?'],
    ['timout', '; did you mean timeout?'],
    ['maxRedirect', '; did you mean maxRedirects?'],
    ['headers', '; write defaultHeaders'],
    ['cookies', '; write setCookies() or importCookies() of the session'],
    ['userAgent', "; write browser, or defaultHeaders: { 'user-agent': '…' }"],
    ['prefixUrl', '; write baseUrl'],
    ['retries', '; write retry, such as retry: { limit: 3 }'],
    ['emulation', '; write browser and os'],
    ['jar', '; write cookieJar'],
    ['rejectUnauthorized', '; write insecure'],
    ['proxyUrl', '; write proxy'],
    ['captureDiagnostics', '; write timings of each response'],
    ['json', '; it is an option of session.fetch()'],
    ['method', '; it is an option of session.fetch()'],
    ['poolMaxSize', '; it is an option of createTransport()'],
    ['dispatcher', '; it is an option of createTransport()'],
    ['protocols', '; it is an option of session.websocket()'],
  ])('refuses the unknown option %s and says what to write', async (option, advice) => {
    const { code, message } = await refusalOf(() => createSession({ [option]: 1 } as SessionOptions));
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      `Session options has an unknown option: "${option}"${advice}`,
    ]);
  });

  it.each<[string, unknown, RequestErrorCode, RegExp]>([
    ['a relative URL', '/api', 'ERR_INVALID_URL', /^baseUrl must be an absolute http or https URL$/],
    ['another scheme', 'ftp://example.com/', 'ERR_INVALID_URL', /^baseUrl must be/],
    ['a number', 5, 'ERR_INVALID_URL', /^baseUrl must be/],
    ['null', null, 'ERR_INVALID_URL', /^baseUrl must be/],
    ['an empty string', '', 'ERR_INVALID_URL', /^baseUrl must be/],
  ])('refuses %s for baseUrl', async (_, baseUrl, code, message) => {
    const error = await refusalOf(() => createSession({ baseUrl } as SessionOptions));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each<[string, unknown]>([
    ['a string', 'x: y'],
    ['a number', 5],
    ['a list of strings', ['x']],
    ['a name with a line break', { 'x\r\ny': 'z' }],
    ['a value with a line break', { x: 'y\r\nz: 1' }],
    ['a value that is an object', { x: {} }],
  ])('refuses defaultHeaders with %s', async (_, defaultHeaders) => {
    const { code } = await refusalOf(() => createSession({ defaultHeaders } as SessionOptions));
    expect(code).toBe('ERR_INVALID_HEADER');
  });

  it.each([
    ['safari', 'windows'],
    ['firefox_private', 'ios'],
    ['safari_ios', 'linux'],
  ] as const)('refuses %s on %s, where it does not exist', async (browser, os) => {
    const { code, message } = await refusalOf(() => createSession({ browser, os }));
    expect([code, message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(os)]);
  });

  it.each([
    ['proxy', 'http://127.0.0.1:1'],
    ['insecure', true],
    ['insecure', false],
    ['trustStore', 'mozilla'],
    ['http2', true],
  ])('refuses a transport together with %s: %s', async (option, value) => {
    await using transport = await createTransport();
    const { code, message } = await refusalOf(() =>
      createSession({ transport, [option]: value } as SessionOptions),
    );
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      `\`transport\` cannot be combined with ${option}: give it to createTransport()`,
    ]);
  });

  it('throws at once when a Session is constructed directly', () => {
    expect(() => new Session({ timeout: 0 })).toThrow('timeout must be a number greater than 0');
  });

  it('treats every undefined option as not given', async () => {
    const options = Object.fromEntries(
      [...new Set(rows.map(([option]) => option))].map((key) => [key, undefined]),
    );
    await using session = await createSession(options);
    await using plain = await createSession();
    expect([session.browser, session.os]).toEqual([plain.browser, plain.os]);
  });

  it('accepts frozen options', async () => {
    const options = deepFreeze({
      timeout: { total: 5000 },
      defaultHeaders: { 'X-Team': 'a' },
      os: 'linux',
    } as const);
    await using session = await createSession(options);
    expect(session.os).toBe('linux');
  });

  it('keeps the session id that it is given', async () => {
    await using session = await createSession({ sessionId: 'ada' });
    expect(session.id).toBe('ada');
  });

  it('gives sessions without an id different ones', async () => {
    await using one = await createSession();
    await using two = await createSession();
    expect(one.id).not.toBe(two.id);
  });

  it('resolves a family to its newest profile', async () => {
    await using session = await createSession({ browser: 'firefox' });
    expect(session.browser).toMatch(/^firefox_\d+$/);
  });

  it('has no browser when it is null', async () => {
    await using session = await createSession({ browser: null });
    expect(session.browser).toBeNull();
  });
});

describe('a polluted Object.prototype', () => {
  it.each<[string, unknown]>([
    ['proxy', 'http://127.0.0.1:1'],
    ['headers', { 'x-evil': '1' }],
    ['defaultHeaders', { 'x-evil': '1' }],
    ['baseUrl', 'http://127.0.0.1:1/'],
    ['method', 'DELETE'],
    ['json', { evil: true }],
    ['form', 'evil=1'],
    ['searchParams', 'evil=1'],
    ['maxRedirects', -1],
    ['transport', {}],
    ['insecure', 'yes'],
    ['session', {}],
    ['redirect', 'error'],
    ['sessionId', 'evil'],
  ])('L09 sets no option: %s', async (key, value) => {
    const server = await startServer((_, response) => void response.end('ok'));
    const status = await withPollutedPrototype({ [key]: value }, async () => {
      await using session = await createSession({});
      const response = await session.fetch(`${server.url}/a`, {});
      return [response.status, session.id === 'evil'];
    });
    expect(status).toEqual([200, false]);
    const [seen] = server.seen;
    expect([seen?.method, seen?.url, seen?.body.length, headerOf(seen, 'x-evil')]).toEqual([
      'GET',
      '/a',
      0,
      undefined,
    ]);
  });

  it.each(['domain', 'path', 'secure', 'hostOnly', 'url'])(
    'L09 sets no attribute of a cookie: %s',
    async (key) => {
      await using session = await createSession();
      await withPollutedPrototype({ [key]: 'https://evil.example/' }, () => {
        session.setCookie('a', '1', 'http://shop.example/');
      });
      expect(session.getAllCookies()).toEqual([
        {
          name: 'a',
          value: '1',
          domain: 'shop.example',
          path: '/',
          hostOnly: true,
          secure: false,
          httpOnly: false,
        },
      ]);
    },
  );
});
