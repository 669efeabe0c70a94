/** A value that must not be shown, and what stands in its place. */
export interface Mark {
  readonly value: string;
  readonly mark: string;
}

/** A place of the given text, from its first character to the one after its last. */
interface Place {
  readonly from: number;
  readonly to: number;
  readonly mark: string;
}

/** Most levels of escapes that are undone, such as a URL in a URL in an attribute. */
const deepest = 4;

/** Runs of blanks and blanks other than a space; characters that are not ASCII, invisible ones included. */
const blank = '[+\\t-\\r]|[ +\\t-\\r]{2,}';
const several = '[^\\0-\\x7f]+';
const escapes = {
  url: '%[0-9a-f]{2}',
  html: '&#(?:\\d{1,7}|x[0-9a-f]{1,6});?|&(?:amp|lt|gt|quot|apos|nbsp|shy);?',
  text: '\\\\u[0-9a-f]{4}|\\\\u\\{[0-9a-f]{1,6}\\}|\\\\x[0-9a-f]{2}|\\\\[!-/:-@[-`{-~]',
};
const expression = (...parts: readonly string[]): RegExp => new RegExp(parts.join('|'), 'gi');

/** One kind of escape alone: a value may end with the first character of another kind. */
const oneKind = Object.values(escapes).map((kind) => expression(kind, blank, several));
const allKinds = expression(...Object.values(escapes), blank, several);
/** The same for text that is already bytes of UTF-8, where a byte above ASCII is part of a character. */
const allKindsOfBytes = expression(...Object.values(escapes), blank);

const tags = /<[a-z/!][^<>]{0,2000}>/gi;

const unseen = /[\u200b\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/**
 * Takes values out of texts, however they are written there: escaped for URLs, forms, HTML, JSON and Markdown, also
 * several times and also where only some characters are, with invisible characters or tags between theirs, in Base64
 * and in hexadecimal. The text is read with its escapes undone, and what is found is cut where it stood.
 */
export class Scrubber {
  readonly #needles: readonly Mark[];

  /** @param marks values that are removed wherever they occur */
  constructor(marks: readonly Mark[]) {
    const needles = new Map<string, string>();
    for (const { value, mark } of marks) {
      for (const form of formsOf(value)) if (!needles.has(form)) needles.set(form, mark);
    }
    this.#needles = [...needles].map(([value, mark]) => ({ value, mark }));
  }

  /** The text without the values. */
  clean(text: string): string {
    if (this.#needles.length === 0) return text;
    const places: Place[] = [];
    for (const reading of readings(text)) this.#find(reading, places);
    return places.length === 0 ? text : without(text, places);
  }

  #find(reading: Reading, places: Place[]): void {
    const { text } = reading;
    for (const { value, mark } of this.#needles) {
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
        places.push({ ...reading.placeOf(at, at + value.length), mark });
      }
    }
  }
}

/** The text unchanged, with its escapes undone once and repeatedly, and finally without tags. */
function* readings(text: string): Generator<Reading> {
  const given = new Reading(text, null, []);
  yield given;
  for (const kind of oneKind) yield given.again(kind, meaningOf);
  let reading = given.again(allKinds, meaningOf);
  for (let depth = 1; depth < deepest; depth++) {
    yield reading;
    const next = reading.again(allKindsOfBytes, meaningOf);
    if (next === reading) break;
    reading = next;
  }
  if (reading.text.includes('<')) yield reading.again(tags, () => '');
}

/** A part of a reading, and where it stands in the reading before. */
interface Piece {
  /** Where it begins in this reading. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** Whether it is the same characters there. */
  readonly isKept: boolean;
}

/** A text with escapes undone: bytes of UTF-8, one a character. It knows where its characters stood in the one before. */
class Reading {
  readonly text: string;
  readonly #before: Reading | null;
  readonly #pieces: readonly Piece[];

  constructor(text: string, before: Reading | null, pieces: readonly Piece[]) {
    this.text = text;
    this.#before = before;
    this.#pieces = pieces;
  }

