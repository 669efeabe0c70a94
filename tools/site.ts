/** `npm run docs`: builds the site of the documentation into docs/.vitepress/dist. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { movedToProject, topLevelPages } from '../docs/.vitepress/links.ts';
import { sidebar } from '../docs/.vitepress/sidebar.ts';
import { llmsText } from './llms.ts';

const root = join(import.meta.dirname, '..');
const docs = join(root, 'docs');
const site = join(docs, '.vitepress/dist');

rmSync(join(docs, 'api'), { recursive: true, force: true });
run(['node_modules/typedoc/bin/typedoc']);
run(['node_modules/vitepress/bin/vitepress.js', 'build', '.']);
writePlainText();

function run(words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, words, { cwd: docs, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Each page as Markdown beside its HTML, and llms.txt and llms-full.txt of all. */
function writePlainText(): void {
  const pages = new Map<string, string>();
  for (const { page } of sidebar.flatMap(({ rows }) => rows)) {
    const file = topLevelPages[page.replace('project/', '')];
    const isTopLevel = page.startsWith('project/') && file !== undefined;
    const text = readFileSync(isTopLevel ? join(root, file) : join(docs, `${page}.md`), 'utf8');
    pages.set(page, isTopLevel ? movedToProject(text) : text);
  }
  for (const [page, text] of pages) write(`${page}.md`, text);
  const { name, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { short, full } = llmsText(name, description, sidebar, pages);
  write('llms.txt', short);
  write('llms-full.txt', full);
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(site, name)), { recursive: true });
  writeFileSync(join(site, name), text);
}
