/** Replaces a secret in {@link Redactor}. */
export const markPattern = /redacted-[0-9a-f]{16}/;

const markOrText = /(redacted-[0-9a-f]{16})/;

/**
 * The secret behind each mark of a recording. Equal secrets have equal marks within a recording, so a mark that has
 * matched a secret once stands only for that secret.
 */
export class Marks {
  readonly #secrets = new Map<string, string>();
  readonly #marks = new Map<string, string>();

  /** Compares with the known pairs; new pairs are kept only by {@link MarkTrial.keep}. */
  attempt(): MarkTrial {
    return new MarkTrial(this.#secrets, this.#marks);
  }
}

/** One comparison of a request with a recorded one. */
export class MarkTrial {
  readonly #secrets: Map<string, string>;
  readonly #marks: Map<string, string>;
  readonly #learned = new Map<string, string>();
  readonly #learnedMarks = new Map<string, string>();

  constructor(secrets: Map<string, string>, marks: Map<string, string>) {
    this.#secrets = secrets;
    this.#marks = marks;
  }

  keep(): void {
    for (const [mark, secret] of this.#learned) this.#secrets.set(mark, secret);
    for (const [secret, mark] of this.#learnedMarks) this.#marks.set(secret, mark);
  }

  /**
   * Whether `text` equals the recorded text, where a mark matches itself or any secret that it can stand for. Linear.
   */
  matches(recorded: string, text: string): boolean {
    if (recorded === text) return true;
    // The odd elements are marks.
    const pieces = recorded.split(markOrText);
    const [first = ''] = pieces;
    const last = pieces.at(-1) ?? '';
    if (pieces.length === 1 || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (let index = 1; index < pieces.length; index += 2) {
      const next = pieces[index + 1] ?? '';
      const isLast = index + 2 >= pieces.length;
      const end = isLast ? text.length - next.length : this.#endOf(pieces[index] ?? '', next, text, at);
      if (end <= at || !this.#stands(pieces[index] ?? '', text.slice(at, end))) return false;
      at = end + next.length;
    }
    return true;
  }

  /** The end of the secret that begins at `at`; -1 where none can begin there. */
  #endOf(mark: string, next: string, text: string, at: number): number {
    const known = this.#learned.get(mark) ?? this.#secrets.get(mark);
    for (const value of [mark, known]) {
      if (value !== undefined && text.startsWith(value + next, at)) return at + value.length;
    }
    // A secret has at least one character.
    return text.indexOf(next, at + 1);
  }

  #stands(mark: string, secret: string): boolean {
    if (mark === secret) return true;
    const known = this.#learned.get(mark) ?? this.#secrets.get(mark);
    const other = this.#learnedMarks.get(secret) ?? this.#marks.get(secret);
    if ((known ?? secret) !== secret || (other ?? mark) !== mark) return false;
    this.#learned.set(mark, secret);
    this.#learnedMarks.set(secret, mark);
    return true;
  }
}
