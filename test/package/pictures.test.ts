/** The pictures in docs/pictures show what the code does now. `npm run pictures` makes them anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../tools/entries.ts';
import { drawBadges, readBadges } from '../../tools/pictures/badges.ts';
import { callFlow, drawCallFlow } from '../../tools/pictures/call-flow.ts';
import { svg, text } from '../../tools/pictures/drawing.ts';
import { comparedHeads, drawHeads } from '../../tools/pictures/headers.ts';
import { drawLoginChain, loginChain } from '../../tools/pictures/login-chain.ts';
import { drawRooms, type Room, readRooms } from '../../tools/pictures/rooms.ts';
import { drawSessionLife, sessionLife } from '../../tools/pictures/session-life.ts';
import { drawThroughput, tableTitle, throughputRows } from '../../tools/pictures/throughput.ts';

const committed = (name: string): string => readFileSync(join(root, 'docs/pictures', name), 'utf8');

describe('the picture', () => {
  it('of the badges shows what package.json and the lockfile say', () => {
    expect(readBadges()).toContainEqual(expect.stringMatching(/^\d+ dependencies, no native code$/));
    expect(drawBadges(readBadges())).toBe(committed('badges.svg'));
  });

  it('of a call shows its attempts and hops', async () => {
    expect(drawCallFlow(await callFlow())).toBe(committed('call-flow.svg'));
  });

  it('of a login shows who sets which cookie on which hop', async () => {
    expect(drawLoginChain(await loginChain())).toBe(committed('login-chain.svg'));
  });

  it('of a named session shows its logins and where it is kept', async () => {
    expect(drawSessionLife(await sessionLife())).toBe(committed('session-life.svg'));
  });

  it('of the headers shows what a session sends, and what a browser was captured with', async () => {
    const heads = await comparedHeads();
    // What fetch sends depends on the Node.js that runs this.
    const { node } = process.versions;
    if (node.startsWith('24.')) expect(drawHeads(heads)).toBe(committed('headers.svg'));
    expect(heads.fetch).toContainEqual(['user-agent', 'node']);
    const namesOf = (head: typeof heads.chrome): string[] => head.map(([name]) => name);
    expect(namesOf(heads.jarfetch)).toEqual(namesOf(heads.chrome));
    const different = heads.jarfetch.filter(
      ([name, value], row) => name !== heads.chrome[row]?.[0] || value !== heads.chrome[row]?.[1],
    );
    expect(different.map(([name]) => name)).toEqual(['sec-ch-ua']);
  });

  it('of the throughput shows the figures beside it', () => {
    expect(drawThroughput(JSON.parse(committed('throughput.json')))).toBe(committed('throughput.svg'));
  });

  it('of the folders shows what they import now, and what the table in ARCHITECTURE.md says of them', () => {
    expect(drawRooms(readRooms())).toBe(committed('rooms.svg'));
  });

  it.each(['badges', 'call-flow', 'headers', 'login-chain', 'rooms', 'session-life', 'throughput'])(
    '%s is told to who does not see it, in both colour schemes',
    (name) => {
      const picture = committed(`${name}.svg`);
      expect(picture).toMatch(
        /<title id="title">[^<]{10,}<\/title>\n<desc id="description">[^<]{80,}<\/desc>/,
      );
      expect(picture).toContain('prefers-color-scheme: dark');
    },
  );
});

describe('the chart of the throughput', () => {
  const figures = {
    [tableTitle]: [
      { name: 'a', ratio: 1, noise: 0, time: 3 },
      { name: 'b', ratio: 0.456, noise: 0.021 },
    ],
  };

  it('takes its table from the figures of the benchmark', () => {
    expect(throughputRows(figures)).toEqual([
      { name: 'a', ratio: 1, noise: 0 },
      { name: 'b', ratio: 0.46, noise: 0.02 },
    ]);
  });

  it.each([null, {}, { [tableTitle]: 3 }])('says how figures are made when it is given %j', (wrong) => {
    expect(() => throughputRows(wrong)).toThrow('npm run bench -- --json FILE');
  });

  it('draws bars by their ratio', () => {
    const widths = [...drawThroughput(throughputRows(figures)).matchAll(/class="bar".*? width="([\d.]+)"/g)];
    expect(widths.map(([, width]) => Number(width))).toEqual([360, 165.6]);
  });
});

describe('the picture of the folders', () => {
  const room = (name: string, imports: readonly string[], isCore = false): Room => {
    return { name, imports, isCore, purpose: `does ${name}` };
  };
  const rooms = [
    room('cli', ['page', 'har']),
    room('page', ['.']),
    room('.', ['low']),
    room('har', ['low']),
    room('high', ['low'], true),
    room('low', [], true),
  ];
  /** Place and size of the box that begins with `title`. */
  const boxOf = (title: string): Record<'x' | 'y' | 'width' | 'height', number> => {
    const pattern = `x="([\\d.]+)" y="([\\d.]+)" width="([\\d.]+)" height="([\\d.]+)" rx="5"/>\n<text[^>]*>${title}<`;
    const [, x, y, width, height] = new RegExp(pattern).exec(drawRooms(rooms)) ?? [];
    return { x: Number(x), y: Number(y), width: Number(width), height: Number(height) };
  };

  it('has each folder above those that it imports from', () => {
    const order = ['cli', 'jarfetch/page', 'jarfetch', 'high', 'low'].map((title) => boxOf(title).y);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(5);
  });

  it('has an entry as wide as what it imports from, and an entry below it up to it', () => {
    const [cli, main, har] = [boxOf('cli'), boxOf('jarfetch'), boxOf('jarfetch/har')];
    expect(cli.width).toBeCloseTo(har.x + har.width - main.x);
    expect(har.y).toBeCloseTo(boxOf('jarfetch/page').y);
    expect(har.y + har.height).toBeCloseTo(main.y + main.height);
  });

  it('is refused where an entry would stand on one that it does not import from', () => {
    const [cli, page, main, har, ...core] = rooms;
    const between = room('interop', ['low']);
    const wrong = [cli, page, main, between, har, ...core].filter((each) => each !== undefined);
    expect(() => drawRooms(wrong)).toThrow('What cli imports must be neighbours');
  });
});

it('text is escaped', () => {
  const picture = svg({
    width: 1,
    height: 1,
    title: 'a < b',
    description: '"c" & d',
    shapes: [text(0, 0, '<&>')],
  });
  expect(picture).toContain('a &lt; b');
  expect(picture).toContain('&quot;c&quot; &amp; d');
  expect(picture).toContain('&lt;&amp;&gt;');
});
