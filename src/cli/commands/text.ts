import type { Invocation, Outcome } from '../command.ts';
import { withPage } from '../pages.ts';
import { showText } from '../shown-page.ts';

/** `text`: prints the text of the page. */
export async function readText(invocation: Invocation): Promise<Outcome> {
  return withPage(invocation, async ({ page, client }) => {
    const text = showText(page.text(), invocation.output.showsSecrets);
    return { text, data: { text: text }, session: client.name };
  });
}
