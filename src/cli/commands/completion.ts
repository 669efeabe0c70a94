import type { Invocation, Outcome } from '../command.ts';
import { completionFor, shells } from '../completion.ts';
import { didYouMean, UsageError } from '../usage-error.ts';

/** `completion`: prints a script for a shell, made from the table of commands. */
export async function printCompletion({ args, rows }: Invocation): Promise<Outcome> {
  const [shell = ''] = args.positionals;
  const known = shells.find((name) => name === shell);
  if (known === undefined) {
    throw new UsageError(
      `completion is for ${shells.join(', ')}, got ${JSON.stringify(shell)}${didYouMean(shell, shells)}`,
    );
  }
  const text = completionFor(known, rows);
  return { text, data: { script: text } };
}
