/**
 * Characters that are invisible, or that could control a terminal or make a text look like another one: control
 * characters of ECMA-48 (C0, DEL, C1), format characters such as those of bidirectional text (Unicode Standard Annex
 * 9), tags and zero-width spaces, other characters that Unicode lets programs ignore (Unicode Technical Report 36),
 * line separators, and halves of surrogate pairs. Tabs and line feeds are kept, and one variation selector after an
 * emoji: further ones can encode text.
 */
export const unsafeCharacters =
  /(?![\n\t]|(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A server's text in a form that is safe for a terminal or a model: `\x1b` and `\u202e` replace the characters that
 * they name.
 */
export function makeVisible(text: string): string {
  // The line ends of HTTP and Windows are line ends here too.
  return text.replace(/\r\n/g, '\n').replace(unsafeCharacters, shown);
}

/** The same for text of a single line. */
export function makeVisibleLine(text: string): string {
  return makeVisible(text).replace(/\n/g, '\\n').replace(/\t/g, ' ');
}

/** JSON whose strings have no such character either: JSON escapes replace them. */
export function toSafeJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafeCharacters, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function shown(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  // In a header, a byte that is not UTF-8 is half of a surrogate pair.
  const code = point >= 0xdc80 && point <= 0xdcff ? point - 0xdc00 : point;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
