import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, RequestError } from '../errors.ts';
import type { RequestBody } from '../http.ts';

/** What a request body may be: as in `fetch`, and async iterables. Streams are sent as they come, with backpressure. */
export type BodyInput =
  | string
  | URLSearchParams
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array>;

/** Fields of a form or a query: what URLSearchParams takes, with numbers and booleans written out. */
export type FieldsInput =
  | string
  | URLSearchParams
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | number | boolean>>;

/** A body with the Content-Type that goes with it when the caller names none. Fetch Standard, "extract a body". */
export interface ExtractedBody {
  readonly body: RequestBody;
  readonly contentType: string | null;
}

/**
 * Extracts a body; nothing is read from it yet.
 *
 * @throws RequestError ERR_INVALID_BODY for what cannot be sent
 */
export function extractBody(input: unknown): ExtractedBody {
  if (typeof input === 'string') return ofText(input, 'text/plain;charset=UTF-8');
  if (input instanceof URLSearchParams) {
    return ofText(input.toString(), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  if (input instanceof ArrayBuffer) return ofBytes(new Uint8Array(input));
  if (ArrayBuffer.isView(input))
    return ofBytes(new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
  if (input instanceof Blob) {
    const { type, size } = input;
    return { body: { kind: 'parts', parts: [input], length: size }, contentType: checkType(type) };
  }
  if (isFormData(input)) return encodeMultipart(input);
  if (isIterable(input)) return ofStream(input);
  throw new RequestError(
    'ERR_INVALID_BODY',
    `body must be a string, bytes, Blob, URLSearchParams, FormData or a stream of bytes, got ${describe(input)}`,
  );
}

/** The body of `json:`. */
export function jsonBody(value: unknown): ExtractedBody {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new RequestError('ERR_INVALID_BODY', 'json cannot be written as JSON', { cause });
  }
  if (text === undefined) {
    throw new RequestError('ERR_INVALID_BODY', `json cannot be written as JSON: it is ${describe(value)}`);
  }
  return ofText(text, 'application/json');
}

/** The body of `form:`, with the Content-Type of a browser's form, which names no charset. */
export function formBody(fields: unknown): ExtractedBody {
  return ofText(toSearchParams('form', fields).toString(), 'application/x-www-form-urlencoded');
}

/**
 * Reads fields of any shape.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function toSearchParams(name: string, fields: unknown): URLSearchParams {
  if (typeof fields === 'string' || fields instanceof URLSearchParams) return new URLSearchParams(fields);
  if (typeof fields === 'object' && fields !== null) {
    const pairs = Symbol.iterator in fields ? [...(fields as Iterable<unknown>)] : Object.entries(fields);
    const params = new URLSearchParams();
    for (const pair of pairs) appendField(params, name, pair);
    return params;
  }
  throw new RequestError(
    'ERR_INVALID_OPTION',
    `${name} must be an object, pairs or URLSearchParams, got ${describe(fields)}`,
  );
}

function appendField(params: URLSearchParams, name: string, pair: unknown): void {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new RequestError('ERR_INVALID_OPTION', `${name} given as a list must be pairs of name and value`);
  }
  const [key, value] = pair;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof key !== 'string' || !['string', 'number', 'boolean'].includes(typeof item)) {
      throw new RequestError(
        'ERR_INVALID_OPTION',
        `${name}.${String(key)} must be a string, number or boolean, got ${describe(item)}`,
      );
    }
    params.append(key, String(item));
  }
}

function ofText(text: string, contentType: string): ExtractedBody {
  return { body: { kind: 'bytes', bytes: Buffer.from(text) }, contentType };
}

function ofBytes(bytes: Uint8Array): ExtractedBody {
  return { body: { kind: 'bytes', bytes }, contentType: null };
}

/** True once somebody read from the stream: what is left is not what was meant. Fetch Standard, "disturbed". */
function isDisturbed(stream: ReadableStream): boolean {
  // Node takes web streams here, though its types do not say so.
  return Readable.isDisturbed(stream as unknown as Readable);
}

function ofStream(stream: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>): ExtractedBody {
  if (stream instanceof ReadableStream && (stream.locked || isDisturbed(stream))) {
    throw new RequestError('ERR_INVALID_BODY', 'body is a stream that somebody reads already');
  }
  // One that flows to somebody who only looks on would lose what comes before there is a connection.
  if (stream instanceof Readable && stream.readableFlowing === true) stream.pause();
  return { body: { kind: 'stream', stream }, contentType: null };
}

function isIterable(input: unknown): input is AsyncIterable<Uint8Array | string> | Iterable<Uint8Array> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  return Symbol.asyncIterator in input || Symbol.iterator in input;
}

/** By its tag: a FormData of another realm or of the npm package is one too. */
function isFormData(input: unknown): input is FormData {
  return (
    Object.prototype.toString.call(input) === '[object FormData]' &&
    typeof Object(input).entries === 'function'
  );
}

/** A Blob's type is free text: it must not start a header of its own. */
function checkType(type: string): string | null {
  if (type === '') return null;
  if (/^[\t\x20-\x7e]*$/.test(type)) return type;
  throw new RequestError('ERR_INVALID_BODY', 'the type of the Blob has characters that no header may have');
}

/** HTML Standard, "multipart/form-data encoding algorithm". */
function encodeMultipart(form: FormData): ExtractedBody {
  const boundary = multipartBoundary();
  const parts: (Uint8Array | Blob)[] = [];
  let text = '';
  for (const [name, value] of form.entries()) {
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"`;
    if (typeof value === 'string') {
      text += `\r\n\r\n${value.replace(/\r\n?|\n/g, '\r\n')}\r\n`;
      continue;
    }
    const type = checkType(value.type) ?? 'application/octet-stream';
    text += `; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`;
    parts.push(Buffer.from(text), value);
    text = '\r\n';
  }
  parts.push(Buffer.from(`${text}--${boundary}--\r\n`));
  const length = parts.reduce((sum, part) => sum + (part instanceof Blob ? part.size : part.byteLength), 0);
  return { body: { kind: 'parts', parts, length }, contentType: `multipart/form-data; boundary=${boundary}` };
}

/** Names and file names cannot end their quotes or their line. */
function escapeName(name: string): string {
  // Servers in C end a name there, and take evil.php\0.jpg for a program.
  if (name.includes('\0')) throw new RequestError('ERR_INVALID_BODY', 'a name in the FormData has a NUL');
  return name
    .replace(/\r\n?|\n/g, '\r\n')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll('"', '%22');
}

/** As Chromium writes it; from the system's random source, so that no part can guess it. */
function multipartBoundary(): string {
  return `----WebKitFormBoundary${randomBytes(12).toString('base64').replaceAll('+', 'A').replaceAll('/', 'B')}`;
}

/** Most bytes of a stream that are looked at before it is sent as one. */
const smallBody = 1024 * 1024;

/** Takes a stream that ends within this turn of the event loop as bytes; any other stays a stream, whole. */
export async function takeSmall(stream: ReadableStream<Uint8Array>): Promise<RequestBody> {
  const reader = stream.getReader();
  const turn = new Promise<null>((resolve) => setImmediate(resolve, null));
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= smallBody) {
    const next = reader.read();
    const result = await Promise.race([next, turn]);
    if (result === null) return { kind: 'stream', stream: resume(reader, chunks, next) };
    if (result.done) return { kind: 'bytes', bytes: Buffer.concat(chunks) };
    chunks.push(result.value);
    size += result.value.byteLength;
  }
  return { kind: 'stream', stream: resume(reader, chunks, reader.read()) };
}

/** What was read already and then the rest. `return` cancels at once, also while the stream is silent. */
function resume(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  taken: readonly Uint8Array[],
  pending: ReturnType<typeof reader.read>,
): AsyncIterable<Uint8Array> {
  let [at, first]: [number, typeof pending | null] = [0, pending];
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const value = taken[at++];
    if (value !== undefined) return { done: false, value };
    const reading = first ?? reader.read();
    first = null;
    const result = await reading;
    return result.done ? { done: true, value: undefined } : result;
  };
  const end = async (reason?: unknown): Promise<IteratorResult<Uint8Array>> => {
    await reader.cancel(reason);
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
