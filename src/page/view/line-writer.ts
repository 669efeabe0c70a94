/** Writes lines of text as a browser lays it out: white space collapsed, breaks counted. */
export class LineWriter {
  readonly #parts: string[] = [];
  readonly #prefix: () => string;
  #breaks = 0;
  #hasSpace = false;
  #isLineStart = true;
  /** At the start of a box in the line. */
  #isBoxStart = false;
  /** Something without text stands on the line: white space after it counts. */
  #hasRoom = false;

  /** @param prefix asked for at the start of each line that gets text */
  constructor(prefix: () => string = () => '') {
    this.#prefix = prefix;
  }

  /** Whether nothing stands on the line that is written. */
  get isLineStart(): boolean {
    return this.#isLineStart || this.#breaks > 0;
  }

  /** Text whose white space collapses. */
  text(data: string, write: (words: string) => void = (words) => this.write(words)): void {
    const plain = data.replace(/[\t\n\f\r ]+/g, ' ');
    const words = plain.slice(plain.startsWith(' ') ? 1 : 0, plain.endsWith(' ') ? -1 : undefined);
    if (plain.startsWith(' ')) this.space();
    if (words !== '') write(words);
    if (plain.endsWith(' ')) this.space();
  }

  /** A space, unless there is one, or nothing follows on the line. */
  space(): void {
    if (this.#isBoxStart || (this.isLineStart && !this.#hasRoom)) return;
    this.#hasSpace = true;
  }

  /** Something that takes room in the line and is no text: the space before it stays, and so does one after it. */
  room(): void {
    if (this.#hasSpace) this.write('');
    this.#hasRoom = true;
    this.#isBoxStart = false;
  }

  /** The start of a box in the line, such as a cell: white space is dropped. */
  startBox(): void {
    this.#hasSpace = false;
    this.#isBoxStart = true;
  }

  /** The end of a box in the line: white space in it is dropped, and counts after it. */
  endBox(): void {
    this.#hasSpace = false;
    this.#isBoxStart = false;
    this.#hasRoom = true;
  }

  /** Something that stands in the line, with the space that is due before it. */
  write(token: string): void {
    this.#startLine();
    if (this.#hasSpace) this.#parts.push(' ');
    this.#hasSpace = false;
    this.#isBoxStart = false;
    this.#parts.push(token);
  }

  /** Something that belongs to what was written last: the space that is due comes after it. */
  append(token: string): void {
    this.#parts.push(token);
  }

  /** Text as it is, line breaks included. */
  preformatted(data: string): void {
    if (data === '') return;
    const lines = data.split('\n');
    for (const [at, line] of lines.entries()) {
      if (at > 0) this.newline();
      if (line !== '') this.write(line);
    }
  }

  /** A line break, whatever is around it. */
  newline(): void {
    this.#breakLines();
    this.#parts.push('\n');
    this.#hasSpace = false;
    this.#hasRoom = false;
    this.#isLineStart = true;
  }

  /** At least so many line breaks before what follows. HTML Standard, "required line break count". */
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
