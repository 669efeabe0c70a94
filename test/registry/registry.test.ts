import { CookieJar } from 'tough-cookie';
import { describe, expect, it, vi } from 'vitest';
import { createRegistry, memoryStore } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';

const url = 'https://example.com/';

describe('create', () => {
  it('makes a session with its own options over those of the registry', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const registry = openRegistry({ session: { browser: 'firefox', baseUrl: server.url } });
    const session = await registry.create('ada', { defaultHeaders: { 'x-one': '1' } });
    expect((await session.fetch('/page')).status).toBe(200);
    expect(session.browser).toContain('firefox');
    expect(server.seen[0]?.headers).toContainEqual(['x-one', '1']);
  });

  it('refuses an id that is taken', async () => {
    const registry = openRegistry();
    await registry.create('ada');
    expect(await refusalOf(() => registry.create('ada'))).toMatchObject({ code: 'ERR_SESSION_EXISTS' });
  });

  it('refuses an id that is taken in the store', async () => {
    const store = memoryStore();
    const first = createRegistry({ store });
    await first.create('ada');
    await first.close();
    const second = openRegistry({ store });
    expect((await refusalOf(() => second.create('ada'))).code).toBe('ERR_SESSION_EXISTS');
  });

  it('accepts cookies in a format of other programs', async () => {
    const cookies = 'example.com\tFALSE\t/\tTRUE\t0\tsid\t1\n';
    const session = await openRegistry().create('ada', { cookies });
    expect(session.getCookies(url)).toEqual({ sid: '1' });
  });

  it('requests the URL before the session is returned', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'set-cookie': 'sid=1' }).end('ok');
    });
    const session = await openRegistry().create('ada', { url: server.url });
    expect(session.getCookies(server.url)).toEqual({ sid: '1' });
  });

  it.each([
    ['a URL that cannot be reached', { url: 'http://127.0.0.1:1/' }, 'ERR_CONNECT'],
    ['cookies that are none', { cookies: 'nothing' }, 'ERR_INVALID_COOKIE'],
  ])('is undone by %s', async (_, options, code) => {
    const store = memoryStore();
    const registry = openRegistry({ store });
    expect((await refusalOf(() => registry.create('ada', options))).code).toBe(code);
    expect([registry.size, await store.ids(), await registry.has('ada')]).toEqual([0, [], false]);
    expect((await registry.create('ada')).id).toBe('ada');
  });

  it('leaves no connection behind when it is undone', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(302, { location: '/again' }).end();
    });
    const options = { url: server.url, maxRedirects: 0, http2: false, insecure: true };
    const error = await refusalOf(() => openRegistry().create('ada', options));
    expect([error.code, server.connections]).toEqual(['ERR_TOO_MANY_REDIRECTS', 1]);
    await vi.waitFor(() => expect(server.open).toBe(0), { timeout: 2000 });
  });

  it.each([
    ['sessionId', { sessionId: 'bob' }],
    ['cookieJar', { cookieJar: new CookieJar() }],
    ['brwoser', { brwoser: 'chrome' }],
  ])('refuses %s', async (key, options) => {
    const error = await refusalOf(() => openRegistry().create('ada', options as object));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(key) });
  });
});

