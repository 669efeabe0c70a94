import { describe, expect, it } from 'vitest';
import type { SessionStore } from '../../src/registry/index.ts';
import { documentOf } from './documents.ts';
import { itKills } from './kills.ts';
import { itHasLocks } from './locks.ts';

/** What every store must do. `open` gives two views of one new, empty store, as two processes have them. */
export function itIsAStore(name: string, open: () => Promise<readonly [SessionStore, SessionStore]>): void {
  itHasLocks(name, open);
  itKills(name, open);
  describe(name, () => {
    it('is empty at first', async () => {
      const [store] = await open();
      expect([await store.load('ada'), await store.ids()]).toEqual([null, []]);
    });

    it('returns what was written, also to others', async () => {
      const [store, other] = await open();
      const document = await documentOf('ada');
      expect(await store.update('ada', () => document)).toEqual(document);
      expect([await store.load('ada'), await other.load('ada')]).toEqual([document, document]);
      expect(await other.ids()).toEqual(['ada']);
    });

    it('returns copies, and changes to them have no effect', async () => {
      const [store] = await open();
      const document = await documentOf('ada');
      const given = structuredClone(document);
      const written = await store.update('ada', () => given);
      for (const copy of [given, written, await store.load('ada')])
        Object.assign(copy ?? {}, { cookies: [] });
      expect(await store.load('ada')).toEqual(document);
    });

    it('shows an update what is stored', async () => {
      const [store, other] = await open();
      const document = await documentOf('ada');
      await store.update('ada', () => document);
      const seen: unknown[] = [];
      await other.update('ada', (stored) => {
        seen.push(stored);
        return stored;
      });
      expect(seen).toEqual([document]);
    });

    it('deletes what becomes null, and only that', async () => {
      const [store, other] = await open();
      for (const id of ['ada', 'bob']) await store.update(id, () => null);
      for (const id of ['ada', 'bob']) {
        const document = await documentOf(id);
        await store.update(id, () => document);
      }
      expect(await other.update('ada', () => null)).toBe(null);
      expect([await store.load('ada'), await store.ids()]).toEqual([null, ['bob']]);
    });

    it('loses none of many parallel updates from both sides', async () => {
      const [store, other] = await open();
      const document = await documentOf('ada');
      const add = (side: SessionStore): Promise<unknown> =>
        side.update('ada', (stored) => ({ ...document, requests: (stored?.requests ?? 0) + 1 }));
      await Promise.all(Array.from({ length: 20 }, (_, index) => add(index % 2 === 0 ? store : other)));
      expect((await store.load('ada'))?.requests).toBe(20);
    });

    it('keeps what was stored when a change throws', async () => {
      const [store] = await open();
      const document = await documentOf('ada');
      await store.update('ada', () => document);
      const failed = store.update('ada', () => {
        throw new Error('of the change');
      });
      await expect(failed).rejects.toThrow(/^of the change$/);
      expect(await store.load('ada')).toEqual(document);
      expect(await store.update('ada', (stored) => stored)).toEqual(document);
    });

    it('D07 distinguishes ids that differ by little', async () => {
      const [store] = await open();
      const ids = [
        'ada',
        'Ada',
        'ADA',
        'a.da',
        'a_da',
        'a=41da',
        '=',
        '~',
        'CON',
        'nul',
        'x'.repeat(64),
        'X'.repeat(64),
      ];
      for (const id of ids) {
        const document = await documentOf(id, `of ${id}`);
        await store.update(id, () => document);
      }
      for (const id of ids) expect((await store.load(id))?.cookies[0]?.value).toBe(`of ${id}`);
      expect((await store.ids()).sort()).toEqual(ids.sort());
    });
  });
}
