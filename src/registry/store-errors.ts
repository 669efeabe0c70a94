import { RequestError } from '../core/errors.ts';

/** A document was made under a lock that has ended meanwhile, and another has written since. */
export function conflict(id: string): RequestError {
  return new RequestError('ERR_STORE_CONFLICT', `session ${id}: the holder of a later lock has written`);
}

/** The session was ended for all processes. */
export function wasKilled(id: string): RequestError {
  return new RequestError('ERR_SESSION_NOT_FOUND', `session not found: ${id} (it was killed)`);
}

const silences = new WeakSet<object>();

/** Marks the error of a store that gave no answer, and may give one later. */
export function markSilence(error: RequestError): RequestError {
  silences.add(error);
  return error;
}

/** True for an error of a store that gave no answer, and may give one later. */
export function isSilence(error: unknown): boolean {
  return typeof error === 'object' && error !== null && silences.has(error);
}
