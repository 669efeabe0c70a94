import { Readable } from 'node:stream';
import { types } from 'node:util';

/** The source of the pieces of a request body. */
export interface PieceSource {
  /** The next piece: bytes or a text. */
  next(): Promise<IteratorResult<unknown, unknown>>;
  /** Ends the source, possibly while `next` waits. The source may hold a file or a connection open. */
  end(reason: unknown): void;
}

/** Bytes or a text as bytes. @throws TypeError for anything else */
export function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  // Bytes of another realm.
  if (types.isUint8Array(chunk)) return new Uint8Array(chunk);
  throw new TypeError('a body stream must yield bytes or strings');
}

/** The parts of a body one after another; a Blob is read as it is sent. */
export function ofParts(parts: readonly (Uint8Array | Blob)[]): PieceSource {
  return new IteratorSource(readParts(parts));
}

/** The bytes of parts, one after another. */
export async function* readParts(parts: readonly (Uint8Array | Blob)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else yield* part.stream();
  }
}

/** A stream of the caller that is read one piece after another. */
export function ofIterable(source: Iterable<unknown> | AsyncIterable<unknown>): PieceSource {
  return source instanceof ReadableStream ? new ReaderSource(source) : new IteratorSource(source);
}

/** A web stream, with its own reader, because the stream's iterator cannot cancel while it waits. */
class ReaderSource implements PieceSource {
  readonly #stream: ReadableStream<unknown>;
  #reader: ReadableStreamDefaultReader<unknown> | null = null;

  constructor(stream: ReadableStream<unknown>) {
    this.#stream = stream;
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    this.#reader ??= this.#stream.getReader();
    const { done, value } = await this.#reader.read();
    return done ? { done: true, value: undefined } : { done: false, value };
  }

  end(reason: unknown): void {
    // The promise of a failed stream rejects, and a locked one belongs to its reader.
    if (this.#reader !== null) this.#reader.cancel(reason).catch(() => {});
    else if (!this.#stream.locked) this.#stream.cancel(reason).catch(() => {});
  }
}

class IteratorSource implements PieceSource {
  readonly #source: Iterable<unknown> | AsyncIterable<unknown>;
  #iterator: Iterator<unknown, unknown> | AsyncIterator<unknown, unknown> | null = null;

  constructor(source: Iterable<unknown> | AsyncIterable<unknown>) {
    this.#source = source;
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    this.#iterator ??= iteratorOf(this.#source);
    return this.#iterator.next();
  }

  end(reason: unknown): void {
    if (this.#source instanceof Readable) {
      this.#source.destroy();
      return;
    }
    void this.#return(reason);
  }

  async #return(reason: unknown): Promise<void> {
    try {
      await (this.#iterator ?? iteratorOf(this.#source)).return?.(reason);
    } catch {
      // The call has ended already, for another reason.
    }
  }
}

function iteratorOf(
  source: Iterable<unknown> | AsyncIterable<unknown>,
): Iterator<unknown, unknown> | AsyncIterator<unknown, unknown> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
