import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const most = 300;

const longFiles = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .filter((path) => readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length > most);

/** The rows of the table under "Long files" in ARCHITECTURE.md: file and reason. */
const section = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  .split(/^## /m)
  .find((text) => text.startsWith('Long files'));
const rows = [...(section ?? '').matchAll(/^\| `(src\/[^`]+)` \| (.+) \|$/gm)].map(
  ([, file = '', reason = '']) => ({ file, reason }),
);

it(`files of more than ${most} lines are those that ARCHITECTURE.md gives a reason for`, () => {
  expect(longFiles.sort()).toEqual(rows.map(({ file }) => file).sort());
});

it.each(rows)('the reason for the length of $file is a sentence', ({ reason }) => {
  expect(reason).toMatch(/^[A-Z].{30,}\.$/);
});
