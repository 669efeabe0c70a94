/** A copy of `text` that keeps no longer string in memory. Made by UTF-16, because UTF-8 would lose lone surrogates. */
export function detach(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
