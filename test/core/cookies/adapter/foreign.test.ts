import { Cookie, CookieJar, MemoryCookieStore, Store } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../../../src/index.ts';
import { httpHead, whenClosed, writeEndlessly } from '../../../helpers/raw.ts';
import { refusalOf } from '../../../helpers/refusals.ts';
import { headerOf, startRawServer, startServer, type TestServer } from '../../../helpers/servers.ts';

const shop = 'https://shop.example/cart/items';

const storeMethods = [
  'findCookie',
  'findCookies',
  'putCookie',
  'updateCookie',
  'removeCookie',
  'getAllCookies',
] as const;

/** A store that answers later and by callbacks alone, which is all that tough-cookie asks of one. */
function laterStore(): Store {
  const memory = new MemoryCookieStore();
  const later = (method: (typeof storeMethods)[number]) => {
    return (...given: unknown[]): void => {
      const callback = given.pop();
      if (typeof callback !== 'function') throw new TypeError(`${method} needs a callback`);
      const answer = (error: unknown, value?: unknown): void =>
        void setImmediate(() => callback(error, value));
      const work: Promise<unknown> = Reflect.apply(memory[method], memory, given);
      work.then((value) => answer(null, value), answer);
    };
  };
  const methods = Object.fromEntries(storeMethods.map((method) => [method, later(method)]));
  return Object.assign(new Store(), { synchronous: false, ...methods });
}

function loginServer(): Promise<TestServer> {
  return startServer((request, response) => {
    if (request.url === '/login') response.setHeader('set-cookie', ['sid=1; Path=/', 'theme=dark; Path=/']);
    response.end();
  });
}

describe.each<[kind: string, jar: () => CookieJar]>([
  ['a memory store', () => new CookieJar()],
  ['an asynchronous store', () => new CookieJar(laterStore())],
])('a jar of the caller with %s', (_, makeJar) => {
  it('is the jar of the session', async () => {
    const cookieJar = makeJar();
    await using session = await createSession({ cookieJar });
    expect(session.cookieJar).toBe(cookieJar);
  });

  it('sends no cookie that would be a line of the head', async () => {
    const server = await loginServer();
    const cookieJar = makeJar();
    const forged = new Cookie({ key: 'a', value: '1\r\nX-Forged: 1', domain: '127.0.0.1', path: '/' });
    const stored = Object.assign(forged, { hostOnly: true });
    await new Promise((resolve) => cookieJar.store.putCookie(stored, resolve));
    await using session = await createSession({ cookieJar });
    const { code } = await refusalOf(() => session.fetch(server.url));
    const refused = await refusalOf(() => session.websocket(server.url));
    expect([code, refused.code, server.seen.length]).toEqual(['ERR_INVALID_COOKIE', 'ERR_INVALID_COOKIE', 0]);
  });

  it('keeps what servers set and sends it', async () => {
    const server = await loginServer();
    const cookieJar = makeJar();
    await using session = await createSession({ cookieJar });
    await session.fetch(`${server.url}/login`);
    await session.fetch(`${server.url}/members`);
    expect(headerOf(server.seen[1], 'cookie')).toBe('sid=1; theme=dark');
    expect(await cookieJar.getCookieString(server.url)).toBe('sid=1; theme=dark');
  });

  it('is sent from the first request on', async () => {
    const server = await loginServer();
    const cookieJar = makeJar();
    await cookieJar.setCookie('before=1', server.url);
    await using session = await createSession({ cookieJar });
    await session.fetch(server.url);
    expect(headerOf(server.seen[0], 'cookie')).toBe('before=1');
  });

  it('is shared by sessions that were given it', async () => {
    const server = await loginServer();
    const cookieJar = makeJar();
    await using one = await createSession({ cookieJar });
    await using two = await createSession({ cookieJar });
    await one.fetch(`${server.url}/login`);
    await two.fetch(server.url);
    expect(headerOf(server.seen[1], 'cookie')).toBe('sid=1; theme=dark');
  });

  it('is neither sent nor filled with credentials omitted', async () => {
    const server = await loginServer();
    const cookieJar = makeJar();
    await cookieJar.setCookie('before=1', server.url);
    await using session = await createSession({ cookieJar });
    await session.fetch(`${server.url}/login`, { credentials: 'omit' });
    expect(headerOf(server.seen[0], 'cookie')).toBeUndefined();
    expect(await cookieJar.getCookieString(server.url)).toBe('before=1');
  });

  it('is cleared by clearCookies, by name', async () => {
    const cookieJar = makeJar();
    await using session = await createSession({ cookieJar });
    await cookieJar.setCookie('a=1', shop);
    await cookieJar.setCookie('b=2', shop);
    await session.clearCookies({ name: 'a' });
    expect(await cookieJar.getCookieString(shop)).toBe('b=2');
  });

  it('keeps its cookies when the session closes', async () => {
    const cookieJar = makeJar();
    await cookieJar.setCookie('a=1', shop);
    const session = await createSession({ cookieJar });
    await session.close();
    expect(await cookieJar.getCookieString(shop)).toBe('a=1');
  });
});