describe('get', () => {
  it('returns the same session every time', async () => {
    const registry = openRegistry();
    const session = await registry.create('ada');
    expect([await registry.get('ada'), await registry.get('ada')]).toEqual([session, session]);
  });

  it('says that there never was one', async () => {
    const error = await refusalOf(() => openRegistry().get('ada'));
    expect(error).toMatchObject({
      code: 'ERR_SESSION_NOT_FOUND',
      message: 'session not found: ada (there never was one)',
    });
  });

  it('says that it was killed', async () => {
    const registry = openRegistry();
    const session = await registry.create('ada');
    expect(await registry.kill('ada')).toBe(true);
    expect((await refusalOf(() => registry.get('ada'))).message).toBe(
      'session not found: ada (it was killed)',
    );
    expect([session.closed, await registry.has('ada'), await registry.kill('ada')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('returns one that was killed and made again', async () => {
    const registry = openRegistry();
    await registry.create('ada');
    await registry.kill('ada');
    const again = await registry.create('ada');
    expect(await registry.get('ada')).toBe(again);
  });
});

describe('getOrCreate', () => {
  it('creates one session for any number of parallel calls', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const registry = openRegistry();
    const asked = Array.from({ length: 100 }, () => registry.getOrCreate('ada', { url: server.url }));
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(server.seen.length).toBe(1);
  });

  it('fails all parallel calls with the same error, and creates again for a later one', async () => {
    const registry = openRegistry();
    const asked = [1, 2, 3].map(() => registry.getOrCreate('ada', { url: 'http://127.0.0.1:1/' }));
    const ends = await Promise.allSettled(asked);
    expect(new Set(ends.map((end) => end.status === 'rejected' && end.reason)).size).toBe(1);
    expect((await registry.getOrCreate('ada')).id).toBe('ada');
  });

  it('returns the existing session, whatever the options', async () => {
    const registry = openRegistry();
    const session = await registry.create('ada', { browser: 'firefox' });
    expect(await registry.getOrCreate('ada', { browser: 'chrome' })).toBe(session);
  });

  it('waits for a creation that is under way instead of a second one', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const registry = openRegistry();
    const created = registry.create('ada', { url: server.url });
    expect(await registry.getOrCreate('ada')).toBe(await created);
  });
});

describe('list', () => {
  it('returns times and numbers, and no value of a cookie', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const registry = openRegistry();
    const session = await registry.create('ada');
    session.setCookie('sid', 'c4n4ry', url);
    await session.fetch(server.url);
    const infos = await registry.list();
    const time = expect.any(Number);
    expect(infos).toEqual([
      {
        id: 'ada',
        createdAt: time,
        lastUsedAt: time,
        expiresAt: null,
        requests: 1,
        cookies: 1,
        loaded: true,
      },
    ]);
    expect(JSON.stringify(infos)).not.toContain('c4n4ry');
  });

  it('includes sessions that are only in the store', async () => {
    const store = memoryStore();
    const first = createRegistry({ store });
    (await first.create('ada')).setCookie('sid', '1', url);
    await first.close();
    const registry = openRegistry({ store });
    expect(await registry.list()).toMatchObject([{ id: 'ada', cookies: 1, loaded: false }]);
    await registry.get('ada');
    expect(await registry.list()).toMatchObject([{ id: 'ada', cookies: 1, loaded: true }]);
  });
});

describe('killAll', () => {
  it('ends the sessions in memory and deletes those in the store', async () => {
    const store = memoryStore();
    const first = createRegistry({ store });
    await first.create('stored');
    await first.close();
    const registry = openRegistry({ store });
    const live = await registry.create('live');
    await registry.killAll();
    expect([live.closed, await store.ids(), await registry.list()]).toEqual([true, [], []]);
    expect((await refusalOf(() => registry.get('stored'))).message).toContain('it was killed');
  });
});

describe('an invalid option', () => {
  it.each([
    ['idleTimeout', { idleTimeout: 0 }],
    ['maxAge', { maxAge: -1 }],
    ['maxSessions', { maxSessions: 1.5 }],
    ['whenFull', { whenFull: 'panic' }],
    ['store', { store: {} }],
    ['saveInterval', { saveInterval: Number.NaN }],
    ['onStoreError', { onStoreError: 'hope' }],
    ['onError', { onError: true }],
    ['closeOnExit', { closeOnExit: 1 }],
    ['ttl', { ttl: 5 }],
    ['sessionId', { session: { sessionId: 'x' } }],
  ])('is refused by its name: %s', async (name, options) => {
    const error = await refusalOf(() => createRegistry(options as object));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });
});
