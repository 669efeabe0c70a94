/** The folders of src, each above those that it imports from, with what ARCHITECTURE.md says of it. */
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { rectangle, svg, text } from './drawing.ts';

const root = join(import.meta.dirname, '../..');

export interface Room {
  readonly name: string;
  readonly purpose: string;
  readonly isCore: boolean;
  /** Names of the rooms that its files import from. */
  readonly imports: readonly string[];
}

/** The rooms in the order of the table in ARCHITECTURE.md, with what the files in src import. */
export function readRooms(): Room[] {
  const imports = readImports();
  const table = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...table.matchAll(/^\| (?:`([\w./]+)`|(ground)[^|]*) \| (.+) \|$/gm)].map(
    ([, folder = 'core/ground', , purpose = '']) => ({
      name: folder.replace('core/', '').replace('index.ts', '.'),
      purpose: purpose.replace(/;.*/, '').replaceAll('`', ''),
      isCore: folder.startsWith('core/'),
    }),
  );
  const missing = [...imports.keys()].filter((name) => !rows.some((row) => row.name === name));
  if (missing.length > 0)
    throw new Error(`The table in ARCHITECTURE.md has no row for ${missing.join(', ')}`);
  return rows.flatMap((row) => {
    const targets = imports.get(row.name);
    return targets === undefined ? [] : [{ ...row, imports: [...targets].sort() }];
  });
}

function readImports(): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  const source = join(root, 'src');
  for (const path of globSync('**/*.ts', { cwd: source })) {
    const file = path.replaceAll('\\', '/');
    const targets = imports.get(roomOf(file)) ?? new Set();
    imports.set(roomOf(file), targets);
    const code = readFileSync(join(source, path), 'utf8');
    for (const [, target = ''] of code.matchAll(/(?:from |import |import\()'(\.[^']+)'/g)) {
      const room = roomOf(posix.join(posix.dirname(file), target));
      if (room !== roomOf(file)) targets.add(room);
    }
  }
  return imports;
}

function roomOf(file: string): string {
  const [first = '', second, third] = file.split('/');
  if (first === 'core') return third === undefined ? 'ground' : (second ?? '');
  return second === undefined ? '.' : first;
}

const [width, margin, gap, lineHeight] = [900, 20, 8, 17] as const;
/** Width of a character of the font of text, in units of the picture, with room for other fonts. */
const letter = 6.7;

export function drawRooms(rooms: readonly Room[]): string {
  const entries = rooms.filter(({ isCore }) => !isCore);
  const top = drawEntries(entries, 58);
  const core = drawCore(
    rooms.filter(({ isCore }) => isCore),
    top.bottom + gap,
  );
  return svg({
    width,
    height: core.bottom + margin,
    title: 'The folders of src',
    description: describe(rooms),
    shapes: [
      text(margin, 36, 'A box imports only from boxes below it.', { className: 'title' }),
      ...top.shapes,
      ...core.shapes,
    ],
  });
}

interface Drawn {
  readonly shapes: readonly string[];
  readonly bottom: number;
}

/** Entries that import no other entry have a column each. The others stand on the columns that they import from. */
function drawEntries(entries: readonly Room[], y: number): Drawn {
  const levels = levelsOf(entries);
  const columns = entries.filter(({ name }) => levels.get(name) === 0).map(({ name }) => name);
  const columnWidth = (width - 2 * margin + gap) / columns.length;
  const spans = new Map(entries.map(({ name }) => [name, spanOf(name, entries, columns)]));
  const highest = Math.max(...levels.values());
  const heights = Array.from({ length: highest + 1 }, (_, level) =>
    Math.max(
      ...entries
        .filter(({ name }) => levels.get(name) === level)
        .map(({ name, purpose }) => boxHeight(purpose, (spans.get(name)?.length ?? 1) * columnWidth - gap)),
    ),
  );
  const topOf = (level: number): number =>
    y + heights.slice(level + 1).reduce((sum, height) => sum + height + gap, 0);
  const shapes = entries.flatMap((entry) => {
    const span = spans.get(entry.name) ?? [];
    const level = levels.get(entry.name) ?? 0;
    // A box reaches up to the box that stands on it.
    const above = entries
      .filter(({ name }) => spans.get(name)?.some((column) => span.includes(column)))
      .map(({ name }) => levels.get(name) ?? 0)
      .filter((each) => each > level);
    const start = topOf(above.length === 0 ? level : Math.min(...above) - 1);
    return drawBox(entry, {
      x: margin + (span[0] ?? 0) * columnWidth,
      y: start,
      width: span.length * columnWidth - gap,
      height: topOf(level) + (heights[level] ?? 0) - start,
      className: 'warm',
    });
  });
  return { shapes, bottom: topOf(0) + (heights[0] ?? 0) };
}

