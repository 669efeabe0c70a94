import { outputEncoding, queryPercentEncode } from './encodings.ts';
import type { Engine } from './engine.ts';

/**
 * Resolves a URL of a page: its query is encoded in the page's encoding. URL Standard, "encoding-parse a URL".
 *
 * @returns `null` for an invalid URL
 */
export function resolvePageUrl(text: string, base: URL, encoding: string, engine: Engine): URL | null {
  const url = URL.parse(inEncoding(text, base, outputEncoding(encoding)), base.href);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return url;
  const path = url.pathname;
  const written = path.replaceAll('^', '%5E');
  // Chromium escapes other characters in paths.
  const shown = engine === 'chromium' ? written.replaceAll('|', '%7C') : written;
  if (shown !== path) url.pathname = shown;
  return url;
}

/** The same URL with a query that is ASCII already, where the encoding makes a difference. */
function inEncoding(text: string, base: URL, encoding: string): string {
  if (encoding === 'UTF-8' || isAscii(text)) return text;
  const scheme = /^[\0- ]*([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  const isEncoded =
    scheme === undefined ? /^https?:/.test(base.protocol) : /^(https?|ftp|file)$/.test(scheme);
  const hash = text.indexOf('#');
  const end = hash < 0 ? text.length : hash;
  const mark = text.lastIndexOf('?', end) < 0 ? -1 : text.indexOf('?');
  if (!isEncoded || mark < 0 || mark > end) return text;
  // Characters that the URL parser drops must not be encoded.
  const query = text.slice(mark + 1, end).replace(/[\t\n\r]/g, '');
  const trimmed = end === text.length ? query.replace(/(?<![\0- ])[\0- ]+$/, '') : query;
  return `${text.slice(0, mark + 1)}${queryPercentEncode(trimmed, encoding)}${text.slice(end)}`;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7e) return false;
  return true;
}
