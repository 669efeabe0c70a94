import type { HeaderEntry, ResolvedRequest } from './pipeline.ts';

/** A head's fields as they are to stand on the wire. */
export interface HeadFields {
  /** In wire order. Of those that undici writes itself, only the caller's own are among them. */
  readonly headers: readonly HeaderEntry[];
  /** Lower-case names of the whole head in wire order, also of those that undici writes. One object for one layout. */
  readonly order: readonly string[];
}

/** Names that undici takes out of the headers it is given, to write them itself; in the browsers' case. */
const taken: ReadonlyMap<string, string> = new Map([
  ['host', 'Host'],
  ['connection', 'Connection'],
  ['content-length', 'Content-Length'],
]);

/** Where one of the {@link taken} fields belongs. */
interface Place {
  readonly field: string;
  /** The caller's spelling, or the browsers'. */
  readonly name: string;
  /** How the line begins that follows it: `''` for the first one, `null` at the end of the head. */
  readonly anchor: string | null;
  /** The same where the head has a Cookie. */
  readonly anchorWithCookie: string | null;
}

interface Places {
  readonly list: readonly Place[];
  /** How many headers there are, Cookie not counted. */
  readonly count: number;
}

/** Where in a head as undici writes it which part begins. */
interface Parts {
  readonly host: number;
  readonly connection: number;
  /** What undici was given. */
  readonly fields: number;
  /** The body's length or its coding; equal to `end` when there is neither. */
  readonly length: number;
  /** The blank line, which undici writes later when chunks follow. */
  readonly end: number;
}

/**
 * Puts the fields that undici writes itself where the browser has them, in its case or the caller's. All others
 * are in their places already and stay as they are. A head that does not look as undici writes it is left alone.
 *
 * @param head a whole HTTP/1.1 request head, without its blank line when a chunked body follows
 */
export function reorderHead(head: string, { headers, order }: HeadFields): string {
  const parts = takeApart(head);
  if (parts === null) return head;
  const { list, count } = placesOf(order, headers);
  const hasCookie = headers.length > count;
  const out = { head, text: '', from: 0, to: parts.host };
  let written = parts.fields;
  let hasLength = parts.length < parts.end;
  for (const { field, name, anchor, anchorWithCookie } of list) {
    if (field === 'content-length' && !hasLength) continue;
    const at = positionOf(hasCookie ? anchorWithCookie : anchor, head, parts);
    if (at < written) return head;
    append(out, '', written, at);
    written = at;
    if (field === 'host') append(out, name, parts.host + 4, parts.connection);
    else if (field === 'connection') append(out, name, parts.connection + 10, parts.fields);
    else {
      appendLength(out, name, parts);
      hasLength = false;
    }
  }
  append(out, '', written, parts.length);
  if (hasLength) appendLength(out, 'Content-Length', parts);
  append(out, '', parts.end, head.length);
  return out.text + head.slice(out.from, out.to);
}

/** A text that grows by pieces of `head`; the last one is pending, because the next may follow it there, too. */
interface Pieces {
  readonly head: string;
  text: string;
  from: number;
  to: number;
}

function append(out: Pieces, text: string, from: number, to: number): void {
  if (text === '' && (from === to || from === out.to)) {
    if (from !== to) out.to = to;
    return;
  }
  out.text += out.head.slice(out.from, out.to) + text;
  out.from = from;
  out.to = to;
}

/** HTTP/1.1 browsers send no chunks: their coding goes where the length would. */
function appendLength(out: Pieces, name: string, { length, end }: Parts): void {
  const isLength = out.head.startsWith('content-length: ', length);
  if (isLength) append(out, name, length + 14, end);
  else append(out, 'Transfer-Encoding', length + 17, end);
}

/** Searches for one character where it can: the engine does that itself, and leaves longer texts to its runtime. */
function takeApart(head: string): Parts | null {
  const host = head.indexOf('\n') + 1;
  const connection = head.indexOf('\n', host) + 1;
  if (!head.startsWith('host: ', host) || !head.startsWith('connection: ', connection)) return null;
  const fields = head.indexOf('\n', connection) + 1;
  if (!head.endsWith('\r\n\r\n')) {
    const length = head.length - chunked.length;
    return head.endsWith(chunked) ? { host, connection, fields, length, end: head.length } : null;
  }
  const end = head.length - 2;
  let digits = end - 2;
  while (isDigit(head.charCodeAt(digits - 1))) digits--;
  const last = digits - 'content-length: '.length;
  const hasLength = last >= fields && head.startsWith('\ncontent-length: ', last - 1);
  return { host, connection, fields, length: hasLength ? last : end, end };
}

