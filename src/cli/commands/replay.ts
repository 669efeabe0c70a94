import { replayHar } from '../../har/replay-har.ts';
import type { Invocation, Outcome } from '../command.ts';
import { readInput } from '../input.ts';
import { parseJson } from '../items.ts';
import { runCommandLine } from '../run.ts';

/** `replay`: runs another command line with a recording instead of the network. */
export async function replayCommand({ args, io, rows, output }: Invocation): Promise<Outcome> {
  const [path = '', ...words] = args.positionals;
  const har = parseJson(path, (await readInput(path)).toString('utf8'));
  const transport = replayHar(Object(har), {
    mode: args.flag('any') ? 'any' : 'sequence',
    notFound: args.flag('pass') ? 'pass' : 'error',
  });
  try {
    const exitCode = await runCommandLine(words, io, rows, { transport });
    const unused = transport.unused().length;
    if (unused > 0 && !args.flag('any'))
      output.note(`${unused} recorded exchanges were not requested`, 'dim');
    return { exitCode };
  } finally {
    await transport.close();
  }
}
