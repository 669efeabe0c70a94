import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { slowTests } from '../slow-tests.ts';

const root = join(import.meta.dirname, '../..');

it.each(Object.keys(slowTests))('the slow tests %s exist', (glob) => {
  const files = globSync(glob, { cwd: root }).filter((path) => path.endsWith('.test.ts'));
  expect(files).not.toEqual([]);
});
