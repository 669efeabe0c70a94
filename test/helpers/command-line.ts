import { Readable, Writable } from 'node:stream';
import type { Io } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { commandRows } from '../../src/cli/table/rows.ts';
import { temporaryFolder } from './folders.ts';

export interface CommandEnd {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface CommandSettings {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly stdin?: string | undefined;
  /** Both outputs are a terminal of so many columns. */
  readonly terminal?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece of stdout. */
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Called with each piece of stderr. */
  readonly onError?: ((text: string) => void) | undefined;
}

/** Runs a command line in this process. Sessions are kept where `env.XDG_STATE_HOME` says, else nowhere for long. */
export async function runCommand(
  words: readonly string[],
  settings: CommandSettings = {},
): Promise<CommandEnd> {
  const { env, stdin = '', terminal, signal = new AbortController().signal, onOutput = () => {} } = settings;
  const { onError = () => {} } = settings;
  const chunks: Buffer[] = [];
  let errors = '';
  const collect = (keep: (chunk: Buffer) => void): Io['stdout'] =>
    Object.assign(
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          keep(chunk);
          done();
        },
      }),
      terminal === undefined ? {} : { isTTY: true, columns: terminal },
    );
  const io: Io = {
    env: env?.XDG_STATE_HOME === undefined ? { ...env, XDG_STATE_HOME: await temporaryFolder() } : env,
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: collect((chunk) => {
      chunks.push(chunk);
      onOutput(chunk.toString());
    }),
    stderr: collect((chunk) => {
      errors += chunk;
      onError(chunk.toString());
    }),
    signal,
  };
  const code = await runCommandLine(words, io, commandRows);
  return { code, output: Buffer.concat(chunks).toString(), errors };
}

/** A state folder for the commands of one test. */
export async function stateOf(more: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  return { XDG_STATE_HOME: await temporaryFolder(), ...more };
}
