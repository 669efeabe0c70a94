import type { Invocation, Outcome } from '../command.ts';
import { showDuration } from '../duration.ts';
import { showError } from '../failures.ts';
import { Sessions } from '../sessions.ts';
import { tableOf } from '../text-table.ts';

/** `session list`: lists the sessions that are kept. */
export async function listSessions({ io, output }: Invocation): Promise<Outcome> {
  const { sessions } = await new Sessions(io).list((error, id) =>
    output.note(`jarfetch: ${id} cannot be read: ${showError(error).message}`, 'yellow'),
  );
  const now = Date.now();
  const rows = sessions.map(({ id, lastUsedAt, expiresAt, cookies, requests }) => [
    id,
    `used ${showDuration(Math.max(0, now - lastUsedAt))} ago`,
    `ends in ${showDuration(Math.max(0, expiresAt - now))}`,
    `${cookies} cookies`,
    `${requests} requests`,
  ]);
  return { text: tableOf(rows), data: { sessions } };
}
