/**
 * `npm run capture`: plays requests in the installed browsers and prints how they differ from our preset of their
 * version, and plays the cases of test/fixtures/form-cases.json and prints where a browser does not do what the file says.
 * `npm run capture -- firefox` is one browser, `-- requests` and `-- forms` are one part, `-- forms --only '^link-'` some
 * cases. Ends with 1 when something differs, unless the browser is newer than what it is compared with.
 * For a new version: add its number to src/core/presets/versions.ts, run this, and mend what it prints.
 */
import { parseArgs } from 'node:util';
import { type CapturedBrowser, packages } from './browsers.ts';
import { captureBrowser } from './capture.ts';
import { captureForms } from './capture-forms.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

async function compareRequests(browser: CapturedBrowser): Promise<boolean> {
  const { version, profile, isNewer, comparisons } = await captureBrowser(browser, stop.signal);
  const matched = comparisons.filter(({ matches }) => matches).length;
  console.log(`${browser} ${version} against ${profile}: ${matched}/${comparisons.length} match`);
  if (isNewer) console.log(`there is no preset of ${version} yet: what differs is news, not a fault`);
  for (const { kind, lines, matches } of comparisons) {
    if (!matches) console.log(`\n${kind} (- ${browser}, + preset)\n${lines.join('\n')}`);
  }
  return matched === comparisons.length || isNewer;
}

async function compareForms(browser: CapturedBrowser, only: RegExp | undefined): Promise<boolean> {
  const { version, fileVersion, played, late, differences } = await captureForms(browser, only, stop.signal);
  const isNewer = version > fileVersion;
  const matched = played - differences.length;
  console.log(`${browser} ${version} against the cases of ${fileVersion}: ${matched}/${played} match`);
  if (late.length > 0) console.log(`at the second try: ${late.join(' ')}`);
  if (isNewer) console.log('the file is of an older version: what differs is news, not a fault');
  for (const { id, lines } of differences) {
    console.log(`\n${id} (- ${browser}, + the file)\n${lines.join('\n')}`);
  }
  return differences.length === 0 || isNewer;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' } },
});
const only = values.only === undefined ? undefined : new RegExp(values.only);
const parts = { requests: compareRequests, forms: (browser: CapturedBrowser) => compareForms(browser, only) };
const names = [...Object.keys(packages), ...Object.keys(parts)];
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: not one of ${names.join(', ')}`);
/** Those that are named, or all. */
const chosen = (all: readonly string[]): readonly string[] => {
  const named = all.filter((name) => positionals.includes(name));
  return named.length > 0 ? named : all;
};

for (const browser of chosen(Object.keys(packages)) as CapturedBrowser[]) {
  for (const part of chosen(Object.keys(parts)) as (keyof typeof parts)[]) {
    try {
      if (!(await parts[part](browser))) process.exitCode = 1;
    } catch (error) {
      console.error(`${browser}, ${part}: ${error instanceof Error ? error.message : String(error)}`);
      console.error(`(apt-get install ${packages[browser]})`);
      process.exitCode = 1;
    }
  }
}
