/** What the README shows below its title. It is made of package.json and the lockfile, so no service has to draw it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chip, svg } from './drawing.ts';

const root = join(import.meta.dirname, '../..');

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
}

/** The facts, a badge each. */
export function readBadges(): string[] {
  const read = (name: string): string => readFileSync(join(root, name), 'utf8');
  const { version, license, engines, types, dependencies } = JSON.parse(read('package.json'));
  const { packages }: { packages: Record<string, LockedPackage> } = JSON.parse(read('package-lock.json'));
  const installed = Object.entries(packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true,
  );
  const isNative = installed.some(([, { hasInstallScript }]) => hasInstallScript === true);
  return [
    `version ${version}`,
    `Node.js ${engines.node.replace('>=', '')} or newer`,
    `${Object.keys(dependencies).length} dependencies${isNative ? '' : ', no native code'}`,
    ...(types === undefined ? [] : ['types included']),
    license,
  ];
}

export function drawBadges(badges: readonly string[]): string {
  const shapes: string[] = [];
  let x = 8;
  for (const badge of badges) {
    const { shape, next } = chip(x, 6, badge, 'inner');
    shapes.push(shape);
    x = next;
  }
  const description = `The package has these properties: ${badges.join('; ')}.`;
  return svg({ width: x + 2, height: 32, title: 'The package in short', description, shapes });
}
