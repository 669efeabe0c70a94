import type { HeaderEntry, RequestHead } from '../../http.ts';

/** Fields that undici writes itself, in the spelling of browsers. */
const spellings = { host: 'Host', connection: 'Connection', 'content-length': 'Content-Length' } as const;

type WrittenField = keyof typeof spellings;

/** The place in a head of a field whose text differs for each request. */
interface Gap {
  /** `own` is one of the head's headers, `none` one that is not written. */
  readonly field: WrittenField | 'cookie' | 'own' | 'none';
  /** The caller's spelling, or that of browsers. */
  readonly name: string;
  /** Number of the head's headers before it. */
  readonly index: number;
  /** True where it replaces the header at `index`. */
  readonly isHeader: boolean;
}

/** The common part of all heads of one layout: text and gaps, with text after the last gap. */
interface Template {
  readonly gaps: readonly Gap[];
  readonly pieces: readonly string[];
  /** The last head of this layout; `null` for none. */
  latest: Composed | null;
}

/** A composed head, and what it was composed from, without the request line. */
interface Composed {
  readonly written: string;
  readonly headers: readonly HeaderEntry[];
  readonly cookie: string | null;
  readonly fields: string;
}

/** A head as undici writes it, by the positions of its parts. */
interface Written {
  readonly text: string;
  readonly host: number;
  readonly connection: number;
  /** The field with the body's length or its coding; equal to `end` when there is neither. */
  readonly length: number;
  /** The blank line. undici writes it later when chunks follow. */
  readonly end: number;
}

/** The parts of a request from which its head is composed. */
export interface HeadSource {
  readonly headers: readonly HeaderEntry[];
  readonly head: RequestHead | null;
  readonly http1Head: (() => RequestHead) | null;
  readonly cookie: string | null;
  /** The protocol of an upgrade, such as `websocket`. */
  readonly upgrade?: string | undefined;
}

/**
 * Writes an HTTP/1.1 head as its browser would: undici's request line, then the head's fields with those that undici
 * writes in their places. A head that does not have undici's form loses no field; only its order is not the
 * browser's.
 *
 * @param text a whole head by undici, without its blank line when a chunked body follows
 * @param cookie value of the Cookie header
 */
export function composeHead(text: string, head: RequestHead, cookie: string | null): string {
  const template = templateOf(head);
  const fieldsAt = text.indexOf('\n') + 1;
  // Most requests of a session differ only in their request line.
  const { latest } = template;
  if (
    latest?.headers === head.headers &&
    latest.cookie === cookie &&
    isRest(text, fieldsAt, latest.written)
  ) {
    return text.slice(0, fieldsAt) + latest.fields;
  }
  const written = takeApart(text, fieldsAt);
  if (written === null) return isHead(text) ? insertFields(text, head, cookie) : text;
  const fields = composeFields(written, head, cookie, template);
  template.latest = { written: text.slice(fieldsAt), headers: head.headers, cookie, fields };
  return text.slice(0, fieldsAt) + fields;
}

function isRest(text: string, from: number, rest: string): boolean {
  return text.length - from === rest.length && text.endsWith(rest);
}

function composeFields(
  written: Written,
  head: RequestHead,
  cookie: string | null,
  { gaps, pieces }: Template,
): string {
  let composed = '';
  for (let at = 0; at < gaps.length; at++) {
    const gap = gaps[at] as Gap;
    const header = head.headers[gap.index];
    composed += pieces[at];
    if (gap.field !== 'own') composed += lineOf(gap, written, cookie);
    else if (header !== undefined) composed += `${header[0]}: ${header[1]}\r\n`;
  }
  return `${composed}${pieces[gaps.length]}${written.text.slice(written.end)}`;
}

function lineOf({ field, name }: Gap, written: Written, cookie: string | null): string {
  const { text, host, connection, length, end } = written;
  if (field === 'none') return '';
  if (field === 'cookie') return cookie === null ? '' : `${name}: ${cookie}\r\n`;
  if (field === 'host') return name + text.slice(host + 4, connection);
  // Fields that other code gave to undici, such as a proxy's credentials, stay after Connection.
  if (field === 'connection') return name + text.slice(connection + 10, length);
  if (length === end) return '';
  // Browsers send no chunked bodies on HTTP/1.1. Transfer-Encoding takes the place of the length.
  const isLength = text.startsWith(contentLength, length);
  return isLength ? name + text.slice(length + 14, end) : `Transfer-Encoding${text.slice(length + 17, end)}`;
}

function isHead(text: string): boolean {
  return text.slice(0, text.indexOf('\n') + 1).endsWith(' HTTP/1.1\r\n');
}

function insertFields(text: string, head: RequestHead, cookie: string | null): string {
  const own = head.headers.filter(([name]) => !Object.hasOwn(spellings, name.toLowerCase()));
  const end = text.endsWith('\r\n\r\n') ? text.length - 2 : text.length;
  return text.slice(0, end) + linesOf(withCookie(own, own.length, cookie)) + text.slice(end);
}

const contentLength = 'content-length: ';
const chunked = 'transfer-encoding: chunked\r\n';

