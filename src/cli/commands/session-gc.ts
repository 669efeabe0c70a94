import type { Invocation, Outcome } from '../command.ts';
import { showError } from '../failures.ts';
import { Sessions } from '../sessions.ts';

/** `session gc`: removes expired sessions, and prints their number. */
export async function collectSessions({ io, output }: Invocation): Promise<Outcome> {
  const all = new Sessions(io);
  const { sessions, expired } = await all.list((error, id) =>
    output.note(`jarfetch: ${id} cannot be read: ${showError(error).message}`, 'yellow'),
  );
  return {
    text: `${expired.length} removed, ${sessions.length} left`,
    data: { removed: expired, left: sessions.length },
  };
}
