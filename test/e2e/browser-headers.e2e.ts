/** What Debian's own browsers send, against our presets of their versions: the tool of `npm run capture` as a suite. */
import assert from 'node:assert/strict';
import { type CapturedBrowser, packages } from '../capture/browsers.ts';
import { captureBrowser } from '../capture/capture.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages } from './system.ts';

export const suite: Suite = {
  name: 'browser-headers',
  async run(context) {
    for (const browser of ['chromium', 'firefox'] as const) {
      if (await canInstall(browser, context)) await compare(browser, context);
    }
  },
};

/** A machine without the package is no fault of ours; a browser that is there and does not start is one. */
async function canInstall(browser: CapturedBrowser, { signal }: SuiteContext): Promise<boolean> {
  try {
    await installPackages([packages[browser]], signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    console.log(`- browser-headers: without ${browser}: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

async function compare(browser: CapturedBrowser, { step, signal }: SuiteContext): Promise<void> {
  const report = await step(`${browser} plays every kind of request`, () => captureBrowser(browser, signal));
  const { version, profile, isNewer, comparisons } = report;
  console.log(`  ${browser} ${version} against ${profile}`);
  for (const { kind, lines, matches } of comparisons) {
    // A newer browser is news for the next release, not a fault of this one.
    if (isNewer && !matches) console.log(`  ${kind} differs in ${browser} ${version}:\n${lines.join('\n')}`);
    else {
      await step(`${kind}: ${profile} sends what ${browser} ${version} sends`, () =>
        assert.ok(matches, `- ${browser}, + ours\n${lines.join('\n')}`),
      );
    }
  }
}
