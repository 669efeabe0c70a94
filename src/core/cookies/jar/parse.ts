import { detach } from '../../detach.ts';
import { isBlank, trimBlanks } from '../../header-text.ts';
import { hasFieldControl } from '../../http.ts';
import { parseCookieDate } from './dates.ts';
import { exceedsBytes, maxAttributeBytes, maxNameValueBytes } from './limits.ts';

/** The SameSite attribute of a cookie; absent when it has none, or an unknown value. */
export type SameSite = 'lax' | 'strict' | 'none';

/** The parts of a Set-Cookie line, before the rules about its request are applied. */
export interface ParsedSetCookie {
  readonly name: string;
  readonly value: string;
  /** The Domain attribute as written; '' and `undefined` both mean host-only. */
  domain: string | undefined;
  /** The Path attribute as written. */
  path: string | undefined;
  /** Epoch milliseconds. */
  expires: number | undefined;
  /** Seconds. */
  maxAge: number | undefined;
  secure: boolean;
  httpOnly: boolean;
  partitioned: boolean;
  sameSite: SameSite | undefined;
}

/** Why a line is not a valid cookie, independent of the request. */
export type SyntaxRejection = 'empty' | 'control-character' | 'too-large' | 'ambiguous-nameless';

function skipBlanks(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function skipBlanksBack(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

/**
 * Parses one Set-Cookie line. Source: RFC 6265bis 5.6; a horizontal tab inside a name or value is refused as in Chromium.
 */
export function parseSetCookie(line: string): ParsedSetCookie | SyntaxRejection {
  if (hasFieldControl(line)) return 'control-character';
  const semicolon = line.indexOf(';');
  const pair = semicolon < 0 ? line : line.slice(0, semicolon);
  const equals = pair.indexOf('=');
  const name = equals < 0 ? '' : trimBlanks(pair.slice(0, equals));
  const value = trimBlanks(pair.slice(equals + 1));
  // A tab that remains after trimming is inside a name or a value. Most lines have no tab and are not checked further.
  const tabbed = line.includes('\t');
  if (tabbed && (name.includes('\t') || value.includes('\t'))) return 'control-character';
  const rejection = checkPair(name, value);
  if (rejection !== undefined) return rejection;
  // Copied, because V8 keeps the whole line in memory for a substring of it. Long attributes could fill the memory.
  const bulky = line.length > 2 * pair.length + 512;
  const cookie: ParsedSetCookie = {
    name: bulky ? detach(name) : name,
    value: bulky ? detach(value) : value,
    domain: undefined,
    path: undefined,
    expires: undefined,
    maxAge: undefined,
    secure: false,
    httpOnly: false,
    partitioned: false,
    sameSite: undefined,
  };
  if (semicolon >= 0 && !readAttributes(cookie, line, semicolon + 1, tabbed)) return 'control-character';
  if (bulky && cookie.path !== undefined) cookie.path = detach(cookie.path);
  return cookie;
}

/** The rules for a name and a value, control characters aside, that apply wherever a cookie comes from. */
export function checkPair(name: string, value: string): SyntaxRejection | undefined {
  if (name === '' && value === '') return 'empty';
  // A cookie without a name is sent as its value, which a server would read as another cookie. Both browsers.
  if (name === '' && value.includes('=')) return 'ambiguous-nameless';
  if ((name.length + value.length) * 3 > maxNameValueBytes && exceedsBytes(name + value, maxNameValueBytes)) {
    return 'too-large';
  }
  return undefined;
}

/**
 * Reads the attributes after the pair. Returns false when one holds a tab, for which Chromium drops the cookie. Works
 * on positions in the line, so that unknown attributes and flags are not copied.
 */
function readAttributes(cookie: ParsedSetCookie, line: string, from: number, tabbed: boolean): boolean {
  for (let start = from; start < line.length; ) {
    const semicolon = line.indexOf(';', start);
    const end = semicolon < 0 ? line.length : semicolon;
    const equals = findEquals(line, start, end);
    const valueStart = skipBlanks(line, Math.min(equals + 1, end), end);
    const valueEnd = skipBlanksBack(line, valueStart, end);
    if (tabbed && line.slice(valueStart, valueEnd).includes('\t')) return false;
    const nameStart = skipBlanks(line, start, equals);
    const nameLength = skipBlanksBack(line, nameStart, equals) - nameStart;
    const keyword = findKeyword(line, nameStart, nameLength);
    if (keyword !== undefined) readAttribute(cookie, keyword, line, valueStart, valueEnd);
    start = end + 1;
  }
  return true;
}

const keywords = [
  'path',
  'domain',
  'secure',
  'expires',
  'max-age',
  'httponly',
  'samesite',
  'partitioned',
] as const;
type Keyword = (typeof keywords)[number];

const keywordsByLength: readonly Keyword[][] = Array.from({ length: 12 }, (_, length) =>
  keywords.filter((word) => word.length === length),
);

function findKeyword(line: string, start: number, length: number): Keyword | undefined {
  for (const word of keywordsByLength[length] ?? []) if (isWordAt(line, start, word)) return word;
  return undefined;
}

/** Compares with a word in lower case, ignoring the case of ASCII letters. */
function isWordAt(line: string, start: number, word: string): boolean {
  for (let at = 0; at < word.length; at++) {
    // Bit 0x20 distinguishes upper from lower case in ASCII letters; a hyphen has it set.
    if ((line.charCodeAt(start + at) | 0x20) !== word.charCodeAt(at)) return false;
  }
  return true;
}

// The last attribute of a name wins, also when its value is empty or invalid. Both browsers.
function readAttribute(
  cookie: ParsedSetCookie,
  keyword: Keyword,
  line: string,
  start: number,
  end: number,
): void {
  const value = line.slice(start, end);
  if (exceedsBytes(value, maxAttributeBytes)) return;
  switch (keyword) {
    case 'path':
      cookie.path = value;
      break;
    case 'domain':
      cookie.domain = value;
      break;
    case 'expires':
      cookie.expires = parseCookieDate(value);
      break;
    case 'max-age':
      cookie.maxAge = parseMaxAge(value);
      break;
    case 'secure':
      cookie.secure = true;
      break;
    case 'httponly':
      cookie.httpOnly = true;
      break;
    case 'partitioned':
      cookie.partitioned = true;
      break;
    case 'samesite':
      cookie.sameSite = parseSameSite(value);
      break;
  }
}

/** Position of the first `=` between two positions, or the second of them. */
function findEquals(line: string, start: number, end: number): number {
  let at = start;
  while (at < end && line.charCodeAt(at) !== 0x3d) at++;
  return at;
}

const maxAgeSyntax = /^-?\d+$/;

/** RFC 6265bis 5.6.2: an optional minus and digits, and nothing else. */
function parseMaxAge(value: string): number | undefined {
  return maxAgeSyntax.test(value) ? Number(value) : undefined;
}

/** The whole word in any case; anything else counts as absent. RFC 6265bis 5.6.7. */
export function parseSameSite(value: string): SameSite | undefined {
  const word = value.toLowerCase();
  return word === 'lax' || word === 'strict' || word === 'none' ? word : undefined;
}

/** Name and value of a Set-Cookie line unchanged, also for a line that is refused. */
export function pairOfLine(line: string): { readonly name: string; readonly value: string } {
  const semicolon = line.indexOf(';');
  const pair = semicolon < 0 ? line : line.slice(0, semicolon);
  const equals = pair.indexOf('=');
  const name = equals < 0 ? '' : trimBlanks(pair.slice(0, equals));
  return { name, value: trimBlanks(pair.slice(equals + 1)) };
}

/** The name of a Set-Cookie line for a report. */
export function nameOfLine(line: string): string {
  return pairOfLine(line).name;
}
