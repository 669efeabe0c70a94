import { decodeHeaderText } from '../../header-text.ts';
import type { HeaderEntry } from '../../http.ts';

/**
 * The head of a request in the form in which it was handed over: HTTP/1.1 text, the fields of an HTTP/2 stream, or a
 * flat list of names and values, as an HTTP/2 stream or a dispatcher of the caller's was given.
 */
export type SentHead = string | Readonly<Record<string, unknown>> | readonly string[];

/** A head, read. */
export interface ReadHead {
  /** What the request line names; `null` where the head does not say it. */
  readonly target: string | null;
  /** In wire order and spelling, as text. */
  readonly headers: readonly HeaderEntry[];
}

/** Reads a head that was sent. */
export function readSentHead(sent: SentHead): ReadHead {
  if (typeof sent === 'string') return readText(sent);
  if (Array.isArray(sent)) return { target: pathOf(sent), headers: readFlat(sent) };
  const fields = sent as Readonly<Record<string, unknown>>;
  return { target: String(fields[':path'] ?? '*'), headers: readFields(fields) };
}

/** The path of an HTTP/2 stream, which stands among its fields. */
function pathOf(flat: readonly string[]): string | null {
  for (let at = 0; at + 1 < flat.length; at += 2) if (flat[at] === ':path') return flat[at + 1] ?? null;
  return null;
}

function readText(text: string): ReadHead {
  const [first = '', ...lines] = text.split('\r\n');
  const headers: HeaderEntry[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon), decodeHeaderText(line.slice(colon + 1).trim())]);
  }
  return { target: first.split(' ')[1] ?? '', headers };
}

/** Names and values in turn, one character per byte. */
function readFlat(flat: readonly string[]): HeaderEntry[] {
  const headers: HeaderEntry[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    headers.push([flat[at] ?? '', decodeHeaderText(flat[at + 1] ?? '')]);
  }
  return headers;
}

/** A head as one text, and where its names and values begin and end in it, in turn. */
class HeadText {
  readonly text: string;
  readonly places: readonly number[];

  constructor(text: string, places: readonly number[]) {
    this.text = text;
    this.places = places;
  }
}

/**
 * Fields as they were received: a text with its places, names and values in turn, or names with one value or several
 * each.
 */
export type RawFields = HeadText | readonly string[] | Readonly<Record<string, unknown>>;

/**
 * Keeps the raw fields that undici hands out as bytes. They are copied at once: the bytes are part of a buffer that is
 * given to somebody else later.
 *
 * @param parsed what undici made of them, for where it has no raw ones
 */
export function keepRawFields(raw: unknown, parsed: Readonly<Record<string, unknown>>): RawFields {
  if (Array.isArray(raw)) return headText(raw) ?? raw.map(latin1);
  return (raw as Readonly<Record<string, unknown>> | null | undefined) ?? parsed;
}

export function readRawFields(fields: RawFields): HeaderEntry[] {
  if (fields instanceof HeadText) return readFlat(piecesOf(fields));
  return Array.isArray(fields) ? readFlat(fields) : readFields(fields as Readonly<Record<string, unknown>>);
}

/** Bytes that may lie between two pieces: a colon, white space, the end of a line. */
const longestGap = 64;

/**
 * The pieces of a head that came in one read lie one behind the other: one text of all is cheaper to make and to keep
 * than a text of each. `null` where they do not.
 */
function headText(raw: readonly unknown[]): HeadText | null {
  const first: unknown = raw[0];
  if (!ArrayBuffer.isView(first)) return null;
  const start = first.byteOffset;
  let end = start;
  const places: number[] = [];
  for (const piece of raw) {
    if (!ArrayBuffer.isView(piece) || piece.buffer !== first.buffer) return null;
    const { byteOffset, byteLength } = piece;
    if (byteOffset < end || byteOffset - end > longestGap) return null;
    end = byteOffset + byteLength;
    places.push(byteOffset - start, end - start);
  }
  return new HeadText(Buffer.from(first.buffer, start, end - start).toString('latin1'), places);
}

function piecesOf({ text, places }: HeadText): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < places.length; at += 2) pieces.push(text.slice(places[at], places[at + 1]));
  return pieces;
}

function latin1(part: string | Uint8Array): string {
  if (typeof part === 'string') return part;
  const bytes = Buffer.isBuffer(part) ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  return bytes.toString('latin1');
}

/** Names with one value or several each. */
function readFields(fields: Readonly<Record<string, unknown>>): HeaderEntry[] {
  return Object.entries(fields).flatMap(([name, value]): HeaderEntry[] => {
    if (value === undefined || value === null) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.map((each): HeaderEntry => [name, decodeHeaderText(String(each))]);
  });
}
