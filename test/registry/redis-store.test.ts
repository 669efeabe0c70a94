import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { redisStore, type SessionStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { itIsAStore } from '../contracts/store.ts';
import { hasRedis, type RedisServer, startRedis } from '../helpers/redis.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { openRegistry } from '../helpers/registry.ts';

describe.skipIf(!hasRedis)('F2 a save of many new sessions', () => {
  it.each(['redis', 'ioredis'])('writes each by one command, and their ids together: %s', async (kind) => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = kind === 'redis' ? createClient({ url: server.url }) : new Redis(server.url);
    if (!(client instanceof Redis)) await client.connect();
    onTestFinished(() => void (client instanceof Redis ? client.disconnect() : client.destroy()));
    const registry = openRegistry({ store: redisStore(client), saveInterval: false });
    const ids = Array.from({ length: 1000 }, (_, index) => `s${index}`);
    await Promise.all(ids.map((id) => registry.create(id)));
    const observer = new Redis(server.url);
    onTestFinished(() => observer.disconnect());
    await observer.config('RESETSTAT');
    await registry.save();
    const stats = await observer.info('commandstats');
    const callsOf = (command: string): number =>
      Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    // Each script reads the tag once, by HMGET; nothing is read before.
    expect(callsOf('evalsha')).toBe(1000);
    expect(callsOf('hset')).toBe(1000);
    expect(callsOf('hmget')).toBe(1000);
    expect(callsOf('zadd')).toBeLessThan(100);
    expect((await redisStore(client).ids()).length).toBe(1000);
  });

  it('keeps what another process has written under such an id meanwhile', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    const [store, other] = [redisStore(client), redisStore(client)];
    const [first, second] = [await documentOf('ada', 'one'), await documentOf('ada', 'two')];
    await other.update('ada', () => first, { begins: true });
    const seen: unknown[] = [];
    const merge = (stored: typeof first | null) => {
      seen.push(stored);
      return second;
    };
    expect(await store.update('ada', merge, { begins: true })).toEqual(second);
    expect(seen.at(-1)).toEqual(first);
    // What becomes null where there is none is read first.
    await store.update('ada', (stored) => (stored === null ? null : stored), { begins: true });
    expect(await store.load('ada')).toEqual(second);
  });
});

describe.skipIf(!hasRedis)('with a redis-server', () => {
  let server: RedisServer;
  let prefix = 0;

  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(() => server.stop());

  /** Two stores on a part of the database of their own. */
  function pair(connect: () => Parameters<typeof redisStore>[0]): readonly [SessionStore, SessionStore] {
    const options = { prefix: `[test]*${prefix++}:` };
    const stores = [redisStore(connect(), options), redisStore(connect(), options)] as const;
    for (const store of stores) onTestFinished(() => store.close());
    return stores;
  }

  itIsAStore('redisStore by a URL', async () => pair(() => server.url));

  itIsAStore('redisStore by a client of redis', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    onTestFinished(() => client.destroy());
    return pair(() => client);
  });

  itIsAStore('redisStore by a client of ioredis', async () => {
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    return pair(() => client);
  });

  it('D15 lets a key expire with its session, and detects that between a read and a write', async () => {
    const [store] = pair(() => server.url);
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    const document = await documentOf('ada');
    await store.update('ada', () => document, { ttl: 60_000 });
    const [key = ''] = await client.keys(`*${prefix - 1}:{ada}:session`);
    expect(await client.pttl(key)).toBeGreaterThan(50_000);
    await store.update('ada', (stored) => ({ ...document, requests: (stored?.requests ?? 0) + 5 }));
    expect(await client.pttl(key)).toBe(-1);
    let evals = 0;
    const losing = {
      call: async (command: string, ...args: string[]): Promise<unknown> => {
        // Between the read and the write.
        if (command === 'EVALSHA' && evals++ === 0) await client.del(key);
        return client.call(command, ...args);
      },
    };
    const seen: unknown[] = [];
    await redisStore(losing, { prefix: key.slice(0, key.indexOf('{')) }).update('ada', (stored) => {
      seen.push(stored?.requests ?? null);
      return { ...document, requests: 1 };
    });
    expect([seen, (await store.load('ada'))?.requests]).toEqual([[5, null], 1]);
  });

  it('reports a value that is not a session', async () => {
    const [store] = pair(() => server.url);
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    const document = await documentOf('ada');
    await store.update('ada', () => document);
    const [key = ''] = await client.keys(`*${prefix - 1}:{ada}:session`);
    const codes: string[] = [];
    for (const text of ['{"version":1}', '{"version":9}', 'nonsense']) {
      await client.hset(key, 'document', text);
      codes.push((await refusalOf(() => store.load('ada'))).code);
    }
    expect(codes).toEqual(['ERR_INVALID_DOCUMENT', 'ERR_STORE_VERSION', 'ERR_INVALID_DOCUMENT']);
    expect(await client.hget(key, 'document')).toBe('nonsense');
  });
});

describe('a Redis that cannot be used', () => {
  it('D14 is reported by ERR_STORE with the reason, without the password', async () => {
    const store = redisStore('redis://:c4n4ry@127.0.0.1:1', { timeout: 200 });
    onTestFinished(() => store.close());
    const error = await refusalOf(() => store.load('ada'));
    expect([error.code, error.message]).toEqual(['ERR_STORE', 'redisStore failed at HMGET: ECONNREFUSED']);
  });

  it.each([
    ['redis: URL', 'http://127.0.0.1/', {}],
    ['redis: URL', {}, {}],
    ['timeout', 'redis://127.0.0.1', { timeout: 0 }],
    ['prefix', 'redis://127.0.0.1', { prefix: '' }],
    ['ttl', 'redis://127.0.0.1', { ttl: 5 }],
  ])('is refused before it is asked when it makes no sense: %s', async (name, connection, options) => {
    const error = await refusalOf(() => redisStore(connection as string, options as object));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });
});
