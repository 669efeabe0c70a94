import type { Readable, Writable } from 'node:stream';
import type { Session, Transport } from '../index.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

/** One option of a command. */
export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  readonly short?: string;
  /** The placeholder of its value in the help: `FILE`, `URL`. */
  readonly value?: string;
  /** The allowed values; others are refused. */
  readonly choices?: readonly string[];
  readonly help: string;
}

export type OptionRows = Readonly<Record<string, CommandOption>>;

/** One command, as data: the parser, the help and the completion read it. */
export interface CommandRow {
  /** One word or two: `get`, `session new`. */
  readonly name: string;
  /** Its arguments as the help shows them: `URL [item…]`. */
  readonly args: string;
  /** The least and the greatest number of arguments. */
  readonly count: readonly [least: number, most: number];
  readonly summary: string;
  readonly options: OptionRows;
  readonly examples: readonly [string, string];
  /** The method that it sends, for the commands that are named after a method. */
  readonly method?: string;
  /** Loads the command, and only the part of the package that it needs. */
  readonly load: () => Promise<Command>;
}

/** Runs a command. */
type Command = (invocation: Invocation) => Promise<Outcome>;

/** The arguments and options of a command line. */
export interface Arguments {
  readonly positionals: readonly string[];
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  flag(option: string): boolean;
}

export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };
type TerminalInput = Readable & {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
};

/** The parts of the process that a command uses; a test passes its own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  /** Aborted when the user interrupts, or when the reader of the output has closed it. */
  readonly signal: AbortSignal;
}

/** One run of a command. */
export interface Invocation {
  readonly row: CommandRow;
  readonly rows: readonly CommandRow[];
  readonly args: Arguments;
  readonly io: Io;
  readonly output: Output;
  readonly hooks: CommandHooks;
}

/** What `har record` and `replay` change in the command that they run. */
export interface CommandHooks {
  /** Called with the session of the command before its first use. */
  readonly onSession?: (session: Session) => void;
  /** The transport of the command, instead of the network. */
  readonly transport?: Transport;
}

/** The result of a command. */
export interface Outcome {
  /** The result for `--json`. */
  readonly data?: unknown;
  /**
   * The text without `--json`, the same on a terminal and in a pipe; absent where the command has written it itself.
   */
  readonly text?: string | undefined;
  readonly session?: string | null | undefined;
  readonly request?: ShownRequest | undefined;
  readonly response?: ShownResponse | undefined;
  readonly exitCode?: ExitCode | undefined;
}

/** A request in the output, without secrets. */
interface ShownRequest {
  readonly method: string;
  readonly url: string;
}

/** A response in the output, without secrets. */
export interface ShownResponse {
  readonly status: number | null;
  readonly url: string;
  readonly type: string | null;
  readonly [detail: string]: unknown;
}
