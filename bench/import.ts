import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Run } from './report.ts';
import { type Cost, compare, type Measured } from './rounds.ts';

/** Run with a package's name as its argument: imports it and prints what that cost. */
const script = `
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
await import(process.argv[1]);
const time = (performance.now() - startedAt) * 1000;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({ time, cpu: user + system }));
`;

/** In the package's own folder its name means dist/, and `undici` is the one that it brings. */
const cwd = new URL('..', import.meta.url);

/** How long a program waits for the package to be there, in a new process each time. */
export async function importing({ report, isQuick }: Run): Promise<void> {
  const contestants = ['undici', 'jarfetch'].map((name): Measured => ({ name, measure: () => load(name) }));
  const plan = { rounds: isQuick ? 15 : 31, requests: 1, concurrency: 1 };
  report.table("import('…') in a new process", await compare(contestants, plan), [
    { of: 'jarfetch', against: 'undici', extra: 8000 },
  ]);
}

async function load(name: string): Promise<Cost> {
  const args = ['--input-type=module', '--eval', script, name];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  return JSON.parse(stdout);
}
