import { describe, expect, it } from 'vitest';
import type { LockOptions, SessionStore, StoreLock } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { documentOf } from './documents.ts';

const usual: LockOptions = { name: 'login', ttl: 60_000, wait: 60_000 };

function lockOf(store: SessionStore, id: string, options: Partial<LockOptions> = {}): Promise<StoreLock> {
  if (store.lock === undefined) return expect.fail('the store has no locks');
  return store.lock(id, { ...usual, ...options });
}

/** What the locks of a store must do. `open` gives two views of one new, empty store, as two processes have them. */
export function itHasLocks(name: string, open: () => Promise<readonly [SessionStore, SessionStore]>): void {
  describe(`the locks of ${name}`, () => {
    it('are held by one at a time, with a fence that grows', async () => {
      const [one, two] = await open();
      const first = await lockOf(one, 'ada');
      let isSecond = false;
      const waiting = lockOf(two, 'ada').then((lock) => {
        isSecond = true;
        return lock;
      });
      const others = [await lockOf(two, 'bob'), await lockOf(two, 'ada', { name: 'use' })];
      expect(isSecond).toBe(false);
      await first.release();
      const second = await waiting;
      expect(second.fence).toBeGreaterThan(first.fence);
      for (const lock of [second, ...others]) await lock.release();
    });

    it('are held by one of many that wait', async () => {
      const stores = await open();
      let [holders, most, turns] = [0, 0, 0];
      const work = async (store: SessionStore | undefined): Promise<void> => {
        const lock = await lockOf(store ?? stores[0], 'ada');
        most = Math.max(most, ++holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
        turns++;
        await lock.release();
      };
      await Promise.all(Array.from({ length: 10 }, (_, index) => work(stores[index % 2])));
      expect([most, turns]).toEqual([1, 10]);
    });

    it('expire, and then the next one gets them', async () => {
      const [one, two] = await open();
      const dead = await lockOf(one, 'ada', { ttl: 20 });
      const next = await lockOf(two, 'ada');
      expect([await dead.extend(60_000), await next.extend(60_000)]).toEqual([false, true]);
      await dead.release();
      const error = await refusalOf(() => lockOf(one, 'ada', { wait: 20 }));
      expect([error.code, error.message]).toEqual([
        'ERR_STORE_LOCKED',
        'The login lock of session ada was held by another process for 20 ms',
      ]);
    });

    it('can be extended', async () => {
      const [one, two] = await open();
      const lock = await lockOf(one, 'ada', { ttl: 2000 });
      expect(await lock.extend(60_000)).toBe(true);
      expect((await refusalOf(() => lockOf(two, 'ada', { wait: 2500 }))).code).toBe('ERR_STORE_LOCKED');
    });

    it('D15 refuse a write under an old lock after a later holder has written', async () => {
      const [one, two] = await open();
      const early = await lockOf(one, 'ada', { ttl: 20 });
      const late = await lockOf(two, 'ada');
      const document = await documentOf('ada');
      await two.update('ada', () => document, { lock: late });
      await late.release();
      const error = await refusalOf(() => one.update('ada', () => ({ ...document }), { lock: early }));
      expect(error.code).toBe('ERR_STORE_CONFLICT');
      expect(await one.load('ada')).toEqual(document);
    });
  });
}
