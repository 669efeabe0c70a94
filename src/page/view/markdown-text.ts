/** Text as Markdown without any markup meaning. CommonMark, "backslash escapes". */
export function escapeMarkdown(text: string, isLineStart: boolean): string {
  const escaped = text
    .replace(/[\\`*[\]|]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/<(?=[A-Za-z/!?])/g, '\\<')
    .replace(/&(?=#?\w+;)/g, '\\&')
    .replaceAll('~~', '\\~~');
  if (!isLineStart) return escaped;
  return escaped
    .replace(/^(#{1,6}(?= |$)|>|[-+=](?=[ -=]|$))/, '\\$1')
    .replace(/^(\d{1,9})([.)])(?= |$)/, '$1\\$2');
}

/** Code in a line, between the necessary number of backticks. CommonMark, "code spans". */
export function codeSpan(text: string): string {
  const code = text.replace(/\s+/g, ' ').trim();
  if (code === '') return '';
  const marks = '`'.repeat(longestRun(code) + 1);
  const padding = code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return marks + padding + code + padding + marks;
}

/** The fence of a code block, longer than any fence in it. */
export function fenceFor(text: string): string {
  return '`'.repeat(Math.max(3, longestRun(text) + 1));
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
