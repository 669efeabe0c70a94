/** Writes lines of text as a browser lays it out: white space collapsed, line breaks counted. */
export class LineWriter {
  readonly #parts: string[] = [];
  readonly #prefix: () => string;
  #breaks = 0;
  #hasSpace = false;
  #isLineStart = true;
  /** At the start of an inline box. */
  #isBoxStart = false;
  /** The line has content that is not text: white space after it counts. */
  #hasRoom = false;

  /** @param prefix called at the start of each line that gets text */
  constructor(prefix: () => string = () => '') {
    this.#prefix = prefix;
  }

  /** Whether the current line is empty. */
  get isLineStart(): boolean {
    return this.#isLineStart || this.#breaks > 0;
  }

  /** Text with collapsible white space. */
  text(data: string, write: (words: string) => void = (words) => this.write(words)): void {
    const plain = data.replace(/[\t\n\f\r ]+/g, ' ');
    const words = plain.slice(plain.startsWith(' ') ? 1 : 0, plain.endsWith(' ') ? -1 : undefined);
    if (plain.startsWith(' ')) this.space();
    if (words !== '') write(words);
    if (plain.endsWith(' ')) this.space();
  }

  /** A space, unless there is one or nothing follows on the line. */
  space(): void {
    if (this.#isBoxStart || (this.isLineStart && !this.#hasRoom)) return;
    this.#hasSpace = true;
  }

  /** Content that occupies space in the line and is not text: the spaces before and after it stay. */
  room(): void {
    if (this.#hasSpace) this.write('');
    this.#hasRoom = true;
    this.#isBoxStart = false;
  }

  /** The start of an inline box, such as a cell: white space is dropped. */
  startBox(): void {
    this.#hasSpace = false;
    this.#isBoxStart = true;
  }

  /** The end of an inline box: white space in it is dropped, and white space after it counts. */
  endBox(): void {
    this.#hasSpace = false;
    this.#isBoxStart = false;
    this.#hasRoom = true;
  }

  /** Content in the line, with the pending space before it. */
  write(token: string): void {
    this.#startLine();
    if (this.#hasSpace) this.#parts.push(' ');
    this.#hasSpace = false;
    this.#isBoxStart = false;
    this.#parts.push(token);
  }

  /** Content that belongs to the last written content: the pending space comes after it. */
  append(token: string): void {
    this.#parts.push(token);
  }

  /** Text unchanged, with its line breaks. */
  preformatted(data: string): void {
    if (data === '') return;
    const lines = data.split('\n');
    for (const [at, line] of lines.entries()) {
      if (at > 0) this.newline();
      if (line !== '') this.write(line);
    }
  }

  /** A line break in any case. */
  newline(): void {
    this.#breakLines();
    this.#parts.push('\n');
    this.#hasSpace = false;
    this.#hasRoom = false;
    this.#isLineStart = true;
  }

  /** At least this many line breaks before the next content. HTML Standard, "required line break count". */
  require(count: number): void {
    if (count === 0) return;
    this.#breaks = Math.max(this.#breaks, count);
    this.#hasSpace = false;
    this.#hasRoom = false;
  }

  toString(): string {
    return this.#parts.join('');
  }

  #startLine(): void {
    this.#breakLines();
    if (!this.#isLineStart) return;
    this.#isLineStart = false;
    const prefix = this.#prefix();
    if (prefix !== '') this.#parts.push(prefix);
  }

  #breakLines(): void {
    if (this.#breaks === 0) return;
    if (this.#parts.length > 0) {
      this.#parts.push('\n'.repeat(this.#breaks));
      this.#isLineStart = true;
    }
    this.#breaks = 0;
  }
}
