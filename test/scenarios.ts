/**
 * `npm run test:coverage-of-scenarios`: reads the result that `npm test` or `npm run coverage` wrote, and prints for each
 * fault scenario (test/fixtures/scenarios.json) the tests that are named by its id. Fails when a scenario has none that
 * ran, or one that does not pass: where no Redis is installed, its tests are left out.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Scenario {
  readonly id: string;
  readonly fault: string;
}

interface TestResult {
  /** Names of the groups that the test is in, outermost first. */
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

const root = join(import.meta.dirname, '..');
const fixture = new URL('./fixtures/scenarios.json', import.meta.url);
const scenarios: Scenario[] = JSON.parse(readFileSync(fixture, 'utf8'));
const results = readResults();
let missing = 0;
let failing = 0;
for (const { id, fault } of scenarios) {
  const named = results.filter(
    ({ ancestorTitles, title, status }) =>
      status !== 'skipped' && [...ancestorTitles, title].some((name) => name.startsWith(`${id} `)),
  );
  const failed = named.filter(({ status }) => status !== 'passed');
  if (named.length === 0) missing++;
  if (failed.length > 0) failing++;
  const verdict = named.length === 0 ? 'NO TEST' : failed.length > 0 ? 'FAILS' : 'pass';
  console.log(`${id}  ${verdict.padEnd(7)}  ${named[0]?.title.replace(`${id} `, '') ?? fault}`);
}
const covered = scenarios.length - missing - failing;
console.log(
  `\n${covered} of ${scenarios.length} scenarios covered, ${missing} without a test, ${failing} failing`,
);
process.exitCode = covered === scenarios.length ? 0 : 1;

/** Reads the result of the last run, and refuses one that was of some files only. */
function readResults(): TestResult[] {
  let report: { testResults: { assertionResults: TestResult[] }[] };
  try {
    report = JSON.parse(readFileSync(join(root, 'test-results/tests.json'), 'utf8'));
  } catch (cause) {
    throw new Error('There is no result to read: run npm test first', { cause });
  }
  const files = globSync('test/**/*.test.ts', { cwd: root }).length;
  const ran = report.testResults.length;
  if (ran < files)
    throw new Error(`The last run was of ${ran} of ${files} files: run npm test without a filter`);
  return report.testResults.flatMap(({ assertionResults }) => assertionResults);
}
