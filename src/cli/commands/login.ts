import { parseTarget } from '../../page/document/target.ts';
import { logIn } from '../../page/index.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { fieldItems, fieldValue } from '../fields.ts';
import { arriveAt, keeperOf, noteRequest, visitInit } from '../pages.ts';
import { completeUrl } from '../request.ts';
import { readPassword } from '../secret-input.ts';
import { UsageError } from '../usage-error.ts';

/** `login`: logs in with the login form of a page. */
export async function logInByForm(invocation: Invocation): Promise<Outcome> {
  const { args, io } = invocation;
  const [word = '', ...items] = args.positionals;
  const username = args.text('user');
  if (username === undefined) throw new UsageError('login needs --user NAME');
  const extra: [string, unknown][] = [];
  for (const item of fieldItems(items)) extra.push([item.name, await fieldValue(item)]);
  const check = args.text('check');
  const form = args.text('login-form');
  return withClient(invocation, async (client) => {
    const before = await keeperOf(invocation, client).loadForHistory();
    const password = await readPassword(args, io, `Password of ${username}: `);
    const url = completeUrl(word);
    noteRequest(invocation, 'POST', url);
    const page = await logIn(client.session, url, {
      ...{ username, password, ...visitInit(invocation) },
      ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) as Record<string, string> }),
      ...(form === undefined ? {} : { form: parseTarget(form) }),
      ...(check === undefined ? {} : { check: (answer) => answer.isHtml && answer.query(check) !== null }),
    });
    return arriveAt(invocation, client, page, before);
  });
}
