import { randomBytes, randomUUID } from 'node:crypto';
import { RequestError } from '../errors.ts';
import type { RequestBody } from '../http.ts';
import type { Preset } from '../presets/index.ts';
import { withCrlf } from './fields.ts';
import { isFileLike, toBlob } from './file-like.ts';

/** The browser whose boundary is written; `null` for none, which gives Chromium's boundary. */
export type BoundaryOwner = Pick<Preset, 'browser' | 'os'> | null;

/** HTML Standard, "multipart/form-data encoding algorithm". */
export function encodeMultipart(
  form: FormData,
  owner: BoundaryOwner,
): { body: RequestBody; contentType: string } {
  const boundary = multipartBoundary(owner);
  const parts: (Uint8Array | Blob)[] = [];
  let length = 0;
  let text = '';
  for (const [name, value] of form.entries() as Iterable<[string, unknown]>) {
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${escapeQuotes(withCrlf(name))}"`;
    if (!isFileLike(value)) {
      text += `\r\n\r\n${withCrlf(String(value))}\r\n`;
      continue;
    }
    const type = checkType(value.type) ?? 'application/octet-stream';
    // In a file's name the line breaks are kept; only characters that would end the quotes are escaped.
    const fileName = escapeQuotes(typeof value.name === 'string' ? value.name : 'blob');
    text += `; filename="${fileName}"\r\nContent-Type: ${type}\r\n\r\n`;
    const head = Buffer.from(text);
    parts.push(head, toBlob(value));
    length += head.byteLength + value.size;
    text = '\r\n';
  }
  const tail = Buffer.from(`${text}--${boundary}--\r\n`);
  parts.push(tail);
  length += tail.byteLength;
  return { body: { kind: 'parts', parts, length }, contentType: `multipart/form-data; boundary=${boundary}` };
}

/**
 * A Blob's type as the value of a header. It is free text, which must not inject another header.
 *
 * @throws RequestError ERR_INVALID_BODY
 */
export function checkType(type: string): string | null {
  if (type === '') return null;
  if (/^[\t\x20-\x7e]*$/.test(type)) return type;
  throw new RequestError('ERR_INVALID_BODY', 'the type of the Blob has characters that no header may have');
}

/** Names and file names cannot end their quotes or their line. HTML Standard, "multipart form data". */
function escapeQuotes(name: string): string {
  // Browsers send a NUL. Servers in C cut the name there, so that evil.php\0.jpg becomes a PHP program.
  if (name.includes('\0')) throw new RequestError('ERR_INVALID_BODY', 'a name in the FormData has a NUL');
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

/**
 * A boundary as the browser writes it, from the system's random source, so that no part can contain it on purpose.
 * Source: captures of Chromium 156 and Firefox 153; WebKit's and OkHttp's source.
 */
function multipartBoundary(owner: BoundaryOwner): string {
  const browser = owner?.browser ?? '';
  if (browser.startsWith('okhttp')) return randomUUID();
  // Firefox on iOS uses WebKit.
  if (browser.startsWith('firefox') && owner?.os !== 'ios') {
    return `----geckoformboundary${randomHex()}${randomHex()}`;
  }
  return `----WebKitFormBoundary${randomBytes(12).toString('base64').replaceAll('+', 'A').replaceAll('/', 'B')}`;
}

/** Eight random bytes in Gecko's number format: without leading zeros, so that the length of a boundary varies. */
function randomHex(): string {
  return randomBytes(8).readBigUInt64BE().toString(16);
}
