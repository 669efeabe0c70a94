import { unsafeCharacters } from '../core/visible.ts';

export { makeVisible, makeVisibleLine } from '../core/visible.ts';

/** JSON whose strings have no such character either: JSON escapes stand for the same text. */
export function toSafeJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafeCharacters, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
