/**
 * The fast tests with the newest undici 8, in a copy. What is pinned may be older; this says early what a newer one
 * changes of what src/core/transport/head relies upon.
 */
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from './suite.ts';
import { run } from './system.ts';

const root = join(import.meta.dirname, '../..');

export const suite: Suite = {
  name: 'newest-undici',
  async run({ step, defer, signal }) {
    const folder = await mkdtemp(join(tmpdir(), 'jarfetch-undici-'));
    defer(() => rm(folder, { recursive: true, maxRetries: 5 }));
    await step('the newest undici 8 installs in a copy', async () => {
      await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, 'undici@8'], signal);
      await copyProject(folder);
      const { version } = JSON.parse(
        await readFile(join(folder, 'node_modules/undici/package.json'), 'utf8'),
      ) as { version: string };
      console.log(`  undici ${version}`);
    });
    await step('the fast tests pass with it', () =>
      run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast'], signal, folder),
    );
  },
};

/** Copies the files and links the packages, but for undici, and for what is built and measured. */
async function copyProject(folder: string): Promise<void> {
  const skipped = new Set(['node_modules', 'dist', 'coverage', 'test-results', '.git']);
  for (const name of await readdir(root)) {
    if (skipped.has(name)) continue;
    await cp(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.includes('node_modules', root.length),
    });
  }
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name === 'undici' || name.startsWith('.')) continue;
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
}
