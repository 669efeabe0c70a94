import type { Duplex } from 'node:stream';
import type { SetCookieResult } from '../cookies/jar/outcome.ts';
import type { RawHeaders } from '../http.ts';
import type { Timings } from '../transport/timings.ts';
import type { ArrivingBody } from './incoming-body.ts';

/** One response on the way to the last, which is included. */
export interface HopRecord {
  readonly url: URL;
  readonly status: number;
  readonly headers: RawHeaders;
  readonly setCookies: readonly SetCookieResult[];
}

/** One response as the stages pass it up, each adding what it knows. */
export interface RawResponse {
  readonly url: URL;
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
  /** `null` where HTTP allows none: HEAD, 204, 205, 304. */
  readonly body: ArrivingBody | null;
  setCookies: readonly SetCookieResult[];
  /** Every response of the call so far, this one included. */
  hops: readonly HopRecord[];
  readonly timings: Timings;
  /** Of a request with `upgrade` that was granted: the connection, with the bytes that came behind the head to be read first. */
  readonly socket?: Duplex;
}
