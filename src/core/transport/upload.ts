import { addAbortSignal, Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { RequestBody } from '../http.ts';
import { errors } from '../undici.ts';
import { isUnread, NodePieces } from './node-pieces.ts';
import { ofIterable, ofParts, type PieceSource, toBytes } from './piece-sources.ts';

/** Settings for sending a body. */
export interface UploadOptions {
  /** The length in the caller's headers, `null` for none. */
  readonly length: number | null;
  /**
   * True where the body may be sent over HTTP/2. Then it is sent in small pieces, because Node.js counts the buffered
   * data of a session and refuses what the server sends past 10 MB. Its length is checked here, because undici does
   * so on HTTP/1.1 only.
   */
  readonly mayBeHttp2: boolean;
  /** Called when the caller's stream fails. */
  readonly onError: (cause: unknown) => void;
}

/** Length of a body in bytes where it is known before it is sent. */
export function bodyLength(body: RequestBody): number | null {
  if (body.kind === 'bytes') return body.bytes.byteLength;
  return body.kind === 'parts' ? body.length : null;
}

/** The largest piece that is sent over HTTP/2, and the largest body that is sent there as one piece. */
const largestPiece = 65_536;

/** The upload of a body piece by piece; `null` for bytes that undici sends unchanged. */
export function createUpload(body: RequestBody, options: UploadOptions): Upload | null {
  if (body.kind === 'bytes') {
    if (!options.mayBeHttp2 || body.bytes.byteLength <= largestPiece) return null;
    return new Upload(ofParts([body.bytes]), { ...options, length: options.length ?? body.bytes.byteLength });
  }
  if (body.kind === 'parts') {
    return new Upload(ofParts(body.parts), { ...options, length: options.length ?? body.length });
  }
  const { stream } = body;
  return new Upload(isUnread(stream) ? new NodePieces(stream, options.onError) : ofIterable(stream), options);
}

/** Ends the caller's stream when the call ended before it was sent. */
export function endUnsent(body: RequestBody | null, reason: unknown): void {
  if (body?.kind === 'stream') ofIterable(body.stream).end(reason);
}

/** The pieces of one body as undici requests them. Whatever ends the call must call {@link Upload.end}. */
export class Upload implements AsyncIterableIterator<Uint8Array> {
  readonly #source: PieceSource;
  readonly #options: UploadOptions;
  /** The rest of a piece that was too large. */
  #rest: Uint8Array | null = null;
  #taken = 0;
  #isOver = false;

  constructor(source: PieceSource, options: UploadOptions) {
    this.#source = source;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** undici accepts it, though its types do not include it. */
  get dispatchBody(): NonNullable<Dispatcher.DispatchOptions['body']> {
    return this as unknown as NonNullable<Dispatcher.DispatchOptions['body']>;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      const piece = this.#rest ?? (await this.#pull());
      // An error, because after a normal end of the body the server would treat the body as complete.
      if (this.#isOver) throw new errors.RequestAbortedError();
      if (piece !== null) return { done: false, value: this.#cut(piece) };
    } catch (error) {
      if (!this.#isOver) {
        this.end(error);
        this.#options.onError(error);
      }
      throw error;
    }
    this.#isOver = true;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.end(new errors.RequestAbortedError());
    return { done: true, value: undefined };
  }

  /** Reports that no more will be sent. Does nothing once everything was read. */
  end(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#rest = null;
    this.#source.end(reason);
  }

  async #pull(): Promise<Uint8Array | null> {
    const { done, value } = await this.#source.next();
    const { length, mayBeHttp2 } = this.#options;
    const piece = done === true ? null : toBytes(value);
    this.#taken += piece?.length ?? 0;
    const isWrong =
      piece === null ? this.#taken !== length : this.#taken > (length ?? Number.POSITIVE_INFINITY);
    if (mayBeHttp2 && length !== null && isWrong) throw new errors.RequestContentLengthMismatchError();
    return piece;
  }

  #cut(piece: Uint8Array): Uint8Array {
    if (!this.#options.mayBeHttp2 || piece.length <= largestPiece) {
      this.#rest = null;
      return piece;
    }
    this.#rest = piece.subarray(largestPiece);
    return piece.subarray(0, largestPiece);
  }
}

/**
 * Cancels the HTTP/2 stream of a request that was not completely sent. undici closes the stream, and in Node.js that
 * ends the body first: the server would treat the partial body as complete.
 */
export function cutUpload(stream: unknown): void {
  if (!(stream instanceof Duplex) || stream.writableFinished || stream.destroyed) return;
  // This code aborts the stream itself, so its error needs no report.
  stream.on('error', () => {});
  addAbortSignal(AbortSignal.abort(), stream);
}