/** Searches for a single character where possible, which is faster than a search for a longer text. */
function takeApart(text: string, host: number): Written | null {
  const connection = text.indexOf('\n', host) + 1;
  if (!text.startsWith('host: ', host) || !text.startsWith('connection: ', connection)) return null;
  if (!text.endsWith('\r\n\r\n')) {
    const length = text.length - chunked.length;
    return text.endsWith(chunked) ? { text, host, connection, length, end: text.length } : null;
  }
  const end = text.length - 2;
  let digits = end - 2;
  while (isDigit(text.charCodeAt(digits - 1))) digits--;
  const last = digits - contentLength.length;
  const hasLength = text.startsWith(`\n${contentLength}`, last - 1);
  return { text, host, connection, length: hasLength ? last : end, end };
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** There are few layouts, and each has one list of names. */
const templates = new WeakMap<readonly string[], Template>();

function templateOf(head: RequestHead): Template {
  let template = templates.get(head.order);
  if (template === undefined) {
    const gaps = findGaps(head);
    template = { gaps, pieces: piecesBetween(gaps, head.headers), latest: null };
    templates.set(head.order, template);
  }
  return template;
}

function findGaps({ headers, cookieIndex, order, variable }: RequestHead): Gap[] {
  const names = headers.map(([name]) => name.toLowerCase());
  const gapOf = (field: WrittenField, fallback: number): Gap => {
    const given = names.indexOf(field);
    if (given >= 0) return { field, name: headers[given]?.[0] ?? field, index: given, isHeader: true };
    const place = order.indexOf(field);
    // After all headers that come before it.
    const before = new Set(order.slice(0, place));
    const index = place < 0 ? fallback : names.findLastIndex((name) => before.has(name)) + 1;
    return { field, name: spellings[field], index, isHeader: false };
  };
  // A field without a place stays where undici writes it: at the start, or at the end.
  const gaps: Gap[] = [
    gapOf('host', 0),
    gapOf('connection', 0),
    gapOf('content-length', headers.length),
    { field: 'cookie', name: 'Cookie', index: cookieIndex, isHeader: false },
  ];
  names.forEach((name, index) => {
    if (gaps.some((gap) => gap.isHeader && gap.index === index)) return;
    // undici writes such a field once, however often it is given.
    if (Object.hasOwn(spellings, name)) gaps.push({ field: 'none', name, index, isHeader: true });
    else if (variable.includes(index)) gaps.push({ field: 'own', name, index, isHeader: true });
  });
  const placeOf = ({ field, isHeader }: Gap): number => {
    if (isHeader) return order.length + 1;
    const place = order.indexOf(field);
    return place < 0 && (field === 'content-length' || field === 'cookie') ? order.length : place;
  };
  return gaps.toSorted((a, b) => a.index - b.index || placeOf(a) - placeOf(b));
}

function piecesBetween(gaps: readonly Gap[], headers: readonly HeaderEntry[]): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const { index, isHeader } of gaps) {
    pieces.push(linesOf(headers.slice(from, index)));
    from = isHeader ? index + 1 : index;
  }
  return [...pieces, linesOf(headers.slice(from))];
}

function linesOf(headers: readonly HeaderEntry[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/**
 * Lists the headers for undici to write, in undici's form.
 *
 * @param composes true where the head is composed when undici writes it: then undici gets only the values of the
 * fields that it writes itself
 */
export function dispatchHeaders(request: HeadSource, composes: boolean): string[] {
  const { head, headers, cookie } = request;
  if (request.upgrade !== undefined) return upgradeFields(request).filter(isTakenByUndici).flat();
  if (head === null) return withCookie(headers, headers.length, cookie).flat();
  if (composes) return givenHeaders(head);
  return withCookie(head.headers, head.cookieIndex, cookie).flat();
}

/** The caller's values of the fields that undici writes itself. */
function givenHeaders(head: RequestHead): string[] {
  const given: string[] = [];
  for (const { field, isHeader, index } of templateOf(head).gaps) {
    if (isHeader && field !== 'own') given.push(...(head.headers[index] ?? []));
  }
  return given;
}

/**
 * Turns the head that undici wrote into the one that is sent. Where HTTP/2 was offered and the server chose HTTP/1.1,
 * the head for HTTP/1.1 is used.
 */
export function writeHead(request: HeadSource, text: string): string {
  const { head, http1Head, cookie } = request;
  if (head === null) return text;
  return composeHead(text, http1Head?.() ?? head, cookie);
}

/**
 * Writes the head of an upgrade: its fields unchanged, in their order. Fields that undici wrote and that are not
 * among them, such as one that tracing added, come first.
 */
export function upgradeHead(request: HeadSource, text: string): string {
  const fields = upgradeFields(request);
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const [requestLine, ...written] = text.slice(0, -4).split('\r\n');
  const others = written.filter((line) => !names.has(line.slice(0, line.indexOf(':')).toLowerCase()));
  return `${[requestLine, ...others].join('\r\n')}\r\n${linesOf(fields)}\r\n`;
}

/** An upgrade is always requested over HTTP/1.1. */
function upgradeFields({ headers, head, http1Head, cookie }: HeadSource): readonly HeaderEntry[] {
  const own = http1Head?.() ?? head;
  if (own === null) return withCookie(headers, headers.length, cookie);
  return withCookie(own.headers, own.cookieIndex, cookie);
}

/** undici writes these two itself from its option `upgrade`, and refuses them among the headers. */
function isTakenByUndici([name]: HeaderEntry): boolean {
  const key = name.toLowerCase();
  return key !== 'connection' && key !== 'upgrade';
}

function withCookie(
  headers: readonly HeaderEntry[],
  index: number,
  cookie: string | null,
): readonly HeaderEntry[] {
  return cookie === null ? headers : headers.toSpliced(index, 0, ['Cookie', cookie]);
}
