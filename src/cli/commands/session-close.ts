import type { Invocation, Outcome } from '../command.ts';
import { Sessions } from '../sessions.ts';
import { sessionNamed } from '../state-folder.ts';
import { UsageError } from '../usage-error.ts';

/** `session close`: a session that does not exist is not a failure, so that a script can close it in a trap. */
export async function closeSessions({ args, io, output }: Invocation): Promise<Outcome> {
  const sessions = new Sessions(io);
  const names = args.flag('all')
    ? await sessions.store.ids()
    : namesOf(args.positionals, args.text('session'), io.env);
  const closed: string[] = [];
  let failure: unknown = null;
  for (const word of names) {
    // A session that cannot be closed does not stop the others.
    try {
      const name = args.flag('all') ? ({ kind: 'id', id: word } as const) : sessionNamed(word, io);
      if (await sessions.end(name)) closed.push(word);
      else output.note(`jarfetch: there is no session ${word}`, 'dim');
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== null) throw failure;
  return { data: { closed } };
}

function namesOf(
  words: readonly string[],
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (words.length > 0) return words;
  const name = option ?? env.JARFETCH_SESSION;
  if (name !== undefined && name !== '' && name !== 'new') return [name];
  throw new UsageError('session close needs a name, --all, or JARFETCH_SESSION');
}
