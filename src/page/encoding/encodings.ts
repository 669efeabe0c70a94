import { labelToName, TextDecoder as SpecDecoder } from '@exodus/bytes/encoding.js';
import { percentEncodeAfterEncoding } from '@exodus/bytes/whatwg.js';

/** Encoding Standard, "get an encoding": the name of the encoding that a label means, `null` for none. */
export function encodingOf(label: string): string | null {
  return labelToName(label.replace(/^[\t\n\f\r ]+|(?<![\t\n\f\r ])[\t\n\f\r ]+$/g, ''));
}

/** Encoding Standard, "get an output encoding". */
export function outputEncoding(encoding: string): string {
  return encoding === 'replacement' || encoding.startsWith('UTF-16') ? 'UTF-8' : encoding;
}

/** Encoding Standard, "BOM sniff". */
export function encodingOfBom(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'UTF-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE';
  return bytes[0] === 0xff && bytes[1] === 0xfe ? 'UTF-16LE' : null;
}

/** Encoding Standard, "decode", for a known encoding. */
export function decode(bytes: Uint8Array, encoding: string): string {
  if (encoding !== 'UTF-8') return new SpecDecoder(encoding).decode(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * Encodes the text of a form; a character that the encoding lacks becomes a numeric character reference.
 * Encoding Standard, "encode" with the error mode html.
 */
export function encode(text: string, encoding: string): Uint8Array {
  if (encoding === 'UTF-8') return Buffer.from(text, 'utf8');
  return percentDecode(percentEncodeAfterEncoding(encoding, text, '%'));
}

/** URL Standard, "percent-encode after encoding" with the set of application/x-www-form-urlencoded. */
export function formPercentEncode(text: string, encoding: string): string {
  return percentEncodeAfterEncoding(encoding, text, formSet, true);
}

/** The same for the query of a special URL. */
export function queryPercentEncode(text: string, encoding: string): string {
  return percentEncodeAfterEncoding(encoding, text, ' "#\'<>');
}

/** Bytes that application/x-www-form-urlencoded does not escape: letters, digits and `*-._`. */
const formSet = Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index))
  .filter((character) => !/[A-Za-z0-9*\-._]/.test(character))
  .join('');

function percentDecode(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== 0x25) bytes[length++] = bytes[index] ?? 0;
    else {
      bytes[length++] = Number.parseInt(text.slice(index + 1, index + 3), 16);
      index += 2;
    }
  }
  return bytes.subarray(0, length);
}
