import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { lastSaved, startWriter } from '../helpers/session-writer.ts';

/** Ages the lock that a killed process left, as if its time had passed. */
async function ageLock(folder: string): Promise<void> {
  const past = Date.now() / 1000 - 3600;
  await utimes(join(folder, 'session-ada.json.lock'), past, past).catch(() => {});
}

describe('several processes with one session', () => {
  it('D03 lose no cookie of four that save it 200 times each', { timeout: 240_000 }, async () => {
    const folder = await temporaryFolder();
    const names = ['a', 'b', 'c', 'd'];
    const ends = await Promise.all(names.map((name) => startWriter('fileStore', folder, name, 200).ended));
    expect(ends.map(({ code, errors }) => [code, errors])).toEqual(Array(4).fill([0, '']));
    const cookies = (await fileStore(folder).load('ada'))?.cookies ?? [];
    const wanted = names.flatMap((name) => Array.from({ length: 200 }, (_, index) => `${name}${index}`));
    expect(cookies.map(({ name }) => name).sort()).toEqual(wanted.sort());
    expect(await readdir(folder)).toEqual(['session-ada.json']);
  });

  it('D17 never read a half-written file', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    const child = startWriter('fileStore', folder, 'a', 200);
    const store = fileStore(folder);
    let isOver = false;
    void child.ended.then(() => {
      isOver = true;
    });
    let [reads, seen] = [0, 0];
    while (!isOver) {
      const cookies = (await store.load('ada'))?.cookies.length ?? 0;
      expect(cookies).toBeGreaterThanOrEqual(seen);
      seen = cookies;
      reads++;
    }
    expect([(await child.ended).code, reads > 50]).toEqual([0, true]);
  });
});

describe('a process that is killed in the middle of 200 saves', () => {
  it('D01 leaves all that it had saved, at any moment', { timeout: 240_000 }, async () => {
    for (let run = 0; run < 10; run++) {
      const folder = await temporaryFolder();
      const child = startWriter('fileStore', folder, 'a', 200);
      await child.printed(`saved ${run * 16}.`);
      // Some turns later, so that it is hit at another step each time.
      for (let turn = 0; turn < run; turn++) await new Promise((resolve) => setImmediate(resolve));
      child.process.kill('SIGKILL');
      const saved = lastSaved((await child.ended).output);
      const cookies = (await fileStore(folder).load('ada'))?.cookies ?? [];
      expect(cookies.length).toBeGreaterThanOrEqual(saved + 1);
      expect(cookies.map(({ name }) => name)).toEqual(cookies.map((_, index) => `a${index}`));
      await ageLock(folder);
      const document = await documentOf('ada');
      expect(await fileStore(folder).update('ada', () => document)).toEqual(document);
    }
  });
});

describe('a lock', () => {
  it('D18 of a process that died is taken over', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'session-ada.json.lock'), '');
    await ageLock(folder);
    const document = await documentOf('ada');
    expect(await fileStore(folder).update('ada', () => document)).toEqual(document);
    expect(await readdir(folder)).toEqual(['session-ada.json']);
  });

  it('D18 that is held is waited for no longer than lockTimeout', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'session-ada.json.lock'), '');
    const document = await documentOf('ada');
    const error = await refusalOf(() => fileStore(folder, { lockTimeout: 30 }).update('ada', () => document));
    expect([error.code, error.message]).toEqual(['ERR_STORE', 'fileStore cannot save session ada (ELOCKED)']);
    expect(await fileStore(folder).load('ada')).toBe(null);
  });
});
