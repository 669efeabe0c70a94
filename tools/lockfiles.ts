/**
 * `npm run lock`: brings each package-lock.json up to its package.json. npm leaves out the packages of other platforms
 * when it finds a node_modules folder (https://github.com/npm/cli/issues/4828), so this works on a copy without one.
 * Versions that are locked stay.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folders = ['.', 'bench', 'docs', 'examples/clients'];

const copy = mkdtempSync(join(tmpdir(), 'jarfetch-lock-'));
try {
  for (const folder of folders) {
    mkdirSync(join(copy, folder), { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      copyFileSync(join(root, folder, file), join(copy, folder, file));
    }
  }
  for (const folder of folders) lock(folder);
} finally {
  rmSync(copy, { recursive: true });
}

function lock(folder: string): void {
  const { status } = spawnSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], {
    cwd: join(copy, folder),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm could not make ${join(folder, 'package-lock.json')}`);
  const lockfile: { packages: Record<string, { libc?: unknown }> } = JSON.parse(
    readFileSync(join(copy, folder, 'package-lock.json'), 'utf8'),
  );
  // npm 11 writes this field and npm 10 removes it; both leave a lockfile alone that does not have it.
  for (const locked of Object.values(lockfile.packages)) delete locked.libc;
  writeFileSync(join(root, folder, 'package-lock.json'), `${JSON.stringify(lockfile, null, 2)}\n`);
}
