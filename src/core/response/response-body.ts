import type { Readable } from 'node:stream';
import type { RequestErrorDetails } from '../errors.ts';
import type { Coding } from './decode.ts';

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
  /** Takes the rest to nowhere, up to a small cap, then cuts the connection. */
  discard(): void;
  /** True when it is handed out without the server's Content-Encoding. */
  readonly decoded: boolean;
  /**
   * Calls back once, when every byte is here or none will follow; at once when that is so already.
   * `failure` is what ended the body early; one that was thrown away has none.
   */
  whenDone(callback: (failure: { readonly reason: unknown } | null) => void): void;
}

/** What a body may tell the connection it comes from. */
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
  readonly codings: readonly Coding[];
  /** Most decoded bytes that read() may return. */
  readonly maxBytes: number;
  readonly describe: () => RequestErrorDetails;
  /** Whether its pieces are what a socket of ours read, which nobody else keeps. */
  readonly fromSocket: boolean;
}
