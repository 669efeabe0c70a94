import { once } from 'node:events';
import type { Io, Outcome, TerminalOutput } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { type Color, hasColors, paint } from './terminal.ts';
import { makeVisible, toSafeJson } from './visible.ts';

/** Number of the form of what `--json` prints. It grows when a program that reads it could break. */
const schema = 1;

/** How a command writes. */
export interface OutputSettings {
  /** One object a command, or one a line for sequences; `null` for text. */
  readonly json: 'object' | 'lines' | null;
  readonly showsSecrets: boolean;
}

/** Data goes to stdout, all else to stderr. */
export class Output {
  readonly #io: Io;
  readonly json: OutputSettings['json'];
  readonly showsSecrets: boolean;
  /** What is known of the command so far, for its failure. */
  known: Pick<Outcome, 'session' | 'request'> = {};

  constructor(io: Io, settings: OutputSettings) {
    this.#io = io;
    this.json = settings.json;
    this.showsSecrets = settings.showsSecrets;
  }

  /** Whether a person reads the data. */
  get isTerminal(): boolean {
    return this.#io.stdout.isTTY === true;
  }

  get stderr(): TerminalOutput {
    return this.#io.stderr;
  }

  /** Writes bytes as they are, no faster than they are read. */
  async bytes(chunk: Uint8Array | string): Promise<void> {
    const { stdout, signal } = this.#io;
    signal.throwIfAborted();
    if (!stdout.write(chunk)) await once(stdout, 'drain', { signal });
  }

  /** Writes text that may be a server's: visible on a terminal, as it is into a pipe. */
  async text(text: string): Promise<void> {
    await this.bytes(this.isTerminal ? makeVisible(text) : text);
  }

  /** Writes lines as {@link text}. */
  async lines(text: string): Promise<void> {
    if (text !== '') await this.text(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** One of a sequence, for `--ndjson`. */
  async item(value: unknown): Promise<void> {
    await this.bytes(`${toSafeJson(value)}\n`);
  }

  /** Tells a person something. */
  note(text: string, color?: Color): void {
    const line = makeVisible(text);
    const isPainted = color !== undefined && hasColors(this.#io, this.#io.stderr);
    this.#io.stderr.write(`${isPainted ? paint(line, color) : line}\n`);
  }

  /** The result of a command. */
  async outcome(outcome: Outcome, exitCode: ExitCode): Promise<void> {
    if (this.json === null) return this.lines(outcome.text ?? '');
    // The sequence is the result.
    if (this.json === 'lines' && outcome.data === undefined) return;
    const { session = null, request = null, response = null, data = null } = { ...this.known, ...outcome };
    await this.item({ schema, ok: exitCode === 0, session, request, response, data });
  }

  /** The failure of a command. */
  async failure(error: ShownError): Promise<void> {
    if (this.json === null) {
      this.note(`jarfetch: ${error.message}`, 'red');
      return;
    }
    const { session = null, request = null } = this.known;
    await this.item({ schema, ok: false, session, request, response: null, error });
  }
}

/** An error in the output. */
export interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
  readonly [detail: string]: unknown;
}
