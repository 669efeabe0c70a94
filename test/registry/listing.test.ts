import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  fileStore,
  memoryStore,
  type Registry,
  redisStore,
  type SessionStore,
  sqliteStore,
} from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';

const stores: [string, boolean, () => Promise<SessionStore>][] = [
  ['memoryStore', true, async () => memoryStore()],
  ['fileStore', true, async () => fileStore(await temporaryFolder())],
  ['sqliteStore', true, async () => sqliteStore(join(await temporaryFolder(), 'sessions.db'))],
  [
    'redisStore',
    hasRedis,
    async () => {
      const server = await startRedis();
      onTestFinished(() => server.stop());
      return redisStore(server.url);
    },
  ],
];

/** Pages of two, to the end. */
async function pagesOf(registry: Registry, prefix?: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after = ''; ; ) {
    const page = (await registry.list({ prefix, after, limit: 2 })).map(({ id }) => id);
    pages.push(page);
    if (page.length < 2) return pages;
    after = page.at(-1) ?? '';
  }
}

describe.each(stores)('a list of the sessions in %s', (_, isThere, prepare) => {
  async function open(): Promise<SessionStore> {
    const store = await prepare();
    onTestFinished(() => store.close());
    return store;
  }

  it.skipIf(!isThere)('has pages in the order of the ids, in memory and in the store', async () => {
    const store = await open();
    for (const id of ['b~1', 'a', 'b', 'c@x', 'b:2', 'B']) {
      const document = await documentOf(id);
      await store.update(id, () => document);
    }
    const registry = openRegistry({ store, saveInterval: false });
    await registry.create('b1');
    await registry.get('b');
    expect(await pagesOf(registry)).toEqual([['B', 'a'], ['b', 'b1'], ['b:2', 'b~1'], ['c@x']]);
    expect(await pagesOf(registry, 'b')).toEqual([['b', 'b1'], ['b:2', 'b~1'], []]);
    expect((await registry.list()).map(({ id }) => id)).toEqual(['B', 'a', 'b', 'b1', 'b:2', 'b~1', 'c@x']);
  });

  it.skipIf(!isThere)('fills a page although some of its sessions have ended', async () => {
    const store = await open();
    const clock = new FakeClock();
    const registry = openRegistry({ store, saveInterval: false, clock, maxAge: 86_400_000 });
    for (const id of ['a', 'b', 'c', 'd']) {
      const document = await documentOf(id);
      const createdAt = id < 'c' ? 0 : clock.wall();
      await store.update(id, () => ({ ...document, createdAt }));
    }
    expect((await registry.list({ limit: 2 })).map(({ id }) => id)).toEqual(['c', 'd']);
  });

  it.skipIf(!isThere)('F17 removes expired sessions by purge, and nothing else', async () => {
    const store = await open();
    const clock = new FakeClock();
    const registry = openRegistry({ store, saveInterval: false, clock, idleTimeout: 3_600_000 });
    for (const id of ['old', 'older', 'young', 'held']) {
      const document = await documentOf(id);
      const lastUsedAt = id.startsWith('old') ? 0 : Date.now();
      await store.update(id, () => ({ ...document, lastUsedAt }));
    }
    await registry.get('held');
    expect([await registry.purge(), await registry.purge()]).toEqual([2, 0]);
    expect([(await store.ids()).sort(), registry.stats().expired]).toEqual([['held', 'young'], 2]);
  });

  it.skipIf(!isThere)('answers a ping', async () => {
    expect(await openRegistry({ store: await open() }).ping()).toBeGreaterThanOrEqual(0);
  });
});

it.skipIf(!hasRedis)('F8 has only our keys, although ids expire and the index is lost', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const { Redis } = await import('ioredis');
  const client = new Redis(server.url);
  onTestFinished(() => client.disconnect());
  await client.set('jarfetch:ids:mine', '1');
  await client.set('other:{ada}:session', '1');
  const store = redisStore(client);
  for (const id of ['ada', 'bob', 'eve']) {
    const document = await documentOf(id);
    await store.update(id, () => document, id === 'bob' ? { ttl: 1 } : {});
  }
  while ((await client.exists('jarfetch:{bob}:session')) === 1) await new Promise(setImmediate);
  expect(await client.zrange('jarfetch:ids', '0', '-1')).toEqual(['ada', 'bob', 'eve']);
  const registry = openRegistry({ store, saveInterval: false });
  expect((await registry.list()).map(({ id }) => id)).toEqual(['ada', 'eve']);
  await client.zrem('jarfetch:ids', 'eve');
  await registry.purge();
  expect(await client.zrange('jarfetch:ids', '0', '-1')).toEqual(['ada', 'eve']);
  await registry.killAll();
  expect(await client.zrange('jarfetch:ids', '0', '-1')).toEqual([]);
  expect((await client.keys('*session')).sort()).toEqual(['other:{ada}:session']);
});

it.each([
  [{ limit: 0 }, 'limit'],
  [{ prefix: 5 }, 'prefix'],
  [{ before: 'a' }, 'before'],
])('refuses options that make no sense: %o', async (options, name) => {
  const error = await refusalOf(() => openRegistry().list(options as object));
  expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(name)]);
});
