import { PassThrough, Readable } from 'node:stream';
import { types } from 'node:util';
import { describe, RequestError } from '../errors.ts';
import type { RequestBody } from '../http.ts';
import { isDisturbed } from '../response/stream-body.ts';
import { isFormData, isUrlSearchParams, urlencodedForm } from './fields.ts';
import { isFileLike, piecesOf, toBlob } from './file-like.ts';
import { type BoundaryOwner, checkType, encodeMultipart } from './multipart.ts';

/**
 * The types of a request body: as in `fetch`, and async iterables. Streams are sent as they are read, with
 * backpressure.
 */
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

/** A body with the Content-Type that is sent when the caller sets none. Fetch Standard, "extract a body". */
export interface ExtractedBody {
  readonly body: RequestBody;
  readonly contentType: string | null;
}

/** The Content-Type of a browser's form, without a charset. */
export const formType = 'application/x-www-form-urlencoded';
/** The Content-Type that `fetch` sends for URLSearchParams. */
export const fetchFormType = `${formType};charset=UTF-8`;

/**
 * The Content-Type as a browser sends it for this kind of request: without a charset for a form that navigates, with
 * one for a page's fetch, whether the body was given as `form` or as URLSearchParams.
 */
export function browserType({ contentType }: ExtractedBody, isNavigation: boolean): string | null {
  if (contentType !== formType && contentType !== fetchFormType) return contentType;
  return isNavigation ? formType : fetchFormType;
}

/**
 * Extracts a body; nothing is read from it yet. Classes of other realms and of packages are recognised by their tags.
 *
 * @param owner the preset whose boundary is used for a FormData
 * @throws RequestError ERR_INVALID_BODY for what cannot be sent
 */
export function extractBody(input: unknown, owner: BoundaryOwner = null): ExtractedBody {
  if (typeof input === 'string') return ofText(input, 'text/plain;charset=UTF-8');
  if (isUrlSearchParams(input)) return ofText(String(input), fetchFormType);
  if (types.isAnyArrayBuffer(input)) return ofBytes(new Uint8Array(input));
  if (ArrayBuffer.isView(input))
    return ofBytes(new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
  if (isFileLike(input)) {
    const { type, size } = input;
    return {
      body: { kind: 'parts', parts: [toBlob(input)], length: size },
      contentType: checkType(type),
    };
  }
  if (isFormData(input)) return encodeMultipart(input, owner);
  if (isFormStream(input)) return ofFormStream(input);
  if (isIterable(input)) return ofStream(input);
  if (typeof input === 'object' && input !== null && 'getReader' in input) return ofStream(piecesOf(input));
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

/** The body of `form:`. */
export function formBody(fields: unknown): ExtractedBody {
  return ofText(urlencodedForm(fields), formType);
}

function ofText(text: string, contentType: string): ExtractedBody {
  return { body: { kind: 'bytes', bytes: Buffer.from(text) }, contentType };
}

function ofBytes(bytes: Uint8Array): ExtractedBody {
  return { body: { kind: 'bytes', bytes }, contentType: null };
}

/** True once the stream was read from, so that it is incomplete. Fetch Standard, "disturbed". */
function ofStream(stream: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>): ExtractedBody {
  if (stream instanceof ReadableStream && (stream.locked || isDisturbed(stream))) {
    throw new RequestError('ERR_INVALID_BODY', 'body is a stream that is already being read');
  }
  // A stream that already flows to a listener would lose the data that arrives before there is a connection.
  if (stream instanceof Readable && stream.readableFlowing === true) stream.pause();
  return { body: { kind: 'stream', stream }, contentType: null };
}

function isIterable(input: unknown): input is AsyncIterable<Uint8Array | string> | Iterable<Uint8Array> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  return Symbol.asyncIterator in input || Symbol.iterator in input;
}

/** A form of the package form-data: an old kind of stream that provides its own Content-Type. */
interface FormStream extends NodeJS.EventEmitter {
  getHeaders(): Readonly<Record<string, string>>;
  pipe(to: PassThrough): unknown;
}

function isFormStream(input: unknown): input is FormStream {
  const { getHeaders, pipe }: Partial<FormStream> = Object(input);
  return typeof getHeaders === 'function' && typeof pipe === 'function';
}

function ofFormStream(form: FormStream): ExtractedBody {
  const type = Object.entries(form.getHeaders()).find(([name]) => name.toLowerCase() === 'content-type');
  return {
    body: { kind: 'stream', stream: pipedPieces(form) },
    contentType: type === undefined ? null : checkType(type[1]),
  };
}

function pipedPieces(form: FormStream): AsyncIterable<Uint8Array> {
  const pieces = new PassThrough();
  // It gets a listener now: an error event without a listener would end the process.
  pieces.on('error', () => {});
  form.on('error', (error: Error) => pieces.destroy(error));
  return {
    // Starts when the first piece is requested.
    [Symbol.asyncIterator]: () => {
      form.pipe(pieces);
      return pieces[Symbol.asyncIterator]();
    },
  };
}
