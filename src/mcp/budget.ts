/** Limits of what one client may use and of what one answer may hold. */
export interface Budget {
  /** Most sessions of one client. */
  readonly maxSessions: number;
  /** Most kept pages of one client; the least recently used one is removed first. */
  readonly maxPages: number;
  /** Time limit of a request in milliseconds; a call has ten times as long. */
  readonly timeout: number;
  /** Largest file that is downloaded, in bytes. */
  readonly maxFileBytes: number;
  /** Largest HTML document in bytes. */
  readonly maxHtmlBytes: number;
  /** Longest view in characters, whatever the call requests. */
  readonly maxViewLength: number;
}

/** The length of a view where the call does not choose one. */
export const usualViewLength = 20_000;

/**
 * The part of a text from a cursor on, and the cursor of the next part.
 *
 * @param byLines ends with a whole line, unless a line alone is longer
 */
export function partOf(
  text: string,
  cursor: number,
  length: number,
  byLines = false,
): { readonly text: string; readonly next: number | null } {
  let end = cursor + length;
  const lineEnd = byLines && end < text.length ? text.lastIndexOf('\n', end - 1) : -1;
  if (lineEnd > cursor) end = lineEnd + 1;
  // Do not cut a surrogate pair.
  if (end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00) end--;
  return { text: text.slice(cursor, end), next: end < text.length ? end : null };
}
