import { RequestError } from '../core/errors.ts';
import type { Query } from '../page/index.ts';
import type { KeptPage } from './kept-page.ts';

/**
 * Parses a target: `@e3` of a snapshot, `text=Next` (in double quotes the whole text), `label=`, `name=`, `href=`,
 * `rel=`, `value=`, or a CSS selector.
 *
 * @param nth the index of the match, from 0
 * @param kept the page of the refs; `null` for a page that is not kept
 * @throws RequestError ERR_NOT_FOUND for a ref of an older page
 */
export function parseTarget(word: string, nth: number | undefined, kept: KeptPage | null): Query {
  const chosen = nth === undefined ? {} : { nth };
  if (/^@e\d+$/.test(word)) {
    if (kept !== null && !kept.areRefsShown) throw staleRef(word);
    return { ref: word, ...chosen };
  }
  const [, key, value = ''] = /^(text|label|name|href|rel|value)=(.*)$/s.exec(word) ?? [];
  if (key === undefined) return nth === undefined ? word : { nth };
  const whole = /^"(.*)"$/s.exec(value)?.[1];
  if (whole !== undefined) return { [key]: whole, exact: true, ...chosen };
  return { [key]: value, ...chosen };
}

/** A ref belongs to one page; on another page its number means another element. */
function staleRef(ref: string): RequestError {
  const message = `${ref} belongs to an older page: the session has opened another page since. Print its refs with: jarfetch snapshot`;
  return new RequestError('ERR_NOT_FOUND', message);
}

/**
 * Tells the target of a form from a field: `#order`, `@e1`, `form[name=x]` are targets, `name=x` and `form[a]=x` are
 * fields.
 */
export function isFormTarget(word: string): boolean {
  if (/^@e\d+$/.test(word)) return true;
  const outside = word.replace(/\[[^\]]*(?:\]|$)/g, '');
  return /^([#.]|form($|[\s.#:>]))/.test(outside) && !outside.includes('=');
}
