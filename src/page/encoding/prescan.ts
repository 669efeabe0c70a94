import { encodingOf } from './encodings.ts';
import type { Engine } from './engine.ts';

/** Bytes that are always scanned. */
const prescanBytes = 1024;

/** Elements that can be in a head: after {@link prescanBytes} the scan ends with the head. */
const headElements: ReadonlySet<string> = new Set([
  ...['html', 'head', 'title', 'base', 'link', 'meta', 'script', 'style', 'noscript', 'object'],
]);
/** Elements whose content is text. */
const textElements: ReadonlySet<string> = new Set([
  ...['script', 'style', 'title', 'textarea', 'noscript', 'xmp', 'iframe', 'noembed', 'noframes'],
]);

/**
 * Finds the encoding that a page declares in itself. HTML Standard, "prescan a byte stream to determine its
 * encoding", as both browsers implement it: not in script, title and similar elements, and beyond 1,024 bytes until
 * the head ends.
 *
 * @returns the name of the encoding, `null` where none is declared
 */
export function prescan(bytes: Uint8Array, engine: Engine): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const declared = xmlEncoding(text);
  if (declared !== null) return declared;
  let isHead = true;
  for (let at = text.indexOf('<'); at >= 0 && (isHead || at < prescanBytes); at = text.indexOf('<', at)) {
    const tag = readTag(text, at);
    at = tag.end;
    if (tag.name !== '' && !headElements.has(tag.name)) isHead = false;
    if (tag.isEnd) continue;
    const found = tag.name === 'meta' ? encodingOfMeta(tag.attributes, engine) : null;
    if (found !== null) return found;
    if (textElements.has(tag.name)) at = endOfText(text, at, tag.name);
  }
  return null;
}

interface Tag {
  /** Lower case, empty for anything but a tag. */
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  readonly end: number;
}

const noAttributes: ReadonlyMap<string, string> = new Map();

function readTag(text: string, start: number): Tag {
  const none = (end: number): Tag => ({ name: '', isEnd: false, attributes: noAttributes, end });
  const past = (end: number, length: number): Tag => none(end < 0 ? text.length : end + length);
  if (text.startsWith('<!--', start)) return past(text.indexOf('-->', start + 2), 3);
  const begin = /<(\/?)([a-z][^\t\n\f\r />]*)/iy;
  begin.lastIndex = start;
  const match = begin.exec(text);
  if (match !== null) {
    const isMeta = match[2]?.toLowerCase() === 'meta';
    const { attributes, end } = readAttributes(text, begin.lastIndex, isMeta);
    return { name: match[2]?.toLowerCase() ?? '', isEnd: match[1] === '/', attributes, end };
  }
  const next = text[start + 1];
  if (next === '!' || next === '/' || next === '?') return past(text.indexOf('>', start), 1);
  return none(start + 1);
}

/** HTML Standard, "get an attribute", until the tag ends. */
function readAttributes(
  text: string,
  start: number,
  isKept: boolean,
): { attributes: ReadonlyMap<string, string>; end: number } {
  const attributes = new Map<string, string>();
  const pattern =
    /[\t\n\f\r /]*(?:>|([^\t\n\f\r />][^\t\n\f\r />=]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"?|'([^']*)'?|([^\t\n\f\r >]*)))?)/y;
  pattern.lastIndex = start;
  for (;;) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) return { attributes, end: text.length };
    const [, name, double, single, bare] = match;
    if (name === undefined) return { attributes, end: pattern.lastIndex };
    if (pattern.lastIndex === from) return { attributes, end: from + 1 };
    const key = name.toLowerCase();
    if (isKept && !attributes.has(key)) attributes.set(key, double ?? single ?? bare ?? '');
  }
}

function endOfText(text: string, start: number, name: string): number {
  const end = new RegExp(`</${name}[\\t\\n\\f\\r />]`, 'ig');
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}

function encodingOfMeta(attributes: ReadonlyMap<string, string>, engine: Engine): string | null {
  const charset = attributes.get('charset');
  const isContentType = attributes.get('http-equiv')?.toLowerCase() === 'content-type';
  const label = charset ?? (isContentType ? charsetInContent(attributes.get('content') ?? '', engine) : null);
  const encoding = label === null ? null : encodingOf(label);
  if (encoding === null) return null;
  if (encoding.startsWith('UTF-16')) return 'UTF-8';
  return encoding === 'x-user-defined' ? 'windows-1252' : encoding;
}

/** HTML Standard, "extracting a character encoding from a meta element". Firefox reads only the first `charset`. */
function charsetInContent(content: string, engine: Engine): string | null {
  for (const match of content.matchAll(/charset/gi)) {
    const rest = content.slice(match.index + 'charset'.length);
    const value = /^[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^"'\t\n\f\r ;][^\t\n\f\r ;]*))/.exec(
      rest,
    );
    if (value !== null) return value[1] ?? value[2] ?? value[3] ?? null;
    if (engine === 'firefox' || /^[\t\n\f\r ]*=/.test(rest)) return null;
  }
  return null;
}

/** The encoding of an XML declaration, which both browsers also read in HTML. */
function xmlEncoding(text: string): string | null {
  if (!text.startsWith('<?xml')) return null;
  const end = text.indexOf('>');
  const declaration = text.slice(0, Math.min(Math.max(end, 0), prescanBytes));
  const label = /[\t\n\r ]encoding[\t\n\r ]*=[\t\n\r ]*(?:"([^"]*)"|'([^']*)')/.exec(declaration);
  const encoding = label === null ? null : encodingOf(label[1] ?? label[2] ?? '');
  return encoding?.startsWith('UTF-16') === true ? 'UTF-8' : encoding;
}
