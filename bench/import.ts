import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Run } from './report.ts';
import { type Cost, compare, type Measured } from './rounds.ts';

/** Run with packages' names as its arguments: imports them and prints what that cost. */
const script = `
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
for (const name of process.argv.slice(1)) await import(name);
const time = (performance.now() - startedAt) * 1000;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({ time, cpu: user + system }));
`;

/** In the package's own folder its name means dist/, and `undici` is the one that it brings. */
const cwd = new URL('..', import.meta.url);

/** How long a program waits for the package to be there, in a new process each time. */
export async function importing({ report, isQuick }: Run): Promise<void> {
  // The second is the least that jarfetch can cost: what it brings, and nothing of its own.
  const contestants = [['undici'], ['undici', 'tough-cookie'], ['jarfetch']].map(
    (names): Measured => ({ name: names.join(' and '), measure: () => load(names) }),
  );
  const plan = { rounds: isQuick ? 15 : 31, requests: 1, concurrency: 1 };
  report.table("import('…') in a new process", await compare(contestants, plan), [
    { of: 'jarfetch', against: 'undici and tough-cookie', ratio: 1 / 1.12 },
  ]);
}

async function load(names: readonly string[]): Promise<Cost> {
  const args = ['--input-type=module', '--eval', script, ...names];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  return JSON.parse(stdout);
}
