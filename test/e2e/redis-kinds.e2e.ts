/** Other servers than one Redis: a Sentinel that makes a replica the master, and Valkey where Debian has it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createRegistry, type IoRedisClient, type NodeRedisClient, redisStore } from 'jarfetch/registry';
import { createSentinel } from 'redis';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages, run } from './system.ts';

const site = 'https://example.com/';

export const suite: Suite = {
  name: 'redis-kinds',
  async run(context) {
    const { step, signal } = context;
    await step('redis-server is installed', () => installPackages(['redis-server'], signal));
    for (const kind of ['ioredis', 'redis'] as const) await failsOver(context, kind);
    const known = await run('apt-cache', ['search', '--names-only', '^valkey-server$'], signal);
    if (known.trim() === '') return void console.log('  (this Debian has no valkey-server)');
    await step('valkey-server is installed', () => installPackages(['valkey-server'], signal));
    await valkey(context);
  },
};

async function failsOver({ step, defer }: SuiteContext, kind: 'ioredis' | 'redis'): Promise<void> {
  const { freePort, startRedis } = await import('../helpers/redis.ts');
  const master = await startRedis();
  defer(() => master.stop());
  const replica = await startRedis(['--replicaof', '127.0.0.1', String(master.port)]);
  defer(() => replica.stop());
  const port = await freePort();
  startSentinel(port, master.port, defer);
  const asked = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null });
  defer(() => asked.disconnect());
  while (!String(await asked.call('SENTINEL', 'REPLICAS', 'main')).includes(String(replica.port)))
    await delay(100);
  const store = redisStore(await clientOf(kind, port, defer));
  const registry = createRegistry({ store, saveInterval: 200, onStoreError: 'keep-going' });
  defer(() => registry.close().catch(() => {}));
  const session = await registry.create('ada');
  session.setCookie('before', '1', site);
  await registry.save('ada');
  const direct = new Redis(replica.url);
  defer(() => direct.disconnect());
  while ((await direct.exists('jarfetch:{ada}:session')) === 0) await delay(20);
  await step(`${kind} by a Sentinel goes on with the replica when the master dies`, async () => {
    await master.stop();
    session.setCookie('after', '1', site);
    for (let tries = 0; ; tries++) {
      await registry.save('ada').catch(() => {});
      const text = await direct.hget('jarfetch:{ada}:session', 'document');
      if (text?.includes('"after"') === true && text.includes('"before"')) break;
      if (tries === 150) throw new Error('what was changed since is not in the new master');
      await delay(200);
    }
  });
  await step(`${kind} lists, leases and kills there`, async () => {
    if ((await registry.list()).map(({ id }) => id).join() !== 'ada') throw new Error('the list is another');
    await registry.withSession('ada', (leased) => leased.setCookie('leased', '1', site));
    if (!(await registry.kill('ada'))) throw new Error('there was none');
    if ((await direct.exists('jarfetch:{ada}:session')) !== 0) throw new Error('it is still there');
  });
}

async function clientOf(
  kind: 'ioredis' | 'redis',
  port: number,
  defer: SuiteContext['defer'],
): Promise<IoRedisClient | NodeRedisClient> {
  if (kind === 'ioredis') {
    const client = new Redis({ name: 'main', sentinels: [{ host: '127.0.0.1', port }] });
    client.on('error', () => {});
    defer(() => client.disconnect());
    return client;
  }
  const client = createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port }] });
  client.on('error', () => {});
  await client.connect();
  defer(() => void client.destroy());
  return client;
}

/** One Sentinel is enough to decide. */
function startSentinel(port: number, masterPort: number, defer: SuiteContext['defer']): void {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-sentinel-'));
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${masterPort} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ];
  const file = join(folder, 'sentinel.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child: ChildProcess = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  defer(() => {
    kill();
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  });
}

async function valkey({ step, defer }: SuiteContext): Promise<void> {
  const { startRedis } = await import('../helpers/redis.ts');
  const server = await startRedis([], undefined, 'valkey-server');
  defer(() => server.stop());
  await step('Valkey keeps, leases, lists and kills as Redis does', async () => {
    const store = redisStore(server.url);
    defer(() => store.close());
    const [one, two] = [createRegistry({ store }), createRegistry({ store: redisStore(server.url) })];
    defer(() => one.close().catch(() => {}));
    defer(() => two.close().catch(() => {}));
    await one.withSession('ada', (session) => session.setCookie('a', '1', site));
    await two.withSession('ada', (session) => session.setCookie('b', '1', site));
    const cookies = (await one.get('ada')).getCookies(site);
    if (Object.keys(cookies).join() !== 'a,b') throw new Error('a cookie is missing');
    if ((await two.list({ prefix: 'a' })).length !== 1) throw new Error('the list is another');
    await two.kill('ada');
    if (await one.has('ada')) throw new Error('it is still there');
  });
}
