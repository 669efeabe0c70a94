import { channel } from 'node:diagnostics_channel';
import type { Sink } from './decode.ts';

/** What a stream tells the one that feeds it. */
export interface ByteSource {
  /** Its reader wants more. */
  pull(): void;
  /** Its reader wants no more. */
  cancel(): void;
}

/** Whoever listens here may keep the pieces that undici shows. */
const piecesSeen = channel('undici:request:bodyChunkReceived');

/**
 * A WHATWG byte stream and the sink that feeds it.
 *
 * Such a stream takes over the memory of its pieces, so in general each must be a copy: undici still reads in the
 * memory of a piece, and its neighbours have theirs in the same. What Node.js reads from a socket at once has memory of
 * its own, though, and a piece that is all of it has no neighbours; undici is done with it once its parser has returned.
 */
export class ByteStream implements Sink {
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableByteStreamController | undefined;
  readonly #fromSocket: boolean;
  /** A piece that undici's parser still has; never more than one, since it parses the next only when done with this. */
  #held: Uint8Array | null = null;
  #hasEnded = false;

  /** @param fromSocket whether pieces are what a socket of ours read, which nobody else keeps */
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
    // A pending BYOB read is only answered by this. Streams Standard, section 4.7.3.
    this.#controller?.byobRequest?.respond(0);
  }
}

function isAllOfItsMemory(chunk: Uint8Array): boolean {
  return chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength;
}
