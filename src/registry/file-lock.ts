import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { absentAs, type FileSystem, fileMode, systemFiles } from './durable-file.ts';
import type { WrittenFile } from './known-files.ts';

/**
 * After this time, in milliseconds, the lock of a dead holder is taken over; a live holder renews it twice in that
 * time.
 */
const staleAfter = 4000;

/** Longest pause between two tries, in milliseconds. */
const longestPause = 40;

/** Error codes of file systems without hard links. */
const noLinks: ReadonlySet<unknown> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

/** A lock file: a link to the new file, or a separate file on a file system without hard links. */
interface MadeFile {
  readonly apart: FileHandle | null;
}

/**
 * Runs `action` while no other process holds the lock of this file.
 *
 * @param timeout longest wait in milliseconds
 */
export async function withFileLock<T>(
  path: string,
  timeout: number,
  action: (lock: FileLock) => Promise<T>,
  files: FileSystem = systemFiles,
): Promise<T> {
  const lock = await FileLock.take(path, timeout, files);
  try {
    return await action(lock);
  } finally {
    await lock.release();
  }
}

/**
 * A lock, and the new file that replaces the old one while the lock is held. The lock is a hard link to the new file, so
 * that one file serves both purposes: to create and delete a second file costs as much as the rest of a save
 * (docs/fleet.md). The modification time shows that the holder is alive.
 */
export class FileLock {
  readonly #name: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #files: FileSystem;
  readonly #renewal: NodeJS.Timeout;
  /** The separate lock file on a file system without hard links. */
  #apart: FileHandle | null = null;
  #renewed = now();
  #isInPlace = false;
  #isLost = false;

