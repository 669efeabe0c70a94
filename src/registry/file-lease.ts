import { randomUUID } from 'node:crypto';
import { type FileSystem, readPrivate, writeWhole } from './durable-file.ts';
import type { FileLock } from './file-lock.ts';
import type { LockOptions, StoreLock } from './store.ts';

/** The content of a lease's file. Epoch milliseconds, since all users of a folder have one clock. */
interface LeaseRecord {
  readonly token: string;
  readonly fence: number;
  readonly until: number;
}

/** A lease that seems to last longer, in milliseconds, is one from before the system's clock was set back. */
const longestLife = 3_600_000;

/** Runs an action while no other process uses the files of the session. */
type Alone = <T>(action: (lock: FileLock) => Promise<T>) => Promise<T>;

/**
 * A lock on a session, in a small file beside the session's: for work that takes longer than one update. The file is
 * read and written under the session's own short lock, and stays for its fence.
 */
export class FileLease {
  readonly #path: string;
  readonly #files: FileSystem;
  readonly #alone: Alone;

  constructor(path: string, alone: Alone, files: FileSystem) {
    this.#path = path;
    this.#files = files;
    this.#alone = alone;
  }

  /** Tries once; `null` where another holds it. */
  async take({ name, ttl }: LockOptions): Promise<StoreLock | null> {
    const token = randomUUID();
    const fence = await this.#alone(async (lock) => {
      const last = await this.read();
      const now = Date.now();
      const isHeld = last !== null && last.until > now && last.until < now + longestLife;
      if (isHeld) return null;
      // Larger than all before, also after the file was lost or damaged.
      const next = Math.max((last?.fence ?? 0) + 1, now);
      await this.#write({ token, fence: next, until: now + ttl }, lock);
      return next;
    });
    if (fence === null) return null;
    const change = (until: (now: number) => number): Promise<boolean> =>
      this.#alone(async (lock) => {
        const now = Date.now();
        const held = await this.read();
        if (held?.token !== token || held.until <= now) return false;
        await this.#write({ token, fence, until: until(now) }, lock);
        return true;
      });
    return {
      name,
      fence,
      extend: (longer) => change((now) => now + longer),
      release: () => change(() => 0).then(() => {}),
    };
  }

  /** The last lease; `null` for none, and for a file that is not whole. */
  async read(): Promise<LeaseRecord | null> {
    const text = await readPrivate(this.#path, this.#files);
    try {
      const { token, fence, until } = JSON.parse(text ?? '');
      const isLease = typeof token === 'string' && typeof fence === 'number' && typeof until === 'number';
      return isLease ? { token, fence, until } : null;
    } catch {
      return null;
    }
  }

  /** Not synced, since after a power failure nobody holds a lease. */
  async #write(lease: LeaseRecord, lock: FileLock): Promise<void> {
    await lock.check();
    return writeWhole(this.#path, JSON.stringify(lease), this.#files, { sync: false });
  }
}