describe('a jar of the caller with a memory store', () => {
  it('has the synchronous verbs', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    session.setCookie('sid', '1', shop, { httpOnly: true, secure: true, sameSite: 'lax' });
    expect({ ...session.getCookies(shop) }).toEqual({ sid: '1' });
    expect(session.getAllCookies()).toEqual([
      {
        name: 'sid',
        value: '1',
        domain: 'shop.example',
        path: '/cart',
        hostOnly: true,
        secure: true,
        httpOnly: true,
        sameSite: 'lax',
      },
    ]);
  });

  it('stores all of setCookies or none', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    session.setCookie('kept', '1', shop);
    const good = { name: 'good', value: '1', domain: 'shop.example' };
    const { code } = await refusalOf(() =>
      session.setCookies([good, { ...good, domain: 'com', hostOnly: false }, good]),
    );
    expect([code, session.getAllCookies().map(({ name }) => name)]).toEqual(['ERR_INVALID_COOKIE', ['kept']]);
  });

  it('refuses a path that would become part of the host', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    const cookie = { name: 'a', value: '1', domain: 'shop.example', path: 'none' };
    const { code } = await refusalOf(() => session.setCookies([cookie]));
    expect([code, session.getAllCookies()]).toEqual(['ERR_INVALID_COOKIE', []]);
  });

  it('has its thousands of cookies again when one of setCookies is invalid', async () => {
    const cookieJar = new CookieJar();
    for (let at = 0; at < 3000; at++) cookieJar.setCookieSync(`c${at}=1`, `https://host${at % 50}.example/`);
    await using session = await createSession({ cookieJar });
    const bad = { name: 'a', value: '1', domain: 'com', hostOnly: false };
    expect((await refusalOf(() => session.setCookies([bad]))).code).toBe('ERR_INVALID_COOKIE');
    expect(session.getAllCookies().map(({ name }) => name)).toEqual(
      Array.from({ length: 3000 }, (_, at) => `c${at}`),
    );
  });

  it('lists cookies in the order of their creation', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    for (const name of ['c', 'a', 'b']) session.setCookie(name, '1', `https://${name}.example/`);
    expect(session.getAllCookies().map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });
});

it.each([true, false])(
  'leaves no connection to the body of a response whose cookies cannot be stored: synchronous %s',
  async (synchronous) => {
    const store = Object.assign(new MemoryCookieStore(), { synchronous });
    store.putCookie = (_cookie: Cookie, callback?: (error: Error) => void): Promise<void> => {
      callback?.(new Error('the store is down'));
      return Promise.resolve();
    };
    const server = await startRawServer((socket) => {
      socket.write(httpHead(['Set-Cookie: a=1']));
      writeEndlessly(socket, Buffer.alloc(65_536));
    });
    await using session = await createSession({ cookieJar: new CookieJar(store) });
    await expect(session.fetch(server.url)).rejects.toThrow('the store is down');
    await whenClosed(server.sockets[0]);
  },
);

describe('a jar of the caller with an asynchronous store', () => {
  it('may fail during a call that was aborted before', async () => {
    const store = Object.assign(new MemoryCookieStore(), { synchronous: false });
    await using session = await createSession({ cookieJar: new CookieJar(store) });
    const [key, domain] = ['sid', '127.0.0.1'];
    await store.putCookie(new Cookie({ key, value: 'a\r\nX: b', domain, path: '/', hostOnly: true }));
    const signal = AbortSignal.abort('enough');
    // A failure that nobody hears would end the process, and here the test.
    await expect(session.fetch('http://127.0.0.1/', { signal })).rejects.toBe('enough');
  });

  it.each(['getCookies', 'getAllCookies', 'setCookie', 'setCookies'])(
    'refuses %s, which answers at once',
    async (verb) => {
      await using session = await createSession({ cookieJar: new CookieJar(laterStore()) });
      const { code, message } = await refusalOf(() => {
        if (verb === 'getCookies') return session.getCookies(shop);
        if (verb === 'getAllCookies') return session.getAllCookies();
        if (verb === 'setCookie') return session.setCookie('a', '1', shop);
        return session.setCookies([{ name: 'a', value: '1', domain: 'shop.example' }]);
      });
      expect([code, message]).toEqual([
        'ERR_INVALID_OPTION',
        'The cookieJar has an asynchronous store: use its own methods, this one answers at once',
      ]);
    },
  );
});

describe('the identity of a cookie in a jar of the caller', () => {
  const twin = { name: 'sid', value: '1', domain: 'www.shop.example', path: '/', hostOnly: true };

  it('deletes by an expiry in the past only the cookie of its identity', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    session.setCookies([twin]);
    session.setCookies([{ ...twin, hostOnly: false, expiresAtMs: 0 }]);
    expect(session.getAllCookies()).toHaveLength(1);
    session.setCookies([{ ...twin, expiresAtMs: 0 }]);
    expect(session.getAllCookies()).toEqual([]);
  });

  it('takes a domain in any spelling', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    session.setCookies([{ name: 'a', value: '1', domain: 'MÜNCHEN.example' }]);
    expect(session.getAllCookies()).toMatchObject([{ domain: 'xn--mnchen-3ya.example' }]);
    await session.clearCookies({ domain: 'münchen.example', hostOnly: true });
    expect(session.getAllCookies()).toEqual([]);
  });

  it('keeps a path with a semicolon, and the semicolon begins no attribute', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    session.setCookies([{ ...twin, path: '/a;b' }]);
    expect(session.getAllCookies()).toMatchObject([{ path: '/a;b', secure: false }]);
    expect(() => session.setCookies([{ ...twin, path: '/; Secure' }])).toThrow('invalid-path');
  });
});
