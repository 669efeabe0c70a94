import { restorePage } from '../../page/restore-page.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { parseCount } from '../duration.ts';
import { arriveAt, keptPage, noteRequest, visitInit } from '../pages.ts';
import { targetOn } from '../targets.ts';

/** `follow`: follows a link of the kept page. */
export async function followLink(invocation: Invocation): Promise<Outcome> {
  const { args } = invocation;
  const [word = ''] = args.positionals;
  const nth = args.text('nth');
  return withClient(invocation, async (client) => {
    const kept = await keptPage(invocation, client);
    const page = restorePage(client.session, kept.page);
    const link = page.link(targetOn(kept, word, nth === undefined ? undefined : parseCount('--nth', nth)));
    noteRequest(invocation, 'GET', link.url?.href ?? link.href);
    const next = await page.follow(link, visitInit(invocation));
    return arriveAt(invocation, client, next, kept);
  });
}
