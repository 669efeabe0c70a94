import { openPage } from '../../page/index.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { arriveAt, keeperOf, noteRequest, visitInit } from '../pages.ts';
import { completeUrl } from '../request.ts';

/** `open`: opens a page as if its URL was typed; the session keeps it. */
export async function openUrl(invocation: Invocation): Promise<Outcome> {
  const [word = ''] = invocation.args.positionals;
  return withClient(invocation, async (client) => {
    const before = client.kept === null ? null : await keeperOf(invocation, client).loadForHistory();
    const url = completeUrl(word);
    noteRequest(invocation, 'GET', url);
    const page = await openPage(client.session, url, visitInit(invocation));
    return arriveAt(invocation, client, page, before);
  });
}