  static async take(path: string, timeout: number, files: FileSystem): Promise<FileLock> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    // Fails when the name exists, also as a link, so that nobody else can read what is written.
    const file = await files.open(temporary, 'wx', fileMode);
    const lock = new FileLock(`${path}.lock`, temporary, file, files);
    try {
      await lock.#wait(timeout);
      return lock;
    } catch (error) {
      await lock.#giveUp();
      throw error;
    }
  }

  private constructor(name: string, temporary: string, file: FileHandle, files: FileSystem) {
    this.#name = name;
    this.#temporary = temporary;
    this.#file = file;
    this.#files = files;
    this.#renewal = setInterval(() => void this.#renew(), staleAfter / 2).unref();
  }

  /** Waits only where waiting helps: while another holds it. */
  async #wait(timeout: number): Promise<void> {
    const end = performance.now() + timeout;
    for (let pause = 1; !(await this.#tryOnce()); pause = Math.min(pause * 1.3, longestPause)) {
      if (await this.#removeStale(this.#name)) continue;
      const left = end - performance.now();
      if (left <= 0) throw failure('ELOCKED', 'The lock is held by another process');
      // Random, so that many waiters do not retry at the same time again and again.
      await delay(Math.min(left, pause * (1 + Math.random())));
    }
  }

  async #tryOnce(): Promise<boolean> {
    if (since(this.#renewed) > staleAfter / 4) await this.#renew();
    const made = await this.#make(this.#name);
    this.#apart = made?.apart ?? null;
    return made !== null;
  }

  /** Creates a lock file of this name; `null` when one exists. */
  async #make(name: string): Promise<MadeFile | null> {
    try {
      await this.#files.link(this.#temporary, name);
      return { apart: null };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'EEXIST') return null;
      if (!noLinks.has(code)) throw error;
    }
    const apart = await absentAs(null, this.#files.open(name, 'wx', fileMode), 'EEXIST');
    return apart === null ? null : { apart };
  }

  /**
   * Deletes a lock whose holder is dead. One process at a time does that: of two that saw the same lock, the second
   * would delete the lock that another took in between. The right to do it is a lock too. Where its holder died as
   * well, it is deleted in the same way.
   *
   * @param name of the lock, or of the right to delete another one
   * @returns whether the name may be free now
   */
  async #removeStale(name: string): Promise<boolean> {
    const seen = await absentAs(null, this.#files.lstat(name));
    if (seen === null) return true;
    if (!isStale(seen)) return false;
    const turn = `${name}.turn`;
    const made = await this.#make(turn);
    if (made === null) {
      await this.#removeStale(turn);
      return false;
    }
    try {
      const found = await absentAs(null, this.#files.lstat(name));
      if (found === null) return true;
      if (!isStale(found)) return false;
      if (name === this.#name) await this.#fence(found);
      // This process may have stood still, so that another took over the right, and then the lock.
      if (!(await this.#owns(turn, made))) return false;
      await absentAs(undefined, this.#files.unlink(name));
      return true;
    } finally {
      if (await this.#owns(turn, made)) await absentAs(undefined, this.#files.unlink(turn));
      await made.apart?.close();
    }
  }

  /** Whether the file of this name is the one that this process has made. */
  async #owns(name: string, { apart }: MadeFile): Promise<boolean> {
    const { ino } = await (apart ?? this.#file).stat();
    return (await absentAs(null, this.#files.lstat(name)))?.ino === ino;
  }

  /**
   * Deletes the new file of a lock that is taken over. Its holder may only have stood still, after its last check of the
   * lock: then it has nothing left to put in place.
   */
  async #fence({ ino, nlink }: Stats): Promise<void> {
    // A lock without a second name is a file apart.
    if (nlink === 1) return;
    const [folder, start] = [dirname(this.#name), basename(this.#name, 'lock')];
    for (const name of await this.#files.readdir(folder)) {
      if (!name.startsWith(start) || !name.endsWith('.tmp')) continue;
      const path = join(folder, name);
      const found = await absentAs(null, this.#files.lstat(path));
      if (found?.ino === ino) await absentAs(undefined, this.#files.unlink(path));
    }
  }

  /** By the handle: where the lock was lost, the name is that of another's lock. */
  async #renew(): Promise<void> {
    const before = now();
    const time = new Date();
    const done = (this.#apart ?? this.#file).utimes(time, time);
    await done.then(
      () => {
        this.#renewed = before;
      },
      () => {},
    );
  }

  /**
   * @returns the lock's file
   * @throws Error ECOMPROMISED for a lock that was lost, because this process was stopped for too long
   */
  async check(): Promise<Stats> {
    const own = await (this.#apart ?? this.#file).stat();
    this.#isLost ||= !(await this.#isNamed(own)) || Date.now() - own.mtimeMs > staleAfter;
    if (this.#isLost)
      throw failure('ECOMPROMISED', 'The lock was lost: the process was stopped for too long');
    return own;
  }

  /** Who takes a lock over takes its name away. */
  async #isNamed(own: Stats): Promise<boolean> {
    if (this.#apart === null) return own.nlink > 1;
    return (await absentAs(null, this.#files.lstat(this.#name)))?.ino === own.ino;
  }

  /**
   * Puts a new file in the place of an old one, once: readers see the old content or the new one, also after a crash.
   * After a power failure it may be the old one until the folder is synced.
   *
   * @param path in the folder of the lock
   * @returns the file, for who closes it
   */
  async replace(path: string, text: string): Promise<WrittenFile> {
    const handle = this.#file;
    await handle.writeFile(text);
    await handle.sync();
    const own = await this.check();
    const stats = this.#apart === null ? own : await handle.stat();
    await this.#files.rename(this.#temporary, path);
    this.#isInPlace = true;
    return { handle, stats, text };
  }

  /** A lost lock belongs to another process, and one that cannot be removed is taken over later. */
  async release(): Promise<void> {
    try {
      // Nobody can have taken over a lock that was renewed so lately.
      if (this.#isLost || since(this.#renewed) > staleAfter / 2) await this.check();
      await this.#files.unlink(this.#name);
    } catch {
      // See above.
    } finally {
      await this.#giveUp();
    }
  }

  async #giveUp(): Promise<void> {
    clearInterval(this.#renewal);
    if (!this.#isInPlace) {
      await this.#files.unlink(this.#temporary).catch(() => {});
      await this.#file.close().catch(() => {});
    }
    await this.#apart?.close().catch(() => {});
  }
}

function isStale({ mtimeMs }: Stats): boolean {
  return Date.now() - mtimeMs > staleAfter;
}

/** A moment by the clock that only grows, and by the one that goes on while a virtual machine stands still. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

function now(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

function since({ monotonic, wall }: Moment): number {
  return Math.max(performance.now() - monotonic, Math.abs(Date.now() - wall));
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
