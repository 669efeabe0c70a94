/** Throughput beside other clients, of the figures that `npm run bench -- --json FILE` writes. */
import { rectangle, svg, text } from './drawing.ts';

export interface ThroughputRow {
  readonly name: string;
  /** Throughput against the first row's. */
  readonly ratio: number;
  readonly noise: number;
}

/** The table of the benchmark that is drawn. */
export const tableTitle = '1 KB JSON, C=50';

/** What is drawn of the figures of the benchmark. */
export function throughputRows(figures: unknown): ThroughputRow[] {
  const table =
    typeof figures === 'object' && figures !== null ? Reflect.get(figures, tableTitle) : undefined;
  if (!Array.isArray(table))
    throw new Error(`The figures have no table "${tableTitle}": npm run bench -- --json FILE writes one`);
  return table.map(({ name, ratio, noise }: ThroughputRow) => ({
    name,
    ratio: Math.round(ratio * 100) / 100,
    noise: Math.round(noise * 100) / 100,
  }));
}

const [barAt, barLength, top, rowHeight] = [300, 360, 66, 30] as const;

export function drawThroughput(rows: readonly ThroughputRow[]): string {
  const longest = Math.max(...rows.map(({ ratio, noise }) => ratio + noise));
  const first = rows[0]?.name ?? '';
  const height = top + rows.length * rowHeight + 14;
  return svg({
    width: 780,
    height,
    title: 'Throughput beside other clients',
    description:
      `Requests for 1 KB of JSON, fifty at a time, in one run, as a part of ${first}: ` +
      `${rows.map((row) => `${row.name} ${figure(row)}`).join(', ')}. More is better.`,
    shapes: [
      text(20, 30, `Throughput as a part of ${first}'s: 1 KB of JSON, 50 requests at a time, one run`, {
        className: 'title',
      }),
      text(
        20,
        48,
        "More is better. session.fetch keeps cookies and sends a browser's headers; undici.request does neither.",
        { className: 'dim' },
      ),
      ...rows.flatMap(({ name, ratio, noise }, index) => {
        const y = top + index * rowHeight;
        const width = (ratio / longest) * barLength;
        return [
          text(barAt - 12, y + 17, name, { anchor: 'end' }),
          rectangle({
            x: barAt,
            y: y + 3,
            width,
            height: 20,
            className: name === 'session.fetch' ? 'own' : 'bar',
            round: 3,
          }),
          text(barAt + width + 8, y + 17, figure({ ratio, noise }), {
            className: 'mono dim',
          }),
        ];
      }),
    ],
  });
}

function figure({ ratio, noise }: Pick<ThroughputRow, 'ratio' | 'noise'>): string {
  return noise === 0 ? ratio.toFixed(2) : `${ratio.toFixed(2)} ± ${noise.toFixed(2)}`;
}
