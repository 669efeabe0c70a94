import { decodeHeaderText } from '../../header-text.ts';
import type { HeaderEntry } from '../../http.ts';

/**
 * The head of a request in the form in which it was sent: HTTP/1.1 text, the fields of an HTTP/2 stream, or a flat
 * list of names and values, as passed to an HTTP/2 stream or to a dispatcher of the caller.
 */
export type SentHead = string | Readonly<Record<string, unknown>> | readonly string[];

/** A parsed head. */
export interface ReadHead {
  /** The target of the request line; `null` where the head does not have it. */
  readonly target: string | null;
  /** In wire order and spelling, as text. */
  readonly headers: readonly HeaderEntry[];
}

/** Parses a head that was sent. */
export function readSentHead(sent: SentHead): ReadHead {
  if (typeof sent === 'string') return readText(sent);
  if (Array.isArray(sent)) return { target: pathOf(sent), headers: readFlat(sent) };
  const fields = sent as Readonly<Record<string, unknown>>;
  return { target: String(fields[':path'] ?? '*'), headers: readFields(fields) };
}

/** The path of an HTTP/2 stream, which is among its fields. */
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

/** Names and values alternate, one character per byte. */
function readFlat(flat: readonly string[]): HeaderEntry[] {
  const headers: HeaderEntry[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    headers.push([flat[at] ?? '', decodeHeaderText(flat[at + 1] ?? '')]);
  }
  return headers;
}

/** A head as one text, and the positions where its names and values begin and end, in turn. */
class HeadText {
  readonly text: string;
  readonly places: readonly number[];

  constructor(text: string, places: readonly number[]) {
    this.text = text;
    this.places = places;
  }
}

/**
 * Fields as they were received: a text with positions, alternating names and values, or names with one or more values
 * each.
 */
export type RawFields = HeadText | readonly string[] | Readonly<Record<string, unknown>>;

/**
 * Keeps the raw fields that undici passes as bytes. They are copied immediately, because the bytes are part of a
 * buffer that is reused later.
 *
 * @param parsed undici's parsed form of them, for when it has no raw ones
 */
export function keepRawFields(raw: unknown, parsed: Readonly<Record<string, unknown>>): RawFields {
  if (Array.isArray(raw)) return headText(raw) ?? raw.map(latin1);
  return (raw as Readonly<Record<string, unknown>> | null | undefined) ?? parsed;
}

export function readRawFields(fields: RawFields): HeaderEntry[] {
  if (fields instanceof HeadText) return readFlat(piecesOf(fields));
  return Array.isArray(fields) ? readFlat(fields) : readFields(fields as Readonly<Record<string, unknown>>);
}

/** Bytes that may lie between two pieces: a colon, white space, a line end. */
const longestGap = 64;

/**
 * The pieces of a head that arrived in one read are adjacent. One text of all of them is cheaper to create and to
 * keep than a text for each. `null` where they are not adjacent.
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

/** Names with one or more values each. */
function readFields(fields: Readonly<Record<string, unknown>>): HeaderEntry[] {
  return Object.entries(fields).flatMap(([name, value]): HeaderEntry[] => {
    if (value === undefined || value === null) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.map((each): HeaderEntry => [name, decodeHeaderText(String(each))]);
  });
}
