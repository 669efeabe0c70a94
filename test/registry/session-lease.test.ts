import { describe, expect, it, onTestFinished } from 'vitest';
import type { Session } from '../../src/index.ts';
import { fileStore, memoryStore, redisStore, type SessionStore } from '../../src/registry/index.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { openRegistry } from '../helpers/registry.ts';
import { startRotatingSite } from '../helpers/rotating-site.ts';

const url = 'https://example.com/';

const stores: [string, boolean, () => Promise<() => SessionStore>][] = [
  [
    'memoryStore',
    true,
    async () => {
      const store = memoryStore();
      return () => store;
    },
  ],
  [
    'fileStore',
    true,
    async () => {
      const folder = await temporaryFolder();
      return () => fileStore(folder);
    },
  ],
  [
    'redisStore',
    hasRedis,
    async () => {
      const server = await startRedis();
      onTestFinished(() => server.stop());
      return () => {
        const store = redisStore(server.url);
        onTestFinished(() => store.close());
        return store;
      };
    },
  ],
];

describe.each(stores)('F14 a session that is leased, in %s', (_, isThere, prepare) => {
  it.skipIf(!isThere)('survives a site that changes its cookie with every request', async () => {
    const site = await startRotatingSite();
    const open = await prepare();
    const registries = Array.from({ length: 3 }, () => openRegistry({ store: open() }));
    const users = ['ada', 'bob'];
    const calls = Array.from({ length: 60 }, async (_unused, index) => {
      const user = users[index % users.length] ?? '';
      const login = async (session: Session): Promise<void> => {
        await session.fetch('/login', { method: 'POST', body: user });
      };
      const options = { baseUrl: site.server.url, login };
      return registries[index % registries.length]?.withSession(
        user,
        async (session) => (await session.fetch('/page')).text(),
        options,
      );
    });
    const texts = await Promise.all(calls);
    expect([new Set(texts), site.logins, site.stale]).toEqual([new Set(['welcome']), 2, 0]);
  });

  it.skipIf(!isThere)('belongs to one at a time, and is saved before the next has it', async () => {
    const open = await prepare();
    const [one, two] = [openRegistry({ store: open() }), openRegistry({ store: open() })];
    const lease = await one.lease('ada');
    lease.session.setCookie('n', '1', url);
    let isSecond = false;
    const waiting = two.lease('ada').then((other) => {
      isSecond = true;
      return other;
    });
    expect((await refusalOf(() => two.lease('ada', { wait: 0 }))).code).toBe('ERR_STORE_LOCKED');
    expect(isSecond).toBe(false);
    await lease.release();
    await lease.release();
    const other = await waiting;
    expect([other.id, other.session.getCookies(url)]).toEqual(['ada', { n: '1' }]);
    await other.release();
  });

  it.skipIf(!isThere)('is not saved by a holder that lost it while another has written', async () => {
    const open = await prepare();
    const store = open();
    const [one, two] = [openRegistry({ store, saveInterval: false }), openRegistry({ store: open() })];
    const lock = store.lock?.bind(store);
    if (lock === undefined) return expect.fail('the store has locks');
    // As the lock of a process that stood still.
    store.lock = (id, options) => lock(id, { ...options, ttl: 20 });
    const early = await one.lease('ada');
    store.lock = lock;
    await two.withSession('ada', (session) => session.setCookie('n', 'later', url));
    early.session.setCookie('n', 'earlier', url);
    expect((await refusalOf(() => early.release())).code).toBe('ERR_STORE_CONFLICT');
    expect(early.session.closed).toBe(true);
    expect((await one.get('ada')).getCookies(url)).toEqual({ n: 'later' });
  });
});

describe('a lease in one process', () => {
  it('is waited for in order, also without a store', async () => {
    const registry = openRegistry();
    const seen: number[] = [];
    await Promise.all(
      [1, 2, 3, 4].map((turn) =>
        registry.withSession('ada', async () => {
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(turn);
        }),
      ),
    );
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('is given back when the work fails', async () => {
    const registry = openRegistry({ store: memoryStore() });
    const failed = registry.withSession('ada', () => {
      throw new Error('of the work');
    });
    await expect(failed).rejects.toThrow('of the work');
    expect(await registry.withSession('ada', (session) => session.id, { wait: 0 })).toBe('ada');
  });

  it('is not waited for longer than `wait`, and the next caller is served', async () => {
    const registry = openRegistry();
    const first = await registry.lease('ada');
    const error = await refusalOf(() => registry.lease('ada', { wait: 10 }));
    expect([error.code, error.message]).toEqual([
      'ERR_STORE_LOCKED',
      'session ada was in use in this process for 10 ms',
    ]);
    const third = registry.lease('ada');
    await first.release();
    await (await third).release();
  });

  it('is ended by the signal, with its reason', async () => {
    const registry = openRegistry({ store: memoryStore() });
    const other = openRegistry();
    await using _ = await registry.lease('ada');
    const giveUp = new AbortController();
    const waiting = registry.lease('ada', { signal: giveUp.signal }).catch((reason: unknown) => reason);
    giveUp.abort('enough');
    expect(await waiting).toBe('enough');
    const aborted = other.lease('ada', { signal: AbortSignal.abort('before') });
    expect(await aborted.catch((reason: unknown) => reason)).toBe('before');
  });

  it.each([
    ['wait', { wait: -1 }],
    ['signal', { signal: 'soon' }],
    ['nonsense', { nonsense: 1 }],
  ])('is not to be had with nonsense: %s', async (name, options) => {
    const error = await refusalOf(() => openRegistry().lease('ada', options as object));
    expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(name)]);
  });

  it('is not given by a closed registry', async () => {
    const registry = openRegistry();
    await registry.close();
    expect((await refusalOf(() => registry.lease('ada'))).code).toBe('ERR_REGISTRY_CLOSED');
  });
});
