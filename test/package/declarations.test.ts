/**
 * What users see in their editors: the public types name no internals. Reads docs/api-report, which `npm run check`
 * holds to what src says.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../tools/entries.ts';
import { publicNames } from './public-names.ts';
import { unexportedTypes } from './unexported-types.ts';

const folder = join(root, 'docs/api-report');
const reports = readdirSync(folder);

/** The names under the heading of what is not exported. */
function unexportedOf(report: string): string[] {
  const [, rest = ''] = readFileSync(join(folder, report), 'utf8').split('// Not exported');
  const found = rest.matchAll(
    /^(?:declare )?(?:abstract )?(?:class|const|function|interface|type) ([\w$]+)/gm,
  );
  return [...found].map(([, name = '']) => name);
}

it('has one report for each entry', () => {
  const names = Object.keys(publicNames).map((entry) => (entry === '.' ? 'index' : entry.slice(2)));
  expect(reports.toSorted()).toEqual(names.map((name) => `${name}.d.ts`).sort());
});

it('V6: the public types name no type that is not exported, except those with a written reason', () => {
  expect(reports.flatMap(unexportedOf).sort()).toEqual(Object.keys(unexportedTypes).sort());
});

it.each(reports)('V6: %s has no name that the bundler made up', (report) => {
  expect(readFileSync(join(folder, report), 'utf8')).not.toMatch(/\w\$\d/);
});
