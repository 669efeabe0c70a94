import { randomBytes } from 'node:crypto';
import { joinParts } from '../../core/request/file-like.ts';
import { encode, formPercentEncode } from '../encoding/encodings.ts';
import type { Engine } from '../encoding/engine.ts';
import type { FormEntry } from './entries.ts';
import { nameOf, typeOf } from './files.ts';

/** A form's entries as a request body. */
export interface EncodedForm {
  readonly contentType: string;
  readonly body: Uint8Array | Blob;
}

function withCrLf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

/** URL Standard, "application/x-www-form-urlencoded serializing". */
export function urlEncoded(entries: readonly FormEntry[], encoding: string): string {
  const write = (text: string): string => formPercentEncode(withCrLf(text), encoding);
  return entries
    .map(([name, value]) => `${write(name)}=${write(typeof value === 'string' ? value : nameOf(value))}`)
    .join('&');
}

/** HTML Standard, "text/plain encoding algorithm". */
export function plainText(entries: readonly FormEntry[], encoding: string): Uint8Array {
  const lines = entries.map(([name, value]) => {
    const text = typeof value === 'string' ? value : nameOf(value);
    return `${withCrLf(name)}=${withCrLf(text)}\r\n`;
  });
  return encode(lines.join(''), encoding);
}

/** HTML Standard, "multipart/form-data encoding algorithm". Line breaks in a file name are not normalised. */
export function multipart(entries: readonly FormEntry[], encoding: string, engine: Engine): EncodedForm {
  const boundary = boundaryOf(engine);
  const parts: (Uint8Array | Blob)[] = [];
  for (const [name, value] of entries) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(withCrLf(name))}"`;
    if (typeof value === 'string') {
      parts.push(encode(`${head}\r\n\r\n`, encoding), encode(withCrLf(value), encoding), lineEnd);
      continue;
    }
    const file = `; filename="${escapeName(nameOf(value))}"\r\nContent-Type: ${typeOf(value, engine)}\r\n\r\n`;
    parts.push(encode(head + file, encoding), value, lineEnd);
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  const contentType = `multipart/form-data; boundary=${boundary}`;
  const isInMemory = parts.every((part) => part instanceof Uint8Array);
  // The Blob reads its files when it is sent, and can be sent again after a 307.
  return { contentType, body: isInMemory ? Buffer.concat(parts) : joinParts(parts) };
}

const lineEnd = Buffer.from('\r\n');

/** Escapes the characters that would end the quotes or the line. */
function escapeName(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

/** In the form of the browser, from the system's random source, so that no part can contain it. */
function boundaryOf(engine: Engine): string {
  const bytes = randomBytes(16);
  if (engine === 'chromium') {
    const text = bytes.toString('base64').replaceAll('+', 'A').replaceAll('/', 'B');
    return `----WebKitFormBoundary${text.slice(0, 16)}`;
  }
  // Two numbers of 64 bits, each without leading zeros.
  const numbers = [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)];
  return `----geckoformboundary${numbers.map((number) => number.toString(16)).join('')}`;
}
