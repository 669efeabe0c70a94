import type { HeaderEntry, ResolvedRequest } from './pipeline.ts';

/** A head's fields as they are to stand on the wire. */
export interface HeadFields {
  /** In wire order. Of those that undici writes itself, only the caller's own are among them. */
  readonly headers: readonly HeaderEntry[];
  /** Lower-case names of the whole head in wire order, also of those that undici writes. */
  readonly order: readonly string[];
}

/** A field that undici writes itself, and where the browser has it. */
interface OwnLine {
  /** Its name in {@link HeadFields.order}. */
  readonly place: string;
  readonly name: string;
  /** From the colon to the line's end. */
  readonly rest: string;
}

interface Parts {
  readonly own: readonly OwnLine[];
  /** Where the request line ends, and where the fields begin and end that undici was given. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
  /** The blank line, or nothing where undici writes it with the first chunk. */
  readonly tail: string;
}

/** What undici writes in front of all other fields, in this order and case, the last of them for upgrades only. */
const leading = [
  ['host', 'Host'],
  ['connection', 'Connection'],
  ['upgrade', 'Upgrade'],
] as const;

/** What it writes behind them. HTTP/1.1 browsers do not send chunks, so they go where the length would. */
const trailing = [
  ['content-length', 'Content-Length'],
  ['transfer-encoding', 'Transfer-Encoding'],
] as const;

/** Names that undici takes out of the headers it is given, to write them itself. */
const taken: ReadonlySet<string> = new Set(['host', 'connection', 'content-length']);

/**
 * Puts the fields that undici writes itself where the browser has them, in its case or the caller's. All others
 * are in their places already and stay as they are. A head that does not look as undici writes it is left alone.
 *
 * @param head a whole HTTP/1.1 request head, without its blank line when a chunked body follows
 */
export function reorderHead(head: string, { headers, order }: HeadFields): string {
  const parts = takeApart(head);
  if (parts === null) return head;
  const left = [...parts.own];
  let out = head.slice(0, parts.start);
  let written = parts.from;
  let next = 0;
  for (let index = 0; left.length > 0 && index < order.length; index++) {
    const place = order[index];
    let spelling: string | undefined;
    for (; nameAt(headers, next) === place; next++) spelling = headers[next]?.[0];
    const found = left.findIndex((line) => line.place === place);
    if (found < 0) continue;
    const at = next === 0 ? parts.from : startOfField(head, headers, next, parts);
    if (at < written) return head;
    out += head.slice(written, at);
    for (const { name, rest } of left.splice(found, 1)) out += (spelling ?? name) + rest;
    written = at;
  }
  out += head.slice(written, parts.to);
  for (const { name, rest } of left) out += name + rest;
  return out + parts.tail;
}

function takeApart(head: string): Parts | null {
  const own: OwnLine[] = [];
  const start = head.indexOf(' HTTP/1.1\r\n') + 11;
  let from = start;
  for (const [place, name] of leading) {
    if (!head.startsWith(`${place}: `, from)) continue;
    const end = head.indexOf('\r\n', from) + 2;
    const rest = head.slice(from + name.length, end);
    own.push({ place, name, rest: rest === ': upgrade\r\n' ? ': Upgrade\r\n' : rest });
    from = end;
  }
  if (own[0]?.place !== 'host' || own[1]?.place !== 'connection') return null;
  const isWhole = head.endsWith('\r\n\r\n');
  const end = head.length - (isWhole ? 2 : 0);
  const last = head.lastIndexOf('\r\n', end - 3) + 2;
  const found = last < from ? undefined : trailing.find(([name]) => head.startsWith(`${name}: `, last));
  if (found === undefined) return isWhole ? { own, start, from, to: end, tail: '\r\n' } : null;
  own.push({ place: 'content-length', name: found[1], rest: head.slice(last + found[0].length, end) });
  return { own, start, from, to: last, tail: isWhole ? '\r\n' : '' };
}

function nameAt(headers: readonly HeaderEntry[], index: number): string | undefined {
  return headers[index]?.[0].toLowerCase();
}

/** Where the field begins that comes next, looking over those that undici has taken out; -1 when it is not there. */
function startOfField(
  head: string,
  headers: readonly HeaderEntry[],
  next: number,
  { from, to }: Parts,
): number {
  let index = next;
  for (let name = nameAt(headers, index); name !== undefined; name = nameAt(headers, ++index)) {
    if (taken.has(name)) continue;
    // No value holds a line break, so this is the beginning of a line.
    const at = head.indexOf(`\r\n${headers[index]?.[0]}: `, from - 2);
    return at < 0 ? -1 : at + 2;
  }
  return to;
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
