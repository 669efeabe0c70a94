import type { Duplex } from 'node:stream';
import type { SetCookieResult } from '../cookies/jar/outcome.ts';
import type { RawHeaders } from '../http.ts';
import type { SentHead } from '../transport/head/sent.ts';
import type { Timings } from '../transport/timings.ts';
import type { ArrivingBody } from './response-body.ts';

/** One response of a call, the last one included. */
export type HopRecord = Pick<RawResponse, 'url' | 'status' | 'headers' | 'setCookies' | 'method' | 'sent'>;

/** One response as the stages return it. Each stage adds its own properties. */
export interface RawResponse {
  /** The URL of the request. */
  readonly method: string;
  readonly url: URL;
  /** The head of that request; `null` where nothing was sent. */
  readonly sent: SentHead | null;
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
  /** `null` where HTTP allows none: HEAD, 204, 205, 304. */
  readonly body: ArrivingBody | null;
  setCookies: readonly SetCookieResult[];
  /** The record of its call, for observers. */
  call?: object;
  /** Every response of the call so far, this one included. */
  hops: readonly HopRecord[];
  readonly timings: Timings;
  /** Which try of the call this answers, counted from 1. */
  readonly attempts: number;
  /**
   * For a request whose `upgrade` was accepted: the connection. The bytes that followed the head are read from it
   * first.
   */
  readonly socket?: Duplex;
}
