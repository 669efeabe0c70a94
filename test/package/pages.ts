/** The pages in docs: each document of it but what is made, and what packages have brought. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../tools/entries.ts';

/** Paths in docs without `.md`, such as `guide/install`. */
export const pages: readonly string[] = globSync('**/*.md', {
  cwd: join(root, 'docs'),
  exclude: (path) => /^(node_modules|api|api-report|\.vitepress|project)$/.test(path),
})
  .map((path) => path.replaceAll('\\', '/').replace(/\.md$/, ''))
  .sort();
