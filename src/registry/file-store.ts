import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { checkDelay, checkOptions, checkString, ownCopy } from '../core/checks.ts';
import { isRequestError, RequestError } from '../core/errors.ts';
import type { SessionDocument } from '../core/session/saved-session.ts';
import {
  type FileSystem,
  prepareFolder,
  readPrivate,
  systemFiles,
  UntrustedFile,
  writeWhole,
} from './durable-file.ts';
import { FileLease } from './file-lease.ts';
import { type FileLock, withFileLock } from './file-lock.ts';
import { fileNameOf, idOfFileName } from './file-names.ts';
import { checkId } from './ids.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { KnownFiles } from './known-files.ts';
import { waitForLock } from './lock-waiting.ts';
import { type EncryptionKey, isSalt, resolveSeal, type Seal } from './sealing.ts';
import { SessionFile } from './session-file.ts';
import type {
  DocumentChange,
  KillOptions,
  LockOptions,
  SessionStore,
  StoreLock,
  UpdateOptions,
} from './store.ts';
import { conflict } from './store-errors.ts';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /**
   * Encrypts the files with AES-256-GCM. Of a list, the first encrypts and all decrypt, so that keys can change.
   * Undefined is refused, `null` is none.
   * @default none: the files' rights protect them
   */
  readonly encryptionKey?: EncryptionKey | readonly EncryptionKey[] | null;
  /**
   * Longest wait in milliseconds for another process that is saving the same session. Of a process that died while
   * saving, 4000 ms are waited for.
   * @default 10000
   */
  readonly lockTimeout?: number | undefined;
}

/** The salt of passphrases, one for the folder. */
const saltName = 'salt';

const keys: ReadonlySet<string> = new Set(['encryptionKey', 'lockTimeout']);

/**
 * Keeps each session in a file of its own: folder 0700, files 0600, written whole or not at all, locked between
 * processes. A file that is no session is set aside beside the others and told by ERR_INVALID_DOCUMENT.
 *
 * @param folder made when it is not there; what is in it is the store's
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * const registry = createRegistry({ store: fileStore('.sessions', { encryptionKey: key }) });
 */
export function fileStore(folder: string, options: FileStoreOptions = {}): SessionStore {
  return new FileStore(folder, options, systemFiles);
}

/** {@link fileStore} on a file system of choice. */
export class FileStore implements SessionStore {
  readonly shared = true;
  readonly #folder: string;
  readonly #seal: Seal | null;
  readonly #lockTimeout: number;
  readonly #files: FileSystem;
  readonly #queue = new KeyedQueue();
  readonly #known = new KnownFiles();
  #prepared: Promise<void> | undefined;

  constructor(folder: string, given: FileStoreOptions, files: FileSystem) {
    checkOptions(given, 'fileStore options', keys);
    const { lockTimeout = 10_000 } = ownCopy('fileStore options', given);
    // Resolved once, so that it stays the same when the working directory changes.
    this.#folder = resolve(checkString('folder', folder));
    this.#seal = resolveSeal(given, (fresh) => this.#shareSalt(fresh));
    this.#lockTimeout = checkDelay('lockTimeout', lockTimeout);
    this.#files = files;
  }

  async load(id: string): Promise<SessionDocument | null> {
    const file = this.#fileOf(id);
    return attempt(`read session ${id}`, async () => {
      await this.#prepare();
      try {
        const document = await file.read();
        if (document === null) await file.checkAlive();
        return document;
      } catch (error) {
        if (!isRequestError(error, 'ERR_INVALID_DOCUMENT')) throw error;
      }
      // Read again under the lock: the file may have been replaced, and only a bad one may be moved.
      return this.#alone(id, (lock) => file.readOrSetAside(lock));
    });
  }

