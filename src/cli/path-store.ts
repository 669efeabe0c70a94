import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RequestError } from '../core/errors.ts';
import type { SessionDocument } from '../index.ts';
import { readPrivate, systemFiles, writeWhole } from '../registry/durable-file.ts';
import { withFileLock } from '../registry/file-lock.ts';
import { KnownFiles } from '../registry/known-files.ts';
import { isSalt, resolveSeal, type Seal } from '../registry/sealing.ts';
import { SessionFile } from '../registry/session-file.ts';
import type { DocumentChange, SessionStore, UpdateOptions } from '../registry/store.ts';

/** Longest wait for another process that holds the lock of the file, in milliseconds. */
const lockTimeout = 10_000;

/**
 * A store of one session in a file at any path. It writes the file atomically, locks it between processes, and merges
 * as the registry does. It does not change the rights of the folder, which is the user's.
 */
export function pathStore(path: string, key: string | null): SessionStore {
  return new PathStore(path, sealOf(`${path}.salt`, key));
}

/** The id of every session in a file of its own. The path of the file is its name. */
export const pathId = 'file';

/** The encryption of files that share the salt of a passphrase. @param salt the path of the file with the salt */
export function sealOf(salt: string, key: string | null): Seal | null {
  return resolveSeal({ encryptionKey: key }, (fresh) => shareSalt(salt, fresh));
}

/** Reads the salt from a file, or writes a new one. */
function shareSalt(path: string, fresh: string): Promise<string> {
  return withFileLock(path, lockTimeout, async () => {
    const kept = await readPrivate(path, systemFiles);
    if (isSalt(kept)) return kept;
    await writeWhole(path, fresh, systemFiles, { sync: true });
    return fresh;
  });
}

class PathStore implements SessionStore {
  readonly shared = true;
  readonly #path: string;
  readonly #seal: Seal | null;
  readonly #known = new KnownFiles();

  constructor(path: string, seal: Seal | null) {
    this.#path = path;
    this.#seal = seal;
  }

  load(id: string): Promise<SessionDocument | null> {
    return this.#attempt('read', async () => named(await this.#fileOf().read(), id));
  }

  update(id: string, change: DocumentChange, _options?: UpdateOptions): Promise<SessionDocument | null> {
    const file = this.#fileOf();
    return this.#attempt('save', async () => {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      const saved = await withFileLock(this.#path, lockTimeout, async (lock) => {
        const stored = named(await file.read(), id);
        const changed = change(stored);
        if (changed === null && stored !== null) await file.remove(lock);
        else if (changed !== null && changed !== stored) await file.write(changed, lock);
        return changed;
      });
      await file.settled();
      return saved;
    });
  }

  async ids(): Promise<string[]> {
    return [];
  }

  async close(): Promise<void> {
    await this.#known.close();
  }

  #fileOf(): SessionFile {
    return new SessionFile(pathId, this.#path, this.#seal, systemFiles, this.#known);
  }

  async #attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof RequestError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new RequestError('ERR_STORE', `Cannot ${what} the session file ${this.#path}: ${message}`, {
        cause: error,
      });
    }
  }
}

/** A document that a program wrote with `session.save()` has another id. */
function named(document: SessionDocument | null, sessionId: string): SessionDocument | null {
  return document === null ? null : { ...document, sessionId };
}
