import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createSession, loadSession, type Session, type SessionDocument } from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { startServer } from '../../helpers/servers.ts';

const canary = 'c4n4ry';

/** A session with cookies of every kind. */
async function filledSession(): Promise<Session> {
  const session = await createSession({ browser: 'firefox', os: 'windows', acceptLanguage: 'de-DE, en' });
  const domain = 'shop.example.com';
  const later = Date.now() + 86_400_000;
  session.setCookies([
    { name: 'host', value: '1', domain, path: '/', hostOnly: true },
    { name: 'wide', value: '2', domain, path: '/', hostOnly: false },
    { name: 'deep', value: '3', domain, path: '/cart/items' },
    { name: 'safe', value: '4', domain, path: '/', secure: true, httpOnly: true, sameSite: 'none' },
    { name: 'strict', value: '5', domain, path: '/', sameSite: 'strict', expiresAtMs: later },
    { name: 'chips', value: '6', domain, path: '/', secure: true, partitioned: true },
    { name: 'wide', value: 'of the parent', domain: 'example.com', path: '/', hostOnly: false },
    { name: 'bytes', value: '\udc80ü', domain, path: '/' },
  ]);
  return session;
}

const urls = ['http', 'https'].flatMap((scheme) =>
  ['shop.example.com', 'a.shop.example.com', 'example.com', 'other.example.com'].flatMap((host) =>
    ['/', '/cart/items/1', '/cartoon'].map((path) => `${scheme}://${host}${path}`),
  ),
);

describe('a saved session', () => {
  it.each(urls)('D08 sends to %s after loading what it sent before', async (url) => {
    const session = await filledSession();
    const loaded = await loadSession(JSON.stringify(session.save()));
    expect(loaded.cookieJar.getCookieStringSync(url)).toBe(session.cookieJar.getCookieStringSync(url));
  });

  it('D08 keeps every field and the order of creation', async () => {
    const session = await filledSession();
    const loaded = await loadSession(session.save());
    expect(loaded.getAllCookies()).toEqual(session.getAllCookies());
    expect(loaded.save().cookies).toEqual(session.save().cookies);
  });

  it('D08 treats a cookie without hostOnly as a host-only one', async () => {
    const document = (await filledSession()).save();
    const [first] = document.cookies;
    const { hostOnly: _, ...cookie } = { ...first };
    const loaded = await loadSession(JSON.stringify({ ...document, cookies: [cookie] }));
    expect(loaded.getCookies('https://a.shop.example.com/')).toEqual({});
    expect(loaded.getCookies('https://shop.example.com/')).toEqual({ host: '1' });
  });

  it('D09 keeps the instant at which a cookie with Max-Age expires, and drops an expired one', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'set-cookie': ['long=1; Max-Age=1000', 'short=2; Max-Age=500'] }).end();
    });
    const session = await createSession();
    await session.fetch(server.url);
    const document = session.save();
    const [long, short] = document.cookies;
    const past = { ...short, expiresAtMs: Date.now() - 1 };
    const loaded = await loadSession(JSON.stringify({ ...document, cookies: [long, past] }));
    expect(loaded.getAllCookies()).toEqual([session.getAllCookies()[0]]);
  });

  it('D10 accepts no cookie that a server could not have set', async () => {
    const document = (await createSession()).save();
    const base = { domain: 'example.com', path: '/', hostOnly: true, secure: false, httpOnly: false };
    const cookies = [
      { ...base, name: 'super', value: '1', domain: 'co.uk', hostOnly: false },
      { ...base, name: 'split', value: 'a\r\nb' },
      { ...base, name: '__Secure-x', value: '1' },
      { ...base, name: 'loose', value: '1', sameSite: 'none' },
      { ...base, name: 'good', value: '1' },
    ];
    const loaded = await loadSession(JSON.stringify({ ...document, cookies }));
    expect(loaded.getAllCookies().map(({ name }) => name)).toEqual(['good']);
  });

  it('D11 keeps session cookies, so that a saved session continues', async () => {
    const session = await createSession();
    session.setCookie('sid', '1', 'https://example.com/');
    expect((await loadSession(session.save())).getCookies('https://example.com/')).toEqual({ sid: '1' });
  });

  it('keeps browser, system, headers, languages, base URL, proxy, name and the time it was made', async () => {
    const session = await createSession({
      browser: 'firefox',
      os: 'windows',
      acceptLanguage: 'de-DE, en',
      baseUrl: 'https://example.com/api/',
      proxy: 'http://127.0.0.1:8080',
      sessionId: 'ada',
      defaultHeaders: { 'X-One': '1', 'accept-language': null },
    });
    const document = session.save();
    const again = (await loadSession(document)).save();
    const when = { savedAt: expect.any(Number), lastUsedAt: expect.any(Number) };
    expect(again).toEqual({ ...document, ...when });
    expect(document).toMatchObject({
      sessionId: 'ada',
      browser: session.browser,
      os: 'windows',
      acceptLanguage: 'de-DE, en',
      baseUrl: 'https://example.com/api/',
      proxy: 'http://127.0.0.1:8080',
      defaultHeaders: [
        ['X-One', '1'],
        ['accept-language', null],
      ],
    });
  });

  it('can send requests after loading', async () => {
    const server = await startServer((request, response) => {
      response.writeHead(200, { 'set-cookie': 'sid=1' }).end(request.headers.cookie ?? 'none');
    });
    const session = await createSession({ browser: null, defaultHeaders: { 'x-one': '1' } });
    await session.fetch(server.url);
    const loaded = await loadSession(session.save());
    expect(await (await loaded.fetch(server.url)).text()).toBe('sid=1');
    expect(server.seen[1]?.headers).toContainEqual(['x-one', '1']);
  });

  it('prefers given options to the saved ones', async () => {
    const session = await createSession({ browser: 'firefox', sessionId: 'ada' });
    const loaded = await loadSession(session.save(), { sessionId: 'bob' });
    expect([loaded.id, loaded.browser]).toEqual(['bob', session.browser]);
  });
});

