import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { dirname } from 'node:path';
import { RequestError } from '../../core/errors.ts';
import type { KeptPart, Validator } from './validator.ts';

/** The functions of `node:fs/promises` that downloads use. */
export type DownloadFiles = Pick<
  typeof nodeFiles,
  'lstat' | 'open' | 'readFile' | 'realpath' | 'rename' | 'stat' | 'unlink' | 'writeFile'
>;

export const systemFiles: DownloadFiles = nodeFiles;

/** The record beside a part, needed to continue it. */
interface Note {
  readonly version: 1;
  /** Hash of the requested URL, because its query can hold a secret. */
  readonly url: string;
  readonly validator: Validator;
  readonly total: number | null;
  /** Identifies the part, so that another file with its name is not continued. */
  readonly inode: string;
}

/** Bytes of one read for a checksum. */
const readSize = 1024 * 1024;

/**
 * The file `path.part` during a download, and `path.part.json`, which describes the whole file. A restart creates a
 * new file, so that two processes never write to the same one.
 */
export class PartFile {
  readonly #path: string;
  readonly #part: string;
  readonly #note: string;
  readonly #files: DownloadFiles;
  #handle: nodeFiles.FileHandle | null = null;
  #position = 0;
  #isKept = false;
  /** Hash of the URL of the part. */
  #url = '';

  constructor(path: string, files: DownloadFiles) {
    this.#path = path;
    this.#part = `${path}.part`;
    this.#note = `${path}.part.json`;
    this.#files = files;
  }

  /** Opens the part of an earlier download; `null` where it cannot be continued. */
  async reopen(): Promise<KeptPart | null> {
    const note = parseNote(await this.#files.readFile(this.#note, 'utf8').catch(() => ''));
    if (note === null) return null;
    const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
    const handle = await this.#files.open(this.#part, flags).catch(() => null);
    if (handle === null) return null;
    const stat = await handle.stat({ bigint: true });
    const size = Number(stat.size);
    const isOurs = stat.isFile() && stat.nlink === 1n && String(stat.ino) === note.inode;
    if (!isOurs || size === 0 || (note.total !== null && size > note.total)) {
      await handle.close();
      return null;
    }
    this.#handle = handle;
    this.#isKept = true;
    this.#url = note.url;
    return { size, total: note.total, validator: note.validator };
  }

  /** Whether the reopened part belongs to this URL. */
  isOf(url: string): boolean {
    return hashOf(url) === this.#url;
  }

  /** Continues the part at a byte offset. */
  continueAt(position: number): void {
    this.#position = position;
  }

  /** Starts a new part. Without a validator it cannot be continued, so it is removed after a failure. */
  async begin(validator: Validator | null, total: number | null, url: string): Promise<void> {
    await this.#close();
    this.#isKept = false;
    this.#position = 0;
    await this.#remove(this.#note);
    await this.#remove(this.#part);
    // Fails where the name exists, also as a link.
    const handle = await this.#attempt(this.#files.open(this.#part, 'wx+'));
    this.#handle = handle;
    if (validator === null) return;
    const inode = String((await this.#attempt(handle.stat({ bigint: true }))).ino);
    const note: Note = { version: 1, url: hashOf(url), validator, total, inode };
    await this.#attempt(this.#files.writeFile(this.#note, JSON.stringify(note), { mode: 0o600, flag: 'wx' }));
    this.#isKept = true;
  }

  get position(): number {
    return this.#position;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await this.#attempt(
        this.#open().write(chunk, at, chunk.length - at, this.#position),
      );
      at += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  /** Truncates the file here and syncs it to the disk. */
  async sync(): Promise<void> {
    await this.#attempt(this.#open().truncate(this.#position));
    await this.#attempt(this.#open().sync());
  }

  /** All bytes of the file. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const buffer = Buffer.allocUnsafe(readSize);
    for (let at = 0; at < this.#position; ) {
      const { bytesRead } = await this.#attempt(this.#open().read(buffer, 0, readSize, at));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Renames the file to its final name, replacing an existing file. */
  async finish(): Promise<void> {
    const { ino } = await this.#attempt(this.#open().stat({ bigint: true }));
    const found = await this.#attempt(this.#files.lstat(this.#part, { bigint: true }));
    if (found.ino !== ino) throw this.#failure('another download has taken its place');
    await this.#close();
    try {
      await this.#attempt(this.#files.rename(this.#part, this.#path));
    } catch (error) {
      if (!this.#isKept) await this.#files.unlink(this.#part).catch(() => {});
      throw error;
    }
    await this.#files.unlink(this.#note).catch(() => {});
    await this.#syncFolder();
  }

  /** Closes the part. A part that can be continued stays. */
  async release(): Promise<void> {
    if (this.#handle === null) return;
    if (this.#isKept && (await this.#keep())) return;
    await this.discard();
  }

  /** Removes both files. */
  async discard(): Promise<void> {
    if (this.#handle === null) return;
    const mine = await this.#handle.stat({ bigint: true }).catch(() => null);
    await this.#close();
    const found = await this.#files.lstat(this.#part, { bigint: true }).catch(() => null);
    if (mine === null || found?.ino !== mine.ino) return;
    await this.#files.unlink(this.#note).catch(() => {});
    await this.#files.unlink(this.#part).catch(() => {});
  }

  /** Whether there is a part to keep. */
  async #keep(): Promise<boolean> {
    const handle = this.#open();
    const { size } = await handle.stat().catch(() => ({ size: 0 }));
    if (size === 0) return false;
    await handle.sync().catch(() => {});
    await this.#close();
    return true;
  }

  /** Makes the new name durable. Some systems do not support it; the content is durable in any case. */
  async #syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await this.#files.open(dirname(this.#path), 'r').catch(() => null);
    await folder?.sync().catch(() => {});
    await folder?.close();
  }

  #open(): nodeFiles.FileHandle {
    if (this.#handle === null) throw this.#failure('it is closed');
    return this.#handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #remove(path: string): Promise<void> {
    await this.#attempt(
      this.#files.unlink(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      }),
    );
  }

  async #attempt<T>(action: Promise<T>): Promise<T> {
    try {
      return await action;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw this.#failure(
        code === 'ENOSPC' ? 'the disk is full (ENOSPC)' : String(code ?? 'it failed'),
        cause,
      );
    }
  }

  #failure(why: string, cause?: unknown): RequestError {
    return fileError(this.#path, why, cause);
  }
}

/** The error for a file that cannot be written. */
export function fileError(path: string, why: string, cause?: unknown): RequestError {
  return new RequestError('ERR_FILE', `${JSON.stringify(path)} cannot be written: ${why}`, { cause });
}

function hashOf(url: string): string {
  return createHash('sha256').update(url).digest('hex');
}

/** A damaged record, or one in another form, is ignored. */
function parseNote(text: string): Note | null {
  let note: Partial<Note> | null;
  try {
    note = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof note !== 'object' || note === null || note.version !== 1) return null;
  const { url, validator, total, inode } = note;
  if (typeof url !== 'string' || typeof inode !== 'string') return null;
  if (total !== null && !Number.isSafeInteger(total)) return null;
  const isField = validator?.field === 'etag' || validator?.field === 'last-modified';
  if (!isField || typeof validator.value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(validator.value)) {
    return null;
  }
  return { version: 1, url, validator, total: total ?? null, inode };
}
