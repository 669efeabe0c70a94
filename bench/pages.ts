/**
 * Reading pages beside cheerio, jsdom and linkedom (parsing, a query, and open, fill and submit) and beside turndown and
 * node-html-markdown (text and Markdown), on pages of 20 KB, 200 KB and 2 MB and on hostile tables; and what the import
 * costs. Ratios of interleaved rounds in one run.
 * npm run bench:page -- --rounds 15 --pages FOLDER --check
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { type Candidate, parsing, querying, submitting, writing } from './page-peers.ts';
import { hostileTables, madeSamples, type Sample, samplesOf } from './page-samples.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    /** Real pages in place of those that are made. */
    pages: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const missed: string[] = [];

/** Each goal is a ratio within this run. `--check` fails when one is missed. */
function demand(goal: string, ratio: number, isMet: boolean): void {
  console.log(`  ${goal}: ${ratio.toFixed(2)}, ${isMet ? 'met' : 'MISSED'}`);
  if (!isMet) missed.push(`${goal}: ${ratio.toFixed(2)}`);
}

let sink = 0;

/** Milliseconds of one run. */
function time(candidate: Candidate, sample: Sample, count: number): number {
  const start = performance.now();
  for (let turn = 0; turn < count; turn++) sink += String(candidate.run(sample)).length;
  return (performance.now() - start) / count;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** By name: milliseconds, and the ratio to the first of the candidates; medians of the rounds. */
async function table(
  title: string,
  candidates: readonly Candidate[],
  sample: Sample,
): Promise<Map<string, { readonly cost: number; readonly ratio: number }>> {
  const count = Math.max(1, Math.round(1_000_000 / sample.html.length));
  const costs = candidates.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [at, candidate] of candidates.entries()) {
      const cost = time(candidate, sample, count);
      // A window of jsdom is let go in a turn of its own.
      await new Promise((resolve) => setImmediate(resolve));
      if (round >= 0) costs[at]?.push(cost);
    }
  }
  const [own = []] = costs;
  console.log(`\n${title}, ${sample.name}`);
  return new Map(
    candidates.map(({ name }, at) => {
      const cost = median(costs[at] ?? []);
      const ratio = median((costs[at] ?? []).map((each, round) => each / (own[round] ?? Number.NaN)));
      console.log(
        `  ${name.padEnd(22)} ${cost.toFixed(2).padStart(9)} ms  ${ratio.toFixed(2).padStart(6)} x`,
      );
      return [name, { cost, ratio }];
    }),
  );
}

/** Who was left behind by more than a second is not waited for on larger pages. */
const tooSlow = new Set<string>();

for (const sample of values.pages === undefined ? madeSamples() : samplesOf(values.pages)) {
  await table('parse', parsing, sample);
  await table('parse and query', querying, sample);
  const { ratio = Number.NaN } =
    (await table('open, fill and submit', submitting, sample)).get('cheerio') ?? {};
  demand('cheerio takes at least as long', ratio, ratio >= 1);
  const writers = writing.filter(({ name }) => !tooSlow.has(name));
  for (const [name, { cost }] of await table('parse and write', writers, sample)) {
    if (cost > 1000 && sample.html.length < 1_000_000) tooSlow.add(name);
  }
  if (tooSlow.size > 0) console.log(`  too slow for larger pages: ${[...tooSlow]}`);
}

const hostile = (html: string, rows: number): Sample => ({
  name: `${rows} rows, ${Math.round(html.length / 1000)} KB`,
  html,
  selector: '',
  form: 0,
  field: '',
});

/** Milliseconds with more and more rows, each time twice as many, until a run takes longer than a second. */
function doubling(candidate: Candidate, make: (rows: number) => string): void {
  const costs: string[] = [];
  for (let rows = 100; rows <= 12_800; rows *= 2) {
    try {
      const cost = time(candidate, hostile(make(rows), rows), 1);
      costs.push(cost.toFixed(0));
      if (cost > 1000) break;
    } catch (error) {
      costs.push(error instanceof Error ? error.message : String(error));
      break;
    }
  }
  console.log(`  ${candidate.name.padEnd(22)} ${costs.join(', ')}`);
}

const own = writing.filter(({ name }) => name.startsWith('jarfetch'));
for (const [name, make] of Object.entries(hostileTables)) {
  console.log(`\n${name}: milliseconds with 100, 200, 400 and so on`);
  for (const candidate of writing) doubling(candidate, make);
  const [rows, more] = [8000, 32_000];
  const small = await table(`${name}, written`, own, hostile(make(rows), rows));
  const large = await table(`${name}, written`, own, hostile(make(more), more));
  for (const { name: writer } of own) {
    const growth = (large.get(writer)?.cost ?? Number.NaN) / (small.get(writer)?.cost ?? Number.NaN);
    // Quadratic would be 16. More than 4 is memory that is no longer in the processor's cache.
    demand(`${writer}, four times the rows, at most 8`, growth, growth <= 8);
  }
}

/** CPU that importing the last of `names` takes after the others, in milliseconds, in a new process. */
async function importing(names: readonly string[]): Promise<number> {
  const script = `const names = process.argv.slice(1);
    for (const name of names.slice(0, -1)) await import(name);
    const before = process.cpuUsage(); await import(names.at(-1)); const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000)`;
  const args = ['--input-type=module', '--eval', script, ...names];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: new URL('..', import.meta.url),
  });
  return Number(stdout);
}

const imports: number[] = [];
for (let round = 0; round < Math.max(rounds, 15); round++) {
  const undici = await importing(['undici']);
  imports.push((await importing(['jarfetch', 'jarfetch/page'])) / undici);
}
console.log("\nimport('jarfetch/page') beyond 'jarfetch'");
demand("a part of undici's import, at most 0.6", median(imports), median(imports) <= 0.6);

if (sink === 0) throw new Error('nothing was read');
if (missed.length > 0) console.log(`\nmissed:\n  ${missed.join('\n  ')}`);
if (values.check && missed.length > 0) process.exitCode = 1;
