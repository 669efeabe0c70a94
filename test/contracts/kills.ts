import { describe, expect, it } from 'vitest';
import type { KillOptions, SessionStore } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { documentOf } from './documents.ts';

const usual: KillOptions = { ttl: 60_000, evenIfAbsent: false };

function kill(store: SessionStore, id: string, options: Partial<KillOptions> = {}): Promise<boolean> {
  if (store.kill === undefined) return expect.fail('the store has no kill');
  return store.kill(id, { ...usual, ...options });
}

/** What killing a session in a store must do. `open` gives two views of one new, empty store. */
export function itKills(name: string, open: () => Promise<readonly [SessionStore, SessionStore]>): void {
  describe(`a session that is killed in ${name}`, () => {
    it('F16 is not written back, and is reported as killed', async () => {
      const [store, other] = await open();
      const document = await documentOf('ada');
      await store.update('ada', () => document);
      expect([await kill(other, 'ada'), await kill(other, 'ada')]).toEqual([true, false]);
      for (const action of [() => store.load('ada'), () => store.update('ada', () => document)]) {
        expect(await refusalOf(action)).toMatchObject({
          code: 'ERR_SESSION_NOT_FOUND',
          message: 'session not found: ada (it was killed)',
        });
      }
      expect(await store.ids()).toEqual([]);
    });

    it('F16 allows a new one with its name', async () => {
      const [store, other] = await open();
      const document = await documentOf('ada');
      await store.update('ada', () => document);
      await kill(store, 'ada');
      await other.update('ada', () => document, { begins: true });
      expect([await store.load('ada'), await store.ids()]).toEqual([document, ['ada']]);
      expect(await store.update('ada', (stored) => stored)).toEqual(document);
    });

    it('F16 is remembered for no longer than requested', async () => {
      const [store] = await open();
      const document = await documentOf('ada');
      await store.update('ada', () => document);
      await kill(store, 'ada', { ttl: 20 });
      while (await store.load('ada').catch(() => true)) await new Promise((resolve) => setImmediate(resolve));
      expect(await store.update('ada', () => document)).toEqual(document);
    });

    it('F16 is remembered although it did not exist, only when requested', async () => {
      const [store] = await open();
      expect([await kill(store, 'ada'), await kill(store, 'bob', { evenIfAbsent: true })]).toEqual([
        false,
        false,
      ]);
      expect(await store.load('ada')).toBe(null);
      expect((await refusalOf(() => store.load('bob'))).code).toBe('ERR_SESSION_NOT_FOUND');
    });
  });
}
