import type { Progress } from '../index.ts';
import type { TerminalOutput } from './command.ts';
import { widthOf } from './terminal.ts';

/** A progress bar on stderr where that is a terminal; elsewhere it shows nothing. */
export class ProgressBar {
  readonly #stream: TerminalOutput;
  readonly #isShown: boolean;
  #length = 0;

  constructor(stream: TerminalOutput, isShown = stream.isTTY === true) {
    this.#stream = stream;
    this.#isShown = isShown;
  }

  /** Shows the progress of a transfer. */
  readonly transfer = ({ loaded, total, rate, eta }: Progress): void => {
    if (!this.#isShown) return;
    const speed = rate === null ? '' : ` ${showBytes(rate)}/s`;
    const left = eta === null ? '' : ` ${Math.ceil(eta / 1000)} s left`;
    if (total === null || total === 0) {
      this.#draw(`${showBytes(loaded)}${speed}`);
      return;
    }
    const share = Math.min(1, loaded / total);
    const tail = ` ${Math.floor(share * 100)}% ${showBytes(loaded)}${speed}${left}`;
    const width = Math.max(0, Math.min(40, widthOf(this.#stream) - tail.length - 3));
    const done = Math.round(share * width);
    this.#draw(`[${'#'.repeat(done)}${'.'.repeat(width - done)}]${tail}`);
  };

  /** Shows a line with the progress of a sequence. */
  count(text: string): void {
    if (this.#isShown) this.#draw(text);
  }

  /** Clears the line for other output. */
  end(): void {
    if (!this.#isShown || this.#length === 0) return;
    // The whole line: a terminal may have written ^C behind the bar.
    const width = Math.max(this.#length, widthOf(this.#stream) - 1);
    this.#stream.write(`\r${' '.repeat(width)}\r`);
    this.#length = 0;
  }

  #draw(text: string): void {
    const line = text.slice(0, Math.max(1, widthOf(this.#stream) - 1));
    this.#stream.write(`\r${line.padEnd(this.#length)}`);
    this.#length = line.length;
  }
}

/** A number of bytes for people. */
export function showBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
