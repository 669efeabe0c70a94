import { recordHar } from '../../har/record-har.ts';
import type { Session } from '../../index.ts';
import type { Invocation, Outcome } from '../command.ts';
import { runCommandLine } from '../run.ts';
import { UsageError } from '../usage-error.ts';

/** `har record`: runs another command line, and writes its exchanges to a file. */
export async function recordCommand({ args, io, rows, output }: Invocation): Promise<Outcome> {
  const [path = '', ...words] = args.positionals;
  if (words[0] === 'har') throw new UsageError('har record needs a command that sends a request');
  let stop: (() => Promise<unknown>) | undefined;
  const onSession = (session: Session): void => {
    const recording = recordHar(session, {
      path,
      ...(args.flag('no-bodies') ? { content: 'omit' } : {}),
      ...(output.showsSecrets ? { redact: false } : {}),
    });
    stop = () => recording.stop();
  };
  try {
    return { exitCode: await runCommandLine(words, io, rows, { onSession }) };
  } finally {
    await stop?.();
  }
}
