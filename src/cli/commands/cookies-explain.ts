import { withheldBecause } from '../../har/cookie-reasons.ts';
import type { SameSiteContext } from '../../index.ts';
import type { Invocation, Outcome } from '../command.ts';
import { hidden } from '../mask.ts';
import { completeUrl } from '../request.ts';
import { withKeptSession } from '../session-of.ts';
import { tableOf } from '../text-table.ts';
import { cellsOf } from './cookies-list.ts';

/**
 * `cookies explain`: lists the cookies that a request to a URL sends, and why the other cookies of its site are not
 * sent.
 */
export async function explainCookies(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const [url = ''] = args.positionals;
  const context = args.text('context') as SameSiteContext | undefined;
  return withKeptSession(invocation, async ({ session }) => {
    const cookies = session
      .explainCookies(completeUrl(url), context)
      .map(({ cookie, sent, reason = null }) => ({
        cookie: { ...cookie, value: output.showsSecrets ? cookie.value : hidden },
        ...{ sent, reason },
      }));
    const rows = cookies.map(({ cookie, reason }) => [
      reason === null ? 'sent' : `not sent: ${withheldBecause[reason]}`,
      ...cellsOf(cookie),
    ]);
    return { text: tableOf(rows), data: { cookies } };
  });
}
