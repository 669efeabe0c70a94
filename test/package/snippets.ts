/** The snippets of the README and the docs: fenced blocks of JavaScript and TypeScript. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../tools/entries.ts';
import { pages } from './pages.ts';

export interface Snippet {
  readonly document: string;
  /** Line of the document that the code begins on, counted from 1. */
  readonly line: number;
  /** The heading above it. */
  readonly heading: string;
  readonly code: string;
}

/** The documents that a user reads. */
export const documents: readonly string[] = ['README.md', ...pages.map((page) => `docs/${page}.md`)];

/** The snippets of a document, in their order. */
export function snippetsOf(document: string): Snippet[] {
  const snippets: Snippet[] = [];
  let heading = '';
  let code: string[] | null = null;
  let isProgram = false;
  let start = 0;
  for (const [index, line] of readFileSync(join(root, document), 'utf8').split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (fence === null) {
      if (code !== null) code.push(line);
      else heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
    } else if (code === null) {
      code = [];
      isProgram = /^(js|ts|javascript|typescript)$/.test(fence[1] ?? '');
      start = index + 2;
    } else {
      if (isProgram) snippets.push({ document, line: start, heading, code: code.join('\n') });
      code = null;
    }
  }
  return snippets;
}
