/**
 * `npm run capture`, or `npm run capture -- firefox`: plays requests in an installed browser and prints how they differ
 * from our preset of its version. Ends with 1 when they do, unless the browser is newer than the newest preset.
 * For a new version: add its number to src/core/presets/versions.ts, run this, and mend what it prints.
 */
import { type CapturedBrowser, packages } from './browsers.ts';
import { captureBrowser } from './capture.ts';

const isKnown = (name: string): name is CapturedBrowser => name in packages;
const wanted = process.argv.slice(2);
const browsers = wanted.length === 0 ? (['chromium', 'firefox'] as const) : wanted;
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

for (const browser of browsers) {
  if (!isKnown(browser)) {
    console.error(`${browser} is not one of ${Object.keys(packages).join(', ')}`);
    process.exitCode = 1;
    continue;
  }
  try {
    const { version, profile, isNewer, comparisons } = await captureBrowser(browser, stop.signal);
    const matched = comparisons.filter(({ matches }) => matches).length;
    console.log(`${browser} ${version} against ${profile}: ${matched}/${comparisons.length} match`);
    if (isNewer) console.log(`there is no preset of ${version} yet: what differs is news, not a fault`);
    for (const { kind, lines, matches } of comparisons) {
      if (!matches) console.log(`\n${kind} (- ${browser}, + preset)\n${lines.join('\n')}`);
    }
    if (matched < comparisons.length && !isNewer) process.exitCode = 1;
  } catch (error) {
    console.error(`${browser}: ${error instanceof Error ? error.message : String(error)}`);
    console.error(`(apt-get install ${packages[browser]})`);
    process.exitCode = 1;
  }
}
