import { trimBlanks } from '../../header-text.ts';

const headEnd = Buffer.from('\r\n\r\n');
const version = Buffer.from('HTTP/1.');
/** What RFC 9112 has a client take and the parser of undici does not. */
const folds = [Buffer.from('\r\n '), Buffer.from('\r\n\t')];
const blankEnds = [Buffer.from(' \r\n'), Buffer.from('\t\r\n')];

/** Bytes of a head that are kept until its end has come; undici refuses a head that is as large. */
const heldLimit = 65_536;

/**
 * Puts response heads into the form that undici's parser takes, on their way from a socket of HTTP/1.1 to undici:
 * leaves out a `100 Continue`, which a client must skip though it did not ask for it (RFC 9110 section 15.2), joins a
 * folded field line with the line before it (RFC 9112 section 5.2), and takes off the blanks behind a field value (RFC
 * 9112 section 5.1). All other bytes pass as they are.
 */
export class IncomingHeads {
  #isExpected = false;
  #held: Buffer | null = null;
  #hasBytes = false;

  /** Says that a request goes out: what comes next is a head. */
  expect(): void {
    this.#isExpected = true;
    this.#hasBytes = false;
    this.#held = null;
  }

  /** True while the head of the final response has not come. */
  get isExpected(): boolean {
    return this.#isExpected;
  }

  /** True once a byte of an answer to the latest request has come, whether it was passed on or not. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /** What undici gets of the bytes that came; `null` for nothing yet. */
  take(chunk: Buffer): Buffer | null {
    this.#hasBytes = true;
    let rest = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    const passed: Buffer[] = [];
    while (this.#isExpected && rest.length > 0) {
      const end = rest.indexOf(headEnd);
      if (end < 0) {
        rest = this.#hold(rest);
        break;
      }
      const head = rest.subarray(0, end + headEnd.length);
      rest = rest.subarray(head.length);
      const tidy = this.#takeHead(head);
      if (tidy !== null) passed.push(tidy);
    }
    if (rest.length > 0) passed.push(rest);
    return joined(passed);
  }

  /** Keeps the beginning of a head; returns what will not become one. */
  #hold(bytes: Buffer): Buffer {
    this.#isExpected = mayBecomeHead(bytes);
    if (!this.#isExpected) return bytes;
    this.#held = bytes;
    return bytes.subarray(bytes.length);
  }

  /** What undici gets of a whole head, `null` for nothing. */
  #takeHead(head: Buffer): Buffer | null {
    const status = statusOf(head);
    // Of what is no informational response nothing more is looked at: it is the answer, or no HTTP.
    this.#isExpected = status >= 100 && status < 200 && status !== 101;
    if (status === 100) return null;
    return status === 0 ? head : tidied(head);
  }
}

function joined(pieces: readonly Buffer[]): Buffer | null {
  const [first, ...others] = pieces;
  if (first === undefined) return null;
  return others.length === 0 ? first : Buffer.concat(pieces);
}

/** Whether more bytes can make a head of it that undici takes. A line that ends in LF alone is none. */
function mayBecomeHead(bytes: Buffer): boolean {
  if (bytes.length > heldLimit) return false;
  const start = bytes.subarray(0, version.length);
  if (!version.subarray(0, start.length).equals(start)) return false;
  const lineFeed = bytes.indexOf(0x0a);
  return lineFeed < 0 || bytes[lineFeed - 1] === 0x0d;
}

/** The status of a response head; 0 for what is none. */
function statusOf(head: Buffer): number {
  const found = /^HTTP\/1\.\d (\d{3})[ \r]/.exec(head.toString('latin1', 0, 14));
  return found === null ? 0 : Number(found[1]);
}

function tidied(head: Buffer): Buffer {
  const isFolded = folds.some((mark) => head.includes(mark));
  if (!isFolded && !blankEnds.some((mark) => head.includes(mark))) return head;
  const [statusLine = '', ...lines] = head.toString('latin1').split('\r\n');
  const fields: string[][] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    // Blanks before the first field are no fold. RFC 9112 section 2.2 lets a client refuse them.
    if (last !== undefined && isFold(line)) last.push(trimBlanks(line));
    else fields.push([isFold(line) ? line : trimBlanks(line)]);
  }
  return Buffer.from([statusLine, ...fields.map((parts) => parts.join(' '))].join('\r\n'), 'latin1');
}

function isFold(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('\t');
}