/** Numbers of the columns that an entry is above. */
function spanOf(name: string, entries: readonly Room[], columns: readonly string[]): number[] {
  const own = columns.indexOf(name);
  if (own >= 0) return [own];
  const imports = entries.find((entry) => entry.name === name)?.imports ?? [];
  const below = imports
    .filter((target) => entries.some((entry) => entry.name === target))
    .flatMap((target) => spanOf(target, entries, columns));
  const span = [...new Set(below)].sort((a, b) => a - b);
  if (span.some((column, index) => index > 0 && column !== (span[index - 1] ?? 0) + 1)) {
    throw new Error(`What ${name} imports must be neighbours in the table in ARCHITECTURE.md`);
  }
  return span;
}

function drawCore(rooms: readonly Room[], y: number): Drawn {
  const levels = levelsOf(rooms);
  const shapes: string[] = [];
  const [x, inner] = [margin + gap, width - 2 * margin - 2 * gap];
  let bottom = y + 26;
  for (let level = Math.max(...levels.values()); level >= 0; level -= 1) {
    const row = rooms.filter(({ name }) => levels.get(name) === level);
    const boxWidth = (inner + gap) / row.length - gap;
    const height = Math.max(...row.map(({ purpose }) => boxHeight(purpose, boxWidth)));
    for (const [place, room] of row.entries()) {
      const left = x + place * (boxWidth + gap);
      shapes.push(...drawBox(room, { x: left, y: bottom, width: boxWidth, height, className: 'inner' }));
    }
    bottom += height + gap;
  }
  return {
    shapes: [
      rectangle({ x: margin, y, width: width - 2 * margin, height: bottom - y, className: 'box' }),
      text(x + 2, y + 18, 'core: not exported', { className: 'dim' }),
      ...shapes,
    ],
    bottom,
  };
}

/** 0 for a room that imports from none of the others, else one more than the highest that it imports from. */
function levelsOf(rooms: readonly Room[]): Map<string, number> {
  const levels = new Map<string, number>();
  const levelOf = (name: string): number => {
    const room = rooms.find((each) => each.name === name);
    if (room === undefined) return -1;
    const level = levels.get(name) ?? Math.max(-1, ...room.imports.map(levelOf)) + 1;
    levels.set(name, level);
    return level;
  };
  for (const { name } of rooms) levelOf(name);
  return levels;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly className: string;
}

function drawBox({ name, purpose, isCore }: Room, box: Box): string[] {
  const { x, y, height } = box;
  const lines = linesOf(purpose, box.width);
  const first = y + (height - (lines.length + 1) * lineHeight) / 2 + 13;
  return [
    rectangle(box),
    text(x + 10, first, isCore || name === 'cli' ? name : posix.join('jarfetch', name), {
      className: 'title',
    }),
    ...lines.map((line, index) => text(x + 10, first + (index + 1) * lineHeight, line)),
  ];
}

function boxHeight(purpose: string, boxWidth: number): number {
  return (linesOf(purpose, boxWidth).length + 1) * lineHeight + 12;
}

function linesOf(words: string, boxWidth: number): string[] {
  const longest = Math.floor((boxWidth - 20) / letter);
  const lines: string[] = [];
  let rest = words;
  while (rest.length > longest) {
    const end = rest.lastIndexOf(' ', longest);
    if (end <= 0) break;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return [...lines, rest];
}

function describe(rooms: readonly Room[]): string {
  const told = rooms.map(({ name, purpose, imports }) => {
    const from = imports.length === 0 ? 'no other' : imports.join(', ');
    return `${name} (${purpose}) imports from ${from}.`;
  });
  return told
    .join(' ')
    .replaceAll(' ., ', ' index.ts, ')
    .replace(/(^| )\. \(/, '$1index.ts (');
}
