import { chmod, link, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemFiles } from '../../src/registry/durable-file.ts';
import { withFileLock } from '../../src/registry/file-lock.ts';
import { KnownFiles } from '../../src/registry/known-files.ts';
import { temporaryFolder } from '../helpers/folders.ts';

/** A file that was written by this process. */
async function written(text = 'ours') {
  const path = join(await temporaryFolder(), 'file');
  const known = new KnownFiles();
  known.keep(path, await withFileLock(path, 600_000, (lock) => lock.replace(path, text)));
  return { path, known, textOf: () => known.textOf(path, systemFiles) };
}

describe('a file that this process wrote', () => {
  it('is known without reading it', async () => {
    const { known, textOf } = await written();
    expect([await textOf(), await textOf()]).toEqual(['ours', 'ours']);
    await known.close();
    expect(await textOf()).toBe(null);
  });

  it('is not known after another process wrote the same size at the same time', async () => {
    const { path, textOf } = await written();
    const { atime, mtime } = await stat(path);
    // Twice, so that the number of the first one would be free again.
    for (const text of ['them', 'they']) {
      await writeFile(`${path}.tmp`, text, { mode: 0o600 });
      await utimes(`${path}.tmp`, atime, mtime);
      await rename(`${path}.tmp`, path);
    }
    expect(await textOf()).toBe(null);
    expect(await readFile(path, 'utf8')).toBe('they');
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ['was deleted', unlink],
    ['was edited by hand', (path) => writeFile(path, 'longer than ours')],
    ['can be read by others', (path) => chmod(path, 0o644)],
    ['has another name, too', (path) => link(path, `${path}.more`)],
  ])('is not known when it %s', async (_, change) => {
    const { path, textOf } = await written();
    await change(path);
    expect(await textOf()).toBe(null);
  });

  it('is kept only among those that were written last', async () => {
    const folder = await temporaryFolder();
    const known = new KnownFiles();
    const paths = Array.from({ length: 140 }, (_, index) => join(folder, `file${index}`));
    for (const path of paths) {
      known.keep(path, await withFileLock(path, 600_000, (lock) => lock.replace(path, path)));
    }
    const texts = await Promise.all(paths.map((path) => known.textOf(path, systemFiles)));
    expect(texts.filter((text) => text !== null)).toEqual(paths.slice(12));
    await known.close();
  });
});
