import { type FailedRequest, placeOfRequest, RequestError, type RequestPhase } from '../errors.ts';

/**
 * Says which limit of a call ran out, and what the call waited for.
 *
 * @param timeout the limit in milliseconds
 * @param isResting true where no exchange was under way
 */
export function timedOut(
  request: FailedRequest,
  timeout: number,
  phase: RequestPhase,
  isResting: boolean,
): RequestError {
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