const chunked = 'transfer-encoding: chunked\r\n';

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Where the line begins that `anchor` names; -1 when it is not there. */
function positionOf(anchor: string | null, head: string, { fields, length }: Parts): number {
  if (anchor === '') return fields;
  if (anchor === null) return length;
  // No value holds a line break, so what is found is the beginning of a line.
  const at = head.indexOf(anchor, fields - 2);
  return at < 0 ? -1 : at + 2;
}

/** Layouts are few, and each has one list of names. */
const known = new WeakMap<readonly string[], Places>();

function placesOf(order: readonly string[], headers: readonly HeaderEntry[]): Places {
  let places = known.get(order);
  if (places === undefined) {
    places = findPlaces(order, headers);
    known.set(order, places);
  }
  return places;
}

function findPlaces(order: readonly string[], given: readonly HeaderEntry[]): Places {
  const headers = given.filter(([name]) => name.toLowerCase() !== 'cookie');
  const cookieAt = order.indexOf('cookie');
  const list: Place[] = [];
  order.forEach((field, position) => {
    const name = taken.get(field);
    if (name === undefined) return;
    const before = new Set(order.slice(0, position));
    // Behind all that stand before it, and behind the caller's own of this name.
    const isBefore = ([each]: HeaderEntry): boolean => before.has(each.toLowerCase());
    const isOwn = ([each]: HeaderEntry): boolean => each.toLowerCase() === field;
    const next = headers.find((header) => !isBefore(header) && !taken.has(header[0].toLowerCase()));
    const isFirst = !headers.some((header) => isBefore(header) && !taken.has(header[0].toLowerCase()));
    const anchor = next === undefined ? null : `\r\n${next[0]}: `;
    const cookieComesNext =
      cookieAt > position && !headers.some((header) => isBetween(order, header, position, cookieAt));
    list.push({
      field,
      name: headers.find(isOwn)?.[0] ?? name,
      anchor: isFirst ? '' : anchor,
      anchorWithCookie: cookieComesNext ? '\r\nCookie: ' : isFirst && cookieAt > position ? '' : anchor,
    });
  });
  // What has no place stays in front, where undici writes it.
  for (const field of ['connection', 'host']) {
    const name = taken.get(field) ?? field;
    if (!order.includes(field)) list.unshift({ field, name, anchor: '', anchorWithCookie: '' });
  }
  return { list, count: headers.length };
}

function isBetween(order: readonly string[], [name]: HeaderEntry, after: number, before: number): boolean {
  const position = order.indexOf(name.toLowerCase());
  return position > after && position < before && !taken.has(name.toLowerCase());
}

/**
 * Lists a request's headers as undici takes them. One cookie field for each pair on HTTP/2, as browsers send them
 * (RFC 9113 section 8.2.3).
 */
export function flatHeaders({ headers, headOrder }: ResolvedRequest): string[] {
  const isHttp2 = headOrder !== null && headOrder.http1 !== null;
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (isHttp2 && name === 'Cookie') for (const pair of value.split('; ')) flat.push('cookie', pair);
    else flat.push(name, value);
  }
  return flat;
}

/**
 * Rewrites the head of a request as its browser would write it on HTTP/1.1. Where HTTP/2 was offered and the server
 * did not agree, the head for HTTP/1.1 takes the place of the other.
 */
export function writeHead(request: ResolvedRequest, head: string): string {
  const { headers, headOrder } = request;
  if (headOrder === null) return head;
  if (headOrder.http1 === null) return reorderHead(head, { headers, order: headOrder.names });
  const { headers: fields, cookieIndex, order } = headOrder.http1();
  const cookie = headers.find(([name]) => name === 'Cookie');
  const own = cookie === undefined ? fields : fields.toSpliced(cookieIndex, 0, cookie);
  const given = fieldsText(flatHeaders(request));
  const at = head.indexOf(given);
  if (at < 0) return head;
  const replaced = head.slice(0, at) + fieldsText(own.flat()) + head.slice(at + given.length);
  return reorderHead(replaced, { headers: own, order });
}

function fieldsText(flat: readonly string[]): string {
  let text = '';
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? '';
    if (!taken.has(name.toLowerCase())) text += `${name}: ${flat[index + 1]}\r\n`;
  }
  return text;
}
