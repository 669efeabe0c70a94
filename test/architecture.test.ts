/** ARCHITECTURE.md says what the code is: its invariants are cited by name, and what it names exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/** The cells of each row of the table under a heading. */
function rowsUnder(heading: string): string[][] {
  const section = architecture.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) => line.slice(2, -2).split(' | '));
}

const sources = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path).replaceAll('\\', '/'))
    .filter((path) => path !== 'test/architecture.test.ts'),
);
const citations = sources.flatMap((path) => {
  // A comment of several lines is read as one.
  const text = readFileSync(join(root, path), 'utf8').replace(/\n\s*(?:\*|\/\/) /g, ' ');
  return [...text.matchAll(/\binvariants?\b:? ?([^.;*\n]*)/gi)].map(([, name = '']) => ({ path, name }));
});

describe('the invariants', () => {
  const invariants = rowsUnder('Invariants').map(([name = '', , test = '']) => ({ name, test }));
  const names = invariants.map(({ name }) => name);

  it('are cited by the names that ARCHITECTURE.md defines', () => {
    expect(names).toHaveLength(7);
    expect(citations.filter(({ name }) => !names.includes(name))).toEqual([]);
  });

  it.each(names)('%s: is cited in src', (name) => {
    expect(citations.some((citation) => citation.name === name && citation.path.startsWith('src/'))).toBe(
      true,
    );
  });

  it.each(invariants)('$name: its test exists', ({ test }) => {
    expect(test).toMatch(/^`test\/.+\.test\.ts`$/);
    expect(existsSync(join(root, test.slice(1, -1)))).toBe(true);
  });
});

describe('"Where is …"', () => {
  const rows = rowsUnder('Where is …').map(([question = '', file = '']) => ({ question, file }));

  it('has at least the fifteen questions of the start', () => {
    expect(rows.length).toBeGreaterThanOrEqual(15);
  });

  it.each(rows)('$question: is answered by one file that exists', ({ file }) => {
    expect(file).toMatch(/^`src\/[\w/-]+\.ts`$/);
    expect(existsSync(join(root, file.slice(1, -1)))).toBe(true);
  });
});

it.each(rowsUnder('Rooms').map(([room = '']) => room))('the room %s exists', (room) => {
  const [, folder = ''] = /`([\w/.-]+?)(?:\/\*\.ts)?`/.exec(room) ?? [];
  expect(folder).not.toBe('');
  expect(existsSync(join(root, 'src', folder))).toBe(true);
});
