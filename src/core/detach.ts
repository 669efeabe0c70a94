/** A copy of `text` that keeps no longer string alive. UTF-16, since UTF-8 would lose the lone surrogates. */
export function detach(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
