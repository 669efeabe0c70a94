import { describe, expect, it } from 'vitest';
import { RequestError, type Session } from '../../src/index.ts';
import {
  type LockOptions,
  memoryStore,
  type RegistrySession,
  type RegistrySessionOptions,
} from '../../src/registry/index.ts';
import { type LoginSite, startLoginSite } from '../helpers/login-site.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { FaultyStore } from '../helpers/stores.ts';

/** Logs in with one request. */
const loginAt =
  ({ server }: LoginSite) =>
  async (session: Session): Promise<void> => {
    await session.fetch(`${server.url}/login`, { method: 'POST', form: { user: 'ada' } });
  };

async function visitor(site: LoginSite, options: RegistrySessionOptions = {}) {
  return openRegistry().getOrCreate('ada', { baseUrl: site.server.url, login: loginAt(site), ...options });
}

describe('a session that can log in', () => {
  it('does so when it is answered 401, and sends the request once more', async () => {
    const site = await startLoginSite();
    const session = await visitor(site);
    expect(await (await session.fetch('/page')).text()).toBe('welcome ');
    expect(site.server.seen.map(({ url }) => url)).toEqual(['/page', '/login', '/page']);
    expect(await (await session.fetch('/page')).text()).toBe('welcome ');
    expect(site.logins).toBe(1);
  });

  it('logs in once for all requests that found the login ended, and again when it ends again', async () => {
    const site = await startLoginSite();
    const session = await visitor(site);
    const answers = await Promise.all(Array.from({ length: 30 }, () => session.fetch('/page')));
    expect([new Set(answers.map(({ status }) => status)), site.logins]).toEqual([new Set([200]), 1]);
    site.logOut();
    expect([(await session.fetch('/page')).status, site.logins]).toEqual([200, 2]);
  });

  it('makes no second login for an answer that comes after the first has ended', async () => {
    const site = await startLoginSite();
    const session = await visitor(site);
    const late = Promise.withResolvers<void>();
    const refuse = site.refuse;
    site.refuse = (response) => void late.promise.then(() => refuse(response));
    const slow = session.fetch('/slow');
    while (site.server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    site.refuse = refuse;
    expect((await session.fetch('/page')).status).toBe(200);
    late.resolve();
    expect([(await slow).status, site.logins]).toEqual([200, 1]);
  });

  it('sends a body again that can be sent again', async () => {
    const site = await startLoginSite();
    const session = await visitor(site);
    const answer = await session.fetch('/page', { method: 'POST', body: 'hello' });
    expect(await answer.text()).toBe('welcome hello');
  });

  it('returns the answer to a body that can be sent only once, and logs in for the next', async () => {
    const site = await startLoginSite();
    const session = await visitor(site);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('once'));
        controller.close();
      },
    });
    expect((await session.fetch('/page', { method: 'POST', body, duplex: 'half' })).status).toBe(401);
    expect([site.logins, (await session.fetch('/page')).status]).toEqual([1, 200]);
  });

  it.each([
    ['a redirect that was followed', 'follow'],
    ['a redirect that was not followed', 'manual'],
  ] as const)('takes %s to the login page for a login that is gone', async (_, redirect) => {
    const site = await startLoginSite();
    site.refuse = (response) => {
      if (response.req.url === '/signin') response.end('please log in');
      else response.writeHead(302, { location: '/signin' }).end();
    };
    const session = await visitor(site, { isLoggedOut: /\/signin$/g });
    for (let round = 1; round < 4; round++) {
      expect([(await session.fetch('/page', { redirect })).status, site.logins]).toEqual([200, round]);
      site.logOut();
    }
  });

  it('treats 401 as an ended login in addition to the pattern', async () => {
    const site = await startLoginSite();
    const session = await visitor(site, { isLoggedOut: /\/signin$/ });
    expect([(await session.fetch('/page')).status, site.logins]).toEqual([200, 1]);
  });

  it('does not treat a request for the login page itself as an ended login', async () => {
    const site = await startLoginSite();
    site.refuse = (response) => void response.end('please log in');
    const session = await visitor(site, { isLoggedOut: /\/signin$/ });
    expect([await (await session.fetch('/signin')).text(), site.logins]).toEqual(['please log in', 0]);
  });

  it('calls a function with the response without its body', async () => {
    const site = await startLoginSite();
    site.refuse = (response) => void response.writeHead(200, { 'x-user': 'none' }).end();
    const session = await visitor(site, { isLoggedOut: ({ headers }) => headers.get('x-user') === 'none' });
    expect(await (await session.fetch('/page')).text()).toBe('welcome ');
  });

  it('releases the connection of an answer for which the function fails', async () => {
    const site = await startLoginSite();
    site.refuse = (response) => void response.writeHead(401).write(Buffer.alloc(1_000_000));
    const session = await visitor(site, {
      isLoggedOut: () => {
        throw new Error('cannot tell');
      },
    });
    await expect(session.fetch('/page')).rejects.toThrow('cannot tell');
    while (site.server.open > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('logs in with the request that is made before the session is returned', async () => {
    const site = await startLoginSite();
    const registry = openRegistry({ store: memoryStore() });
    const { url } = site.server;
    const session = await registry.create('ada', { url: `${url}/page`, login: loginAt(site) });
    expect([session.getCookies(url), site.logins]).toEqual([{ sid: '1' }, 1]);
  });

  it('logs in after it was loaded from the store', async () => {
    const site = await startLoginSite();
    const registry = openRegistry({ store: memoryStore() });
    const options = { baseUrl: site.server.url, login: loginAt(site) };
    await (await registry.getOrCreate('ada', options)).close();
    const again = await registry.get('ada');
    expect([(await again.fetch(`${site.server.url}/page`)).status, site.logins]).toEqual([200, 1]);
  });
});

describe('a login that fails', () => {
  const failing = async (session: Session): Promise<void> => {
    session.setCookie('half', '1', 'http://127.0.0.1/');
    throw new Error('wrong password');
  };

  it('fails all waiting requests with one error, and does not change the cookies', async () => {
    const site = await startLoginSite();
    let logins = 0;
    const login = async (session: Session): Promise<void> => {
      logins++;
      await failing(session);
    };
    const session = await visitor(site, { login });
    session.setCookie('old', '1', site.server.url);
    const ends = await Promise.allSettled(Array.from({ length: 10 }, () => session.fetch('/page')));
    const errors = new Set(ends.map((end) => end.status === 'rejected' && end.reason));
    expect([errors.size, logins]).toEqual([1, 1]);
    const error = await refusalOf(() => Promise.reject([...errors][0]));
    expect([error.code, error.message]).toEqual(['ERR_LOGIN_FAILED', 'login of session ada failed']);
    expect(error.cause).toMatchObject({ message: 'wrong password' });
    expect(session.getCookies(site.server.url)).toEqual({ old: '1' });
  });

  it('fails a late answer with the same error, and is tried again for a later request', async () => {
    const site = await startLoginSite();
    let isBroken = true;
    const login = (session: Session): Promise<void> => (isBroken ? failing(session) : loginAt(site)(session));
    const session = await visitor(site, { login, loginBackoff: () => 0 });
    const late = Promise.withResolvers<void>();
    const refuse = site.refuse;
    site.refuse = (response) => void late.promise.then(() => refuse(response));
    const slow = refusalOf(() => session.fetch('/slow'));
    while (site.server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    site.refuse = refuse;
    const first = await refusalOf(() => session.fetch('/page'));
    late.resolve();
    expect(await slow).toBe(first);
    isBroken = false;
    expect((await session.fetch('/page')).status).toBe(200);
  });

  it('fails when it takes longer than loginTimeout', async () => {
    const site = await startLoginSite();
    const clock = new FakeClock();
    const started = Promise.withResolvers<void>();
    const login = (): Promise<void> => {
      started.resolve();
      return new Promise(() => {});
    };
    const options = { baseUrl: site.server.url, login, loginTimeout: 500 };
    const session = await openRegistry({ clock }).create('ada', options);
    const failed = refusalOf(() => session.fetch('/page'));
    await started.promise;
    clock.advance(500);
    expect(await failed).toMatchObject({
      code: 'ERR_LOGIN_FAILED',
      cause: { code: 'ERR_TIMEOUT', timeout: 500 },
    });
  });

  it('does not hold a caller that aborts, nor the others', async () => {
    const site = await startLoginSite();
    const gate = Promise.withResolvers<void>();
    site.gate = gate.promise;
    const session = await visitor(site);
    const giveUp = new AbortController();
    const given = session.fetch('/page', { signal: giveUp.signal }).catch((reason: unknown) => reason);
    const patient = session.fetch('/page');
    while (site.server.seen.length < 3) await new Promise((resolve) => setImmediate(resolve));
    giveUp.abort('enough');
    expect(await given).toBe('enough');
    gate.resolve();
    expect([(await patient).status, site.logins]).toEqual([200, 1]);
  });

  it.each([
    ['login', { login: 5 }],
    ['isLoggedOut', { isLoggedOut: 'no' }],
    ['loginTimeout', { loginTimeout: -1 }],
    ['loginBackoff', { loginBackoff: 5 }],
  ])('is not to be made of nonsense: %s', async (name, options) => {
    const error = await refusalOf(() => openRegistry().create('ada', options as object));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });
});

describe('a login with a store that locks', () => {
  /** A store whose locks end by themselves a thousand times as fast, and what they were asked for. */
  function fastStore() {
    const store = memoryStore();
    const lock = store.lock?.bind(store) ?? expect.fail('the store has locks');
    const asked: LockOptions[] = [];
    store.lock = (id, options) => {
      asked.push(options);
      return lock(id, { ...options, ttl: options.ttl / 1000 });
    };
    return { store, asked };
  }

  it('F3 whose process died delays the others for the time of a lease, not for loginTimeout', async () => {
    const site = await startLoginSite();
    const { store, asked } = fastStore();
    const started = Promise.withResolvers<void>();
    // Its clock stands still, so that its lock is not renewed: as that of a dead process.
    const dead = openRegistry({ store, clock: new FakeClock() });
    const hung = await dead.create('ada', {
      baseUrl: site.server.url,
      login: () => {
        started.resolve();
        return new Promise(() => {});
      },
    });
    await dead.save();
    void hung.fetch('/page').catch(() => {});
    await started.promise;
    const session = await openRegistry({ store }).getOrCreate('ada', {
      baseUrl: site.server.url,
      login: loginAt(site),
    });
    expect([(await session.fetch('/page')).status, site.logins]).toEqual([200, 1]);
    expect(asked.map(({ ttl }) => ttl)).toEqual([10_000, 10_000]);
  });

  it('F3 is named by the error of a call that waited for it too long', async () => {
    const site = await startLoginSite();
    const store = memoryStore();
    const options = { baseUrl: site.server.url, login: loginAt(site) };
    const held = await store.lock?.('ada', { name: 'login', ttl: 60_000, wait: 0 });
    const session = await openRegistry({ store }).getOrCreate('ada', options);
    expect(await refusalOf(() => session.fetch('/page', { timeout: 300 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      message: expect.stringMatching(
        / timed out after 300 ms waiting for the login lock of session ada, which another process holds$/,
      ),
    });
    await held?.release();
    site.gate = new Promise(() => {});
    expect(await refusalOf(() => session.fetch('/page', { timeout: 300 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      message: expect.stringMatching(/ timed out after 300 ms waiting for the login of session ada$/),
    });
  });

  it('F12 succeeds although the lock could not be released', async () => {
    const site = await startLoginSite();
    const store = memoryStore();
    const lock = store.lock?.bind(store) ?? expect.fail('the store has locks');
    const away = new RequestError('ERR_STORE', 'The store went away');
    store.lock = async (id, options) => ({
      ...(await lock(id, options)),
      release: () => Promise.reject(away),
    });
    const told: unknown[] = [];
    const registry = openRegistry({ store, onError: (error) => told.push(error) });
    const session = await registry.create('ada', { baseUrl: site.server.url, login: loginAt(site) });
    expect([(await session.fetch('/page')).status, told]).toEqual([200, [away]]);
  });

  it('F13 is made once with a wrong password, by all requests of all processes together', async () => {
    const site = await startLoginSite();
    const store = memoryStore();
    let logins = 0;
    const login = (): never => {
      logins++;
      throw new Error('wrong password');
    };
    const options = { baseUrl: site.server.url, login };
    const sessions: RegistrySession[] = [];
    for (let process = 0; process < 3; process++) {
      const registry = openRegistry({ store });
      sessions.push(await registry.getOrCreate('ada', options));
      await registry.save();
    }
    const calls = Array.from({ length: 30 }, (_, call) => sessions[call % 3]?.fetch('/page'));
    const ends = await Promise.allSettled(calls);
    const codes = ends.map((end) => (end.status === 'rejected' ? end.reason.code : end.status));
    expect([new Set(codes), logins]).toEqual([new Set(['ERR_LOGIN_FAILED']), 1]);
  });

  it('F13 is made with the password that was given last, while the session lives', async () => {
    const site = await startLoginSite();
    const registry = openRegistry({ store: memoryStore() });
    const used: string[] = [];
    const withPassword = (password: string): RegistrySessionOptions => ({
      baseUrl: site.server.url,
      login: (session) => {
        used.push(password);
        return loginAt(site)(session);
      },
    });
    const session = await registry.getOrCreate('ada', withPassword('old'));
    await session.fetch('/page');
    site.logOut();
    expect(await registry.getOrCreate('ada', withPassword('new'))).toBe(session);
    await session.fetch('/page');
    expect(used).toEqual(['old', 'new']);
  });

  it('is made once for two processes', async () => {
    const site = await startLoginSite();
    const store = new FaultyStore();
    const options = { baseUrl: site.server.url, login: loginAt(site) };
    const [one, two] = [openRegistry({ store }), openRegistry({ store })];
    const first = await one.getOrCreate('ada', options);
    await one.save();
    const second = await two.getOrCreate('ada', options);
    const answers = await Promise.all([first, second].map((session) => session.fetch('/page')));
    expect([answers.map(({ status }) => status), site.logins]).toEqual([[200, 200], 1]);
  });

  it('is not made again when the other login was taken over while waiting for the lock', async () => {
    const site = await startLoginSite();
    const store = new FaultyStore();
    const options = { baseUrl: site.server.url, login: loginAt(site) };
    const [one, two] = [openRegistry({ store }), openRegistry({ store })];
    const first = await one.getOrCreate('ada', options);
    await one.save();
    const second = await two.getOrCreate('ada', options);
    const lock = store.lock.bind(store);
    store.lock = async (id, options) => {
      store.lock = lock;
      await first.fetch('/page');
      await two.get('ada');
      return lock(id, options);
    };
    const { status } = await second.fetch('/page');
    expect([status, site.logins]).toEqual([200, 1]);
  });

  it('does not replace a later one when it ends too late', async () => {
    const site = await startLoginSite();
    const store = new FaultyStore();
    const { RequestError } = await import('../../src/index.ts');
    const registry = openRegistry({ store });
    const session = await registry.create('ada', { baseUrl: site.server.url, login: loginAt(site) });
    await registry.save();
    const document = await store.inner.load('ada');
    const real = store.update.bind(store);
    store.update = async (id, change, limits) => {
      if (limits?.lock === undefined) return real(id, change, limits);
      // Another has logged in under a later lock.
      const cookies = [{ ...cookie, name: 'sid', value: 'theirs' }];
      await store.inner.update('ada', () => (document === null ? null : { ...document, logins: 1, cookies }));
      site.refuse = (response) => void response.end('welcome, says the other');
      throw new RequestError('ERR_STORE_CONFLICT', 'A later lock has written');
    };
    const cookie = { domain: '127.0.0.1', path: '/', hostOnly: true, secure: false, httpOnly: false };
    await session.fetch('/page');
    expect(session.getCookies(site.server.url)).toEqual({ sid: 'theirs' });
    store.update = real;
    await registry.save('ada');
    expect((await store.inner.load('ada'))?.cookies.map(({ value }) => value)).toEqual(['theirs']);
  });
});
