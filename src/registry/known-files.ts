import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { absentAs, type FileSystem, othersMask } from './durable-file.ts';

/** Most files that are kept open, and milliseconds after which an unused one is closed. */
const most = 128;
const stay = 2000;

/** A file that this process has put in its place. */
export interface WrittenFile {
  /** The keeper closes it. */
  readonly handle: FileHandle;
  readonly stats: Stats;
  readonly text: string;
}

/**
 * The files that were written last, with their text: one that is saved again and again need not be read back each time.
 * Each is kept open, because no other file gets its inode number then. So one lstat() tells whether another process has
 * replaced the file. Times and sizes alone would miss a fast writer.
 */
export class KnownFiles {
  readonly #known = new Map<string, WrittenFile & { isWanted: boolean }>();
  #sweep: NodeJS.Timeout | null = null;

  keep(path: string, file: WrittenFile): void {
    this.forget(path);
    // Windows puts no file in the place of one that is open.
    if (process.platform === 'win32') return void close(file);
    this.#known.set(path, { ...file, isWanted: true });
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.forget(oldest);
    this.#sweep ??= setInterval(() => this.#closeOld(), stay).unref();
  }

  /** The text of the file; `null` where this process has not written what is there now. */
  async textOf(path: string, files: FileSystem): Promise<string | null> {
    const known = this.#known.get(path);
    if (known === undefined) return null;
    const found = await absentAs(null, files.lstat(path));
    if (found === null || !isSame(found, known.stats)) {
      if (this.#known.get(path) === known) this.forget(path);
      return null;
    }
    known.isWanted = true;
    return known.text;
  }

  forget(path: string): void {
    const known = this.#known.get(path);
    if (known !== undefined) void close(known);
    this.#known.delete(path);
  }

  /** Unused files are closed without a call of close(). */
  #closeOld(): void {
    for (const [path, known] of this.#known) {
      if (!known.isWanted) this.forget(path);
      known.isWanted = false;
    }
    if (this.#known.size > 0 || this.#sweep === null) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }

  async close(): Promise<void> {
    const open = [...this.#known.values()];
    this.#known.clear();
    this.#closeOld();
    await Promise.all(open.map(close));
  }
}

async function close({ handle }: WrittenFile): Promise<void> {
  await handle.close().catch(() => {});
}

/** Whether it is the same file, unchanged, and not readable by other users. */
function isSame(found: Stats, { ino, dev, size, mtimeMs }: Stats): boolean {
  const isUntouched = found.size === size && found.mtimeMs === mtimeMs && found.nlink === 1;
  return found.ino === ino && found.dev === dev && isUntouched && (found.mode & othersMask) === 0;
}
