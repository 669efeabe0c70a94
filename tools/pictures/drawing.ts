/** Shapes of the pictures, as SVG that follows the reader's light or dark scheme and is told to screen readers. */

/** Width of a character of the font of code, in units of the picture. */
const characterWidth = 7.25;

const style = `
text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif; fill: #24292f }
.mono { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; white-space: pre }
.title { font-weight: 600; font-size: 14px } .dim { fill: #57606a } .good { fill: #116329 } .bad { fill: #b31d28 } .mark { fill: #8a3a04 }
.ground { fill: #ffffff; stroke: #d0d7de } .box { fill: #f6f8fa; stroke: #afb8c1 } .inner { fill: #ffffff; stroke: #afb8c1 }
.warm { fill: #fff1d6; stroke: #bf8700 } .bar { fill: #afb8c1 } .own { fill: #bf6b00 } .rule { stroke: #d0d7de } .line { stroke: #57606a; stroke-width: 1.3; fill: none }
.tip { fill: #57606a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .dim { fill: #9da7b1 } .good { fill: #56d364 } .bad { fill: #ff8a80 } .mark { fill: #fcd34d }
  .ground { fill: #0d1117; stroke: #30363d } .box { fill: #161b22; stroke: #484f58 } .inner { fill: #0d1117; stroke: #484f58 }
  .warm { fill: #3a2c0a; stroke: #9e6a03 } .bar { fill: #484f58 } .own { fill: #d29922 } .rule { stroke: #30363d } .line { stroke: #9da7b1 }
  .tip { fill: #9da7b1 }
}
`.trim();

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** What it is, in a few words. */
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  readonly shapes: readonly string[];
}

export function svg({ width, height, title, description, shapes }: Picture): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>\n${style}\n</style>`,
    rectangle({ x: 0.5, y: 0.5, width: width - 1, height: height - 1, className: 'ground', round: 8 }),
    ...shapes,
    '</svg>',
    '',
  ].join('\n');
}

interface TextOptions {
  readonly className?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** @param y where the foot of the letters is */
export function text(x: number, y: number, words: string, options: TextOptions = {}): string {
  const { className, anchor } = options;
  const attributes = [
    className === undefined ? '' : ` class="${className}"`,
    anchor === undefined ? '' : ` text-anchor="${anchor}"`,
  ].join('');
  return `<text x="${rounded(x)}" y="${rounded(y)}"${attributes}>${escaped(words)}</text>`;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly className: string;
  readonly round?: number;
}

export function rectangle({ x, y, width, height, className, round = 5 }: Rectangle): string {
  const place = `x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${rounded(height)}"`;
  return `<rect class="${className}" ${place} rx="${round}"/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, className = 'line'): string {
  const ends = `x1="${rounded(x1)}" y1="${rounded(y1)}" x2="${rounded(x2)}" y2="${rounded(y2)}"`;
  return `<line class="${className}" ${ends}/>`;
}

/** A level line with a tip at its second end. */
export function arrow(from: number, to: number, y: number): string {
  const back = to > from ? -7 : 7;
  const tip = `<path class="tip" d="M${to} ${y}l${back} -4v8z"/>`;
  return line(from, y, to + back, y) + tip;
}

/** A small box around a word; the place to its right comes with it. */
export function chip(
  x: number,
  y: number,
  word: string,
  className = 'warm',
): { readonly shape: string; readonly next: number } {
  const width = word.length * characterWidth + 14;
  const shape =
    rectangle({ x, y, width, height: 20, className, round: 10 }) +
    text(x + 7, y + 14, word, { className: 'mono' });
  return { shape, next: x + width + 6 };
}

export function shortened(words: string, length: number): string {
  return words.length <= length ? words : `${words.slice(0, length - 1)}…`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
