/** Links of the README and the docs lead somewhere, in a clone and in the package as it is published. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { anchorOf } from '../../docs/.vitepress/links.ts';
import { root } from '../../tools/entries.ts';
import { pages } from './pages.ts';

const documents = [...globSync('*.md', { cwd: root }), ...pages.map((page) => `docs/${page}.md`)].sort();

/** Links to files, without their fragment. */
function linksOf(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*/, ''));
  return targets
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => normalize(join(dirname(document), target)));
}

it.each(documents)('the links of %s lead to files that exist', (document) => {
  expect(linksOf(document).filter((target) => !existsSync(join(root, target)))).toEqual([]);
});

/** Paths of the repository in code, but for those that stand for a name of the reader's or are made by a build. */
it.each(documents.filter((document) => document !== 'CHANGELOG.md'))(
  'the files that %s names exist',
  (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    const paths = [
      ...text.matchAll(/(?<=`|vitest run )(?:src|test|tools|examples|bench|docs)\/[\w./-]+(?=`)/g),
    ];
    const missing = paths.filter(
      ([path]) => !/NAME|\bx\.test|\/dist$/.test(path) && !existsSync(join(root, path)),
    );
    expect(missing.map(([path]) => path)).toEqual([]);
  },
);

/** The anchors of a document's headings as GitHub makes them. Lines of code blocks are none. */
function anchorsOf(document: string): ReadonlySet<string> {
  const text = readFileSync(join(root, document), 'utf8').replace(/^```.*?^```/gms, '');
  const counts = new Map<string, number>();
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const anchor = anchorOf(heading);
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
  return new Set(anchors);
}

it.each(documents)('the anchors in the links of %s exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const missing = [...text.matchAll(/\]\(([^)\s#]*\.md)?#([^)\s]+)\)/g)].filter(([, target, anchor = '']) => {
    const file = target === undefined ? document : normalize(join(dirname(document), target));
    return !/^[a-z]+:/.test(target ?? '') && !anchorsOf(file).has(anchor);
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

it('the package has what its documents link to', () => {
  const { files }: { files: string[] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const published = documents.filter((document) => document === 'README.md' || document.startsWith('docs/'));
  const missing = published
    .flatMap(linksOf)
    // What is for those who work on it is read at the repository, to which a registry's page resolves links.
    .filter((target) => !/^(CONTRIBUTING|SECURITY|ARCHITECTURE|LICENSE|README)/.test(target))
    .filter((target) => !files.some((file) => target === file || target.startsWith(`${file}/`)));
  expect(missing).toEqual([]);
});

it('has one placeholder for the owner of the repository', () => {
  const named = ['package.json', 'SECURITY.md', '.github/ISSUE_TEMPLATE/config.yml'].flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/github\.com\/([\w-]+)\/jarfetch/g)].map(
      ([, owner]) => owner,
    ),
  );
  expect(new Set(named).size).toBe(1);
});