  async update(
    id: string,
    change: DocumentChange,
    { lock: lease, begins = false }: UpdateOptions = {},
  ): Promise<SessionDocument | null> {
    const file = this.#fileOf(id);
    await attempt('use its folder', () => this.#prepare());
    return attempt(`save session ${id}`, async () => {
      let isWritten = false;
      const saved = await this.#alone(id, async (lock) => {
        const stored = await file.readOrSetAside(lock);
        if (stored === null && !begins) await file.checkAlive();
        const changed = applyChange(change, stored);
        if (changed === stored) return stored;
        await this.#checkFence(id, lease);
        if (changed === null) {
          await file.remove(lock);
          return null;
        }
        const written = await file.write(changed, lock);
        isWritten = true;
        if (stored === null && begins) await file.forgetKill(lock);
        return written;
      });
      if (isWritten) await file.settled();
      return saved;
    });
  }

  async kill(id: string, options: KillOptions): Promise<boolean> {
    const file = this.#fileOf(id);
    await attempt('use its folder', () => this.#prepare());
    return attempt(`kill session ${id}`, () => this.#alone(id, (lock) => file.kill(options, lock)));
  }

  /** Of the file system's clock, which is the server's for a folder in the network. */
  async time(): Promise<number> {
    return attempt('tell the time', async () => {
      await this.#prepare();
      const path = join(this.#folder, `clock-${randomUUID()}.tmp`);
      await writeWhole(path, '', this.#files, { sync: false });
      const { mtimeMs } = await this.#files.lstat(path);
      await this.#files.unlink(path);
      return mtimeMs;
    });
  }

  #shareSalt(fresh: string): Promise<string> {
    const path = join(this.#folder, saltName);
    const share = async (): Promise<string> => {
      const kept = await readPrivate(path, this.#files);
      if (isSalt(kept)) return kept;
      await writeWhole(path, fresh, this.#files, { sync: true });
      return fresh;
    };
    return withFileLock(path, this.#lockTimeout, share, this.#files);
  }

  /** A later lease, released or not, means that another may have written under it. */
  async #checkFence(id: string, lock: UpdateOptions['lock']): Promise<void> {
    if (lock === undefined) return;
    const last = await this.#leaseOf(id, lock.name).read();
    if (last !== null && last.fence > lock.fence) throw conflict(id);
  }

  lock(id: string, options: LockOptions): Promise<StoreLock> {
    const lease = this.#leaseOf(checkId(id), options.name);
    return attempt(`lock session ${id}`, async () => {
      await this.#prepare();
      return waitForLock(id, options, () => lease.take(options));
    });
  }

  #leaseOf(id: string, name: string): FileLease {
    const path = this.#pathOf(id);
    return new FileLease(`${path}.${name}.lease`, (action) => this.#alone(id, action), this.#files);
  }

  async ids(): Promise<string[]> {
    return attempt('list its folder', async () => {
      await this.#prepare();
      const names = await this.#files.readdir(this.#folder);
      return names.map(idOfFileName).filter((id) => id !== null);
    });
  }

  /** Removes temporary files of crashed processes. Only the registry knows which sessions have expired. */
  async purge(): Promise<number> {
    return attempt('use its folder', async () => {
      await prepareFolder(this.#folder, this.#files);
      return 0;
    });
  }

  /** Writes a file and deletes it again. */
  async ping(): Promise<void> {
    await this.time();
  }

  async close(): Promise<void> {
    await this.#known.close();
  }

  #pathOf(id: string): string {
    return join(this.#folder, fileNameOf(checkId(id)));
  }

  #prepare(): Promise<void> {
    this.#prepared ??= prepareFolder(this.#folder, this.#files).catch((error) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  /** In order within this process, and by the lock between processes. Waiting in a queue is cheaper than retrying. */
  #alone<T>(id: string, action: (lock: FileLock) => Promise<T>): Promise<T> {
    const path = this.#pathOf(id);
    return this.#queue.run(id, () => withFileLock(path, this.#lockTimeout, action, this.#files));
  }

  #fileOf(id: string): SessionFile {
    return new SessionFile(id, this.#pathOf(id), this.#seal, this.#files, this.#known);
  }
}

/** A failure of the caller's function, as opposed to one of the files. */
class ChangeFailed extends Error {}

function applyChange(change: DocumentChange, stored: SessionDocument | null): SessionDocument | null {
  try {
    return change(stored);
  } catch (cause) {
    throw new ChangeFailed('', { cause });
  }
}

/** Gives failures of the file system their code. */
async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isRequestError(error)) throw error;
    if (error instanceof ChangeFailed) throw error.cause;
    throw new RequestError('ERR_STORE', `fileStore cannot ${what}${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UntrustedFile) return `: ${error.message}`;
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
}
