import { RequestError } from '../../core/errors.ts';
import { openPage } from '../../page/index.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { arriveAt, keptPage, noteRequest, visitInit } from '../pages.ts';

/** `back`: requests the previous page again. */
export async function goBack(invocation: Invocation): Promise<Outcome> {
  return withClient(invocation, async (client) => {
    const { history } = await keptPage(invocation, client);
    const [url, ...rest] = history;
    if (url === undefined) throw new RequestError('ERR_NOT_FOUND', 'The session has no earlier page');
    noteRequest(invocation, 'GET', url);
    const page = await openPage(client.session, url, visitInit(invocation));
    return arriveAt(invocation, client, page, rest);
  });
}
