import { mkdir, readdir, rmdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFileLock } from '../../src/registry/file-lock.ts';
import { temporaryFolder } from '../helpers/folders.ts';

/** Longer than any test may take. */
const noLimit = 600_000;

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

  it('F9 is known to be lost by who stood still while another took it over', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file');
    const lost = withFileLock(path, noLimit, async (checkHeld) => {
      await checkHeld();
      await rmdir(`${path}.lock`);
      await mkdir(`${path}.lock`);
      await checkHeld();
    });
    await expect(lost).rejects.toMatchObject({ code: 'ECOMPROMISED' });
  });

  it('F9 is known to be lost by who stood still for longer than it is kept', async () => {
    const path = join(await temporaryFolder(), 'file');
    const lost = withFileLock(path, noLimit, async (checkHeld) => {
      const past = Date.now() / 1000 - 60;
      await utimes(`${path}.lock`, past, past);
      await checkHeld();
    });
    await expect(lost).rejects.toMatchObject({ code: 'ECOMPROMISED' });
  });

  it('F11 is waited for only where waiting helps', async () => {
    const folder = await temporaryFolder();
    const nowhere = withFileLock(join(folder, 'missing', 'file'), noLimit, async () => {});
    await expect(nowhere).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(folder)).toEqual([]);
  });
});
