/** llms.txt and llms-full.txt: what agents read of the documentation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../tools/entries.ts';
import { llmsText, pageText } from '../../tools/llms.ts';
import { pages } from './pages.ts';

describe('a page', () => {
  it.each([
    ['# Cookies\n\nA jar keeps them. It is one.\n\nMore.\n', 'A jar keeps them.'],
    ['# Cookies\n\n![picture](a.svg)\n\n`jar` keeps\nthem: so.\n', '`jar` keeps them.'],
    ['# Cookies\n\n```sh\nnpm i\n```\n\nThen this.', 'Then this.'],
    ['# Cookies\n\n## Only a heading\n', ''],
  ])('%j is about: %s', (markdown, about) => {
    expect(pageText(markdown)).toMatchObject({ title: 'Cookies', about });
  });

  it('without a title is refused', () => {
    expect(() => pageText('Cookies')).toThrow('A page begins with its title: Cookies');
  });
});

it('the list has a line for each page, and the whole has each page', () => {
  const sidebar = [
    { text: 'Start', rows: [{ text: 'First', page: 'guide/first' }] },
    { text: 'Rules', rows: [{ text: 'Cookies', page: 'cookies' }] },
  ];
  const texts = new Map([
    ['guide/first', '# Begin\n\nInstall it. Then run.\n'],
    ['cookies', '# Cookies\n\nKept in a jar.\n'],
  ]);
  const { short, full } = llmsText('jarfetch', 'fetch with a memory', sidebar, texts);
  expect(short).toBe(
    '# jarfetch\n\n> fetch with a memory\n\n## Start\n\n- [First](guide/first.md): Install it.\n' +
      '\n## Rules\n\n- [Cookies](cookies.md): Kept in a jar.\n',
  );
  expect(full).toContain('\n# Begin\n\nPage: guide/first.md\n\nInstall it. Then run.\n\n---\n\n# Cookies\n');
});

it.each(pages.filter((page) => page !== 'index'))('docs/%s.md says what it is about', (page) => {
  const { about } = pageText(readFileSync(join(root, 'docs', `${page}.md`), 'utf8'));
  expect(about).not.toBe('');
});
