import type { Invocation, Outcome } from '../command.ts';
import { Sessions } from '../sessions.ts';
import { sessionNamed } from '../state-folder.ts';
import { UsageError } from '../usage-error.ts';

/** `session fork`: prints only the id of the copy. */
export async function forkSession({ args, io }: Invocation): Promise<Outcome> {
  const from = sessionNamed(args.text('session'), io);
  if (from.kind === 'none' || from.kind === 'new') {
    throw new UsageError('session fork needs a session to copy: --session NAME, or set JARFETCH_SESSION');
  }
  const to = sessionNamed(args.positionals[0] ?? 'new', io);
  const id = await new Sessions(io).fork(from, to);
  return { text: id, session: id, data: { id } };
}
