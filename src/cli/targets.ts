import { RequestError } from '../core/errors.ts';
import type { Query } from '../page/index.ts';
import type { KeptPage } from './kept-page.ts';

/**
 * What a target means: `@e3` of a snapshot, `text=Next` (in double quotes the whole text), `label=`, `name=`, `href=`,
 * `rel=`, `value=`, or a CSS selector.
 *
 * @param nth which of several, from 0
 * @param kept the page that refs are of; `null` for one that was not kept
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

/** Refs are of one page; numbers of another page mean something else there. */
function staleRef(ref: string): RequestError {
  const message = `${ref} is of an older page: the session has gone on since. Look at it with: jarfetch snapshot`;
  return new RequestError('ERR_NOT_FOUND', message);
}

/** Tells the form that is meant from a field: `#order`, `@e1`, `form[name=x]`, not `name=x` nor `form[a]=x`. */
export function isFormTarget(word: string): boolean {
  if (/^@e\d+$/.test(word)) return true;
  const outside = word.replace(/\[[^\]]*(?:\]|$)/g, '');
  return /^([#.]|form($|[\s.#:>]))/.test(outside) && !outside.includes('=');
}