describe('the secrets of a saved session', () => {
  const proxy = `http://ada:${canary}@127.0.0.1:8080`;

  it('do not include the password of the proxy, and loading says that it must be given', async () => {
    const document = (await createSession({ proxy })).save();
    expect(JSON.stringify(document)).not.toContain(canary);
    expect(document.proxy).toBe('http://ada@127.0.0.1:8080/');
    const error = await refusalOf(() => loadSession(document));
    expect(error).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('give the option proxy'),
    });
    expect((await loadSession(document, { proxy })).save({ proxyPassword: true }).proxy).toBe(proxy);
  });

  it('include the password of the proxy with an option', async () => {
    const document = (await createSession({ proxy })).save({ proxyPassword: true });
    expect((await loadSession(document)).save({ proxyPassword: true }).proxy).toBe(proxy);
  });

  it('are not shown in the error of a document that cannot be read', async () => {
    const document = { ...(await createSession()).save(), cookies: [{ name: 'a', value: canary }] };
    const broken = [JSON.stringify(document), JSON.stringify(document).slice(0, -3), `{"a":"${canary}"`];
    for (const text of broken) {
      expect(inspect(await refusalOf(() => loadSession(text)), { depth: 9 })).not.toContain(canary);
    }
  });
});

describe('an invalid document', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;

  it.each<[string, (document: SessionDocument) => unknown]>([
    ['empty text', () => ''],
    ['text that ends early', (document) => JSON.stringify(document).slice(0, -1)],
    ['binary', () => '\u0000\u0001\u0002'],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['a document of no version that there ever was', (document) => ({ ...document, version: 0 })],
    ['a cookie that is null', (document) => ({ ...document, cookies: [null] })],
    ['cookies that are no list', (document) => ({ ...document, cookies: {} })],
    ['a flag that is a string', (document) => ({ ...document, cookies: [{ ...cookie, secure: 'true' }] })],
    ['an end that is a string', (document) => ({ ...document, cookies: [{ ...cookie, expiresAtMs: '1' }] })],
    ['a SameSite that is none', (document) => ({ ...document, cookies: [{ ...cookie, sameSite: 'Lax' }] })],
    ['a header without a value', (document) => ({ ...document, defaultHeaders: [['x']] })],
    ['a time before all times', (document) => ({ ...document, createdAt: -1 })],
    [
      'data that holds itself, twice over',
      (document) => {
        const self: Record<string, unknown> = {};
        Object.assign(self, { a: self, b: self });
        return { ...document, userData: self };
      },
    ],
    [
      'data nested without end',
      (document) => JSON.stringify(document).replace('"userData":null', `"userData":${deep}`),
    ],
  ])('D06 is refused: %s', async (_, change) => {
    const document = (await createSession()).save();
    const error = await refusalOf(() => loadSession(change(document) as SessionDocument));
    expect(error).toMatchObject({
      code: 'ERR_INVALID_DOCUMENT',
      message: expect.stringMatching(/^Not a saved session: /),
    });
  });

  it('D06 is refused before it is parsed when it is too long', async () => {
    const error = await refusalOf(() => loadSession(' '.repeat(33 * 1024 * 1024)));
    expect(error.message).toContain('longer than');
  });

  it('F10 is distinguished from one that a later release wrote', async () => {
    const document = { ...(await createSession()).save(), version: 2 };
    const error = await refusalOf(() => loadSession(JSON.stringify(document)));
    expect([error.code, error.message]).toEqual(['ERR_STORE_VERSION', expect.stringContaining('version 2')]);
  });

  it('reads nothing that is inherited', async () => {
    const inherited = Object.create((await createSession()).save());
    expect((await refusalOf(() => loadSession(inherited))).code).toBe('ERR_INVALID_DOCUMENT');
  });

  const cookie = { name: 'a', value: 'b', domain: 'example.com', path: '/' };
});

describe('user data', () => {
  it('is kept as JSON has it, as a copy', async () => {
    const userData = { account: 'ada', tries: [1, 2], at: new Date(0) };
    const document = (await createSession()).save({ userData });
    userData.tries.push(3);
    expect(document.userData).toEqual({ account: 'ada', tries: [1, 2], at: '1970-01-01T00:00:00.000Z' });
  });

  it.each<[string, unknown]>([
    ['a function', () => {}],
    ['a bigint', { n: 1n }],
    ['a cycle', cycle()],
  ])('is refused when JSON does not have it: %s', async (_, userData) => {
    const session = await createSession();
    expect((await refusalOf(() => session.save({ userData }))).message).toContain('userData');
  });

  function cycle(): object {
    const self: { self?: object } = {};
    self.self = self;
    return self;
  }
});
