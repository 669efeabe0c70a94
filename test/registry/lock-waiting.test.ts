import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { redisStore } from '../../src/registry/index.ts';
import { waitForLock } from '../../src/registry/lock-waiting.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { refusalOf } from '../helpers/refusals.ts';

it('F23 asks at growing intervals: some dozen times in five seconds', async () => {
  let asked = 0;
  const take = async (): Promise<null> => {
    asked++;
    return null;
  };
  expect((await refusalOf(() => waitForLock('ada', { name: 'use', ttl: 1, wait: 5000 }, take))).code).toBe(
    'ERR_STORE_LOCKED',
  );
  expect(asked).toBeGreaterThan(2);
  expect(asked).toBeLessThan(40);
});

it.skipIf(!hasRedis)(
  'F23 calls the script in Redis by its hash, and rarely, with any number of waiting callers',
  async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    const counts: Record<string, number> = {};
    const store = redisStore({
      call: (command: string, ...args: string[]) => {
        counts[command] = (counts[command] ?? 0) + 1;
        return client.call(command, ...args);
      },
    });
    const lock = store.lock?.bind(store) ?? expect.fail('the store has locks');
    const held = await lock('ada', { name: 'login', ttl: 60_000, wait: 0 });
    const wait = { name: 'login', ttl: 60_000, wait: 3000 };
    await Promise.allSettled(Array.from({ length: 50 }, () => lock('ada', wait)));
    // Each some ten times in the first second and then four times a second.
    expect(counts.EVALSHA).toBeLessThan(50 * 25);
    expect(counts.EVAL).toBe(1);
    await held.release();
  },
);

it.skipIf(!hasRedis)('F3 frees a lock that Redis gave after the wait had ended', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const client = new Redis(server.url);
  onTestFinished(() => client.disconnect());
  let isSlow = true;
  const slow = {
    call: async (command: string, ...args: string[]): Promise<unknown> => {
      if (isSlow) await delay(300);
      return client.call(command, ...args);
    },
  };
  const store = redisStore(slow, { timeout: 100 });
  const other = redisStore(client);
  const options = { name: 'login', ttl: 60_000, wait: 0 };
  // The first shows the script to Redis.
  await (await other.lock?.('bob', options))?.release();
  expect((await refusalOf(async () => store.lock?.('ada', options))).code).toBe('ERR_STORE');
  while ((await client.exists('jarfetch:{ada}:lock:login')) === 0) await delay(5);
  isSlow = false;
  const taken = await other.lock?.('ada', { ...options, wait: 30_000 });
  expect(taken?.name).toBe('login');
});
