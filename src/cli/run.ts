import type { CommandHooks, CommandRow, Invocation, Io } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { showError } from './failures.ts';
import { Output } from './output.ts';
import { hasFlag, type ParsedLine, parseLine } from './parse.ts';
import { UsageError } from './usage-error.ts';

/** Ends a command from outside, with an exit code. */
export class Interrupted extends Error {
  readonly exitCode: ExitCode;

  /** @param exitCode 130 for SIGINT, 0 where the reader has closed the output */
  constructor(exitCode: ExitCode) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command line.
 *
 * @param words the arguments after `jarfetch`
 * @param hooks from the command that runs this one
 * @returns the exit code
 */
export async function runCommandLine(
  words: readonly string[],
  io: Io,
  rows: readonly CommandRow[],
  hooks: CommandHooks = {},
): Promise<ExitCode> {
  const json = hasFlag(words, 'ndjson') ? 'lines' : hasFlag(words, 'json') ? 'object' : null;
  const output = new Output(io, { json, showsSecrets: hasFlag(words, 'show-secrets') });
  try {
    if (hasFlag(words, 'version')) return await printVersion(output);
    const [first, ...rest] = words;
    if (first === 'help') return await printHelp(rest, rows, output, io);
    const isHelp = hasFlag(words, 'help', 'h') || words.length === 0;
    if (isHelp) return await printHelp(words, rows, output, io, words.length === 0 ? 2 : 0);
    const line = parseLine(words, rows);
    if (line === null) throw new UsageError('A command is missing; see jarfetch --help');
    return await runLine(line, { rows, io, output, hooks });
  } catch (error) {
    return await fail(error, io, output);
  }
}

async function runLine({ row, args }: ParsedLine, rest: Omit<Invocation, 'row' | 'args'>): Promise<ExitCode> {
  const { output } = rest;
  if (output.showsSecrets) output.note('jarfetch: secrets are shown (--show-secrets)', 'yellow');
  const run = await row.load();
  const outcome = await run({ row, args, ...rest });
  const exitCode = outcome.exitCode ?? 0;
  await output.outcome(outcome, exitCode);
  return exitCode;
}

async function fail(error: unknown, io: Io, output: Output): Promise<ExitCode> {
  const { aborted, reason } = io.signal;
  if (error instanceof Interrupted) return error.exitCode;
  if (aborted && reason instanceof Interrupted) return reason.exitCode;
  const shown = showError(error);
  try {
    await output.failure(shown);
  } catch {
    // The reader has closed the output.
  }
  return shown.exitCode;
}

async function printVersion(output: Output): Promise<ExitCode> {
  const { packageVersion } = await import('../core/version.ts');
  await output.lines(packageVersion);
  return 0;
}

async function printHelp(
  words: readonly string[],
  rows: readonly CommandRow[],
  output: Output,
  io: Io,
  exitCode: ExitCode = 0,
): Promise<ExitCode> {
  const { helpFor } = await import('./help.ts');
  await output.lines(
    helpFor(
      words.filter((word) => !word.startsWith('-')),
      rows,
      io,
    ),
  );
  return exitCode;
}
