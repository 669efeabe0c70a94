/**
 * `npm ci` fails when the lockfile lacks a package, those for other platforms included, and `npm install` then
 * rewrites the lockfile. This is checked here without a network. `npm run lock` repairs what it finds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface LockedPackage extends Dependencies {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly libc?: unknown;
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

const root = join(import.meta.dirname, '../..');

/** Each folder with a lockfile of its own, and how its lockfile calls the package of this repository, or null when it is not in it. */
const folders = [
  ['.', ''],
  ['bench', '..'],
  ['docs', null],
  ['examples/clients', '../..'],
] as const;

/** The publishers of these have not published every platform's package of the version that is locked. */
const unpublished = /^(impit|@wreq-js\/binding)-/;

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(root, ...path), 'utf8'));
}

function readLockfile(folder: string): LockedPackages {
  return (readJson(folder, 'package-lock.json') as { packages: LockedPackages }).packages;
}

/** Finds a dependency as Node.js does: beside its user, then in each folder above. */
function findLocked(packages: LockedPackages, user: string, name: string): string | undefined {
  for (let at = user; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in packages) return path;
    if (at === '') return undefined;
  }
}

function missingFrom(packages: LockedPackages): string[] {
  const missing: string[] = [];
  for (const [user, { dependencies, optionalDependencies }] of Object.entries(packages)) {
    // What a linked package needs is in its own lockfile.
    if (user.startsWith('..')) continue;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (findLocked(packages, user, name) === undefined) missing.push(name);
    }
  }
  return [...new Set(missing)];
}

function dependenciesOf(from: Dependencies): Dependencies {
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = from;
  return { dependencies, devDependencies, peerDependencies };
}

describe.each(folders)('the lockfile of %s', (folder, ownName) => {
  const packages = readLockfile(folder);

  it('V5: has every dependency of every package, for each platform', () => {
    const missing = missingFrom(packages).filter((name) => folder !== 'bench' || !unpublished.test(name));
    expect(missing).toEqual([]);
  });

  it('asks for what package.json asks for', () => {
    const asked = dependenciesOf(readJson(folder, 'package.json') as Dependencies);
    expect(dependenciesOf(packages[''] ?? {})).toEqual(asked);
  });

  it.skipIf(ownName === null)('has the dependencies of package.json', () => {
    const own = dependenciesOf(readJson('package.json') as Dependencies);
    expect(dependenciesOf(packages[ownName ?? ''] ?? {})).toEqual(own);
  });

  it('has a checksum of every package and no address', () => {
    const wrong = Object.entries(packages)
      .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
      .filter(([, { integrity, resolved }]) => integrity === undefined || resolved !== undefined);
    expect(wrong).toEqual([]);
  });

  it('has no field that one npm writes and another removes', () => {
    expect(Object.keys(packages).filter((path) => packages[path]?.libc !== undefined)).toEqual([]);
  });

  it('stays without addresses with any user settings', () => {
    expect(readFileSync(join(root, folder, '.npmrc'), 'utf8')).toContain(
      'omit-lockfile-registry-resolved=true',
    );
  });
});
