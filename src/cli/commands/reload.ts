import { RequestError } from '../../core/errors.ts';
import { openPage } from '../../page/index.ts';
import { reloadInit } from '../../page/restore-page.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { arriveAt, keptPage, noteRequest, visitInit } from '../pages.ts';

/** `reload`: requests the kept page again, with the form's body where the page is the answer to a form. */
export async function reloadPage(invocation: Invocation): Promise<Outcome> {
  return withClient(invocation, async (client) => {
    const { page, history } = await keptPage(invocation, client);
    const { reload } = page;
    if (reload === null) {
      throw new RequestError(
        'ERR_BODY_NOT_REPLAYABLE',
        'The body of the request for this page is not stored: submit the form again',
      );
    }
    noteRequest(invocation, reload.method, reload.url);
    const init = { ...reloadInit(reload), ...visitInit(invocation) };
    const again = await openPage(client.session, reload.url, init);
    return arriveAt(invocation, client, again, history);
  });
}
