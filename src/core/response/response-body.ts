import type { Readable } from 'node:stream';
import type { RequestErrorDetails } from '../errors.ts';
import type { Coding } from './codings.ts';

/** The bytes of a response: read whole or read as a stream, once. */
export interface ResponseBody {
  /** True once a byte was read, or all were discarded. */
  readonly used: boolean;
  /** True while the stream is locked to a reader. */
  readonly locked: boolean;
  /** All bytes, decoded; a plain value when they have already arrived. */
  read(): Uint8Array | Promise<Uint8Array>;
  stream(): ReadableStream<Uint8Array>;
  readable(): Readable;
  /** Creates two bodies with the same bytes, which replace this one. */
  tee(): [ResponseBody, ResponseBody];
}

/** A body that may still be arriving. */
export interface ArrivingBody extends ResponseBody {
  /** Reads and discards the rest, up to a small limit, and closes the connection past it. */
  discard(): void;
  /** True when the bytes are decoded, so that the server's Content-Encoding no longer applies. */
  readonly decoded: boolean;
  /**
   * Calls back once, when every byte has arrived or no more will follow; synchronously when that is already so.
   * `failure` is the error that ended the body early; a discarded body has none.
   */
  whenDone(callback: (failure: { readonly reason: unknown } | null) => void): void;
}

/** The calls from a body to its connection. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Closes the connection. */
  abort(reason: Error): void;
  /** The limits of the call apply again: the received bytes are being decoded. */
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
  /** Whether its pieces come from a socket that was opened here, so that nothing else keeps them. */
  readonly fromSocket: boolean;
}
