import { RequestError } from '../../core/errors.ts';
import type { Query } from './query.ts';

/** A ref of a snapshot. */
const ref = /^@e\d+$/;

/** Tells a ref of a snapshot, such as `@e3`, from the other targets. */
export function isRef(text: string): boolean {
  return ref.test(text);
}

/**
 * Parses a target in text form, of a command line or a model: `@e3` of a snapshot, `text=Next` (in double
 * quotes the whole text), `label=`, `name=`, `href=`, `rel=`, `value=`, or a CSS selector.
 *
 * @param nth which of several, from 0
 * @throws RequestError ERR_INVALID_SELECTOR for a word that starts with @ and is not a ref
 */
export function parseTarget(text: string, nth?: number): Query {
  const chosen = nth === undefined ? {} : { nth };
  if (text.startsWith('@')) {
    if (isRef(text)) return { ref: text, ...chosen };
    const message = `A ref has the form @e3, got ${JSON.stringify(text)}`;
    throw new RequestError('ERR_INVALID_SELECTOR', message);
  }
  const [, key, value = ''] = /^(text|label|name|href|rel|value)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) return nth === undefined ? text : { selector: text, nth };
  const whole = /^"(.*)"$/s.exec(value)?.[1];
  if (whole !== undefined) return { [key]: whole, exact: true, ...chosen };
  return { [key]: value, ...chosen };
}
