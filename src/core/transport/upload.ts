import { addAbortSignal, Duplex, finished, Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { RequestBody } from '../http.ts';

type Source = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** Bytes of a body where they are known before it is sent. */
export function bodyLength(body: RequestBody): number | null {
  if (body.kind === 'bytes') return body.bytes.byteLength;
  return body.kind === 'parts' ? body.length : null;
}

/** A body as undici takes it; `onError` is told when the caller's stream fails. */
export function toDispatchBody(
  body: RequestBody,
  onError: (cause: unknown) => void,
): NonNullable<Dispatcher.DispatchOptions['body']> {
  if (body.kind === 'bytes') return body.bytes;
  const source = body.kind === 'parts' ? readParts(body.parts) : body.stream;
  const pieces = isUnread(source) ? new NodePieces(source, onError) : reporting(source, onError);
  // undici takes any iterable of bytes, though its types do not say so.
  return pieces as unknown as NonNullable<Dispatcher.DispatchOptions['body']>;
}

/** Ends the caller's stream when the rest of it will not be sent: it may hold a file or a connection open. */
export async function endSource(source: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  try {
    if (source instanceof ReadableStream) await (source.locked ? undefined : source.cancel());
    else if (source instanceof Readable) source.destroy();
    else if (Symbol.asyncIterator in source) await source[Symbol.asyncIterator]().return?.();
  } catch {
    // The call has failed already, and not of this.
  }
}

/**
 * Cancels the HTTP/2 stream of a request that was not sent whole. undici closes it, which in Node.js ends the body
 * first: the server would take what it has for all of it.
 */
export function cutUpload(stream: unknown): void {
  if (!(stream instanceof Duplex) || stream.writableFinished || stream.destroyed) return;
  // Who aborts knows why.
  stream.on('error', () => {});
  addAbortSignal(AbortSignal.abort(), stream);
}

async function* readParts(parts: readonly (Uint8Array | Blob)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else yield* part.stream();
  }
}

/** Tells a failure of the caller's stream apart from one of the connection. */
async function* reporting(source: Source, onError: (cause: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) yield toBytes(chunk);
  } catch (error) {
    onError(error);
    throw error;
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('a body stream must yield bytes or strings');
}

/** Whether a body is a stream of Node.js that nobody else reads, and that has no iterator of its own. */
function isUnread(source: Source): source is Readable {
  if (!(source instanceof Readable)) return false;
  if (source[Symbol.asyncIterator] !== Readable.prototype[Symbol.asyncIterator]) return false;
  return source.listenerCount('data') === 0 && source.listenerCount('readable') === 0;
}

/** Bytes that wait for the connection before the stream is told to. */
const waitingLimit = 65_536;
/** Pieces that do: each costs a hundred bytes beside its own. */
const waitingPieces = 512;
/** Pieces from here on are sent as they are: a smaller one costs more to send than to copy. */
const largePiece = 16_384;

/**
 * The pieces of a stream of Node.js. Its own iterator joins everything that waits into a new Buffer, so that each byte
 * is copied and garbage is made as large as the body. undici would take the stream itself, but then it would say
 * the length of one that is all there, and nobody could tell the stream's failures from the connection's.
 */
class NodePieces implements AsyncIterableIterator<Uint8Array> {
  readonly #source: Readable;
  readonly #onError: (cause: unknown) => void;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Who was promised the next piece. */
  #asked: PromiseWithResolvers<IteratorResult<Uint8Array>> | null = null;
  #isStarted = false;
  #end: { readonly failure: unknown } | null = null;

  constructor(source: Readable, onError: (cause: unknown) => void) {
    this.#source = source;
    this.#onError = onError;
    // Said aloud, so that it does not begin to flow to a listener who comes before the connection.
    source.pause();
    // From now on, though reading starts later: a stream that fails with nobody to hear it ends the process.
    finished(source, { writable: false }, (error) => this.#finish(error ?? null));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#source.on('data', this.#onData);
    }
    const value = this.#take();
    if (this.#end === null && this.#waiting.length === 0) this.#source.resume();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#end === null) {
      this.#asked = Promise.withResolvers();
      return this.#asked.promise;
    }
    const { failure } = this.#end;
    return failure === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(failure);
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#finish(null);
    this.#waiting.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  readonly #onData = (chunk: unknown): void => {
    if (this.#end !== null) return;
    let piece: Uint8Array;
    try {
      piece = toBytes(chunk);
    } catch (error) {
      this.#finish(error);
      return;
    }
    if (this.#asked !== null) {
      this.#asked.resolve({ done: false, value: piece });
      this.#asked = null;
      return;
    }
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes >= waitingLimit || this.#waiting.length >= waitingPieces) this.#source.pause();
  };

  /** The first large piece, or the small ones before it as one. */
  #take(): Uint8Array | undefined {
    const firstLarge = this.#waiting.findIndex((piece) => piece.length >= largePiece);
    const count = firstLarge < 0 ? this.#waiting.length : Math.max(firstLarge, 1);
    const pieces = this.#waiting.splice(0, count);
    const value = pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
    this.#waitingBytes -= value?.length ?? 0;
    return value;
  }

  /** @param failure `null` when all was read, or nobody wants the rest */
  #finish(failure: unknown): void {
    if (this.#end !== null) return;
    this.#end = { failure };
    const asked = this.#asked;
    this.#asked = null;
    // One that ended is spent, and the other side of a pair has nobody either.
    this.#source.destroy();
    if (failure === null) {
      asked?.resolve({ done: true, value: undefined });
      return;
    }
    this.#waiting.length = 0;
    this.#onError(failure);
    asked?.reject(failure);
  }
}
