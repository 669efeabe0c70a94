import type { Invocation, Outcome } from '../command.ts';
import { maskUrl } from '../mask.ts';
import { Sessions } from '../sessions.ts';
import { sessionNamed } from '../state-folder.ts';
import { tableOf } from '../text-table.ts';
import { UsageError } from '../usage-error.ts';

/** `session show`: prints a session without the values of its cookies. */
export async function showSession({ args, io, output }: Invocation): Promise<Outcome> {
  const name = sessionNamed(args.positionals[0] ?? args.text('session'), io);
  if (name.kind === 'none' || name.kind === 'new') {
    throw new UsageError('session show needs a name: jarfetch session show NAME, or set JARFETCH_SESSION');
  }
  const document = await new Sessions(io).read(name);
  const id = name.kind === 'path' ? name.path : name.id;
  const { browser, os, baseUrl, createdAt, lastUsedAt, requests, userData } = document;
  const proxy = document.proxy === null || output.showsSecrets ? document.proxy : maskUrl(document.proxy);
  const cookies = document.cookies.length;
  const rows = [
    ['session', id],
    ['browser', `${browser ?? 'none'}, ${os}`],
    ['base URL', baseUrl ?? 'none'],
    ['proxy', proxy ?? 'none'],
    ['cookies', String(cookies)],
    ['requests', String(requests)],
    ['made', new Date(createdAt).toISOString()],
    ['used', new Date(lastUsedAt).toISOString()],
  ];
  const data = { id, browser, os, baseUrl, proxy, cookies, requests, createdAt, lastUsedAt, userData };
  return { text: tableOf(rows), session: id, data };
}
