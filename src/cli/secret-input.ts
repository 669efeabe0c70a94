import type { Arguments, Io } from './command.ts';
import { readAll, readLine, withoutLineBreak } from './input.ts';
import { Interrupted } from './run.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads the password of a login: from stdin, a variable of the environment or a file, else from the terminal without
 * echo. It is never an argument, because every user of the machine can read arguments.
 *
 * @throws UsageError where no source has a password
 */
export async function readPassword(args: Arguments, io: Io, prompt: string): Promise<string> {
  const variable = args.text('password-env');
  const file = args.text('password-file');
  const isStdin = args.flag('password-stdin');
  if ([variable !== undefined, file !== undefined, isStdin].filter(Boolean).length > 1) {
    throw new UsageError('Give the password once: --password-stdin, --password-env or --password-file');
  }
  if (isStdin) return firstLine((await readAll(io)).toString('utf8'), '--password-stdin');
  if (file !== undefined) return firstLine(await readLine(file), '--password-file');
  if (variable !== undefined) return firstLine(io.env[variable] ?? '', `--password-env ${variable}`);
  if (io.stdin.isTTY !== true || io.stdin.setRawMode === undefined) {
    throw new UsageError(
      'The password is missing: --password-stdin, --password-env NAME or --password-file FILE',
    );
  }
  return askFor(prompt, io);
}

function firstLine(text: string, option: string): string {
  const password = withoutLineBreak(text);
  if (password === '') throw new UsageError(`${option} has no password in it`);
  return password;
}

/** Reads a line from the terminal without echo. */
async function askFor(prompt: string, { stdin, stderr, signal }: Io): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode?.(true);
  const line = new HiddenLine();
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
      signal.throwIfAborted();
      if (Array.from(String(chunk)).some((character) => line.type(character))) break;
    }
    return line.text;
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** Handles a key: without echo the terminal does not edit the line itself. */
class HiddenLine {
  text = '';

  /** @returns true at the end of the line */
  type(character: string): boolean {
    if (character === '\u0003') throw new Interrupted(130);
    if (['\r', '\n', '\u0004'].includes(character)) return true;
    if (['\u007f', '\b'].includes(character)) this.text = Array.from(this.text).slice(0, -1).join('');
    else this.text += character;
    return false;
  }
}
