/**
 * Header bytes and text. On the wire a header is bytes, which undici hands over one character per byte; a cookie
 * or a Location is meant as UTF-8. A byte that is no UTF-8 stands as the lone surrogate U+DC00 + byte, so that
 * nothing is lost on the way back.
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads header bytes (one character each) as text. */
export function decodeHeaderText(latin1: string): string {
  if (isAscii(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    return decodeMixed(bytes);
  }
}

/** Writes text as header bytes, one character each: the inverse of {@link decodeHeaderText}. */
export function encodeHeaderText(text: string): string {
  if (isAscii(text)) return text;
  let latin1 = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isEscapedByte = code >= 0xdc80 && code <= 0xdcff;
    latin1 += isEscapedByte ? String.fromCharCode(code - 0xdc00) : Buffer.from(character).toString('latin1');
  }
  return latin1;
}

/** Takes blanks off both ends: they are no part of a field's value. RFC 9110 section 5.5. Linear in the length. */
export function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const notAscii = /[\u0080-\uffff]/;

function isAscii(text: string): boolean {
  return !notAscii.test(text);
}

function decodeMixed(bytes: Buffer): string {
  let text = '';
  let index = 0;
  while (index < bytes.length) {
    const length = characterLength(bytes, index);
    if (length === 0) text += String.fromCharCode(0xdc00 + (bytes[index] ?? 0));
    else text += utf8.decode(bytes.subarray(index, index + length));
    index += Math.max(1, length);
  }
  return text;
}

/** How many bytes the character at `index` has; 0 when they are no UTF-8. */
function characterLength(bytes: Buffer, index: number): number {
  const first = bytes[index] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
  if (length === 0 || index + length > bytes.length) return 0;
  try {
    utf8.decode(bytes.subarray(index, index + length));
    return length;
  } catch {
    return 0;
  }
}
