import { RequestError, type RequestErrorDetails } from '../errors.ts';
import type { RawHeaders } from '../http.ts';
import { maxCodings, parseCodings, parseTransferCodings } from '../response/codings.ts';
import { IncomingBody } from '../response/incoming-body.ts';
import type { RawResponse } from '../response/raw.ts';
import type { BodySettings, Flow } from '../response/response-body.ts';
import { contentLengthOf } from '../response/response-headers.ts';
import type { SentHead } from '../transport/head/sent.ts';
import type { Timings } from '../transport/timings.ts';
import type { CallRequest } from './pipeline.ts';
import type { Sending } from './sending.ts';

/** Properties that later stages replace. */
const none: readonly never[] = [];

/** The properties of the response of one exchange that its head gives. */
export class Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
  readonly contentLength: number | null;
  /** Whether the end of the connection is the end of the body. */
  readonly endsWithConnection: boolean;
  /** Bytes of the body that have arrived, before decoding. */
  downloaded = 0;
  body: IncomingBody | null = null;

  constructor(status: number, statusText: string, headers: RawHeaders, sending: Sending | null) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.contentLength = contentLengthOf(headers);
    this.endsWithConnection = sending?.endsWithConnection(headers) === true;
  }

  /** True when all bytes that Content-Length announced have arrived. */
  get isWhole(): boolean {
    return this.contentLength !== null && this.downloaded === this.contentLength;
  }

  /** The response for the stages. A 205 is passed on without the body that it must not have. */
  respond({ method, url, attempt }: CallRequest, timings: Timings, sent: SentHead | null): RawResponse {
    return {
      method,
      url,
      status: this.status,
      statusText: this.statusText,
      headers: this.headers,
      body: this.status === 205 ? null : this.body,
      setCookies: none,
      hops: none,
      timings,
      sent,
      attempts: attempt,
    };
  }
}

/** The body of a response: `null` where it has none, an error for one that will not be read. */
export function bodyOf(
  { method, settings }: CallRequest,
  { status, headers }: Answer,
  describe: () => RequestErrorDetails,
  sending: Sending | null,
  flow: Flow,
): IncomingBody | RequestError | null {
  if (!isFramed(method, status)) return null;
  const given = bodySettings(settings, headers, describe, sending);
  return given instanceof RequestError ? given : new IncomingBody(given, flow);
}

/** RFC 9112 section 6.3: the responses that never have a body. A 205 must not have one, but is framed like any other. */
function isFramed(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/** How the body of a response is read; an error for one that will not be. */
function bodySettings(
  { decompress, maxBodyBytes }: CallRequest['settings'],
  headers: RawHeaders,
  describe: () => RequestErrorDetails,
  sending: Sending | null,
): BodySettings | RequestError {
  const isHttp1 = sending?.lease.isHttp1 === true;
  // The caller's own dispatcher may have decoded them already, and HTTP/2 has no transfer codings.
  const transfer = isHttp1 ? parseTransferCodings(headers['transfer-encoding']) : [];
  if (transfer === null) {
    const message = 'The response has a transfer coding that is not known, such as compress';
    return new RequestError('ERR_PROTOCOL', message, { ...describe(), phase: 'headers' });
  }
  const content = decompress ? (parseCodings(headers['content-encoding']) ?? []) : [];
  const codings = transfer.length === 0 ? content : [...transfer, ...content];
  if (codings.length > maxCodings) {
    const message = `The response has ${codings.length} codings, at most ${maxCodings} are decoded`;
    return new RequestError('ERR_DECODE', message, { ...describe(), phase: 'headers' });
  }
  return {
    codings,
    undoesContent: content.length > 0,
    maxBytes: maxBodyBytes,
    describe,
    // False for the caller's own dispatcher, which may keep the pieces that it hands out, and for HTTP/2.
    fromSocket: isHttp1,
  };
}

/** The failure of a body whose stream the server cancelled. */
export function streamReset(): Error {
  return Object.assign(new Error('The stream was reset'), { code: 'ERR_HTTP2_STREAM_ERROR' });
}
