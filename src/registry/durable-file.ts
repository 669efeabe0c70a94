import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import * as nodeFileSystem from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is used of Node's file system; a test gives one that fails. */
export type FileSystem = Pick<
  typeof nodeFileSystem,
  'lstat' | 'mkdir' | 'open' | 'readdir' | 'rename' | 'unlink'
>;

export const systemFiles: FileSystem = nodeFileSystem;

/** Read and written by their owner alone. */
export const fileMode = 0o600;
export const folderMode = 0o700;
export const othersMask = 0o077;

/** Largest file that is read, in bytes. */
const maxBytes = 128 * 1024 * 1024;

/**
 * How long files stay that nobody has touched: what a process left that ended in the middle, leases, and notes of
 * sessions that were killed. Milliseconds.
 */
const longestStay = { '.tmp': 600_000, '.lease': 86_400_000, '.killed': 30 * 86_400_000 };

/** What is not only its owner's and may not be trusted: somebody else chose what is in it, or where it goes. */
export class ForeignFile extends Error {}

/**
 * Makes the folder, or takes others' rights to it away, and removes what dead writers left. A link and the folder of
 * another user are refused.
 *
 * @throws ForeignFile
 */
export async function prepareFolder(folder: string, files: FileSystem): Promise<void> {
  await files.mkdir(folder, { recursive: true, mode: folderMode });
  const found = await files.lstat(folder);
  if (found.isSymbolicLink()) throw new ForeignFile(`${folder} is a link`);
  // Once more by a handle: what has the name may have changed, and a change of rights must not follow a link.
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
 * Systems without users have nothing to check.
 *
 * @throws ForeignFile
 */
export function checkOwner(path: string, uid: number): void {
  const own = process.geteuid?.();
  if (own !== undefined && uid !== own) throw new ForeignFile(`${path} belongs to another user (${uid})`);
}

/**
 * Reads a file that is only its owner's; others' rights to it are taken away. A link is not followed, and nothing but
 * a file is read.
 *
 * @returns `null` when there is none
 */
export async function readPrivate(path: string, files: FileSystem): Promise<string | null> {
  // What is no file, such as a pipe, must not hold the process up.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await absentAs(null, files.open(path, flags));
  if (file === null) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error(`${path} is no file`);
    checkOwner(path, stat.uid);
    // Under another name it may be read and changed where nobody looks.
    if (stat.nlink > 1) throw new ForeignFile(`${path} has another name, too`);
    if (stat.size > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`);
    if ((stat.mode & othersMask) !== 0) await file.chmod(fileMode);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** How {@link writeWhole} writes. */
export interface WriteOptions {
  /** False: after a power failure the file may be the old one. */
  readonly sync: boolean;
  /** Throws where the new file may not take the old one's place; asked right before. */
  readonly mayReplace?: () => void | Promise<void>;
}

/** Replaces a file as a whole: whoever reads it, and whatever happens meanwhile, has the old one or the new one. */
export async function writeWhole(
  path: string,
  text: string,
  files: FileSystem,
  { sync, mayReplace }: WriteOptions,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  // Fails when the name is taken, by a link too: whoever made it does not get to see what is written.
  const file = await files.open(temporary, 'wx', fileMode);
  try {
    try {
      await file.chmod(fileMode);
      await file.writeFile(text);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    await mayReplace?.();
    await files.rename(temporary, path);
  } catch (error) {
    await files.unlink(temporary).catch(() => {});
    throw error;
  }
  if (sync) await syncFolder(dirname(path), files);
}

/**
 * Deletes a file for good; one that is not there is no failure.
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

/** Tells whether something has this name, whatever it is. */
export async function exists(path: string, files: FileSystem): Promise<boolean> {
  return (await absentAs(null, files.lstat(path))) !== null;
}

/** So that a rename outlives a power failure. Not every system can; the file itself is safe in any case. */
async function syncFolder(folder: string, files: FileSystem): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `absent` in the place of the failure that there is no such file. */
async function absentAs<T, A>(absent: A, action: Promise<T>): Promise<T | A> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return absent;
    throw error;
  }
}
