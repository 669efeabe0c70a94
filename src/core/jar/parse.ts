import { parseCookieDate } from './dates.ts';
import { exceedsBytes, MAX_ATTRIBUTE_BYTES, MAX_NAME_VALUE_BYTES } from './limits.ts';

/** SameSite as a cookie says it; absent when it says nothing or nothing known. */
export type SameSite = 'lax' | 'strict' | 'none';

/** A Set-Cookie line in its parts, before any rule about the request it came with. */
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

/** Why a line is no cookie whatever the request was. */
export type SyntaxRejection = 'empty' | 'control-character' | 'too-large' | 'ambiguous-nameless';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Tells whether `text` holds a control character, HTAB included. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text) || text.includes('\t');
}

/** Removes SP and HTAB at both ends and nothing else: U+00A0 and its like belong to the value. RFC 6265bis 5.6. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * Parses one Set-Cookie line. Source: RFC 6265bis 5.6; a horizontal tab inside a name or value is refused as in Chromium.
 */
export function parseSetCookie(line: string): ParsedSetCookie | SyntaxRejection {
  if (CONTROL.test(line)) return 'control-character';
  const semicolon = line.indexOf(';');
  const pair = semicolon < 0 ? line : line.slice(0, semicolon);
  const equals = pair.indexOf('=');
  const name = equals < 0 ? '' : trimBlanks(pair.slice(0, equals));
  const value = trimBlanks(pair.slice(equals + 1));
  const rejection = checkPair(name, value);
  if (rejection !== undefined) return rejection;
  const cookie: ParsedSetCookie = {
    name,
    value,
    domain: undefined,
    path: undefined,
    expires: undefined,
    maxAge: undefined,
    secure: false,
    httpOnly: false,
    partitioned: false,
    sameSite: undefined,
  };
  if (semicolon >= 0 && !readAttributes(cookie, line, semicolon + 1)) return 'control-character';
  return cookie;
}

/** The rules of a name and value that hold wherever a cookie comes from. */
export function checkPair(name: string, value: string): SyntaxRejection | undefined {
  if (name === '' && value === '') return 'empty';
  if (hasControl(name) || hasControl(value)) return 'control-character';
  // It is sent as its value alone, which a server would read as another cookie. Both browsers.
  if (name === '' && value.includes('=')) return 'ambiguous-nameless';
  if (exceedsBytes(name, MAX_NAME_VALUE_BYTES) || exceedsBytes(name + value, MAX_NAME_VALUE_BYTES))
    return 'too-large';
  return undefined;
}

/** Returns false when an attribute's value holds a tab, for which Chromium drops the cookie. */
function readAttributes(cookie: ParsedSetCookie, line: string, from: number): boolean {
  for (let start = from; start < line.length; ) {
    const semicolon = line.indexOf(';', start);
    const end = semicolon < 0 ? line.length : semicolon;
    const attribute = line.slice(start, end);
    const equals = attribute.indexOf('=');
    const name = trimBlanks(equals < 0 ? attribute : attribute.slice(0, equals));
    const value = equals < 0 ? '' : trimBlanks(attribute.slice(equals + 1));
    if (value.includes('\t')) return false;
    if (!exceedsBytes(value, MAX_ATTRIBUTE_BYTES)) readAttribute(cookie, name.toLowerCase(), value);
    start = end + 1;
  }
  return true;
}

// The last attribute of a name wins, also when its value is empty or invalid. Both browsers.
function readAttribute(cookie: ParsedSetCookie, name: string, value: string): void {
  switch (name) {
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

const MAX_AGE = /^-?\d+$/;

/** RFC 6265bis 5.6.2: an optional minus and digits, nothing else. */
function parseMaxAge(value: string): number | undefined {
  return MAX_AGE.test(value) ? Number(value) : undefined;
}

/** The whole word in any case; anything else counts as absent. RFC 6265bis 5.6.7. */
export function parseSameSite(value: string): SameSite | undefined {
  const word = value.toLowerCase();
  return word === 'lax' || word === 'strict' || word === 'none' ? word : undefined;
}

/** The name of a Set-Cookie line for a report, also of a line that is refused. */
export function nameOfLine(line: string): string {
  const semicolon = line.indexOf(';');
  const pair = semicolon < 0 ? line : line.slice(0, semicolon);
  const equals = pair.indexOf('=');
  return equals < 0 ? '' : trimBlanks(pair.slice(0, equals));
}
