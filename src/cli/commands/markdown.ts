import type { Invocation, Outcome } from '../command.ts';
import { withPage } from '../pages.ts';
import { showText } from '../shown-page.ts';

/** `markdown`: prints the page as Markdown. */
export async function readMarkdown(invocation: Invocation): Promise<Outcome> {
  return withPage(invocation, async ({ page, client }) => {
    const text = showText(page.markdown(), invocation.output.showsSecrets);
    return { text, data: { markdown: text }, session: client.name };
  });
}
