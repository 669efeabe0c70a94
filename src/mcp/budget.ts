/** Bounds of what one client may use and of what one answer may hold. */
export interface Budget {
  /** Most sessions of one client. */
  readonly maxSessions: number;
  /** Most pages of one client that are kept; the one that was used longest ago goes first. */
  readonly maxPages: number;
  /** Milliseconds that a call may take. */
  readonly timeout: number;
  /** Largest HTML document in bytes. */
  readonly maxHtmlBytes: number;
  /** Longest view in characters, whatever is asked for. */
  readonly maxViewLength: number;
}

/** How long a view is where nobody says. */
export const usualViewLength = 20_000;

/** Part of a text from a cursor on, and the cursor of the next part. */
export function partOf(
  text: string,
  cursor: number,
  length: number,
): { readonly text: string; readonly next: number | null } {
  let end = cursor + length;
  // Not between the two halves of one character.
  if (end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00) end--;
  return { text: text.slice(cursor, end), next: end < text.length ? end : null };
}
