import { dispatchHeaders } from '../transport/head/compose.ts';
import type { LeaseDispatchOptions } from '../transport/lease.ts';
import { toDispatchBody } from '../transport/upload.ts';
import type { CallRequest } from './pipeline.ts';

type Body = LeaseDispatchOptions['body'];

/** What undici is told to send for one exchange. */
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

  /**
   * @param ordersHead true where the head is composed later, see {@link dispatchHeaders}
   * @param onBodyError is told when the caller's stream fails
   */
  constructor(request: CallRequest, ordersHead: boolean, onBodyError: (cause: unknown) => void) {
    const { url, method, body, upgrade } = request;
    this.origin = url.origin;
    this.path = requestTarget(url);
    this.method = method;
    this.headers = dispatchHeaders(request, ordersHead);
    if (body?.kind === 'parts') this.headers.push('content-length', String(body.length));
    this.body = body === null ? null : toDispatchBody(body, onBodyError);
    this.upgrade = upgrade ?? null;
    this.servername = serverName(url);
  }

  static {
    // undici would take what is inherited, such as `query` of a polluted Object.prototype, for an option.
    Object.setPrototypeOf(ExchangeOptions.prototype, null);
  }
}

/** The path and query of a request line. A URL that ends in `?` keeps it, though its query is empty. URL Standard. */
function requestTarget({ href, pathname, search, hash }: URL): string {
  if (search !== '') return pathname + search;
  return href.charCodeAt(href.length - hash.length - 1) === 0x3f ? `${pathname}?` : pathname;
}

/**
 * What undici takes for the name of the server, in place of a Host header of the caller's: when it changes, undici ends
 * the connection. Our connector alone decides which name the certificate is checked against.
 */
export function serverName({ protocol, hostname }: URL): string | undefined {
  return protocol === 'https:' ? hostname : undefined;
}
