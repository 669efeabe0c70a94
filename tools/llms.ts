/**
 * The documentation as plain text for agents (https://llmstxt.org): `llms.txt` lists the pages with what each is about,
 * `llms-full.txt` is all of them in one file. The site has each page as Markdown beside its HTML.
 */
import type { SidebarGroup } from '../docs/.vitepress/sidebar.ts';

export interface PageText {
  readonly title: string;
  /** The first sentence below the title. */
  readonly about: string;
  /** The page without its title. */
  readonly body: string;
}

/** Takes a page of Markdown apart. */
export function pageText(markdown: string): PageText {
  const [, title = '', body = ''] = /^# (.+)\n+([\s\S]*)$/.exec(markdown) ?? [];
  if (title === '') throw new Error(`A page begins with its title: ${markdown.slice(0, 60)}`);
  const paragraph = body.split(/\n\s*\n/).find((block) => /^(?!```)[\w`*]/.test(block.trim())) ?? '';
  const about = /^.+?[.:](?=\s|$)/s.exec(paragraph.trim())?.[0] ?? paragraph.trim();
  return { title, about: about.replace(/\s+/g, ' ').replace(/:$/, '.'), body: body.trimEnd() };
}

/** @param pages the Markdown of each page, by its path in the sidebar */
export function llmsText(
  name: string,
  description: string,
  sidebar: readonly SidebarGroup[],
  pages: ReadonlyMap<string, string>,
): { readonly short: string; readonly full: string } {
  const head = `# ${name}\n\n> ${description}\n`;
  const groups = sidebar.map(({ text, rows }) => {
    const lines = rows.map(({ text: row, page }) => {
      const { about } = pageText(pages.get(page) ?? '');
      return `- [${row}](${page}.md)${about === '' ? '' : `: ${about}`}`;
    });
    return `\n## ${text}\n\n${lines.join('\n')}\n`;
  });
  const texts = sidebar.flatMap(({ rows }) =>
    rows.map(({ page }) => {
      const { title, body } = pageText(pages.get(page) ?? '');
      return `\n---\n\n# ${title}\n\nPage: ${page}.md\n\n${body}\n`;
    }),
  );
  return { short: `${head}${groups.join('')}`, full: `${head}${texts.join('')}` };
}
