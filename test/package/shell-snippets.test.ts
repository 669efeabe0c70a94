/** The shell snippets of the README and the docs: bash reads each, and the scripts that they name are there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../tools/entries.ts';
import { documents } from './snippets.ts';

interface ShellSnippet {
  readonly document: string;
  /** Line of the document that the commands begin on, counted from 1. */
  readonly line: number;
  readonly commands: string;
}

const snippets: readonly ShellSnippet[] = documents.flatMap((document) => {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(?:sh|bash|shell)\n(.*?)^```/gms)].map(({ index, 1: commands = '' }) => ({
    document,
    line: text.slice(0, index).split('\n').length + 1,
    commands,
  }));
});

const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

it('there are shell snippets', () => {
  expect(snippets.length).toBeGreaterThan(5);
});

it.skipIf(process.platform === 'win32').each(snippets)('bash reads $document:$line', ({ commands }) => {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: commands, encoding: 'utf8' });
  expect([stderr, status]).toEqual(['', 0]);
});

it.each(snippets)('the scripts that $document:$line runs exist', ({ commands }) => {
  const named = [...commands.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
