import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { checkOwner, fileMode, folderMode, hasCode, othersMask, UntrustedFile } from './durable-file.ts';

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
  // Created first and checked if it exists: another process may create it at the same moment.
  if (!makeFile(path)) checkFile(path, lstatSync(path));
}

/** @returns false when the name exists, also as a link to nothing */
function makeFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', fileMode));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
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
