/**
 * Builds dist unless it was built from what is here now: `node tools/build-once.ts`. A stamp in node_modules/.cache has a
 * hash of the sources, and the size and time of each built file, so that another build or a removed file is noticed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sources = [
  'src/**/*.ts',
  'tools/{declarations,entries}.ts',
  'tsup.config.ts',
  'tsconfig.json',
  'package.json',
];
const stampFile = 'node_modules/.cache/jarfetch-build';

/** What the sources of a folder are, and what was built of them; `null` where nothing was built. */
export function stampOf(folder: string): string | null {
  const built = filesOf(folder, ['dist/**/*.{js,cjs,ts,cts}']);
  if (built.length === 0) return null;
  const hash = createHash('sha256');
  for (const file of filesOf(folder, sources))
    hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  for (const file of built) {
    const { size, mtimeMs } = statSync(join(folder, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Whether `build` was needed. It is called in any folder that has no stamp, or another one. */
export function buildOnce(folder: string, build: () => void): boolean {
  const stamp = join(folder, stampFile);
  if (stampOf(folder) === readStamp(stamp)) return false;
  build();
  mkdirSync(join(stamp, '..'), { recursive: true });
  writeFileSync(stamp, stampOf(folder) ?? '');
  return true;
}

function filesOf(folder: string, patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: folder }).sort();
}

function readStamp(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

if (process.argv[1] === import.meta.filename) {
  buildOnce(process.cwd(), () => {
    // By the path of the program, which needs no shell on any system.
    const { status } = spawnSync(process.execPath, ['node_modules/tsup/dist/cli-default.js', '--silent'], {
      stdio: 'inherit',
    });
    if (status !== 0) process.exit(status ?? 1);
  });
}
