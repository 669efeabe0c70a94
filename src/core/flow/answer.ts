import { RequestError, type RequestErrorDetails } from '../errors.ts';
import type { RawHeaders } from '../http.ts';
import { type Coding, maxCodings, parseCodings } from '../response/decode.ts';
import type { BodySettings } from '../response/response-body.ts';
import type { CallRequest } from './pipeline.ts';
import type { Sending } from './sending.ts';

/** RFC 9112 section 6.3: the responses that never have a body. A 205 must not have one, but is framed like any other. */
export function isFramed(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/** How the body of a response is read; an error for one that will not be. */
export function bodySettings(
  { decompress, maxBodyBytes }: CallRequest['settings'],
  headers: RawHeaders,
  describe: () => RequestErrorDetails,
  sending: Sending | null,
): BodySettings | RequestError {
  let codings: Coding[] = [];
  if (decompress) codings = parseCodings(headers['content-encoding']) ?? [];
  if (codings.length > maxCodings) {
    const message = `The response has ${codings.length} content codings, at most ${maxCodings} are undone`;
    return new RequestError('ERR_DECODE', message, { ...describe(), phase: 'headers' });
  }
  return {
    codings,
    maxBytes: maxBodyBytes,
    describe,
    // Neither true of a dispatcher of the caller's, which may keep what it hands out, nor of HTTP/2.
    fromSocket: sending?.lease.isHttp1 === true,
  };
}

/** The failure of a body whose stream the server cancelled. */
export function streamReset(): Error {
  return Object.assign(new Error('The stream was reset'), { code: 'ERR_HTTP2_STREAM_ERROR' });
}
