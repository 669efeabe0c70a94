import { pairOfLine } from '../cookies/jar/parse.ts';
import { decodeHeaderText } from '../header-text.ts';
import type { RawHeaders } from '../http.ts';

export function toHeaders(raw: RawHeaders, without: ReadonlySet<string>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined || without.has(name)) continue;
    for (const line of typeof value === 'string' ? [value] : value) headers.append(name, line);
  }
  return headers;
}

/** The bytes that a Content-Length promises, `null` without a usable one. */
export function contentLengthOf(headers: RawHeaders): number | null {
  const value = headers['content-length'];
  return typeof value === 'string' ? numberOf(value) : null;
}

/** The number that a text of digits alone stands for, else `null`. It runs for every response, so it must be fast. */
function numberOf(digits: string): number | null {
  if (digits === '') return null;
  let number = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  return number;
}

export function toCookies(lines: string | string[] | undefined): Record<string, string | string[]> {
  const cookies: Record<string, string | string[]> = Object.create(null);
  for (const line of lines === undefined ? [] : typeof lines === 'string' ? [lines] : lines) {
    const { name, value } = pairOfLine(decodeHeaderText(line));
    const earlier = cookies[name];
    if (earlier === undefined) cookies[name] = value;
    else if (typeof earlier === 'string') cookies[name] = [earlier, value];
    else earlier.push(value);
  }
  return cookies;
}
