import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type IoRedisClient, type NodeRedisClient, redisStore } from '../../src/registry/index.ts';
import { itIsAStore } from '../contracts/store.ts';
import { hasRedis } from '../helpers/redis.ts';
import { type RedisCluster, startCluster } from '../helpers/redis-cluster.ts';
import { openRegistry } from '../helpers/registry.ts';

describe.skipIf(!hasRedis)('F8 a Redis Cluster of three', () => {
  let cluster: RedisCluster;
  let prefix = 0;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster.stop());

  const clients: [string, () => Promise<IoRedisClient | NodeRedisClient>][] = [
    [
      'ioredis',
      async () => {
        const client = new Cluster(cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })));
        onTestFinished(() => client.disconnect());
        return client;
      },
    ],
    [
      'redis',
      async () => {
        const client = createCluster({ rootNodes: cluster.servers.map(({ url }) => ({ url })) });
        await client.connect();
        onTestFinished(() => client.destroy());
        return client;
      },
    ],
  ];

  for (const [name, connect] of clients) {
    itIsAStore(`redisStore by a cluster of ${name}`, async () => {
      const [client, options] = [await connect(), { prefix: `test${prefix++}:` }];
      return [redisStore(client, options), redisStore(client, options)];
    });

    it(`lists and kills the sessions of all servers: ${name}`, async () => {
      const store = redisStore(await connect());
      const registry = openRegistry({ store, saveInterval: false });
      const names = Array.from({ length: 60 }, (_, index) => `s${String(index).padStart(2, '0')}`);
      for (const id of names) await registry.create(id);
      await registry.save();
      const nodes = cluster.servers.map(({ url }) => new Redis(url));
      onTestFinished(() => {
        for (const node of nodes) node.disconnect();
      });
      const sizes = await Promise.all(nodes.map((node) => node.dbsize()));
      expect(sizes.every((size) => size > 0)).toBe(true);
      const other = openRegistry({ store: redisStore(await connect()), saveInterval: false });
      expect((await other.list()).map(({ id }) => id)).toEqual(names);
      expect((await other.list({ after: 's09', limit: 20 })).map(({ id }) => id)).toEqual(
        names.slice(10, 30),
      );
      await other.withSession('s07', (session) => session.setCookie('sid', '1', 'https://example.com/'));
      expect(await other.ping()).toBeGreaterThan(0);
      // Also what the index has lost.
      await Promise.all(nodes.map((node) => node.del('jarfetch:ids').catch(() => {})));
      await other.killAll();
      const keys = await Promise.all(nodes.map((node) => node.keys('jarfetch:*:session')));
      expect([keys.flat(), await other.list()]).toEqual([[], []]);
    });
  }
});
