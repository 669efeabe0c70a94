import { decodeHeaderText, encodeHeaderText } from '../header-text.ts';
import { maxCookieBytes } from './jar/limits.ts';

export { maxCookieBytes };

/** Bytes that are left for the jar's cookies besides those of the caller's own Cookie header. */
export function roomBeside(own: string | null): number {
  return own === null ? maxCookieBytes : Math.max(0, maxCookieBytes - own.length - separator.length);
}

const separator = '; ';

/**
 * The bytes of the header, one character each: the jar's cookies, then the caller's own header unchanged. A cookie of
 * the jar whose name the caller's header has is left out. The jar returns only the cookies that {@link roomBeside}
 * has room for. Of a jar without this limit, the last cookies are left out: the newest ones of the shortest path.
 *
 * @param own the bytes of the caller's header (Fetch Standard: a ByteString)
 */
export function cookieHeader(jarCookies: string, own: string | null): string {
  if (own === null) return encodeHeaderText(firstThatFit(jarCookies, maxCookieBytes));
  const others = withoutNames(jarCookies, namesOfHeader(own));
  const fitting = encodeHeaderText(firstThatFit(others, roomBeside(own)));
  return fitting === '' || own === '' ? fitting + own : fitting + separator + own;
}

function firstThatFit(cookies: string, room: number): string {
  // A character has at most three bytes.
  if (cookies.length * 3 <= room) return cookies;
  const pairs = cookies.split(separator);
  let length = -separator.length;
  const end = pairs.findIndex((pair) => {
    length += encodeHeaderText(pair).length + separator.length;
    return length > room;
  });
  return pairs.slice(0, end < 0 ? pairs.length : end).join(separator);
}

function withoutNames(cookies: string, names: ReadonlySet<string>): string {
  if (cookies === '') return '';
  const pairs = cookies.split(separator);
  return pairs.filter((pair) => !names.has(nameOf(pair))).join(separator);
}

/** A value in quotes may hold semicolons: servers in Python and Java write and read such values. */
const pair = /[ \t]*([^=;]*)(?:=[ \t]*(?:"[^"]*"[ \t]*(?=;|$)|[^;]*))?(?:;|$)/y;

/** The names in a caller's Cookie header, as text. */
export function namesOfHeader(header: string): ReadonlySet<string> {
  const names = new Set<string>();
  pair.lastIndex = 0;
  while (pair.lastIndex < header.length) {
    const found = pair.exec(header);
    if (found === null) break;
    const [whole, name = ''] = found;
    if (/[^ \t;]/.test(whole)) names.add(whole.includes('=') ? decodeHeaderText(name).trim() : '');
  }
  return names;
}

function nameOf(cookie: string): string {
  return cookie.slice(0, Math.max(0, cookie.indexOf('=')));
}
