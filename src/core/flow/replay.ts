import { idempotentMethods } from '../http.ts';
import { isLostConnection, isRefused } from '../transport/undici-errors.ts';
import type { CallRequest } from './pipeline.ts';
import type { Sending } from './sending.ts';

/**
 * Whether a request that failed before the first byte of its response may be sent once more automatically: the server
 * closed an idle connection while the request was being sent on it (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1),
 * or refused the request before it processed it. Nothing else is sent twice unless the caller requests it.
 */
export function isRace(error: unknown, { method, body }: CallRequest, sending: Sending | null): boolean {
  if (sending === null || body?.kind === 'stream' || sending.lease.hasAnswer) return false;
  // undici itself repeats a refused request, but not one whose body it gets in pieces.
  if (sending.upload !== null && isRefused(error)) return true;
  return sending.lease.isReused && idempotentMethods.has(method) && isLostConnection(error);
}
