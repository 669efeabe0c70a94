import { link, readdir, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FileSystem, systemFiles } from '../../src/registry/durable-file.ts';
import { type FileLock, withFileLock } from '../../src/registry/file-lock.ts';
import { temporaryFolder } from '../helpers/folders.ts';

/** Longer than any test may take. */
const noLimit = 600_000;

/** On a file system without hard links. */
const withoutLinks: FileSystem = {
  ...systemFiles,
  link: async () => {
    throw Object.assign(new Error('not here'), { code: 'EPERM' });
  },
};

/** Makes a file look as if its owner had not touched it for a minute. */
async function age(path: string): Promise<void> {
  const past = Date.now() / 1000 - 60;
  await utimes(path, past, past);
}

/** Leaves a lock as a process does that dies while it holds it. */
async function abandon(path: string, suffix: string): Promise<void> {
  const own = `${path}.${suffix.length}.tmp`;
  await writeFile(own, '');
  await link(own, `${path}${suffix}`);
  await age(own);
}

describe('the lock of a file', () => {
  it('is held by one at a time', async () => {
    const path = join(await temporaryFolder(), 'file');
    let [holders, most] = [0, 0];
    const work = (): Promise<void> =>
      withFileLock(path, noLimit, async () => {
        most = Math.max(most, ++holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
      });
    await Promise.all(Array.from({ length: 10 }, work));
    expect(most).toBe(1);
  });

  it('F9 is known to be lost by a stopped process when another took it over', async () => {
    const path = join(await temporaryFolder(), 'file');
    const lost = withFileLock(path, noLimit, async (lock) => {
      await lock.check();
      await unlink(`${path}.lock`);
      await writeFile(`${path}.lock`, '');
      await lock.replace(path, 'late');
    });
    await expect(lost).rejects.toMatchObject({ code: 'ECOMPROMISED' });
    // The other's lock stays, and nothing took the place of what it writes.
    expect(await readdir(dirname(path))).toEqual(['file.lock']);
  });

  it('F9 is known to be lost by a process that was stopped for longer than it is kept', async () => {
    const path = join(await temporaryFolder(), 'file');
    const lost = withFileLock(path, noLimit, async (lock) => {
      const past = Date.now() / 1000 - 60;
      await utimes(`${path}.lock`, past, past);
      await lock.check();
    });
    await expect(lost).rejects.toMatchObject({ code: 'ECOMPROMISED' });
  });

  it('D18 that is taken over prevents the rename of its old holder', async () => {
    const path = join(await temporaryFolder(), 'file');
    let isTaken = false;
    const files: FileSystem = {
      ...systemFiles,
      // The holder has looked at its lock, and stands still.
      rename: async (from, to) => {
        const past = Date.now() / 1000 - 60;
        await utimes(`${path}.lock`, past, past);
        await withFileLock(path, noLimit, async () => {
          isTaken = true;
          await systemFiles.rename(from, to);
        });
      },
    };
    const late = withFileLock(path, noLimit, (lock) => lock.replace(path, 'late'), files);
    await expect(late).rejects.toMatchObject({ code: 'ENOENT' });
    expect([isTaken, await readdir(dirname(path))]).toEqual([true, []]);
  });

  it('D18 that was abandoned is taken over by one waiting process', async () => {
    const folder = await temporaryFolder();
    for (let round = 0; round < 60; round++) {
      const path = join(folder, String(round));
      await writeFile(`${path}.0.tmp`, '');
      await link(`${path}.0.tmp`, `${path}.lock`);
      const past = Date.now() / 1000 - 60;
      await utimes(`${path}.lock`, past, past);
      let [holders, most] = [0, 0];
      const wait = (): Promise<void> =>
        withFileLock(path, noLimit, async (lock) => {
          most = Math.max(most, ++holders);
          await setTimeout(1);
          await lock.check();
          holders--;
        });
      await Promise.all(Array.from({ length: 8 }, wait));
      expect(most).toBe(1);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('D18 is held by one at a time after two processes died, the second while it took the lock over', async () => {
    const path = join(await temporaryFolder(), 'file');
    await abandon(path, '.lock');
    await abandon(path, '.lock.turn');
    let [holders, most] = [0, 0];
    let [isAtLock, isAtTurn] = [false, false];
    // Each stands still until what must not happen has happened, or until the others had many occasions for it.
    const stand = async (isEnough: () => boolean): Promise<void> => {
      for (let tries = 0; tries < 50 && !isEnough(); tries++) await setTimeout(2);
    };
    const work = async (lock: FileLock): Promise<void> => {
      most = Math.max(most, ++holders);
      if (isAtLock) await stand(() => holders > 1);
      await lock.check();
      holders--;
    };
    const first: FileSystem = {
      ...systemFiles,
      unlink: async (name) => {
        if (name === `${path}.lock` && holders === 0 && !isAtLock) {
          isAtLock = true;
          await stand(() => holders > 0);
        }
        await systemFiles.unlink(name);
      },
    };
    const second: FileSystem = {
      ...systemFiles,
      unlink: async (name) => {
        if (name === `${path}.lock.turn` && !isAtTurn) {
          isAtTurn = true;
          await stand(() => isAtLock);
        }
        await systemFiles.unlink(name);
      },
    };
    const slow = withFileLock(path, noLimit, work, second);
    await stand(() => isAtTurn);
    const quick = withFileLock(path, noLimit, work, first);
    await stand(() => isAtLock);
    await Promise.all([slow, quick, withFileLock(path, noLimit, work)]);
    expect(most).toBe(1);
    // The new file of the second one is deleted when it is old enough.
    expect(await readdir(dirname(path))).toEqual(['file.10.tmp']);
  });

  it.each([['with', systemFiles] as const, ['without', withoutLinks] as const])(
    'D18 is not deleted by a process that stood still while another took it over, %s hard links',
    async (_, plain) => {
      const path = join(await temporaryFolder(), 'file');
      await abandon(path, '.lock');
      let isHeld = false;
      const rested = Promise.withResolvers<void>();
      let held: Promise<void> | undefined;
      const files: FileSystem = {
        ...plain,
        // It has the right to delete the lock, and stands still.
        readdir: (async (folder: string) => {
          await age(`${path}.lock.turn`);
          held ??= withFileLock(
            path,
            noLimit,
            async (lock) => {
              isHeld = true;
              await rested.promise;
              await lock.check();
            },
            plain,
          );
          while (!isHeld) await new Promise((resolve) => setImmediate(resolve));
          return systemFiles.readdir(folder);
        }) as FileSystem['readdir'],
      };
      const late = withFileLock(path, 0, async () => 'taken', files);
      await expect(late).rejects.toMatchObject({ code: 'ELOCKED' });
      rested.resolve();
      await held;
      expect(await readdir(dirname(path))).toEqual([]);
    },
  );

  it('is taken over from a dead process, and not from a living one', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(`${path}.lock`, '');
    await expect(withFileLock(path, 20, async () => {})).rejects.toMatchObject({ code: 'ELOCKED' });
    expect(await readdir(dirname(path))).toEqual(['file.lock']);
    const past = Date.now() / 1000 - 60;
    await utimes(`${path}.lock`, past, past);
    expect(await withFileLock(path, 20, async () => 'taken')).toBe('taken');
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('puts a file in its place that only its owner can read', async () => {
    const path = join(await temporaryFolder(), 'file');
    const { handle } = await withFileLock(path, noLimit, (lock) => lock.replace(path, 'new'));
    await handle.close();
    const { mode, nlink } = await stat(path);
    expect([await readFile(path, 'utf8'), mode & 0o777, nlink]).toEqual(['new', 0o600, 1]);
    expect(await readdir(dirname(path))).toEqual(['file']);
  });

  describe('without hard links', () => {
    const files = withoutLinks;

    it('is a separate file', async () => {
      const path = join(await temporaryFolder(), 'file');
      const work = withFileLock(
        path,
        noLimit,
        async (lock) => {
          const second = withFileLock(path, 20, async () => {}, files);
          await expect(second).rejects.toMatchObject({ code: 'ELOCKED' });
          return lock.replace(path, 'new');
        },
        files,
      );
      await (await work).handle.close();
      expect([await readFile(path, 'utf8'), await readdir(dirname(path))]).toEqual(['new', ['file']]);
    });

    it('D18 is taken over by one waiting process', async () => {
      const path = join(await temporaryFolder(), 'file');
      await writeFile(`${path}.lock`, '');
      const past = Date.now() / 1000 - 60;
      await utimes(`${path}.lock`, past, past);
      const wait = (): Promise<void> =>
        withFileLock(path, noLimit, (lock) => lock.check().then(() => {}), files);
      await Promise.all(Array.from({ length: 8 }, wait));
      expect(await readdir(dirname(path))).toEqual([]);
    });

    it('F9 is known to be lost', async () => {
      const path = join(await temporaryFolder(), 'file');
      const work = async (lock: FileLock): Promise<void> => {
        await unlink(`${path}.lock`);
        await writeFile(`${path}.lock`, '');
        await lock.check();
      };
      await expect(withFileLock(path, noLimit, work, files)).rejects.toMatchObject({ code: 'ECOMPROMISED' });
    });
  });

  it('F11 is waited for only while another process holds it', async () => {
    const folder = await temporaryFolder();
    const nowhere = withFileLock(join(folder, 'missing', 'file'), noLimit, async () => {});
    await expect(nowhere).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(folder)).toEqual([]);
  });
});
