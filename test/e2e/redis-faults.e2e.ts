/**
 * A real redis-server behind a proxy that is slow, loses what is sent, and is cut; a Redis that is killed and comes back
 * empty, and one that is full: while two processes' registries save one session.
 */
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createRegistry, type Registry, redisStore } from 'jarfetch/registry';
import type { RedisServer } from '../helpers/redis.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages } from './system.ts';

const site = 'https://example.com/';

/** What is between a client and its server: `late` milliseconds for each piece; nothing comes through while stalled. */
interface FaultProxy {
  readonly url: string;
  late: number;
  isStalled: boolean;
  /** New connections end at once. */
  isCut: boolean;
  /** Ends all connections. */
  cut(): void;
  set(faults: Partial<Pick<FaultProxy, 'late' | 'isStalled' | 'isCut'>>): void;
}

async function startProxy(port: number, defer: SuiteContext['defer']): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const proxy: FaultProxy = {
    url: '',
    late: 0,
    isStalled: false,
    isCut: false,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    set: (faults) => void Object.assign(proxy, faults),
  };
  const pass = (from: Socket, to: Socket): void => {
    let before = Promise.resolve();
    from.on('data', (piece) => {
      if (proxy.isStalled) return;
      // In order, each as late as the proxy is at this moment.
      const wait = delay(proxy.late);
      before = before.then(() => wait).then(() => void (to.destroyed || to.write(piece)));
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const server: Server = createServer((client) => {
    if (proxy.isCut) return void client.destroy();
    const upstream = connectTo(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    pass(client, upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  defer(() => {
    proxy.cut();
    server.close();
  });
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(proxy, { url: `redis://127.0.0.1:${own}` });
}

/** One fault: how it begins and ends. */
interface Fault {
  readonly name: string;
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

export const suite: Suite = {
  name: 'redis-faults',
  async run(context) {
    const { step, defer, signal } = context;
    await step('redis-server is installed', () => installPackages(['redis-server'], signal));
    // Loaded now: it looks for the program.
    const { startRedis } = await import('../helpers/redis.ts');
    let server: RedisServer = await startRedis();
    defer(() => server.stop());
    const proxy = await startProxy(server.port, defer);
    const configure = async (...words: readonly string[]): Promise<void> => {
      const client = new Redis(server.url);
      await client.call('CONFIG', 'SET', ...words);
      client.disconnect();
    };
    const faults: readonly Fault[] = [
      { name: 'slow', begin: () => proxy.set({ late: 150 }), end: () => proxy.set({ late: 0 }) },
      {
        name: 'silent',
        begin: () => proxy.set({ isStalled: true }),
        end: () => proxy.set({ isStalled: false }),
      },
      {
        name: 'cut off',
        begin: () => {
          proxy.set({ isCut: true });
          proxy.cut();
        },
        end: () => proxy.set({ isCut: false }),
      },
      {
        name: 'full',
        begin: () => configure('maxmemory', '1', 'maxmemory-policy', 'noeviction'),
        end: () => configure('maxmemory', '0'),
      },
      {
        name: 'killed, and back with nothing',
        begin: () => server.stop(),
        end: async () => {
          server = await startRedis([], server.port);
        },
      },
    ];
    for (const fault of faults) await survives(context, fault, proxy.url, () => server.url);
  },
};

const changes = 15;

async function survives(
  { step, defer }: SuiteContext,
  fault: Fault,
  url: string,
  direct: () => string,
): Promise<void> {
  const lenient = open(url, defer, 'keep-going');
  const strict = open(url, defer, 'throw');
  const first = await lenient.getOrCreate('ada');
  await lenient.save('ada');
  const second = await strict.getOrCreate('ada');
  await fault.begin();
  const codes = new Set<unknown>();
  await step(
    `a Redis that is ${fault.name} fails nobody who said keep-going, and others by ERR_STORE`,
    async () => {
      for (let index = 0; index < changes; index++) {
        first.setCookie(`a${index}`, fault.name, site);
        second.setCookie(`b${index}`, fault.name, site);
        await lenient.save('ada');
        await strict.save('ada').catch((error: unknown) => codes.add(Object(error).code));
        await delay(50);
      }
      if ([...codes].some((code) => code !== 'ERR_STORE')) throw new Error(`it failed by ${[...codes]}`);
    },
  );
  await fault.end();
  await step(`nothing is lost once it is no longer ${fault.name}`, async () => {
    const wanted = Array.from({ length: changes }, (_, index) => [`a${index}`, `b${index}`]).flat();
    for (let tries = 0; ; tries++) {
      // By themselves: a save that failed is armed again.
      await delay(100);
      const names = await namesIn(direct(), defer);
      const missing = wanted.filter((name) => names.get(name) !== fault.name);
      if (missing.length === 0) return;
      if (tries === 100) throw new Error(`these are missing: ${missing}`);
    }
  });
  await step(`and the lock of its lease is free: ${fault.name}`, async () => {
    await lenient.withSession('ada', () => {}, { wait: 30_000 });
    await strict.withSession('ada', () => {}, { wait: 30_000 });
  });
}

async function namesIn(url: string, defer: SuiteContext['defer']): Promise<Map<string, string>> {
  const store = redisStore(url);
  defer(() => store.close());
  const cookies = (await store.load('ada'))?.cookies ?? [];
  await store.close();
  return new Map(cookies.map(({ name, value }) => [name, value]));
}

function open(url: string, defer: SuiteContext['defer'], onStoreError: 'throw' | 'keep-going'): Registry {
  const store = redisStore(url, { timeout: 500 });
  const registry = createRegistry({ store, onStoreError, saveInterval: 100 });
  defer(async () => {
    await registry.close().catch(() => {});
    await store.close();
  });
  return registry;
}
