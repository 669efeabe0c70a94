/**
 * Header bytes and text. On the wire a header is bytes, which undici returns as one character per byte; cookies and
 * Locations are UTF-8. A byte that is not UTF-8 becomes the lone surrogate U+DC00 + byte, so that the text can be
 * written back without loss. Every header that is read as text is decoded here.
 */

/** Decodes header bytes (one character each) to text. */
export function decodeHeaderText(latin1: string): string {
  if (isAscii(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  const text = bytes.toString('utf8');
  // Without U+FFFD nothing was replaced. With U+FFFD, it may be part of the header itself.
  return text.includes('\ufffd') ? decodeMixed(bytes) : text;
}

/** Encodes text as header bytes, one character each: the inverse of {@link decodeHeaderText}. */
export function encodeHeaderText(text: string): string {
  if (isAscii(text)) return text;
  let bytes = '';
  let start = 0;
  for (const { 0: escaped, index } of text.matchAll(escapedBytes)) {
    bytes += latin1Of(text.slice(start, index)) + unescapeBytes(escaped);
    start = index + escaped.length;
  }
  return bytes + latin1Of(text.slice(start));
}

/**
 * Removes SP and HTAB at both ends, which are not part of a field's value, but no other white space such as U+00A0.
 * RFC 9110 section 5.5, RFC 6265bis section 5.6. Linear in the length.
 */
export function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

/** Whether a character code is SP or HTAB. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const notAscii = /[\u0080-\uffff]/;
/** Escaped bytes, but not the second half of a pair. With the flag u, a pair is one character. */
const escapedBytes = /[\udc80-\udcff]+/gu;

function isAscii(text: string): boolean {
  return !notAscii.test(text);
}

function latin1Of(text: string): string {
  return isAscii(text) ? text : Buffer.from(text).toString('latin1');
}

function unescapeBytes(escaped: string): string {
  let bytes = '';
  for (let at = 0; at < escaped.length; at++) bytes += String.fromCharCode(escaped.charCodeAt(at) - 0xdc00);
  return bytes;
}

/** Runs of UTF-8 unchanged, each other byte escaped. */
function decodeMixed(bytes: Buffer): string {
  let text = '';
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += bytes.toString('utf8', start, at) + String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += 1;
    start = at;
  }
  return text + bytes.toString('utf8', start);
}

/** Number of bytes of the UTF-8 character at `index`; 0 when there is none. The Unicode Standard, table 3-7. */
function characterLength(bytes: Buffer, index: number): number {
  const first = bytes[index] ?? 0;
  const length = lengthAfter(first);
  if (length < 2) return length;
  const second = bytes[index + 1] ?? 0;
  if (second < secondFrom(first) || second > secondTo(first)) return 0;
  for (let at = 2; at < length; at++) {
    if (((bytes[index + at] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Number of bytes of a character that begins with `first`; 0 when none does. */
function lengthAfter(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** Excludes overlong forms. */
function secondFrom(first: number): number {
  if (first === 0xe0) return 0xa0;
  return first === 0xf0 ? 0x90 : 0x80;
}

/** Excludes surrogates and values past U+10FFFF. */
function secondTo(first: number): number {
  if (first === 0xed) return 0x9f;
  return first === 0xf4 ? 0x8f : 0xbf;
}
