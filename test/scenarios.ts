/**
 * `npm run test:coverage-of-scenarios`: runs the tests and prints for each fault scenario (test/fixtures/scenarios.json)
 * the tests that are named by its id. Fails when a scenario has none that ran, or one that does not pass: where no
 * Redis is installed, its tests are left out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

const fixture = new URL('./fixtures/scenarios.json', import.meta.url);
const scenarios: Scenario[] = JSON.parse(readFileSync(fixture, 'utf8'));
const results = runTests();
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

function runTests(): TestResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-scenarios-'));
  try {
    const report = join(folder, 'report.json');
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    spawnSync(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${report}`, 'test/'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      testResults: { assertionResults: TestResult[] }[];
    };
    return testResults.flatMap(({ assertionResults }) => assertionResults);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
