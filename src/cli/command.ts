import type { Readable, Writable } from 'node:stream';
import type { Session, Transport } from '../index.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

/** One option of a command. */
export interface OptionRow {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  readonly short?: string;
  /** What stands for its value in the help: `FILE`, `URL`. */
  readonly value?: string;
  /** The values that it may have; others are refused. */
  readonly choices?: readonly string[];
  readonly help: string;
}

export type OptionRows = Readonly<Record<string, OptionRow>>;

/** One command, as data: the parser, the help and the completion are made of it. */
export interface CommandRow {
  /** One word or two: `get`, `session new`. */
  readonly name: string;
  /** Its arguments as the help shows them: `URL [item…]`. */
  readonly args: string;
  /** Least and most arguments. */
  readonly count: readonly [least: number, most: number];
  readonly summary: string;
  readonly options: OptionRows;
  readonly examples: readonly [string, string];
  /** The method that it sends, for the commands that are named after one. */
  readonly method?: string;
  /** Loads the command, and with it no more of the package than it needs. */
  readonly load: () => Promise<Command>;
}

/** Runs a command. */
type Command = (invocation: Invocation) => Promise<Outcome>;

/** What was written behind the command's name. */
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

/** What a command has of its process; a test gives its own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  /** Aborted when the user interrupts, or nobody reads the output any more. */
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

/** What a command does to another one that it runs. */
export interface CommandHooks {
  /** Told of the session of the command before it is used. */
  readonly onSession?: (session: Session) => void;
  /** What the command sends by, in place of the network. */
  readonly transport?: Transport;
}

/** What a command has done. */
export interface Outcome {
  /** For `--json`: what was asked for. */
  readonly data?: unknown;
  /** Without `--json`: the same for people and for pipes; nothing where the command has written it itself. */
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
