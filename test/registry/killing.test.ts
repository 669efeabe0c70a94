import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileStore, memoryStore, redisStore, type SessionStore } from '../../src/registry/index.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';

const url = 'https://example.com/';

const stores: [string, boolean, () => Promise<SessionStore>][] = [
  ['memoryStore', true, async () => memoryStore()],
  ['fileStore', true, async () => fileStore(await temporaryFolder())],
  ['redisStore', hasRedis, async () => openRedis()],
];

async function openRedis(): Promise<SessionStore> {
  const server = await startRedis();
  const store = redisStore(server.url);
  onTestFinished(async () => {
    await store.close();
    await server.stop();
  });
  return store;
}

const killed = { code: 'ERR_SESSION_NOT_FOUND', message: 'session not found: ada (it was killed)' };

describe.each(stores)('A16 a session that another process kills, in %s', (_, isThere, open) => {
  /** Two registries, of which the first holds a session that the second has killed. */
  async function killedElsewhere() {
    const store = await open();
    const [holder, killer] = [1, 2].map(() => openRegistry({ store, saveInterval: false }));
    if (holder === undefined || killer === undefined) return expect.fail('there are two');
    const session = await holder.create('ada');
    session.setCookie('sid', 'old', url);
    await holder.save();
    expect(await killer.kill('ada')).toBe(true);
    return { store, holder, killer, session };
  }

  it.skipIf(!isThere)('ends for its holder at a save', async () => {
    const { store, holder, session } = await killedElsewhere();
    session.setCookie('sid', 'new', url);
    expect(await refusalOf(() => holder.save('ada'))).toMatchObject(killed);
    expect([session.closed, await store.ids(), holder.size]).toEqual([true, [], 0]);
    expect(await refusalOf(() => holder.get('ada'))).toMatchObject(killed);
  });

  it.skipIf(!isThere)('ends for its holder at a get', async () => {
    const { holder, session } = await killedElsewhere();
    expect(await refusalOf(() => holder.get('ada'))).toMatchObject(killed);
    expect(session.closed).toBe(true);
  });

  it.skipIf(!isThere)('is not written back when its holder closes, which is no failure', async () => {
    const { store, holder, session } = await killedElsewhere();
    session.setCookie('sid', 'new', url);
    await holder.close();
    expect(await store.ids()).toEqual([]);
  });

  it.skipIf(!isThere)('is separate from a new one of its name', async () => {
    const { holder, killer, session } = await killedElsewhere();
    const next = await killer.create('ada');
    next.setCookie('theme', 'dark', url);
    await killer.save();
    session.setCookie('sid', 'new', url);
    expect(await refusalOf(() => holder.save('ada'))).toMatchObject(killed);
    expect((await holder.get('ada')).getCookies(url)).toEqual({ theme: 'dark' });
  });

  it.skipIf(!isThere)('is made again by getOrCreate', async () => {
    const { holder } = await killedElsewhere();
    const session = await holder.getOrCreate('ada');
    expect(session.getAllCookies()).toEqual([]);
    await holder.save('ada');
    expect(await holder.has('ada')).toBe(true);
  });

  it.skipIf(!isThere)('stays killed although the store had lost it', async () => {
    const store = await open();
    const [holder, killer] = [1, 2].map(() => openRegistry({ store, saveInterval: false }));
    await (await holder?.create('ada'))?.setCookie('sid', '1', url);
    await holder?.save();
    await killer?.get('ada');
    await store.update('ada', () => null);
    await killer?.kill('ada');
    expect(await refusalOf(() => holder?.save('ada'))).toMatchObject(killed);
  });
});

describe('F10 a session that cannot be read', () => {
  it('can be killed: an invalid file, or one with another key', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'session-ada.json'), 'nonsense');
    const locked = openRegistry({ store: fileStore(folder, { encryptionKey: 'right' }) });
    await locked.create('bob');
    await locked.save();
    const registry = openRegistry({ store: fileStore(folder) });
    expect([await registry.kill('ada'), await registry.kill('bob')]).toEqual([true, true]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it.skipIf(!hasRedis)('can be killed: an invalid value in Redis', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const store = redisStore(server.url);
    const client = new Redis(server.url);
    onTestFinished(async () => {
      client.disconnect();
      await store.close();
    });
    await client.set('jarfetch:{ada}:session', 'text');
    await client.hset('jarfetch:{bob}:session', { tag: 'x', document: 'nonsense' });
    const registry = openRegistry({ store });
    await registry.killAll();
    expect(await client.keys('*:session')).toEqual([]);
  });
});

describe('A24 a process whose clock runs ahead', () => {
  it.each(stores.slice(1))('does not end sessions of others in %s', async (_, isThere, open) => {
    if (!isThere) return;
    const store = await open();
    const own = openRegistry({ store, idleTimeout: 3_600_000 });
    for (const id of ['ada', 'bob']) await own.create(id);
    await own.save();
    const clock = new FakeClock();
    clock.advance(2 * 3_600_000);
    const ahead = openRegistry({ store, idleTimeout: 3_600_000, clock });
    expect((await ahead.list()).map(({ id }) => id).sort()).toEqual(['ada', 'bob']);
    expect((await ahead.get('ada')).id).toBe('ada');
    expect((await store.ids()).sort()).toEqual(['ada', 'bob']);
  });
});
