import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { documentOf } from '../contracts/documents.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { lastSaved, openStoreOf, type StoreKind, startWriter } from '../helpers/session-writer.ts';

/** How often a writer is killed, for each store. */
const rounds = Number(process.env.JARFETCH_CRASHES ?? 4);

const places: readonly [StoreKind, () => Promise<string>][] = [
  ['fileStore', temporaryFolder],
  ['sqliteStore', async () => join(await temporaryFolder(), 'sessions.db')],
  [
    'redisStore',
    async () => {
      const server = await startRedis();
      onTestFinished(() => server.stop());
      return server.url;
    },
  ],
];

describe.each(places.filter(([kind]) => hasRedis || kind !== 'redisStore'))(
  'kill -9 with %s',
  (kind, open) => {
    it(`D01 loses no save that was told, ${rounds} times`, { timeout: rounds * 30_000 }, async () => {
      const place = await open();
      const store = openStoreOf(kind, place);
      onTestFinished(() => store.close());
      for (let round = 0; round < rounds; round++) {
        // All rounds with one session, so that each writer begins where a dead one stopped.
        const name = `r${round}x`;
        const child = startWriter(kind, place, name, 100_000);
        await child.printed(`saved ${(round * 7) % 40}.`);
        for (let turn = 0; turn < round % 11; turn++) await new Promise((resolve) => setImmediate(resolve));
        child.process.kill('SIGKILL');
        const told = lastSaved((await child.ended).output);
        const cookies = (await store.load('ada'))?.cookies ?? [];
        const own = cookies.filter((cookie) => cookie.name.startsWith(name)).map((cookie) => cookie.name);
        // What was told, and at most the one more that was stored before it could be told.
        expect([told + 1, told + 2]).toContain(own.length);
        expect(own).toEqual(own.map((_, index) => `${name}${index}`));
        // Others go on, whatever the dead one held.
        const document = await documentOf('other');
        expect(await store.update('other', () => ({ ...document, requests: round }))).toMatchObject({
          requests: round,
        });
        await store.update('ada', (stored) => (stored === null ? null : { ...stored, cookies: [] }));
      }
      expect(await store.ids()).toEqual(expect.arrayContaining(['ada', 'other']));
      if (kind === 'fileStore')
        expect((await readdir(place)).filter((file) => file.includes('corrupt'))).toEqual([]);
    });
  },
);
