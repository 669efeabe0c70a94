import { once } from 'node:events';
import { makeVisible, toSafeJson } from '../core/visible.ts';
import type { Io, Outcome, TerminalOutput } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { type Color, hasColors, paint } from './terminal.ts';

/** Version of the form of `--json`. It grows when a program that reads the output could break. */
const schema = 1;

/** How a command writes its output. */
export interface OutputSettings {
  /** JSON: one object a command, or one a line for sequences; `null` for text. */
  readonly json: 'object' | 'lines' | null;
  readonly showsSecrets: boolean;
}

/** Results go to stdout, everything else to stderr. */
export class Output {
  readonly #io: Io;
  readonly json: OutputSettings['json'];
  readonly showsSecrets: boolean;
  /** The facts that are known so far, for the output of a failure. */
  known: Pick<Outcome, 'session' | 'request'> = {};

  constructor(io: Io, settings: OutputSettings) {
    this.#io = io;
    this.json = settings.json;
    this.showsSecrets = settings.showsSecrets;
  }

  /** Whether stdout is a terminal. */
  get isTerminal(): boolean {
    return this.#io.stdout.isTTY === true;
  }

  get stderr(): TerminalOutput {
    return this.#io.stderr;
  }

  /** Writes bytes unchanged, and waits where the reader is slow. */
  async bytes(chunk: Uint8Array | string): Promise<void> {
    const { stdout, signal } = this.#io;
    signal.throwIfAborted();
    if (!stdout.write(chunk)) await once(stdout, 'drain', { signal });
  }

  /**
   * Writes text that can come from a server: with escaped control characters on a terminal, unchanged into a pipe.
   */
  async text(text: string): Promise<void> {
    await this.bytes(this.isTerminal ? makeVisible(text) : text);
  }

  /** Writes lines as {@link text} does. */
  async lines(text: string): Promise<void> {
    if (text !== '') await this.text(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Writes one element of a sequence, for `--ndjson`. */
  async item(value: unknown): Promise<void> {
    await this.bytes(`${toSafeJson(value)}\n`);
  }

  /** Writes a note for the user to stderr. */
  note(text: string, color?: Color): void {
    const line = makeVisible(text);
    const isPainted = color !== undefined && hasColors(this.#io, this.#io.stderr);
    this.#io.stderr.write(`${isPainted ? paint(line, color) : line}\n`);
  }

  /** Writes the result of a command. */
  async outcome(outcome: Outcome, exitCode: ExitCode): Promise<void> {
    if (this.json === null) return this.lines(outcome.text ?? '');
    // The sequence is the result.
    if (this.json === 'lines' && outcome.data === undefined) return;
    const { session = null, request = null, response = null, data = null } = { ...this.known, ...outcome };
    await this.item({ schema, ok: exitCode === 0, session, request, response, data });
  }

  /** Writes the failure of a command. */
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
