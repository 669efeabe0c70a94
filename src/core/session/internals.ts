import type { CookieAccess } from '../cookies/adapter/index.ts';
import type { CallWatch, WatchedRequest } from '../flow/watch.ts';
import type { Transport } from '../transport/transport.ts';

/** What `jarfetch/interop` needs of a session. */
export interface SessionInternals {
  readonly cookies: CookieAccess;
  readonly transport: Transport;
  /**
   * Reports that a request starts.
   * @throws RequestError ERR_SESSION_CLOSED, ERR_TRANSPORT_CLOSED
   */
  begin(): void;
  /** Reports that a request has its response, or failed. */
  end(): void;
  /** The watch of a request of another client; `null` without observers. */
  watch(
    kind: 'cookieDispatcher' | 'cookieFetch',
    request: Pick<WatchedRequest, 'method' | 'url'>,
  ): CallWatch | null;
}
