import { execFileSync } from 'node:child_process';
import * as nodeFileSystem from 'node:fs/promises';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, type SessionDocument } from '../../src/index.ts';
import { FileStore } from '../../src/registry/file-store.ts';
import { fileStore, type SessionStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { refusalOf } from '../helpers/refusals.ts';

type Files = ConstructorParameters<typeof FileStore>[2];

/**
 * Node's file system, which notes what is done to files, and fails at one step as a disk does that is full. A crash
 * lets nothing through from then on, as after SIGKILL.
 */
class FaultyFiles {
  readonly steps: string[] = [];
  failAt = Number.POSITIVE_INFINITY;
  crash = false;

  #step(name: string): void {
    const index = this.steps.push(name) - 1;
    if (index === this.failAt || (this.crash && index > this.failAt)) {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    }
  }

  readonly files: Files = {
    ...nodeFileSystem,
    open: async (path, flags, mode) => {
      this.#step(
        `open ${flags === 'wx' ? `new ${Number(mode).toString(8)}` : flags === 'r' ? 'folder' : 'old'}`,
      );
      const handle = await nodeFileSystem.open(path, flags, mode);
      for (const name of ['chmod', 'writeFile', 'sync'] as const) {
        const real = handle[name].bind(handle) as (...args: unknown[]) => Promise<void>;
        Object.assign(handle, {
          [name]: async (...args: unknown[]) => {
            this.#step(name);
            await real(...args);
          },
        });
      }
      return handle;
    },
    link: async (from, to) => {
      this.#step('link');
      await nodeFileSystem.link(from, to);
    },
    rename: async (from, to) => {
      this.#step('rename');
      await nodeFileSystem.rename(from, to);
    },
    unlink: async (path) => {
      this.#step('unlink');
      await nodeFileSystem.unlink(path);
    },
  };
}

/** The steps of the second save of a session. */
const secondSave = ['open new 600', 'link', 'writeFile', 'sync', 'rename', 'unlink', 'open folder', 'sync'];
const place = secondSave.indexOf('rename');
const unlock = secondSave.indexOf('unlink');

/** Ages the lock that a crash has left, as if its time had passed. */
async function ageLock(folder: string): Promise<void> {
  const past = Date.now() / 1000 - 3600;
  await utimes(join(folder, 'session-ada.json.lock'), past, past).catch(() => {});
}

const [first, second] = [await documentOf('ada', 'first'), await documentOf('ada', 'second')];

describe('the steps of a save', () => {
  it('D20 sync the file, rename it, and sync the folder, in this order', async () => {
    const faulty = new FaultyFiles();
    const document = await documentOf('ada');
    await new FileStore(await temporaryFolder(), {}, faulty.files).update('ada', () => document);
    const lock = ['open new 600', 'link'];
    // The file, and the note that it was killed.
    const looks = ['open old', 'open old'];
    const write = ['writeFile', 'sync', 'rename', 'unlink', 'open folder', 'sync'];
    expect(faulty.steps).toEqual(['open old', ...lock, ...looks, ...write]);
  });

  it('F1 are few when no other process has written: nothing is read back', async () => {
    const faulty = new FaultyFiles();
    const store = new FileStore(await temporaryFolder(), {}, faulty.files);
    const [old, next] = [await documentOf('ada', 'old'), await documentOf('ada', 'new')];
    await store.update('ada', () => old);
    faulty.steps.length = 0;
    expect(await store.update('ada', (stored) => (stored === null ? null : next))).toEqual(next);
    expect(faulty.steps).toEqual(secondSave);
  });

  it('F1 sync the folder once for all files that were renamed meanwhile', async () => {
    const faulty = new FaultyFiles();
    const store = new FileStore(await temporaryFolder(), {}, faulty.files);
    const documents = await Promise.all(Array.from({ length: 30 }, (_, index) => documentOf(`s${index}`)));
    await Promise.all(documents.map((document) => store.update(document.sessionId, () => document)));
    const renames = faulty.steps.filter((step) => step === 'rename').length;
    const folders = faulty.steps.filter((step) => step === 'open folder').length;
    // One at least begins after the last rename.
    const last = faulty.steps.lastIndexOf('open folder');
    expect([renames, last > faulty.steps.lastIndexOf('rename')]).toEqual([30, true]);
    expect(folders).toBeLessThan(30);
  });

  it.each([...secondSave.keys()].filter((step) => step !== unlock))(
    'D02 leave the old file whole when step %i fails, and no temporary',
    async (step) => {
      const folder = await temporaryFolder();
      const faulty = new FaultyFiles();
      const store = new FileStore(folder, {}, faulty.files);
      const [old, next] = [await documentOf('ada', 'old'), await documentOf('ada', 'new')];
      await store.update('ada', () => old);
      faulty.failAt = faulty.steps.length + step;
      const error = await refusalOf(() => store.update('ada', () => next));
      expect(error).toMatchObject({
        code: 'ERR_STORE',
        message: 'fileStore cannot save session ada (ENOSPC)',
      });
      expect(await readdir(folder)).toEqual(['session-ada.json']);
      // Past the rename the new one is in its place, whole.
      expect(await fileStore(folder).load('ada')).toEqual(step <= place ? old : next);
      faulty.failAt = Number.POSITIVE_INFINITY;
      expect(await store.update('ada', () => next)).toEqual(next);
    },
  );

  it.each([...secondSave.keys()])(
    'D01 leave the old file or the new one when the process dies at step %i',
    async (step) => {
      const folder = await temporaryFolder();
      const faulty = new FaultyFiles();
      const store = new FileStore(folder, {}, faulty.files);
      const [old, next] = [await documentOf('ada', 'old'), await documentOf('ada', 'new')];
      await store.update('ada', () => old);
      Object.assign(faulty, { failAt: faulty.steps.length + step, crash: true });
      // A lock that cannot be removed is no failure: the next step is one.
      await refusalOf(() => store.update('ada', () => next));
      await ageLock(folder);
      const later = fileStore(folder);
      expect(await later.load('ada')).toEqual(step <= place ? old : next);
      expect(await later.update('ada', () => next)).toEqual(next);
    },
  );

  it('D01 remove the files of a process that died long ago, and no newer ones', async () => {
    const folder = await temporaryFolder();
    const [orphan, young] = ['session-ada.json.0a.tmp', 'session-ada.json.0b.tmp'];
    for (const name of [orphan, young]) await writeFile(join(folder, name), 'half');
    const past = Date.now() / 1000 - 3600;
    await utimes(join(folder, orphan), past, past);
    await fileStore(folder).ids();
    expect(await readdir(folder)).toEqual([young]);
  });

  it('D05 do not write through a name that another user made first', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'target');
    await writeFile(target, 'precious');
    const made: string[] = [];
    const files: Files = {
      ...nodeFileSystem,
      open: async (path, flags, mode) => {
        if (flags === 'wx') {
          made.push(String(path));
          await symlink(target, path);
        }
        return nodeFileSystem.open(path, flags, mode);
      },
    };
    const document = await documentOf('ada');
    const error = await refusalOf(() => new FileStore(folder, {}, files).update('ada', () => document));
    expect([error.code, error.message, made.length]).toEqual([
      'ERR_STORE',
      expect.stringContaining('EEXIST'),
      1,
    ]);
    expect(await readFile(target, 'utf8')).toBe('precious');
  });
});

