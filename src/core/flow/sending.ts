import type { Dispatcher } from 'undici';
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
import { errors } from '../undici.ts';
import { ExchangeOptions } from './dispatch-options.ts';
import type { CallRequest } from './pipeline.ts';

/** How much of a response has arrived when it ended. */
interface Received {
  /** The length in Content-Length, `null` without one. */
  readonly contentLength: number | null;
  readonly downloaded: number;
}

/** The properties of a `node:http2` stream that show how it ended. */
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
  /** The head that the caller's own dispatcher is given. */
  readonly #given: readonly string[] | null;
  readonly #hasBody: boolean;

  /**
   * @param ordersHead true where the head is written in the order of the request
   * @param onBodyError is called when the caller's stream fails
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

  /** Whether the author wrote the head. If not, the head may be that of another request, or may lack its cookies. */
  get isHeadSeen(): boolean {
    return this.#author.isWritten || !this.lease.ordersHeads;
  }

  /** Ends the connection or the stream. @param reason undici requires an Error */
  cut(controller: Dispatcher.DispatchController, reason: Error): void {
    const cut = (): void => {
      cutUpload(this.#author.stream);
      controller.abort(reason);
    };
    // undici fails when an HTTP/2 request is aborted while it is being written, which is when `onProgress` is called.
    if (this.lease.mayBeHttp2) queueMicrotask(cut);
    else cut();
  }

  /** Once the whole response has arrived, the rest of the request body is not needed. RFC 9113 section 8.1. */
  endUpload(): void {
    if (!this.#hasBody) return;
    this.upload?.end(new Error('The response was complete before the request body was sent'));
    cutUpload(this.#author.stream);
  }

  /** Whether the server reset the stream. undici reports the end of such an HTTP/2 stream as the end of its body. */
  wasReset({ isWhole }: { readonly isWhole: boolean }): boolean {
    const { stream } = this.#author;
    const code: unknown = stream === null ? null : Reflect.get(Object(stream), 'rstCode');
    return typeof code === 'number' && code !== noError && !isWhole;
  }

  /**
   * Whether the response was complete when its connection ended: by its length, or because its HTTP/2 stream had
   * ended normally and no data of it is left.
   */
  isWhole({ contentLength, downloaded }: Received): boolean {
    if (contentLength !== null) return downloaded === contentLength;
    const { stream } = this.#author;
    const { closed, rstCode, readableLength }: Partial<EndedStream> = Object(stream);
    return closed === true && rstCode === noError && readableLength === 0;
  }

  /**
   * The fault in the head of a response, `null` for none. undici limits the size of HTTP/1.1 heads. On HTTP/2 Node.js
   * allows more than the documented limit.
   */
  faultOf(headers: RawHeaders): Error | null {
    if (!this.isHeadSeen) return headNotSeen();
    return this.#author.stream !== null && isOverLimit(headers) ? new errors.HeadersOverflowError() : null;
  }

  /** The fault in the trailers of a response, `null` for none; see `faultOf`. */
  faultOfTrailers(trailers: RawHeaders): Error | null {
    return this.#author.stream !== null && isOverLimit(trailers) ? new errors.HeadersOverflowError() : null;
  }

  /** RFC 9112 section 6.3, rule 8. HTTP/2 has frames for it. */
  endsWithConnection(headers: RawHeaders): boolean {
    if (!this.lease.isHttp1) return false;
    return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
  }
}

/** The error of a call whose request body cannot be read, or has another length than announced. */
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

/** RFC 9113 section 7: NO_ERROR. A stream that is reset with it has sent its whole response. */
const noError = 0;
