/** The entries of the package, read from `exports` of package.json: './registry' is src/registry/index.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** npm runs scripts in the folder of package.json; the path of this file is another once tsup bundles its configuration. */
export const root: string = process.cwd();

interface PackageJson {
  readonly exports: Readonly<Record<string, unknown>>;
}

const { exports }: PackageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** File names of the entries in dist, without extension, each with its source. */
export const entries: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) =>
      path === '.' ? ['index', 'src/index.ts'] : [path.slice(2), `src/${path.slice(2)}/index.ts`],
    ),
);
