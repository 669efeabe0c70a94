/** Prints what the demo shows: chapters, the calls they make, and a line for each expectation. */
import { inspect, isDeepStrictEqual, styleText } from 'node:util';

// styleText leaves text plain when stdout is no terminal, and respects NO_COLOR and FORCE_COLOR.
const green = (text: string): string => styleText('green', text);
const red = (text: string): string => styleText('red', text);
const dim = (text: string): string => styleText('dim', text);

const TITLE_WIDTH = 42;

export class Report {
  #chapters = 0;
  #passed = 0;
  #failed = 0;
  readonly #start = performance.now();

  constructor(title: string) {
    console.log(styleText('bold', title));
  }

  /** Shows the code, then runs the chapter. An error is one more failure; the next chapter comes all the same. */
  async chapter(title: string, code: string, run: () => Promise<void>): Promise<void> {
    this.#chapters++;
    console.log(`\n${styleText(['bold', 'cyan'], `${this.#chapters}  ${title}`)}`);
    for (const line of code.trim().split('\n')) console.log(`   ${styleText('yellow', line.trim())}`);
    console.log();
    try {
      await run();
    } catch (error) {
      this.#fail('The chapter runs to its end', inspect(error));
    }
  }

  /** One line: what is there when it is what should be, and both when it is not. */
  expect(title: string, actual: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(actual, expected)) {
      this.#fail(title, `expected ${format(expected)}, got ${format(actual)}`);
      return;
    }
    this.#passed++;
    console.log(`   ${green('✓')} ${title.padEnd(TITLE_WIDTH)} ${dim(format(expected))}`);
  }

  /** Rows of the same columns, under their names. */
  table(rows: readonly Readonly<Record<string, string>>[]): void {
    const columns = Object.keys(rows[0] ?? {});
    const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
    const widths = columns.map((_, index) => Math.max(...lines.map((cells) => cells[index]?.length ?? 0)));
    for (const cells of lines) {
      console.log(
        dim(`       ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('   ')}`.trimEnd()),
      );
    }
  }

  /** Text as it is. */
  lines(lines: readonly string[]): void {
    for (const line of lines) console.log(dim(`       ${line}`));
  }

  /** Prints the last line, and where to go on when all is well, which it returns. */
  finish({ next }: { readonly next: string }): boolean {
    const total = this.#passed + this.#failed;
    const time = `${Math.round(performance.now() - this.#start)} ms`;
    const isWell = this.#failed === 0;
    const verdict = isWell
      ? green(`All ${total} as expected`)
      : red(`${this.#failed} of ${total} not as expected`);
    console.log(`\n${verdict}, in ${time}.`);
    if (isWell) console.log(`Go on with ${next}.`);
    return isWell;
  }

  #fail(title: string, reason: string): void {
    this.#failed++;
    console.log(`   ${red('✗')} ${title.padEnd(TITLE_WIDTH)} ${red(reason)}`);
  }
}

function format(value: unknown): string {
  if (value === '') return 'none';
  return typeof value === 'string' ? value : inspect(value, { breakLength: Infinity });
}
