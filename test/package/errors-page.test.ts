/** docs/errors.md has a row with cause and remedy for each code that the package throws, and for no other. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../tools/entries.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const codesIn = (text: string): string[] => [...text.matchAll(/\bERR_[A-Z_]+\b/g)].map(([code]) => code);

/** The union of a type, as it is written in its file. */
const union = (file: string, name: string): string[] =>
  codesIn(new RegExp(`type ${name} =(.*?);`, 's').exec(read(file))?.[1] ?? '');

const rows = read('docs/errors.md')
  .split('\n')
  .filter((line) => line.startsWith('| `ERR_'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, code = '', cause = '', remedy = '']) => ({ code: code.replaceAll('`', ''), cause, remedy }));

it('has one row for each code of RequestError, of tools and of the command line', () => {
  const ofPackage = union('src/core/errors.ts', 'RequestErrorCode');
  const ofTools = union('src/mcp/tool-error.ts', 'ToolErrorCode');
  const ofProgram = globSync('src/cli/**/*.ts', { cwd: root }).flatMap((file) =>
    [...read(file).matchAll(/\bcode(?: =|:) '(ERR_[A-Z_]+)'/g)].map(([, code = '']) => code),
  );
  expect([ofPackage.length > 50, ofTools.length > 4, ofProgram.length > 1]).toEqual([true, true, true]);
  expect(rows.map(({ code }) => code).sort()).toEqual(
    [...new Set([...ofPackage, ...ofTools, ...ofProgram])].sort(),
  );
});

it('says cause and remedy of each', () => {
  expect(rows.filter(({ cause, remedy }) => cause === '' || remedy === '')).toEqual([]);
});

it('names no other code anywhere', () => {
  const known = new Set(rows.map(({ code }) => code));
  expect(codesIn(read('docs/errors.md')).filter((code) => !known.has(code))).toEqual([]);
});
