import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort, type RedisServer, startRedis } from './redis.ts';

/** Servers that hold a third of the slots each. */
export interface RedisCluster {
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

const lastSlot = 16_383;

/** Starts a Redis Cluster of three on 127.0.0.1, and waits until all of them know all. */
export async function startCluster(): Promise<RedisCluster> {
  const nodes: { readonly server: RedisServer; readonly bus: number }[] = [];
  for (let index = 0; index < 3; index++) {
    const bus = await freePort();
    nodes.push({
      server: await startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(bus)]),
      bus,
    });
  }
  const clients = nodes.map(({ server }) => new Redis(server.url));
  const [first] = nodes;
  for (const [index, client] of clients.entries()) {
    const from = Math.ceil((index * (lastSlot + 1)) / nodes.length);
    const to = Math.ceil(((index + 1) * (lastSlot + 1)) / nodes.length) - 1;
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    await client.call('CLUSTER', 'MEET', '127.0.0.1', String(first?.server.port), String(first?.bus));
  }
  for (const client of clients) {
    while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await delay(50);
    while (String(await client.call('CLUSTER', 'SLOTS')).split('127.0.0.1').length < 4) await delay(50);
    client.disconnect();
  }
  const servers = nodes.map(({ server }) => server);
  return { servers, stop: async () => void (await Promise.all(servers.map((server) => server.stop()))) };
}
