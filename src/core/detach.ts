/**
 * A copy of `text` that does not keep a longer string in memory. It is made with UTF-16, because UTF-8 would lose
 * lone surrogates.
 */
export function detach(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
