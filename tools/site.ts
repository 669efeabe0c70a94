/** `npm run docs`: builds the site of the documentation into docs/.vitepress/dist. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(import.meta.dirname, '../docs');

rmSync(join(docs, 'api'), { recursive: true, force: true });
run(['node_modules/typedoc/bin/typedoc']);
run(['node_modules/vitepress/bin/vitepress.js', 'build', '.']);

function run(words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, words, { cwd: docs, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
