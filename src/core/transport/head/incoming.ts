import { trimBlanks } from '../../header-text.ts';

const version = Buffer.from('HTTP/1.');
const [tab, lineFeed, space] = [0x09, 0x0a, 0x20];
const crLf = 0x0d0a;
const headEnd = 0x0d0a0d0a;

/** Bytes of a head that are buffered until its end has arrived; undici refuses a head of this size. */
const heldLimit = 65_536;

/**
 * Converts response heads to the form that undici's parser accepts, on their way from an HTTP/1.1 socket to undici:
 * removes a `100 Continue`, which a client must skip even if it did not request it (RFC 9110 section 15.2), joins a
 * folded field line with the line before it (RFC 9112 section 5.2), and removes the blanks after a field value (RFC
 * 9112 section 5.1). All other bytes pass unchanged. Each byte of a head is read once, however the head is split.
 */
export class IncomingHeads {
  #isExpected = false;
  #hasBytes = false;
  /** Pieces of a head whose end has not arrived. */
  #held: Buffer[] = [];
  /** Number of bytes of this head that were read, and the last four of them. */
  #count = 0;
  #window = 0;
  #isFirstLine = true;
  /** True once this head has a folded line or blanks at the end of a line. */
  #isUntidy = false;

  /** Reports that a request is sent, so that a head comes next. */
  expect(): void {
    this.#isExpected = true;
    this.#hasBytes = false;
    this.#begin();
  }

  /** True while the head of the final response has not arrived. */
  get isExpected(): boolean {
    return this.#isExpected;
  }

  /** True once a byte of a response to the latest request has arrived, whether it was passed on or not. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /** The bytes that are passed to undici for the received ones; `null` for none yet. */
  take(chunk: Buffer): Buffer | null {
    this.#hasBytes = true;
    const passed: Buffer[] = [];
    let from = 0;
    while (this.#isExpected && from < chunk.length) {
      const end = this.#scan(chunk, from);
      if (end < 0 && this.#isExpected) {
        this.#held.push(chunk.subarray(from));
        return joined(passed);
      }
      if (end < 0) break;
      if (from === 0 && this.#held.length === 0 && this.#isFinal(chunk) && !this.#isUntidy) return chunk;
      this.#takeHead(Buffer.concat([...this.#held, chunk.subarray(from, end)]), passed);
      from = end;
    }
    passed.push(...this.#held, chunk.subarray(from));
    this.#held = [];
    return joined(passed);
  }

  #takeHead(head: Buffer, passed: Buffer[]): void {
    const isFinal = this.#isFinal(head);
    if (isFinal || statusOf(head) !== 100) passed.push(this.#isUntidy ? tidied(head) : head);
    this.#begin();
  }

  /** Whether this is the final head, or not HTTP. The bytes after it are not changed. */
  #isFinal(head: Buffer): boolean {
    const status = statusOf(head);
    this.#isExpected = status >= 100 && status < 200 && status !== 101;
    return !this.#isExpected;
  }

  #begin(): void {
    if (this.#held.length > 0) this.#held = [];
    this.#count = 0;
    this.#window = 0;
    this.#isFirstLine = true;
    this.#isUntidy = false;
  }

  /**
   * The end of the head, searched from `from`; -1 where it has not arrived, or where this is not a head that undici
   * accepts: too long, not HTTP/1, or with a first line that ends in LF alone. Such a head is no longer expected.
   */
  #scan(chunk: Buffer, from: number): number {
    let at = this.#beginsAsHead(chunk, from);
    if (at < 0) return this.#giveUp();
    const end = Math.min(chunk.length, at + heldLimit - this.#count);
    const begin = at;
    let window = this.#window;
    // Each byte of each head passes through this loop. For bytes other than line ends and blanks it only shifts.
    while (at < end) {
      const byte = chunk[at++] as number;
      window = (window << 8) | byte;
      if (byte > space) continue;
      if (window === headEnd) return at;
      if (byte === lineFeed && !this.#endLine(window)) return this.#giveUp();
      if (isUntidyEnd(window)) this.#isUntidy = true;
    }
    if (end < chunk.length) return this.#giveUp();
    this.#count += at - begin;
    this.#window = window;
    return -1;
  }

  /** Checks the remaining first bytes of a head; returns the next position, -1 where they do not match. */
  #beginsAsHead(chunk: Buffer, from: number): number {
    let at = from;
    while (this.#count < version.length && at < chunk.length) {
      if (chunk[at++] !== version[this.#count++]) return -1;
    }
    return at;
  }

  /** False where the first line ends in LF alone. */
  #endLine(window: number): boolean {
    const isFirst = this.#isFirstLine;
    this.#isFirstLine = false;
    return !isFirst || (window & 0xffff) === crLf;
  }

  #giveUp(): -1 {
    this.#isExpected = false;
    return -1;
  }
}

function joined(pieces: readonly Buffer[]): Buffer | null {
  const filled = pieces.filter(({ length }) => length > 0);
  const [first, ...others] = filled;
  if (first === undefined) return null;
  return others.length === 0 ? first : Buffer.concat(filled);
}

/** The status of a response head; 0 for text that is not one. */
function statusOf(head: Buffer): number {
  const after = head[12];
  if (head[8] !== space || (after !== space && after !== 0x0d)) return 0;
  const [hundreds, tens, ones] = [digitAt(head, 9), digitAt(head, 10), digitAt(head, 11)];
  return hundreds * 100 + tens * 10 + ones;
}

/** NaN for bytes other than digits, so that every comparison with the sum is false. */
function digitAt(head: Buffer, index: number): number {
  const digit = (head[index] ?? 0) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
}

/** Whether the last of these four bytes ends a line with blanks at its end, or begins a line with a blank. */
function isUntidyEnd(window: number): boolean {
  const last = window & 0xff;
  if (last === lineFeed) return (window & 0xffff) === crLf && isBlank((window >>> 16) & 0xff);
  return isBlank(last) && ((window >>> 8) & 0xffff) === crLf;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab;
}

function tidied(head: Buffer): Buffer {
  const [statusLine = '', ...lines] = head.toString('latin1').split('\r\n');
  const fields: string[][] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    // Blanks before the first field are not a folded line. RFC 9112 section 2.2 allows a client to refuse them.
    if (last !== undefined && isFold(line)) last.push(trimBlanks(line));
    else fields.push([isFold(line) ? line : trimBlanks(line)]);
  }
  return Buffer.from([statusLine, ...fields.map((parts) => parts.join(' '))].join('\r\n'), 'latin1');
}

function isFold(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('\t');
}
