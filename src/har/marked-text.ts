/** What {@link Redactor} puts in the place of a secret. */
export const markPattern = /redacted-[0-9a-f]{16}/;

const markOrText = /(redacted-[0-9a-f]{16})/;

/**
 * Which secret stands behind which mark of a recording. Within a recording equal secrets have equal marks, so a mark
 * that was matched once stands for that secret from then on, and for no other.
 */
export class Marks {
  readonly #secrets = new Map<string, string>();
  readonly #marks = new Map<string, string>();

  /** Compares with what is known so far; what is learned is kept by {@link MarkTrial.keep} only. */
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

  /** Whether `text` is what was recorded, where a mark is itself or any secret that it may stand for. Linear. */
  matches(recorded: string, text: string): boolean {
    if (recorded === text) return true;
    // The odd places are marks.
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

  /** Where the secret that begins at `at` ends; -1 where it cannot be there. */
  #endOf(mark: string, next: string, text: string, at: number): number {
    const known = this.#learned.get(mark) ?? this.#secrets.get(mark);
    for (const value of [mark, known]) {
      if (value !== undefined && text.startsWith(value + next, at)) return at + value.length;
    }
    // A secret has a character at least.
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
