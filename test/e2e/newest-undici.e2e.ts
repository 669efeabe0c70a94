/**
 * The fast tests with the newest undici 8 on Node.js 26, in a copy. The pinned undici may be older: this shows early what
 * a newer one changes of what src/core/transport/head relies upon.
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
    const node = join(folder, 'node_modules/node/bin/node');
    await step('the newest undici 8 and Node.js 26 install in a copy', async () => {
      const packages = ['undici@8', 'node@26'];
      await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, ...packages], signal);
      await copyProject(folder);
      const { version } = JSON.parse(
        await readFile(join(folder, 'node_modules/undici/package.json'), 'utf8'),
      ) as { version: string };
      console.log(`  undici ${version}, Node.js ${(await run(node, ['--version'], signal)).trim()}`);
    });
    await step('the fast tests pass with them', () =>
      run(node, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast'], signal, folder),
    );
  },
};

/** Copies the files, but not what is built or measured, and links the packages that are not installed there. */
async function copyProject(folder: string): Promise<void> {
  const skipped = new Set(['node_modules', 'dist', 'coverage', 'test-results', '.git']);
  for (const name of await readdir(root)) {
    if (skipped.has(name)) continue;
    await cp(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.includes('node_modules', root.length),
    });
  }
  const installed = new Set(await readdir(join(folder, 'node_modules')));
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (installed.has(name) || name.startsWith('.')) continue;
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
}
