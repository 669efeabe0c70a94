import type { Invocation, Outcome } from '../command.ts';
import { showError } from '../failures.ts';
import { Sessions } from '../sessions.ts';

/** `session gc`: removes expired sessions, and prints their number. */
export async function collectSessions({ io, output }: Invocation): Promise<Outcome> {
  const all = new Sessions(io);
  const { sessions, expired } = await all.list((error, id) =>
    output.note(`jarfetch: ${id} cannot be read: ${showError(error).message}`, 'yellow'),
  );
  const pages = await all.removeLostPages();
  const lost = pages === 0 ? '' : `, ${pages} pages of sessions that are gone`;
  return {
    text: `${expired.length} removed, ${sessions.length} left${lost}`,
    data: { removed: expired, left: sessions.length, pages },
  };
}
