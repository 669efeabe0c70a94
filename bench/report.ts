import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Result, spreadOf } from './rounds.ts';

/** What a row must reach against another of its table. */
export type Goal = {
  /** @default 'session.fetch' */
  readonly of?: string;
  /** True where it is known to be out of reach, and docs/performance.md says why: a miss is told and does not fail. */
  readonly isOutOfReach?: boolean;
} & (
  | /** Least throughput, as a part of the other's. */ { readonly against: string; readonly ratio: number }
  | /** Most CPU for a request, as a part of the other's. */ {
      readonly against: string;
      readonly cpu: number;
    }
  | /** Most microseconds that it may take longer. */ { readonly against: string; readonly extra: number }
  | /** Most memory, as a part of the other's. */ { readonly against: string; readonly memoryRatio: number }
  | /** Most resident memory in MB. */ { readonly memory: number }
);

interface Verdict {
  readonly text: string;
  readonly isMet: boolean;
}

/** What every table is given. */
export interface Run {
  readonly report: Report;
  /** The benchmarks' server. */
  readonly origin: string;
  readonly rounds: number;
  /** For a look, not for a figure: fewer rounds of fewer requests. */
  readonly isQuick: boolean;
}

export interface Flags {
  readonly check?: boolean;
  readonly quick?: boolean;
  readonly json?: string;
  readonly only?: string[];
}

export function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean' },
      quick: { type: 'boolean' },
      json: { type: 'string' },
      only: { type: 'string', multiple: true },
    },
  });
  return values;
}

/** Runs the tables one after the other, or those of them that `--only` names. */
export async function runTables<Given>(
  tables: Readonly<Record<string, (given: Given) => Promise<void>>>,
  given: Given,
  { only = Object.keys(tables) }: Flags,
): Promise<void> {
  for (const name of only) {
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (table === undefined) throw new Error(`--only takes ${Object.keys(tables).join(', ')}, got ${name}`);
    await table(given);
  }
}

/** Prints figures, judges them by their goals, and keeps both for the end. */
export class Report {
  readonly #figures: Record<string, unknown> = {};
  readonly #missed: string[] = [];

  table(title: string, results: readonly Result[], goals: readonly Goal[] = []): void {
    this.#figures[title] = results;
    console.log(`\n${title}`);
    for (const result of results) {
      const columns = [`x${result.ratio.toFixed(2)}`.padStart(13), `  ±${result.noise.toFixed(2)}`];
      if (result.memory !== null) columns.push(`  peak ${result.memory.toFixed(0)} MB`);
      console.log(`  ${costs(result)}${columns.join('')}`);
    }
    for (const goal of goals) this.#settle(title, judge(goal, results), goal.isOutOfReach);
  }

  /** How the time of a request grows from the first row on. */
  curve(title: string, results: readonly Result[]): void {
    this.#figures[title] = results;
    console.log(`\n${title}`);
    for (const result of results) {
      const factor = `x${(1 / result.ratio).toFixed(2)}`.padStart(13);
      console.log(`  ${costs(result)}${factor}  ±${(result.noise / result.ratio ** 2).toFixed(2)}`);
    }
  }

  /** A figure that stands for itself, and the most that it may be. */
  value(title: string, value: number, unit: string, most?: number): void {
    this.#figures[title] = { value, unit, ...(most === undefined ? {} : { most }) };
    const figure = `${value.toFixed(1)} ${unit}`;
    console.log(`\n${title}  ${figure}`);
    if (most !== undefined) {
      this.#settle(title, { text: `${figure}, goal at most ${most} ${unit}`, isMet: value <= most });
    }
  }

  /** A ratio of each round, and the least that their median may be but for the noise. */
  ratio(title: string, ratios: readonly number[], least: number): void {
    const { middle, noise } = spreadOf(ratios);
    this.#figures[title] = { ratio: middle, noise, least };
    const figure = `${middle.toFixed(2)} ±${noise.toFixed(2)}`;
    console.log(`\n${title}  x${figure}`);
    this.#settle(title, { text: `${figure}, goal ${least}`, isMet: middle + noise >= least });
  }

  #settle(title: string, verdict: Verdict | null, isOutOfReach = false): void {
    if (verdict === null) return;
    const reason = isOutOfReach && !verdict.isMet ? ' (out of reach: docs/performance.md)' : '';
    console.log(`  ${verdict.isMet ? 'met   ' : 'MISSED'} ${verdict.text}${reason}`);
    if (!verdict.isMet && !isOutOfReach) this.#missed.push(`${title}: ${verdict.text}`);
  }

  /** Ends the process. */
  end({ check, json }: Flags): never {
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(this.#figures, null, 2)}\n`);
    for (const line of this.#missed) console.log(`missed: ${line}`);
    process.exit(check && this.#missed.length > 0 ? 1 : 0);
  }
}

function costs({ name, time, cpu }: Result): string {
  return `${name.padEnd(20)} ${duration(time).padStart(13)}${`cpu ${duration(cpu)}`.padStart(17)}`;
}

function duration(microseconds: number): string {
  return microseconds < 5000 ? `${microseconds.toFixed(1)} us` : `${(microseconds / 1000).toFixed(1)} ms`;
}

/** A goal is missed where it is missed by more than the noise; null where a peer is not installed. */
function judge(goal: Goal, results: readonly Result[]): Verdict | null {
  const row = (sought: string): Result | undefined => results.find(({ name }) => name === sought);
  const own = row(goal.of ?? 'session.fetch');
  if (own === undefined) return null;
  if ('memory' in goal) return judgeMemory(own, goal.memory);
  const other = row(goal.against);
  if (other === undefined) return null;
  if ('ratio' in goal) {
    const reached = own.ratio / other.ratio;
    const isMet = reached + own.noise / other.ratio >= goal.ratio;
    return { text: `against ${other.name}: ${reached.toFixed(2)}, goal ${goal.ratio}`, isMet };
  }
  if ('memoryRatio' in goal) {
    const part = (own.memory ?? 0) / (other.memory ?? 1);
    const text = `memory against ${other.name}: ${part.toFixed(2)}, goal at most ${goal.memoryRatio}`;
    return { text, isMet: part <= goal.memoryRatio };
  }
  if ('cpu' in goal) {
    const part = own.cpu / other.cpu;
    const text = `CPU against ${other.name}: ${part.toFixed(2)}, goal at most ${goal.cpu}`;
    return { text, isMet: part <= goal.cpu };
  }
  const extra = own.time - other.time;
  const noise = (own.time * own.noise) / own.ratio;
  const text = `${duration(extra)} more than ${other.name}, goal at most ${duration(goal.extra)}`;
  return { text, isMet: extra - noise <= goal.extra };
}

function judgeMemory({ name, memory }: Result, most: number): Verdict | null {
  if (memory === null) return null;
  return { text: `memory of ${name}: ${memory.toFixed(0)} MB, goal under ${most}`, isMet: memory < most };
}
