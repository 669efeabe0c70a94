import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { testOfFiles } from './test-of-files.ts';

const root = resolve(import.meta.dirname, '..');
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => path.replaceAll('\\', '/').slice(0, -'.ts'.length))
  .sort();

const hasTest = (name: string): boolean => existsSync(join(root, 'test', `${name}.test.ts`));
const lines = Object.entries(testOfFiles);

it('every source file has a test of its name or a line that names its test', () => {
  expect(files.filter((file) => !hasTest(file) && !Object.hasOwn(testOfFiles, file))).toEqual([]);
});

it('every line names a test that exists', () => {
  expect(lines.filter(([, test]) => !hasTest(test))).toEqual([]);
});

it('every line is for a source file without a test of its name', () => {
  expect(lines.filter(([file]) => !files.includes(file) || hasTest(file))).toEqual([]);
});
