/**
 * Runs the suites of this folder (`*.e2e.ts`) one after another against software that was not written for
 * this project. `npm run test:e2e -- dokuwiki` runs one. The last line is `N passed, N failed`.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reportFailure, runSuite, type Suite, type Tally } from './suite.ts';

/** Milliseconds for everything: installing packages on a slow machine is most of it. */
const TIME_LIMIT = 45 * 60_000;

const tally: Tally = { passed: 0, failed: 0 };
const stop = new AbortController();
const timer = setTimeout(
  () => stop.abort(new Error(`the time limit of ${TIME_LIMIT} ms is over`)),
  TIME_LIMIT,
);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => stop.abort(new Error(`interrupted by ${name}`)));
}
// A stray rejection must not end the process before the servers are stopped.
process.on('uncaughtException', (error) => stop.abort(error));

const wanted = process.argv.slice(2);
const files = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith('.e2e.ts'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace('.e2e.ts', '')))
  .sort();

for (const file of files) {
  if (stop.signal.aborted) break;
  try {
    const { suite } = (await import(join(import.meta.dirname, file))) as { suite: Suite };
    await runSuite(suite, stop.signal, tally);
  } catch (error) {
    reportFailure(`${file} can be loaded`, error, tally);
  }
}
if (tally.passed + tally.failed === 0) reportFailure(`a suite is found for ${wanted}`, 'none', tally);

clearTimeout(timer);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
// What an aborted suite has left under way must not hold the process.
process.exit(tally.failed === 0 ? 0 : 1);
