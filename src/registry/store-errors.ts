import { RequestError } from '../core/errors.ts';

/** A document was made under a lock that has ended meanwhile, and another has written since. */
export function conflict(id: string): RequestError {
  return new RequestError('ERR_STORE_CONFLICT', `session ${id}: a later lock has written meanwhile`);
}
