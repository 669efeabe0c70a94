import { RequestError } from '../core/errors.ts';
import { isRef, parseTarget } from '../page/document/target.ts';
import type { Query } from '../page/index.ts';
import type { KeptPage } from './kept-page.ts';

/**
 * Parses a target on the page that a session keeps.
 *
 * @param kept the page of the refs; `null` for a page that is not kept
 * @param nth the index of the match, from 0
 * @throws RequestError ERR_NOT_FOUND for a ref of an older page: on another page its number means another element
 */
export function targetOn(kept: KeptPage | null, word: string, nth?: number): Query {
  const target = parseTarget(word, nth);
  if (kept === null || kept.areRefsShown || !isRef(word)) return target;
  const message = `${word} belongs to an older page: the session has opened another page since. Print its refs with: jarfetch snapshot`;
  throw new RequestError('ERR_NOT_FOUND', message);
}

/**
 * Tells the target of a form from a field: `#order`, `@e1`, `form[name=x]` are targets, `name=x` and `form[a]=x` are
 * fields.
 */
export function isFormTarget(word: string): boolean {
  if (isRef(word)) return true;
  const outside = word.replace(/\[[^\]]*(?:\]|$)/g, '');
  return /^([#.]|form($|[\s.#:>]))/.test(outside) && !outside.includes('=');
}
