/** Turns the text of a terminal, with its colours, into an SVG that follows the reader's light or dark scheme. */

/** Width and height of a character, and where its foot is, in units of the picture. */
const cell = { width: 8.4, height: 18, foot: 13 } as const;
const margin = 16;

/** Select Graphic Rendition, ECMA-48 8.3.117: what the program uses of it. */
const classes: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
};
const ends: ReadonlySet<string> = new Set(['0', '22', '39']);

const style = `
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; white-space: pre; fill: #24292f }
.screen { fill: #f6f8fa; stroke: #d0d7de }
.bold { font-weight: 700 } .dim { fill: #6e7781 } .red { fill: #cf222e } .green { fill: #116329 }
.yellow { fill: #7d4e00 } .cyan { fill: #0a5f7a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .screen { fill: #0d1117; stroke: #30363d }
  .dim { fill: #8b949e } .red { fill: #ff7b72 } .green { fill: #3fb950 } .yellow { fill: #d29922 } .cyan { fill: #56d4dd }
}
`.trim();

/** Characters of one style, side by side. */
interface Run {
  readonly column: number;
  readonly style: string;
  readonly text: string;
}

/** @param text lines with escape sequences for colours and no others */
export function svgOfTerminal(text: string, columns: number): string {
  const rows = rowsOf(text, columns);
  const width = Math.ceil(columns * cell.width) + 2 * margin;
  const height = rows.length * cell.height + 2 * margin;
  const drawn = rows.flatMap((runs, row) => runs.map((run) => draw(run, row)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>jarfetch in a terminal</title>',
    `<style>\n${style}\n</style>`,
    `<rect class="screen" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** Lines as a terminal breaks them, each as runs of one style. */
function rowsOf(text: string, columns: number): Run[][] {
  const pen = new Pen();
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const characters = pen.read(line);
      const count = Math.max(1, Math.ceil(characters.length / columns));
      return Array.from({ length: count }, (_, row) =>
        runsOf(characters.slice(row * columns, (row + 1) * columns)),
      );
    });
}

interface Character {
  readonly style: string;
  readonly text: string;
}

/** Knows the style in which the next character stands. */
class Pen {
  #style = '';

  read(line: string): Character[] {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours begin with
    return line.split(/(\u001b\[\d+m)/).flatMap((part) => {
      if (!part.startsWith('\u001b')) return Array.from(part, (text) => ({ style: this.#style, text }));
      this.#change(part.slice(2, -1));
      return [];
    });
  }

  #change(code: string): void {
    if (!ends.has(code) && classes[code] === undefined) throw new Error(`The colour ${code} is new here`);
    this.#style = classes[code] ?? '';
  }
}

function runsOf(row: readonly Character[]): Run[] {
  const runs: Run[] = [];
  for (const [column, { style: own, text }] of row.entries()) {
    const last = runs.at(-1);
    if (last?.style === own) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ column, style: own, text });
  }
  return runs.filter(({ text }) => text.trim() !== '').map((run) => ({ ...run, text: run.text.trimEnd() }));
}

function draw({ column, style: name, text }: Run, row: number): string {
  const indent = text.length - text.trimStart().length;
  const words = text.trimStart();
  const x = round(margin + (column + indent) * cell.width);
  const y = margin + row * cell.height + cell.foot;
  // The length holds the columns where the reader's font is wider or narrower.
  const length = round(words.length * cell.width);
  const styled = name === '' ? '' : ` class="${name}"`;
  return `<text${styled} x="${x}" y="${y}" textLength="${length}" xml:space="preserve">${escaped(words)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
