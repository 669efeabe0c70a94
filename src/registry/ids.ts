import { randomUUID } from 'node:crypto';
import { describe, RequestError } from '../core/errors.ts';

/**
 * What an id may be: 1 to 64 of letters, digits and `. _ @ + : = ~ -`, and no dot first or last. No path and no name
 * that a file system or a prototype gives a meaning.
 */
const idForm = /^(?![.])[\w.@+:=~-]{1,64}(?<![.])$/;

/**
 * Checks a session's id.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkId(id: unknown): string {
  if (typeof id === 'string' && idForm.test(id) && id !== '__proto__' && id !== 'new') return id;
  throw new RequestError(
    'ERR_INVALID_OPTION',
    `id must be 1 to 64 letters, digits or any of . _ @ + : = ~ - without a dot at its ends, got ${describe(id)}`,
  );
}

/** The id of a new session: a random one without an id or for `'new'`. */
export function newId(id: unknown): string {
  return id === undefined || id === 'new' ? randomUUID() : checkId(id);
}
