import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import * as nodeFileSystem from 'node:fs/promises';
import { dirname } from 'node:path';

/** The functions of Node's file system that are used. Tests pass one that fails. */
export type FileSystem = Pick<
  typeof nodeFileSystem,
  'link' | 'lstat' | 'mkdir' | 'open' | 'readdir' | 'rename' | 'unlink'
>;

export const systemFiles: FileSystem = nodeFileSystem;

/** Readable and writable only by their owner. */
export const fileMode = 0o600;
export const folderMode = 0o700;
export const othersMask = 0o077;

/** Largest file that is read, in bytes. */
const maxBytes = 128 * 1024 * 1024;

/**
 * Milliseconds after which untouched files are removed: temporary files of a process that crashed, leases, and notes
 * of killed sessions.
 */
const longestStay = { '.tmp': 600_000, '.lease': 86_400_000, '.killed': 30 * 86_400_000 };

/** The error for a file that another user could have written or linked, and that is not trusted. */
export class UntrustedFile extends Error {}

/**
 * Makes the folder, or removes the rights of other users to it, and deletes temporary files of crashed processes. A
 * link and the folder of another user are refused.
 *
 * @throws UntrustedFile
 */
export async function prepareFolder(folder: string, files: FileSystem): Promise<void> {
  await files.mkdir(folder, { recursive: true, mode: folderMode });
  const found = await files.lstat(folder);
  if (found.isSymbolicLink()) throw new UntrustedFile(`${folder} is a link`);
  // Checked again by a handle: the name may mean another file by now, and a change of rights must not follow a link.
  const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants;
  const handle = await files.open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const stat = await handle.stat();
    checkOwner(folder, stat.uid);
    if ((stat.mode & othersMask) !== 0) await handle.chmod(folderMode);
  } finally {
    await handle.close();
  }
  await removeOld(folder, files);
}

async function removeOld(folder: string, files: FileSystem): Promise<void> {
  for (const name of await files.readdir(folder)) {
    const [, age] = Object.entries(longestStay).find(([suffix]) => name.endsWith(suffix)) ?? [];
    if (age === undefined) continue;
    const path = `${folder}/${name}`;
    const found = await absentAs(null, files.lstat(path));
    if (found !== null && found.mtimeMs < Date.now() - age) await absentAs(undefined, files.unlink(path));
  }
}

/**
 * There is nothing to check on systems without users.
 *
 * @throws UntrustedFile
 */
export function checkOwner(path: string, uid: number): void {
  const own = process.geteuid?.();
  if (own !== undefined && uid !== own) throw new UntrustedFile(`${path} belongs to another user (${uid})`);
}

/**
 * Reads a file that is only its owner's; others' rights to it are taken away. A link is not followed, and nothing but
 * a file is read.
 *
 * @returns `null` when there is none
 */
export async function readPrivate(path: string, files: FileSystem): Promise<string | null> {
  // Opening something else than a file, such as a pipe, must not block the process.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await absentAs(null, files.open(path, flags));
  if (file === null) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error(`${path} is not a file`);
    checkOwner(path, stat.uid);
    // With a second name it may be read and changed elsewhere.
    if (stat.nlink > 1 && !(await isJustWritten(path, file, files)))
      throw new UntrustedFile(`${path} has another name, too`);
    if (stat.size > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`);
    if ((stat.mode & othersMask) !== 0) await file.chmod(fileMode);
    return await readText(file, stat.size);
  } finally {
    await file.close();
  }
}

/**
 * A file that was just put in its place has the name of its writer's lock, too. One that was replaced since it was
 * opened has no name.
 */
async function isJustWritten(path: string, file: FileHandle, files: FileSystem): Promise<boolean> {
  const lock = await absentAs(null, files.lstat(`${path}.lock`));
  const { ino, nlink } = await file.stat();
  return nlink <= 1 || (nlink === 2 && lock?.ino === ino);
}

/** As `readFile`, which looks for the size once more, and for more behind the end. */
async function readText(file: FileHandle, size: number): Promise<string> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.toString('utf8', 0, filled);
}

/** Options of {@link writeWhole}. */
export interface WriteOptions {
  /** False: after a power failure the file may be the old one, or empty. */
  readonly sync: boolean;
}

/**
 * Replaces a file atomically: readers see the old content or the new one, also after a crash. No umask gives others a
 * right to it.
 */
export async function writeWhole(
  path: string,
  text: string,
  files: FileSystem,
  { sync }: WriteOptions,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  // Fails when the name exists, also as a link, so that nobody else can read what is written.
  const file = await files.open(temporary, 'wx', fileMode);
  try {
    try {
      await file.writeFile(text);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.unlink(temporary).catch(() => {});
    throw error;
  }
  if (sync) await syncFolder(dirname(path), files);
}

/**
 * Deletes a file durably. A file that does not exist is no failure.
 *
 * @returns whether it was there
 */
export async function removeDurably(path: string, files: FileSystem): Promise<boolean> {
  const removed = await absentAs(
    false,
    files.unlink(path).then(() => true),
  );
  if (removed) await syncFolder(dirname(path), files);
  return removed;
}

/** Tells whether a file of any kind has this name. */
export async function exists(path: string, files: FileSystem): Promise<boolean> {
  return (await absentAs(null, files.lstat(path))) !== null;
}

/** The sync of a folder that is under way, and the one that comes after it. */
interface FolderSync {
  readonly current: Promise<void>;
  next: Promise<void> | null;
}

const folderSyncs = new WeakMap<FileSystem, Map<string, FolderSync>>();

/**
 * Makes a rename durable. Not every system supports it; the file itself is safe in any case. A sync that begins after a
 * rename covers it, so all renames that come during a sync wait for the next one together.
 */
export function syncFolder(folder: string, files: FileSystem): Promise<void> {
  if (process.platform === 'win32') return Promise.resolve();
  const syncs = folderSyncs.get(files) ?? new Map<string, FolderSync>();
  folderSyncs.set(files, syncs);
  const running = syncs.get(folder);
  if (running === undefined) return startSync(folder, files, syncs);
  const again = (): Promise<void> => startSync(folder, files, syncs);
  running.next ??= running.current.then(again, again);
  return running.next;
}

function startSync(folder: string, files: FileSystem, syncs: Map<string, FolderSync>): Promise<void> {
  const sync: FolderSync = { current: syncOnce(folder, files), next: null };
  const forget = (): void => {
    // The next one takes its place.
    if (sync.next === null) syncs.delete(folder);
  };
  syncs.set(folder, sync);
  sync.current.then(forget, forget);
  return sync.current;
}

async function syncOnce(folder: string, files: FileSystem): Promise<void> {
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Returns `absent` instead of failing when there is no such file, or with another code. */
export async function absentAs<T, A>(absent: A, action: Promise<T>, code = 'ENOENT'): Promise<T | A> {
  try {
    return await action;
  } catch (error) {
    if (hasCode(error, code)) return absent;
    throw error;
  }
}

/** Whether this is an error of Node.js with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
