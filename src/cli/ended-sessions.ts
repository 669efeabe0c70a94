import { join } from 'node:path';
import {
  prepareFolder,
  readPrivate,
  removeDurably,
  systemFiles,
  writeWhole,
} from '../registry/durable-file.ts';
import { fileNameOf } from '../registry/file-names.ts';

/** How long the reason why a session ended is kept, in milliseconds. */
const longestMemory = 30 * 86_400_000;

/**
 * Which sessions have expired. A registry keeps this only in memory, and each command is a process of its own, so the
 * reason is written to a file for the next commands.
 */
export class EndedSessions {
  readonly #folder: string;

  /** @param folder is created with the first note */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async note(id: string, now = Date.now()): Promise<void> {
    await prepareFolder(this.#folder, systemFiles);
    await writeWhole(this.#pathOf(id), JSON.stringify({ expiredAt: now }), systemFiles, { sync: false });
  }

  async hasExpired(id: string, now = Date.now()): Promise<boolean> {
    const note = await readPrivate(this.#pathOf(id), systemFiles);
    const [, at] = /^\{"expiredAt":(\d+)\}$/.exec(note ?? '') ?? [];
    return at !== undefined && Number(at) > now - longestMemory;
  }

  async forget(id: string): Promise<void> {
    await removeDurably(this.#pathOf(id), systemFiles);
  }

  #pathOf(id: string): string {
    return join(this.#folder, fileNameOf(id));
  }
}
