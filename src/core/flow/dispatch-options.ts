import type { HeaderEntry } from '../http.ts';
import { dispatchHeaders } from '../transport/head/compose.ts';
import type { Lease, LeaseDispatchOptions } from '../transport/lease.ts';
import { serverName } from '../transport/server-name.ts';
import { bodyLength, createUpload, type Upload } from '../transport/upload.ts';
import type { CallRequest } from './pipeline.ts';

type Body = LeaseDispatchOptions['body'];

/** The options with which undici sends one exchange. */
export class ExchangeOptions implements LeaseDispatchOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: string[];
  readonly body: NonNullable<Body> | null;
  /** undici would end the connection after HEAD. */
  readonly reset = false;
  readonly upgrade: string | null;
  readonly servername: string | undefined;
  /** Sends the body where it is sent in pieces; undici ignores this property. */
  readonly upload: Upload | null;

  /**
   * @param ordersHead true where the head is composed later, see {@link dispatchHeaders}
   * @param onBodyError is called when the caller's stream fails
   */
  constructor(
    request: CallRequest,
    lease: Lease,
    ordersHead: boolean,
    onBodyError: (cause: unknown) => void,
  ) {
    const { url, method, body, upgrade } = request;
    this.origin = url.origin;
    this.path = requestTarget(url);
    this.method = method;
    this.headers = dispatchHeaders(request, ordersHead);
    const { mayBeHttp2 } = lease;
    const length = body === null ? null : declaredLength(request.headers);
    this.upload = body === null ? null : createUpload(body, { length, mayBeHttp2, onError: onBodyError });
    // undici does not know the length of a body that is sent in pieces.
    const known = body === null || this.upload === null || length !== null ? null : bodyLength(body);
    if (known !== null) this.headers.push('content-length', String(known));
    this.body = this.upload?.dispatchBody ?? (body?.kind === 'bytes' ? body.bytes : null);
    this.upgrade = upgrade ?? null;
    this.servername = serverName(url);
  }

  static {
    // undici would read an inherited property, such as `query` of a polluted Object.prototype, as an option.
    Object.setPrototypeOf(ExchangeOptions.prototype, null);
  }
}

/** The path and query of a request line. A URL that ends in `?` keeps it, though its query is empty. URL Standard. */
function requestTarget({ href, pathname, search, hash }: URL): string {
  if (search !== '') return pathname + search;
  return href.charCodeAt(href.length - hash.length - 1) === 0x3f ? `${pathname}?` : pathname;
}

/** The length in the caller's Content-Length header, `null` without one. */
function declaredLength(headers: readonly HeaderEntry[]): number | null {
  const value = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  return value === undefined || !/^\d+$/.test(value) ? null : Number(value);
}
