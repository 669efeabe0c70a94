import type { Engine } from '../encoding/engine.ts';
import type { ElementNode } from '../tree/nodes.ts';

/**
 * The value of a textarea with the line breaks of `wrap=hard`. A browser breaks lines by its layout; this counts
 * characters. Chromium leaves the space before a break and breaks long words, Firefox does neither.
 */
export function wrapHard(element: ElementNode, value: string, engine: Engine): string {
  const wrap = element.attribute('wrap')?.toLowerCase();
  if (wrap !== 'hard' && (wrap !== 'physical' || engine === 'firefox')) return value;
  const columns = Number(/^[\t\n\f\r ]*\+?(\d+)/.exec(element.attribute('cols') ?? '')?.[1] ?? 0) || 20;
  return value
    .split('\n')
    .map((line) => wrapLine(line, columns, engine))
    .join('\n');
}

function wrapLine(line: string, columns: number, engine: Engine): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.match(/[^ ]+ *| +/g) ?? []) {
    if (current !== '' && (current + word.trimEnd()).length > columns) {
      lines.push(current);
      current = '';
    }
    current += word;
    while (engine === 'chromium' && current.trimEnd().length > columns) {
      lines.push(current.slice(0, columns));
      current = current.slice(columns);
    }
  }
  lines.push(current);
  return lines
    .map((text, at) => (engine === 'firefox' && at < lines.length - 1 ? text.trimEnd() : text))
    .join('\n');
}
