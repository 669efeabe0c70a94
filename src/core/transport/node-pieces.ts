import { finished, Readable } from 'node:stream';
import { type PieceSource, toBytes } from './piece-sources.ts';

/** Whether a body is a Node.js stream that is not being read, with the usual iterator. */
export function isUnread(source: unknown): source is Readable {
  if (!(source instanceof Readable)) return false;
  if (source[Symbol.asyncIterator] !== Readable.prototype[Symbol.asyncIterator]) return false;
  return source.listenerCount('data') === 0 && source.listenerCount('readable') === 0;
}

/** Bytes that are buffered before the connection is ready, until the stream is paused. */
const waitingLimit = 65_536;
/** The same limit in pieces: each costs a hundred bytes besides its data. */
const waitingPieces = 512;
/** Pieces of this size and larger are sent unchanged. Smaller ones are cheaper to copy than to send. */
const largePiece = 16_384;

/**
 * The pieces of a stream of Node.js. Its own iterator joins all buffered data into a new Buffer, so each byte is
 * copied, and the garbage is as large as the body. undici would accept the stream itself. But then it would send the
 * length of a complete stream, and the failures of the stream could not be distinguished from those of the
 * connection.
 */
export class NodePieces implements PieceSource {
  readonly #source: Readable;
  readonly #onError: (cause: unknown) => void;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The promise of the next piece. */
  #asked: PromiseWithResolvers<IteratorResult<Uint8Array>> | null = null;
  #isStarted = false;
  #end: { readonly failure: unknown } | null = null;

  constructor(source: Readable, onError: (cause: unknown) => void) {
    this.#source = source;
    this.#onError = onError;
    // Paused explicitly, so that a listener that is added before the connection is ready does not make it flow.
    source.pause();
    // Listens now, though reading starts later: an error event without a listener ends the process.
    finished(source, { writable: false }, (error) => this.#finish(error ?? null));
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

  end(): void {
    this.#finish(null);
    this.#waiting.length = 0;
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

  /** The first large piece, or the small ones before it joined to one. */
  #take(): Uint8Array | undefined {
    const firstLarge = this.#waiting.findIndex((piece) => piece.length >= largePiece);
    const count = firstLarge < 0 ? this.#waiting.length : Math.max(firstLarge, 1);
    const pieces = this.#waiting.splice(0, count);
    const value = pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
    this.#waitingBytes -= value?.length ?? 0;
    return value;
  }

  /** @param failure `null` when everything was read, or the rest is not needed */
  #finish(failure: unknown): void {
    if (this.#end !== null) return;
    this.#end = { failure };
    const asked = this.#asked;
    this.#asked = null;
    // A stream that ended cannot be read again, and data that is written to a Duplex is not read any more.
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
