import { type Dispatcher, errors } from 'undici';
import { RequestError, type RequestErrorDetails } from '../errors.ts';
import type { RawHeaders } from '../http.ts';
import { maxHeaderBytes } from '../transport/connection.ts';
import { HeadAuthor } from '../transport/head/author.ts';
import type { SentHead } from '../transport/head/sent.ts';
import { headNotSeen } from '../transport/head/slot.ts';
import type { Lease } from '../transport/lease.ts';
import type { Route } from '../transport/routes.ts';
import { translateError } from '../transport/undici-errors.ts';
import { cutUpload, type Upload } from '../transport/upload.ts';
import { ExchangeOptions } from './dispatch-options.ts';
import type { CallRequest } from './pipeline.ts';

/** What became of a response that has ended. */
interface Received {
  /** What Content-Length promised, `null` without one. */
  readonly contentLength: number | null;
  readonly downloaded: number;
}

/** As much of a stream of `node:http2` as tells how it ended. */
interface EndedStream {
  readonly closed: boolean;
  readonly rstCode: number;
  readonly readableLength: number;
}

/** One sending of a request on one leased connection: its head and its body. */
export class Sending {
  readonly lease: Lease;
  readonly upload: Upload | null;
  readonly #author: HeadAuthor;
  readonly #options: ExchangeOptions | ReturnType<Route['address']>;
  /** What a dispatcher of the caller's is given as head. */
  readonly #given: readonly string[] | null;
  readonly #hasBody: boolean;

  /**
   * @param ordersHead true where the head is written in the order of the request
   * @param onBodyError is told when the caller's stream fails
   */
  constructor(
    request: CallRequest,
    route: Route,
    lease: Lease,
    ordersHead: boolean,
    onBodyError: (cause: unknown) => void,
  ) {
    this.lease = lease;
    const own = new ExchangeOptions(request, lease, ordersHead, onBodyError);
    this.upload = own.upload;
    this.#hasBody = request.body !== null;
    this.#options = route.address(request.url, own);
    this.#given = lease.ordersHeads ? null : own.headers;
    this.#author = new HeadAuthor(ordersHead ? request : null, this.#options.method, this.#options.path);
  }

  dispatch(handler: Dispatcher.DispatchHandler): void {
    this.lease.dispatch(this.#options, handler);
  }

  /** To be called at the end of `onRequestStart`. */
  announce(): void {
    this.lease.announce(this.#author);
  }

  /** The head as it was sent, `null` before. */
  get sent(): SentHead | null {
    return this.#given ?? this.#author.sent;
  }

  /** Whether the head passed by its author. If not, it may have been another's, or without its cookies. */
  get isHeadSeen(): boolean {
    return this.#author.isWritten || !this.lease.ordersHeads;
  }

  /** Ends the connection or the stream. @param reason undici wants an Error */
  cut(controller: Dispatcher.DispatchController, reason: Error): void {
    const cut = (): void => {
      cutUpload(this.#author.stream);
      controller.abort(reason);
    };
    // undici does not bear to abort an HTTP/2 request while it writes it, which is when a caller hears of its progress.
    if (this.lease.mayBeHttp2) queueMicrotask(cut);
    else cut();
  }

  /** Once the whole answer is here, the rest of the body is of no use. RFC 9113 section 8.1. */
  endUpload(): void {
    if (!this.#hasBody) return;
    this.upload?.end(new Error('The response was complete before the request body was sent'));
    cutUpload(this.#author.stream);
  }

  /** undici takes the end of an HTTP/2 stream that the server cancelled for the end of its body. */
  wasReset({ isWhole }: { readonly isWhole: boolean }): boolean {
    const { stream } = this.#author;
    const code: unknown = stream === null ? null : Reflect.get(Object(stream), 'rstCode');
    return typeof code === 'number' && code !== noError && !isWhole;
  }

  /**
   * Whether the answer was complete when its connection ended: by its length, or because its HTTP/2 stream had ended
   * in order and nothing of it is left.
   */
  isWhole({ contentLength, downloaded }: Received): boolean {
    if (contentLength !== null) return downloaded === contentLength;
    const { stream } = this.#author;
    const { closed, rstCode, readableLength }: Partial<EndedStream> = Object(stream);
    return closed === true && rstCode === noError && readableLength === 0;
  }

  /**
   * What is wrong with the head of a response, `null` for nothing. Heads of HTTP/1.1 are counted by undici, of HTTP/2
   * Node.js lets through more than is promised.
   */
  faultOf(headers: RawHeaders): Error | null {
    if (!this.isHeadSeen) return headNotSeen();
    return this.#author.stream !== null && isOverLimit(headers) ? new errors.HeadersOverflowError() : null;
  }

  /** RFC 9112 section 6.3, rule 8. HTTP/2 has frames for it. */
  endsWithConnection(headers: RawHeaders): boolean {
    if (!this.lease.isHttp1) return false;
    return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
  }
}

/** What ends a call when the request body cannot be read, or is longer or shorter than it said. */
export function uploadError(cause: unknown, details: RequestErrorDetails): RequestError {
  if (cause instanceof errors.RequestContentLengthMismatchError) return translateError(cause, false, details);
  return new RequestError('ERR_INVALID_BODY', 'Reading the request body failed', { ...details, cause });
}

function isOverLimit(headers: RawHeaders): boolean {
  let bytes = 0;
  for (const [name, value = ''] of Object.entries(headers)) {
    const values = typeof value === 'string' ? [value] : value;
    for (const text of values) bytes += name.length + text.length;
  }
  return bytes > maxHeaderBytes;
}

/** RFC 9113 section 7: a stream that was reset so has sent all that was meant. */
const noError = 0;
