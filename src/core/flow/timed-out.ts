import { placeOfRequest, RequestError, type RequestPhase, redactUrl } from '../errors.ts';

/** The request of a call whose limit may run out. */
export interface TimedRequest {
  readonly method: string;
  readonly url: URL;
}

/**
 * The error for a limit of a call, with what the call waited for.
 *
 * @param timeout the limit in milliseconds
 * @param isResting true where no exchange was under way
 */
export function timedOut(
  { method, url }: TimedRequest,
  timeout: number,
  phase: RequestPhase,
  isResting: boolean,
): RequestError {
  const request = { method, url: redactUrl(url) };
  const waited = isResting ? 'before it was sent' : waitingFor[phase];
  const message = `The request to ${placeOfRequest(request)} timed out after ${timeout} ms ${waited}`;
  return new RequestError('ERR_TIMEOUT', message, { phase, timeout, request });
}

const waitingFor: Readonly<Record<RequestPhase, string>> = {
  queue: 'waiting for a free connection',
  connect: 'while connecting',
  tls: 'during the TLS handshake',
  proxy: 'waiting for the proxy',
  headers: 'waiting for the response headers',
  body: 'while the body was transferred',
};
