import { dirname } from 'node:path';
import { isRequestError, RequestError } from '../core/errors.ts';
import { readDocument } from '../core/session/read-saved-session.ts';
import { type SessionDocument, serializeDocument } from '../core/session/saved-session.ts';
import {
  exists,
  type FileSystem,
  readPrivate,
  removeDurably,
  syncFolder,
  writeWhole,
} from './durable-file.ts';
import type { FileLock } from './file-lock.ts';
import type { KnownFiles } from './known-files.ts';
import { openUnsealed, type Seal } from './sealing.ts';
import type { KillOptions } from './store.ts';
import { wasKilled } from './store-errors.ts';

/** One session's document in its file, and the note beside it that says that the session was killed. */
export class SessionFile {
  readonly #id: string;
  readonly #path: string;
  /** Beside the file, so that the list of files is the list of sessions. */
  readonly #note: string;
  readonly #seal: Seal | null;
  readonly #files: FileSystem;
  readonly #known: KnownFiles;

  constructor(id: string, path: string, seal: Seal | null, files: FileSystem, known: KnownFiles) {
    this.#id = id;
    this.#path = path;
    this.#note = path.replace(/\.json$/, '.killed');
    this.#seal = seal;
    this.#files = files;
    this.#known = known;
  }

  /** @throws RequestError ERR_INVALID_DOCUMENT, ERR_STORE_KEY */
  async read(): Promise<SessionDocument | null> {
    const known = await this.#known.textOf(this.#path, this.#files);
    const text = known ?? (await readPrivate(this.#path, this.#files));
    if (text === null) return null;
    return readDocument(
      this.#seal === null ? openUnsealed(this.#id, text) : await this.#seal.open(this.#id, text),
    );
  }

  /** A file that is no session is moved beside the others; called while no other process is at the file. */
  async readOrSetAside(lock: FileLock): Promise<SessionDocument | null> {
    try {
      return await this.read();
    } catch (error) {
      if (!isRequestError(error, 'ERR_INVALID_DOCUMENT')) throw error;
      const aside = `${this.#path}.corrupt-${Date.now().toString(36)}`;
      await lock.check();
      await this.#files.rename(this.#path, aside);
      throw new RequestError('ERR_INVALID_DOCUMENT', `${error.message}; the file was set aside as ${aside}`);
    }
  }

  /**
   * Until {@link SessionFile.settled} a power failure may bring the old one back.
   *
   * @param lock of the session, under which the old one was read
   * @returns a copy of the document
   */
  async write(document: SessionDocument, lock: FileLock): Promise<SessionDocument> {
    const text = serializeDocument(document);
    const sealed = (await this.#seal?.seal(this.#id, text)) ?? text;
    this.#known.keep(this.#path, await lock.replace(this.#path, sealed));
    return JSON.parse(text) as SessionDocument;
  }

  /** Makes what was written durable. No lock is needed: who writes next makes that durable, too. */
  settled(): Promise<void> {
    return syncFolder(dirname(this.#path), this.#files);
  }

  /** @returns whether there was one */
  async remove(lock: FileLock): Promise<boolean> {
    await lock.check();
    this.#known.forget(this.#path);
    return removeDurably(this.#path, this.#files);
  }

  /**
   * Deletes the file without reading it, so that an unreadable session can be killed, too.
   *
   * @returns whether there was one
   */
  async kill({ ttl, evenIfAbsent }: KillOptions, lock: FileLock): Promise<boolean> {
    if (!evenIfAbsent && !(await exists(this.#path, this.#files))) return false;
    const until = Math.ceil(Date.now() + ttl);
    await writeWhole(this.#note, JSON.stringify({ until }), this.#files, { sync: true });
    return this.remove(lock);
  }

  /** @throws RequestError ERR_SESSION_NOT_FOUND for a session that was killed */
  async checkAlive(): Promise<void> {
    const note = await readPrivate(this.#note, this.#files);
    const until = /^\{"until":(\d+)\}$/.exec(note ?? '')?.[1];
    if (until !== undefined && Number(until) > Date.now()) throw wasKilled(this.#id);
  }

  /** A new session has taken the place of the one that was killed. */
  async forgetKill(lock: FileLock): Promise<void> {
    await lock.check();
    await removeDurably(this.#note, this.#files);
  }
}