describe('D18 a process that is stopped at the last step of a save', () => {
  /** Stands still before the first rename, for so long that `meanwhile` gets the lock. */
  async function standStill(
    change: () => SessionDocument | null,
    meanwhile: (store: SessionStore) => unknown,
  ) {
    const folder = await temporaryFolder();
    await fileStore(folder).update('ada', () => first);
    let isStill = false;
    const pause = async (): Promise<void> => {
      if (isStill) return;
      isStill = true;
      const past = Date.now() / 1000 - 60;
      await utimes(join(folder, 'session-ada.json.lock'), past, past);
      await meanwhile(fileStore(folder));
    };
    const files: Files = {
      ...nodeFileSystem,
      rename: async (from, to) => {
        await pause();
        await nodeFileSystem.rename(from, to);
      },
    };
    const error = await refusalOf(() => new FileStore(folder, {}, files).update('ada', change));
    return { error, isStill, folder };
  }

  const lost = { code: 'ERR_STORE', message: 'fileStore cannot save session ada (ENOENT)' };

  it('does not overwrite what another saved meanwhile', async () => {
    const next = await documentOf('ada', 'late');
    const { error, folder } = await standStill(
      () => next,
      (store) => store.update('ada', () => second),
    );
    expect(error).toMatchObject(lost);
    expect(await fileStore(folder).load('ada')).toEqual(second);
    expect(await readdir(folder)).toEqual(['session-ada.json']);
  });

  it('does not write back what another has killed meanwhile', async () => {
    const next = await documentOf('ada', 'late');
    const { error, folder } = await standStill(
      () => next,
      (store) => store.kill?.('ada', { ttl: 60_000, evenIfAbsent: true }),
    );
    expect(error).toMatchObject(lost);
    expect(await refusalOf(() => fileStore(folder).load('ada'))).toMatchObject({
      code: 'ERR_SESSION_NOT_FOUND',
    });
  });
});

/** A small disk of its own, `null` where this process may not mount one. */
async function smallDisk(): Promise<string | null> {
  const folder = await temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  return folder;
}

describe('a disk that is full', () => {
  it('D02 keeps the old session and reports an error; the session in memory continues, and is saved when there is space', async ({
    skip,
  }) => {
    const disk = await smallDisk();
    if (disk === null) return skip('needs to mount a small tmpfs');
    const folder = join(disk, 'sessions');
    const store = fileStore(folder);
    onTestFinished(() => store.close());
    const old = await documentOf('ada', 'old');
    await store.update('ada', () => old);
    const session = await createSession({ sessionId: 'ada' });
    for (let index = 0; index < 40; index++)
      session.setCookie(`c${index}`, 'x'.repeat(4000), 'https://example.com/');
    const large = session.save();
    const error = await refusalOf(() => store.update('ada', () => large));
    expect([error.code, error.message]).toEqual(['ERR_STORE', expect.stringContaining('ENOSPC')]);
    expect([await readdir(folder), await store.load('ada')]).toEqual([['session-ada.json'], old]);
    await session.clearCookies();
    const small = session.save();
    expect(await store.update('ada', () => small)).toEqual(small);
  });
});

describe('a folder that cannot be used', () => {
  it('D18 is reported by ERR_STORE with its cause, and is used when it is available again', async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, 'sessions');
    await writeFile(folder, 'a file is in the way');
    const store = fileStore(folder);
    const error = await refusalOf(() => store.load('ada'));
    expect(error).toMatchObject({ code: 'ERR_STORE', cause: { code: 'EEXIST' } });
    await nodeFileSystem.unlink(folder);
    await mkdir(folder);
    expect(await store.load('ada')).toBe(null);
  });
});
