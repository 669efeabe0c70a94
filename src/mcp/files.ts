import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ToolError } from './tool-error.ts';

/** The folder whose files the tools may read and write; without one they have no files. */
export class Files {
  readonly #folder: string | null;

  constructor(folder: string | null) {
    this.#folder = folder;
  }

  /**
   * The path of a file in the folder.
   * @throws ToolError ERR_FILE for a name that leads out of the folder, also through links, and where there is no
   * folder
   */
  async path(name: string): Promise<string> {
    if (this.#folder === null) {
      const next = 'The operator of this server can set a folder with --folder.';
      throw new ToolError('ERR_FILE', 'This server has no folder for files', next);
    }
    if (!/^[\w][\w .-]{0,200}$/.test(name)) {
      const message = 'A file name has letters, digits, spaces, dots, dashes and underscores, and no folder';
      throw new ToolError('ERR_FILE', message, 'Give a plain file name.');
    }
    const folder = await realpath(this.#folder).catch(() => null);
    if (folder === null)
      throw new ToolError(
        'ERR_FILE',
        'The folder of this server does not exist any more',
        'Continue without files.',
      );
    const path = join(folder, name);
    const found = await lstat(path).catch(() => null);
    if (found !== null && (!found.isFile() || !path.startsWith(folder + sep))) {
      throw new ToolError('ERR_FILE', 'This is not a regular file', 'Choose another name.');
    }
    return path;
  }

  /**
   * The path of a file that is not there yet.
   * @throws ToolError ERR_FILE, also for a file that is there: nothing is replaced
   */
  async newPath(name: string): Promise<string> {
    const path = await this.path(name);
    if ((await lstat(path).catch(() => null)) === null) return path;
    throw new ToolError('ERR_FILE', 'There is a file of this name already', 'Give another name.');
  }
}
