import { describe, expect, it } from 'vitest';
import { createRegistry, memoryStore } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';
import { FaultyStore } from '../helpers/stores.ts';

const url = 'https://example.com/';

/** Waits until background work that needs no clock has been done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a session in a store', () => {
  it('is there for the next process as it was', async () => {
    const store = memoryStore();
    const first = createRegistry({ store });
    const session = await first.create('ada', { browser: 'firefox', userData: { plan: 'pro' } });
    session.setCookie('sid', '1', url);
    await first.close();
    const again = await openRegistry({ store, session: { browser: 'chrome' } }).get('ada');
    expect([again.id, again.browser, again.userData]).toEqual(['ada', session.browser, { plan: 'pro' }]);
    expect(again.getCookies(url)).toEqual({ sid: '1' });
  });

  it('is saved once for all changes of an interval', async () => {
    const store = new FaultyStore();
    const clock = new FakeClock();
    const server = await startServer((request, response) => {
      response.writeHead(200, { 'set-cookie': `c${request.url?.slice(1)}=1` }).end();
    });
    const registry = openRegistry({ store, clock, saveInterval: 500 });
    const session = await registry.create('ada');
    for (let index = 0; index < 5; index++) await session.fetch(`${server.url}/${index}`);
    expect(store.updates).toBe(0);
    clock.advance(500);
    await settled();
    expect(store.updates).toBe(1);
    expect((await store.inner.load('ada'))?.cookies.length).toBe(5);
    clock.advance(5000);
    await settled();
    expect(store.updates).toBe(1);
  });

  it.each<[string, (session: Awaited<ReturnType<ReturnType<typeof openRegistry>['create']>>) => unknown]>([
    ['setCookie', (session) => session.setCookie('a', '1', url)],
    ['setCookies', (session) => session.setCookies([{ name: 'a', value: '1', url }])],
    ['importCookies', (session) => session.importCookies('example.com\tFALSE\t/\tTRUE\t0\ta\t1\n')],
    ['clearCookies', (session) => session.clearCookies()],
    ['userData', (session) => Object.assign(session, { userData: [1] })],
  ])('is saved by itself after %s', async (_, change) => {
    const store = new FaultyStore();
    const clock = new FakeClock();
    const registry = openRegistry({ store, clock, saveInterval: 500 });
    const session = await registry.create('ada', { cookies: 'example.com\tFALSE\t/\tTRUE\t0\told\t1\n' });
    await registry.save('ada');
    const before = await store.inner.load('ada');
    await change(session);
    clock.advance(500);
    await settled();
    const after = await store.inner.load('ada');
    expect([after?.cookies.length, after?.userData]).not.toEqual([before?.cookies.length, before?.userData]);
  });

  it('is saved on demand, one or all that have changes', async () => {
    const store = new FaultyStore();
    const registry = openRegistry({ store, saveInterval: false });
    for (const id of ['ada', 'bob']) await registry.create(id);
    await registry.save('ada');
    expect(await store.ids()).toEqual(['ada']);
    await registry.save();
    expect([(await store.ids()).length, store.updates]).toEqual([2, 2]);
    expect((await refusalOf(() => registry.save('eve'))).code).toBe('ERR_SESSION_NOT_FOUND');
    expect((await refusalOf(() => openRegistry().save())).code).toBe('ERR_INVALID_OPTION');
  });

  it('is moved to the store by maxSessions, and loaded again', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ store: memoryStore(), clock, maxSessions: 1 });
    const ada = await registry.create('ada');
    ada.setCookie('sid', '1', url);
    clock.advance(1);
    await registry.create('bob');
    const again = await registry.get('ada');
    expect([ada.closed, again.getCookies(url), registry.size]).toEqual([true, { sid: '1' }, 1]);
  });

  it('is moved to the store when its caller closes it, and loaded again', async () => {
    const registry = openRegistry({ store: memoryStore() });
    const ada = await registry.create('ada');
    ada.setCookie('sid', '1', url);
    await ada.close();
    expect((await registry.get('ada')).getCookies(url)).toEqual({ sid: '1' });
  });

  it('ends without a store when its caller closes it', async () => {
    const registry = openRegistry();
    await (await registry.create('ada')).close();
    expect((await refusalOf(() => registry.get('ada'))).message).toContain('it was killed');
  });

  it('is not written again by a request that was under way when it was closed and then killed', async () => {
    const arrived = Promise.withResolvers<() => void>();
    const server = await startServer((_, response) =>
      arrived.resolve(() => void response.writeHead(200, { 'set-cookie': 'late=1' }).end()),
    );
    const store = memoryStore();
    const registry = openRegistry({ store });
    const session = await registry.create('ada');
    const answer = session.fetch(server.url);
    const respond = await arrived.promise;
    const closed = session.close();
    await settled();
    expect([await store.ids(), await registry.kill('ada')]).toEqual([['ada'], true]);
    respond();
    await Promise.all([answer, closed]);
    await registry.close();
    expect(await store.ids()).toEqual([]);
  });

  it('expires by its time in the store, and is deleted', async () => {
    const store = memoryStore();
    const clock = new FakeClock();
    const first = createRegistry({ store, clock, idleTimeout: 1000 });
    await first.create('ada');
    await first.close();
    // A use that is not stored yet may be a fifth of the time newer.
    clock.advance(1199);
    expect(await openRegistry({ store, clock, idleTimeout: 1000 }).has('ada')).toBe(true);
    clock.advance(1);
    const registry = openRegistry({ store, clock, idleTimeout: 1000 });
    expect((await refusalOf(() => registry.get('ada'))).message).toContain('it expired');
    expect(await store.ids()).toEqual([]);
  });

  it('F16 is available to another process until its idle timeout after its last use', async () => {
    const store = memoryStore();
    const clock = new FakeClock();
    const [one, two] = [1, 2].map(() => openRegistry({ store, clock, idleTimeout: 1000, saveInterval: 10 }));
    await one?.create('ada');
    await one?.save('ada');
    // A use that is too small to be stored.
    clock.advance(99);
    await one?.get('ada');
    clock.advance(20);
    await settled();
    expect((await store.load('ada'))?.lastUsedAt).toBe(clock.wall() - 119);
    clock.advance(999 - 20);
    expect((await two?.get('ada'))?.id).toBe('ada');
  });

  it('is not deleted by a process that has forgotten it while another uses it', async () => {
    const store = memoryStore();
    const clock = new FakeClock();
    const [idle, busy] = [1, 2].map(() => openRegistry({ store, clock, idleTimeout: 1000 }));
    await idle?.create('ada');
    await idle?.save('ada');
    clock.advance(900);
    await busy?.get('ada');
    await busy?.save('ada');
    clock.advance(150);
    await settled();
    expect([idle?.size, busy?.size, await store.ids()]).toEqual([0, 1, ['ada']]);
    expect((await idle?.get('ada'))?.id).toBe('ada');
  });

  it('records its use in the store, so that it does not expire for others', async () => {
    const store = memoryStore();
    const clock = new FakeClock();
    const registry = openRegistry({ store, clock, idleTimeout: 1000, saveInterval: 10 });
    await registry.create('ada');
    await registry.save('ada');
    clock.advance(500);
    await registry.get('ada');
    clock.advance(20);
    await settled();
    expect((await store.load('ada'))?.lastUsedAt).toBeGreaterThan(clock.wall() - 100);
  });

  it('keeps its age over restarts', async () => {
    const store = memoryStore();
    const clock = new FakeClock();
    const first = createRegistry({ store, clock, maxAge: 1000 });
    await first.create('ada');
    clock.advance(600);
    await first.close();
    const registry = openRegistry({ store, clock, maxAge: 1000 });
    const session = await registry.get('ada');
    clock.advance(450);
    expect(session.closed).toBe(true);
  });

  it('is refused when the store has it under the name of another', async () => {
    const store = memoryStore();
    const first = createRegistry({ store });
    await first.create('ada');
    await first.close();
    const document = await store.load('ada');
    await store.update('bob', () => document);
    expect((await refusalOf(() => openRegistry({ store }).get('bob'))).code).toBe('ERR_INVALID_DOCUMENT');
  });

  it('needs the password of its proxy again, unless it is saved', async () => {
    const store = memoryStore();
    const proxy = 'http://ada:c4n4ry@127.0.0.1:8080';
    const first = createRegistry({ store });
    await first.create('ada', { proxy });
    await first.close();
    expect(JSON.stringify(await store.load('ada'))).not.toContain('c4n4ry');
    const registry = openRegistry({ store });
    expect((await refusalOf(() => registry.get('ada'))).message).toContain('give the option proxy');
    expect((await registry.getOrCreate('ada', { proxy })).save({ proxyPassword: true }).proxy).toBe(proxy);
  });

  it('uses the proxy of the registry when its own was saved without a password', async () => {
    const store = memoryStore();
    const proxy = 'http://ada:c4n4ry@127.0.0.1:8080';
    const session = { proxy };
    const first = createRegistry({ store, session });
    await first.create('ada');
    await first.close();
    const again = await openRegistry({ store, session }).get('ada');
    expect(again.save({ proxyPassword: true }).proxy).toBe(proxy);
  });

  it('is saved with the password of its proxy with the option, and may be given another proxy', async () => {
    const store = memoryStore();
    const proxy = 'http://ada:c4n4ry@127.0.0.1:8080';
    const first = createRegistry({ store, saveProxyPassword: true });
    await first.create('ada', { proxy });
    await first.close();
    const again = await openRegistry({ store }).get('ada');
    expect(again.save({ proxyPassword: true }).proxy).toBe(proxy);
    const other = await openRegistry({ store }).getOrCreate('ada', { proxy: 'http://127.0.0.1:9' });
    expect(other.save().proxy).toBe('http://127.0.0.1:9');
  });
});

describe('a store that is down', () => {
  it('D14 fails callers that need it, with its own error', async () => {
    const store = new FaultyStore();
    const registry = openRegistry({ store });
    store.down = true;
    for (const action of ['get', 'getOrCreate', 'create', 'has'] as const) {
      expect((await refusalOf(() => registry[action]('ada'))).code).toBe('ERR_STORE');
    }
  });

  it('D14 fails no caller with keep-going, and gets all changes when it works again', async () => {
    const store = new FaultyStore();
    const clock = new FakeClock();
    const errors: unknown[] = [];
    const onError = (error: unknown, id: string): void => void errors.push([id, error instanceof Error]);
    const registry = openRegistry({ store, clock, onStoreError: 'keep-going', onError, saveInterval: 500 });
    store.down = true;
    const session = await registry.getOrCreate('ada');
    session.setCookie('sid', '1', url);
    clock.advance(600);
    await settled();
    expect(await registry.get('ada')).toBe(session);
    expect(errors.length).toBeGreaterThan(1);
    store.down = false;
    clock.advance(600);
    await settled();
    expect((await store.inner.load('ada'))?.cookies.length).toBe(1);
  });

  it('D14 loses no session that maxSessions wanted to take out', async () => {
    const store = new FaultyStore();
    const clock = new FakeClock();
    const registry = openRegistry({ store, clock, maxSessions: 1, onStoreError: 'keep-going' });
    const ada = await registry.create('ada');
    ada.setCookie('sid', '1', url);
    store.down = true;
    clock.advance(1);
    await registry.create('bob');
    await settled();
    expect([await registry.get('ada'), ada.closed]).toEqual([ada, false]);
  });
});

describe('two processes with one session', () => {
  async function both() {
    const store = memoryStore();
    const [one, two] = [openRegistry({ store }), openRegistry({ store })];
    const first = await one.create('ada');
    first.setCookie('base', '0', url);
    await one.save('ada');
    return { store, one, two, first, second: await two.get('ada') };
  }

  it('D03 lose no cookie that either set', async () => {
    const { store, one, two, first, second } = await both();
    first.setCookie('a', '1', url);
    second.setCookie('b', '2', url);
    await one.save('ada');
    await two.save('ada');
    const names = (await store.load('ada'))?.cookies.map(({ name }) => name);
    expect(names).toEqual(['base', 'a', 'b']);
    expect(second.getCookies(url)).toEqual({ base: '0', a: '1', b: '2' });
    expect((await one.get('ada')).getCookies(url)).toEqual({ base: '0', a: '1', b: '2' });
  });

  it('D15 do not undo a newer value with an older one, however late it is saved', async () => {
    const store = new FaultyStore();
    const clock = new FakeClock();
    const options = { store, clock, saveInterval: 100, onStoreError: 'keep-going' } as const;
    const [one, two] = [openRegistry(options), openRegistry(options)];
    const first = await one.create('ada');
    first.setCookie('sid', 'old', url);
    await one.save('ada');
    const second = await two.get('ada');
    store.down = true;
    first.setCookie('sid', 'stale', url);
    clock.advance(150);
    await settled();
    store.down = false;
    clock.advance(10);
    second.setCookie('sid', 'new', url);
    await two.save('ada');
    await one.save('ada');
    expect((await store.load('ada'))?.cookies.map(({ value }) => value)).toEqual(['new']);
    expect(first.getCookies(url)).toEqual({ sid: 'new' });
  });

  it('see what the other deleted, and do not bring it back', async () => {
    const { store, one, two, first, second } = await both();
    await first.clearCookies({ name: 'base' });
    await one.save('ada');
    second.setCookie('b', '2', url);
    await two.save('ada');
    expect((await store.load('ada'))?.cookies.map(({ name }) => name)).toEqual(['b']);
    expect(second.getCookies(url)).toEqual({ b: '2' });
  });

  it('keep a cookie that the other set again while it was deleted here', async () => {
    const { store, one, two, first, second } = await both();
    second.setCookie('base', 'fresh', url);
    await two.save('ada');
    await first.clearCookies({ name: 'base' });
    await one.save('ada');
    expect((await store.load('ada'))?.cookies.map(({ value }) => value)).toEqual(['fresh']);
  });

  it('keep what was changed while a save was under way', async () => {
    const store = new FaultyStore();
    const gate = Promise.withResolvers<void>();
    const registry = openRegistry({ store });
    const session = await registry.create('ada');
    session.setCookie('sid', '1', url);
    store.gate = gate.promise;
    const saved = registry.save('ada');
    await settled();
    session.setCookie('sid', '2', url);
    gate.resolve();
    await saved;
    expect(session.getCookies(url)).toEqual({ sid: '2' });
    await registry.save();
    expect((await store.load('ada'))?.cookies.map(({ value }) => value)).toEqual(['2']);
  });

  it('keep the newer of two changes, one of them made during a save', async () => {
    const store = new FaultyStore();
    const [one, two] = [openRegistry({ store }), openRegistry({ store })];
    const first = await one.create('ada');
    first.setCookie('sid', '1', url);
    await one.save('ada');
    (await two.get('ada')).setCookie('sid', 'theirs', url);
    await two.save('ada');
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    const saved = one.save('ada');
    await settled();
    first.setCookie('sid', 'mine', url);
    gate.resolve();
    await saved;
    expect(first.getCookies(url)).toEqual({ sid: 'mine' });
  });

  it('add up their requests and share user data', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const { store, one, two, first, second } = await both();
    await first.fetch(server.url);
    for (let count = 0; count < 2; count++) await second.fetch(server.url);
    first.userData = { plan: 'pro' };
    await one.save('ada');
    await two.save('ada');
    expect(await store.load('ada')).toMatchObject({ requests: 3, userData: { plan: 'pro' } });
    await one.get('ada');
    expect(await one.list()).toMatchObject([{ requests: 3 }]);
    expect(second.userData).toEqual({ plan: 'pro' });
  });

  it('write again what a store has lost', async () => {
    const { store, one, first } = await both();
    await store.update('ada', () => null);
    first.setCookie('a', '1', url);
    await one.save('ada');
    expect((await store.load('ada'))?.cookies.map(({ name }) => name)).toEqual(['base', 'a']);
  });
});
