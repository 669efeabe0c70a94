import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { checkOwner, fileMode, folderMode, othersMask, UntrustedFile } from './durable-file.ts';

/**
 * Makes the file of a database, or takes others' rights to it away. SQLite gives the files beside it the same rights.
 * A link, a file with a second name, and the file of another user are refused.
 *
 * In one go, before SQLite opens it: to close a file that is open in the same process ends the locks that SQLite has
 * on it (https://sqlite.org/howtocorrupt.html, section 2.2), so one that is there is not opened here.
 *
 * @throws UntrustedFile
 */
export function prepareDatabaseFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: folderMode });
  // Another process may make the file at the same moment: whoever comes second checks what is there.
  if (!makeFile(path)) checkFile(path, lstatSync(path));
}

/** @returns false when there is one of this name, also a link that leads nowhere */
function makeFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', fileMode));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function checkFile(path: string, found: Stats): void {
  if (found.isSymbolicLink()) throw new UntrustedFile(`${path} is a link`);
  if (!found.isFile()) throw new UntrustedFile(`${path} is not a file`);
  checkOwner(path, found.uid);
  // Under another name SQLite would look for its journal elsewhere.
  if (found.nlink > 1) throw new UntrustedFile(`${path} has another name, too`);
  if ((found.mode & othersMask) !== 0) chmodSync(path, fileMode);
}
