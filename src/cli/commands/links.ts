import type { Invocation, Outcome } from '../command.ts';
import { withPage } from '../pages.ts';
import { showLink } from '../shown-page.ts';
import { targetOn } from '../targets.ts';
import { tableOf } from '../text-table.ts';

/** `links`: lists all links, or those that match a target. */
export async function listLinks(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const [word] = args.positionals;
  return withPage(invocation, async ({ page, kept, client }) => {
    const found = page.links(word === undefined ? undefined : targetOn(kept, word));
    const links = found.map((link) => showLink(link, output.showsSecrets));
    if (output.json === 'lines') {
      for (const link of links) await output.item(link);
      return { session: client.name };
    }
    const text = output.isTerminal
      ? tableOf(links.map((link) => [link.text.slice(0, 40), link.url]))
      : links.map(({ url }) => url).join('\n');
    return { text, data: { links }, session: client.name };
  });
}
