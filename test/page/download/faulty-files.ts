import * as nodeFiles from 'node:fs/promises';
import type { DownloadFiles } from '../../../src/page/download/part-file.ts';

/** Node's file system, which notes what a download does, and fails at one step as a full disk does. */
export class FaultyFiles {
  readonly steps: string[] = [];
  failAt: string | null = null;
  /** Most bytes that one write takes. */
  mostBytes = Number.POSITIVE_INFINITY;

  #step(name: string): void {
    this.steps.push(name);
    if (name === this.failAt) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  }

  readonly files: DownloadFiles = {
    ...nodeFiles,
    open: async (path, flags, mode) => {
      const kind = flags === 'r' ? 'folder' : 'part';
      this.#step(`open ${kind}`);
      const handle = await nodeFiles.open(path, flags, mode);
      const { sync, truncate } = handle;
      const write = handle.write.bind(handle) as (...args: unknown[]) => ReturnType<typeof handle.write>;
      Object.assign(handle, {
        write: async (bytes: Uint8Array, offset: number, length: number, position: number) => {
          this.#step('write');
          return write(bytes, offset, Math.min(length, this.mostBytes), position);
        },
        sync: async () => {
          this.#step(`sync ${kind}`);
          await sync.call(handle);
        },
        truncate: async (length: number) => {
          this.#step('truncate');
          await truncate.call(handle, length);
        },
      });
      return handle;
    },
    writeFile: async (...args: Parameters<DownloadFiles['writeFile']>) => {
      this.#step('write note');
      await nodeFiles.writeFile(...args);
    },
    rename: async (from, to) => {
      this.#step('rename');
      await nodeFiles.rename(from, to);
    },
  };
}
