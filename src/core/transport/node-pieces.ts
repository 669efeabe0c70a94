import { finished, Readable } from 'node:stream';
import { type PieceSource, toBytes } from './piece-sources.ts';

/** Whether a body is a Node.js stream that nobody else reads, with the usual iterator. */
export function isUnread(source: unknown): source is Readable {
  if (!(source instanceof Readable)) return false;
  if (source[Symbol.asyncIterator] !== Readable.prototype[Symbol.asyncIterator]) return false;
  return source.listenerCount('data') === 0 && source.listenerCount('readable') === 0;
}

/** Bytes that wait for the connection before the stream is paused. */
const waitingLimit = 65_536;
/** The same in pieces: each costs a hundred bytes besides its own. */
const waitingPieces = 512;
/** Pieces of this size and larger are sent as they are. Smaller ones are cheaper to copy than to send. */
const largePiece = 16_384;

/**
 * The pieces of a stream of Node.js. Its own iterator joins everything that waits into a new Buffer, so that each byte
 * is copied and garbage is made as large as the body. undici would take the stream itself, but then it would send
 * the length of one that is complete, and nobody could tell the stream's failures from the connection's.
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
    // Paused explicitly, so that a listener who comes before the connection does not make it flow.
    source.pause();
    // Listens from now on, though reading starts later: a stream that fails without a listener ends the process.
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

  /** The first large piece, or the small ones before it as one. */
  #take(): Uint8Array | undefined {
    const firstLarge = this.#waiting.findIndex((piece) => piece.length >= largePiece);
    const count = firstLarge < 0 ? this.#waiting.length : Math.max(firstLarge, 1);
    const pieces = this.#waiting.splice(0, count);
    const value = pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
    this.#waitingBytes -= value?.length ?? 0;
    return value;
  }

  /** @param failure `null` when all was read, or the rest is not wanted */
  #finish(failure: unknown): void {
    if (this.#end !== null) return;
    this.#end = { failure };
    const asked = this.#asked;
    this.#asked = null;
    // A stream that ended cannot be read again, and nobody reads what is written to a Duplex.
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
