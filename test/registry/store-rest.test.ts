import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RequestError } from '../../src/core/errors.ts';
import { createPool, redisStore } from '../../src/registry/index.ts';
import { markSilence } from '../../src/registry/store-errors.ts';
import { StoreRest } from '../../src/registry/store-rest.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';

const silence = () => markSilence(new RequestError('ERR_STORE', 'no answer'));
const forever = { wait: 1e9, signal: null };

describe.skipIf(!hasRedis)('a run while Redis gives no answer', () => {
  async function stoppedRedis(exclusive: boolean) {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    await client.ping();
    const store = redisStore(client, { timeout: 50 });
    const registry = openRegistry({ store, saveInterval: false });
    const pool = createPool(registry, { accounts: ['ada', 'bob', 'eve'], exclusive });
    server.process.kill('SIGSTOP');
    onTestFinished(() => void server.process.kill('SIGCONT'));
    // The store rests: it refuses without asking.
    await refusalOf(() => registry.ping());
    return { server, registry, pool };
  }

  it.each([false, true])('waits, and does all jobs when it answers; exclusive: %s', async (exclusive) => {
    const { server, registry, pool } = await stoppedRedis(exclusive);
    const items = Array.from({ length: 30 }, (_, index) => index);
    const run = pool.run(items, (_, item) => item);
    expect((await refusalOf(() => registry.ping())).code).toBe('ERR_STORE');
    server.process.kill('SIGCONT');
    expect(await run).toEqual(items.map((value) => ({ status: 'fulfilled', value })));
  });

  it('fails the job with ERR_STORE after `wait`', async () => {
    const { pool } = await stoppedRedis(false);
    const [result] = await pool.run([1], () => 'done', { wait: 150 });
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_STORE' } });
  });
});

describe('the wait for a store', () => {
  async function turns(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  it('asks once for all waiting jobs', async () => {
    const clock = new FakeClock();
    let [asked, isWell] = [0, false];
    const ping = async (): Promise<void> => {
      asked++;
      if (!isWell) throw silence();
    };
    const rest = new StoreRest(ping, clock);
    const waits = Array.from({ length: 50 }, () => rest.wait(silence(), forever));
    clock.advance(100);
    await turns();
    isWell = true;
    clock.advance(100);
    await Promise.all(waits);
    expect([asked, clock.waiting]).toEqual([2, 0]);
  });

  it('ends after 30 seconds, and no job waits after that until the store has answered', async () => {
    const clock = new FakeClock();
    const rest = new StoreRest(() => Promise.reject(silence()), clock);
    const first = refusalOf(() => rest.wait(silence(), forever));
    for (let second = 0; second < 301; second++) {
      clock.advance(100);
      await turns();
    }
    expect((await first).code).toBe('ERR_STORE');
    expect((await refusalOf(() => rest.wait(silence(), forever))).code).toBe('ERR_STORE');
    expect(clock.waiting).toBe(0);
    rest.answered();
    const next = refusalOf(() => rest.wait(silence(), { ...forever, wait: 10 }));
    expect(clock.waiting).toBe(2);
    clock.advance(10);
    await next;
  });

  it('does not happen for an error that a wait cannot fix, and ends with the reason of the signal', async () => {
    const rest = new StoreRest(() => Promise.reject(silence()), new FakeClock());
    const full = new RequestError('ERR_STORE', 'OOM');
    expect(await refusalOf(() => rest.wait(full, forever))).toBe(full);
    const stop = new AbortController();
    const reason = new RequestError('ERR_TIMEOUT', 'enough');
    const wait = refusalOf(() => rest.wait(silence(), { ...forever, signal: stop.signal }));
    stop.abort(reason);
    expect(await wait).toBe(reason);
  });

  it('ends with another error of the store', async () => {
    const clock = new FakeClock();
    const full = new RequestError('ERR_STORE', 'OOM');
    const wait = refusalOf(() => new StoreRest(() => Promise.reject(full), clock).wait(silence(), forever));
    clock.advance(100);
    expect(await wait).toBe(full);
  });
});
