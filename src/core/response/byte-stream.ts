import { channel } from 'node:diagnostics_channel';
import type { Sink } from './decode.ts';

/** The calls from a stream to its source. */
export interface ByteSource {
  /** The reader requests more data. */
  pull(): void;
  /** The reader has cancelled. */
  cancel(): void;
}

/** Diagnostics channels of undici whose listeners may keep the pieces. */
const piecesSeen = channel('undici:request:bodyChunkReceived');

/**
 * A WHATWG byte stream and the sink that feeds it.
 *
 * Such a stream takes over the memory of its pieces. In general each piece must be a copy, because undici still reads
 * its memory, and other pieces share it. But Node.js reads from a socket into new memory each time. A piece that
 * fills all of its memory shares it with no other piece, and undici no longer needs it once its parser has returned.
 */
export class ByteStream implements Sink {
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableByteStreamController | undefined;
  readonly #fromSocket: boolean;
  /**
   * The piece that undici's parser still uses. It is one at most, because the parser processes them one after the
   * other.
   */
  #held: Uint8Array | null = null;
  #hasEnded = false;

  /** @param fromSocket whether pieces come from a socket that was opened here, so that nothing else keeps them */
  constructor(source: ByteSource, highWaterMark: number, fromSocket: boolean) {
    this.#fromSocket = fromSocket;
    this.stream = new ReadableStream(
      {
        type: 'bytes',
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => source.pull(),
        cancel: () => {
          this.#held = null;
          source.cancel();
        },
      },
      { highWaterMark },
    );
  }

  push(chunk: Uint8Array): boolean {
    this.#release();
    if (this.#fromSocket && isAllOfItsMemory(chunk) && !piecesSeen.hasSubscribers) {
      this.#held = chunk;
      queueMicrotask(() => this.#release());
    } else {
      this.#controller?.enqueue(new Uint8Array(chunk));
    }
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  end(): void {
    if (this.#held === null) this.#close();
    else this.#hasEnded = true;
  }

  fail(error: unknown): void {
    this.#held = null;
    this.#controller?.error(error);
  }

  #release(): void {
    const chunk = this.#held;
    if (chunk === null) return;
    this.#held = null;
    this.#controller?.enqueue(chunk);
    if (this.#hasEnded) this.#close();
  }

  #close(): void {
    this.#controller?.close();
    // This alone completes a pending BYOB read. Streams Standard, section 4.7.3.
    this.#controller?.byobRequest?.respond(0);
  }
}

function isAllOfItsMemory(chunk: Uint8Array): boolean {
  return chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength;
}
