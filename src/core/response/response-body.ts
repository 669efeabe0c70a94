import type { Readable } from 'node:stream';
import type { RequestErrorDetails } from '../errors.ts';
import type { Coding } from './codings.ts';

/** The bytes of a response: read whole or read as a stream, once. */
export interface ResponseBody {
  /** True once a byte was read, or all were thrown away. */
  readonly used: boolean;
  /** True while someone holds a reader of the stream. */
  readonly locked: boolean;
  /** All bytes, decoded; a plain value when they are here already. */
  read(): Uint8Array | Promise<Uint8Array>;
  stream(): ReadableStream<Uint8Array>;
  readable(): Readable;
  /** Two bodies of the same bytes instead of this one. */
  tee(): [ResponseBody, ResponseBody];
}

/** A body that may still be arriving. */
export interface ArrivingBody extends ResponseBody {
  /** Reads and drops the rest, up to a small limit, and ends the connection past it. */
  discard(): void;
  /** True when the bytes are decoded, so that the server's Content-Encoding no longer holds. */
  readonly decoded: boolean;
  /**
   * Calls back once, when every byte has arrived or none will follow; at once when that is the case already. `failure`
   * tells what ended the body early; a discarded body has none.
   */
  whenDone(callback: (failure: { readonly reason: unknown } | null) => void): void;
}

/** The calls of a body to its connection. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Cuts the connection. */
  abort(reason: Error): void;
  /** The limits of the call hold again: what has arrived is being decoded. */
  reopen(): void;
  /** The decoding is over. */
  close(): void;
}

export interface BodySettings {
  /** The decoding, in this order: transfer codings, then content codings. */
  readonly codings: readonly Coding[];
  /** Whether content codings are among them. */
  readonly undoesContent: boolean;
  /** Most decoded bytes that read() may return. */
  readonly maxBytes: number;
  readonly describe: () => RequestErrorDetails;
  /** Whether its pieces come from a socket that was opened here, so that no one else keeps them. */
  readonly fromSocket: boolean;
}