  /** Replaces what an expression finds; itself where it finds nothing. */
  again(expression: RegExp, meaning: (found: string) => string): Reading {
    const { text } = this;
    const pieces: Piece[] = [];
    const parts: string[] = [];
    let length = 0;
    let end = 0;
    let isAfterBlank = false;
    const add = (part: string, from: number, to: number, isKept: boolean): void => {
      if (part === '') return;
      pieces.push({ at: length, from, to, isKept });
      parts.push(part);
      length += part.length;
      isAfterBlank = part.endsWith(' ');
    };
    for (const { 0: found, index } of text.matchAll(expression)) {
      add(text.slice(end, index), end, index, true);
      end = index + found.length;
      const means = meaning(found);
      // Blanks are one blank: a page does not tell how many there were.
      if (means !== ' ' || !isAfterBlank) add(means, index, end, false);
    }
    if (end === 0) return this;
    add(text.slice(end), end, text.length, true);
    return new Reading(parts.join(''), this, pieces);
  }

  /** Where a part of this reading stood in the text that was given. */
  placeOf(start: number, end: number): { readonly from: number; readonly to: number } {
    if (this.#before === null) return { from: start, to: end };
    const first = this.#pieceAt(start);
    const last = this.#pieceAt(end - 1);
    const from = first.isKept ? first.from + start - first.at : first.from;
    return this.#before.placeOf(from, last.isKept ? last.from + end - last.at : last.to);
  }

  #pieceAt(index: number): Piece {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#pieces[middle]?.at ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return this.#pieces[low] ?? { at: 0, from: 0, to: 0, isKept: true };
  }
}

/** What an escape stands for, in bytes of UTF-8. */
function meaningOf(found: string): string {
  const [first = ''] = found;
  if (first === '%') return String.fromCharCode(Number.parseInt(found.slice(1), 16));
  if (first === '&') return characterOf(found.slice(1).replace(';', ''));
  if (first === '\\' && found.length > 2)
    return pointOf(Number.parseInt(found.replace(/[^0-9a-f]/gi, ''), 16));
  if (first === '\\') return found.slice(1) === '+' ? ' ' : found.slice(1);
  // Long values are broken into lines.
  if (/^[\r\n]+$/.test(found)) return '';
  return /^[+\s]/.test(first) && first < '\x80' ? ' ' : bytesOf(found);
}

/** @param reference between `&` and `;` */
function characterOf(reference: string): string {
  if (!reference.startsWith('#')) return entities[reference.toLowerCase()] ?? '';
  const isHexadecimal = /^#x/i.test(reference);
  return pointOf(Number.parseInt(reference.slice(isHexadecimal ? 2 : 1), isHexadecimal ? 16 : 10));
}

function pointOf(point: number): string {
  return point <= 0x10_ffff ? bytesOf(String.fromCodePoint(point)) : '';
}

function bytesOf(text: string): string {
  return Buffer.from(text.replace(unseen, '').replaceAll('\u00a0', ' ')).toString('latin1');
}

/** The text with marks in these places; those that touch are one. */
function without(text: string, places: Place[]): string {
  places.sort((a, b) => a.from - b.from || b.to - a.to);
  let clean = '';
  let end = 0;
  for (const { from, to, mark } of places) {
    if (from >= end) clean += text.slice(end, from) + mark;
    end = Math.max(end, to);
  }
  return clean + text.slice(end);
}

/** What is looked for: the value with its escapes undone as those of the text are, in Base64 and in hexadecimal. */
function formsOf(value: string): Set<string> {
  const bytes = Buffer.from(value);
  const written = [value, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64Of(bytes)];
  const forms = written.flatMap((each) => [...readings(each)].map(({ text }) => text.trim()));
  return new Set(forms.filter(({ length }) => length >= 4));
}

/** The value in Base64, wherever in a longer one it stands: only characters that are of its bits alone. */
function base64Of(value: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bits = Buffer.concat([Buffer.alloc(offset), value]);
    const first = Math.ceil((offset * 8) / 6);
    const part = bits.toString('base64').slice(first, Math.floor((bits.length * 8) / 6));
    return [part, part.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
