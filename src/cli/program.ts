import type { CommandRow, Io } from './command.ts';
import { Interrupted, runCommandLine } from './run.ts';

/** The part of `process` that a command line uses. */
export type ProgramProcess = Pick<
  NodeJS.Process,
  'argv' | 'env' | 'stdin' | 'stdout' | 'stderr' | 'on' | 'off' | 'exit'
> & { exitCode?: number | string | null | undefined };

/** Runs the command line of a process, and ends the process. */
export async function runProgram(host: ProgramProcess, rows: readonly CommandRow[]): Promise<void> {
  const { stdin, stdout, stderr, env } = host;
  const interrupt = new AbortController();
  const onSignal = (): void => {
    // The second signal ends the process at once.
    if (interrupt.signal.aborted) host.exit(130);
    interrupt.abort(new Interrupted(130));
  };
  // `jarfetch links | head -1`: the reader has closed the pipe because it has read enough.
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    interrupt.abort(new Interrupted(error.code === 'EPIPE' ? 0 : 1));
  };
  stdout.on('error', onOutputError);
  stderr.on('error', () => {});
  host.on('SIGINT', onSignal);
  host.on('SIGTERM', onSignal);
  const io: Io = { env, stdin, stdout, stderr, signal: interrupt.signal };
  host.exitCode = await runCommandLine(host.argv.slice(2), io, rows);
  host.off('SIGINT', onSignal);
  host.off('SIGTERM', onSignal);
  // The command is done: unread input must not keep the process alive.
  stdin.pause();
  (stdin as { unref?: () => void }).unref?.();
}
