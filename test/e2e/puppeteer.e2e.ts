/** Cookies of every kind carried from Debian's Chromium and Firefox to a session, and back, by Puppeteer. */
import assert from 'node:assert/strict';
import { installClients, runClient } from './client-example.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';

interface Shown {
  readonly what: string;
  readonly cookies: readonly { readonly name: string }[];
  readonly rejected: readonly unknown[];
}

export const suite: Suite = {
  name: 'puppeteer',
  async run({ step, signal }) {
    await step('chromium and firefox-esr are installed', () =>
      installPackages(['chromium', 'firefox-esr'], signal),
    );
    await step('the clients install', () => installClients(signal));
    for (const browser of ['chrome', 'firefox']) {
      const output = await step(`the example runs to its end with ${browser}`, () =>
        runClient('puppeteer', signal, { BROWSER: browser }),
      );
      const [read, written, back] = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Shown);
      await step(`a session reads every cookie of ${browser}`, () => {
        assert.deepEqual(read?.rejected, []);
        assert.deepEqual(
          read?.cookies.map(({ name }) => name),
          ['deep', 'host', 'lax', 'strict', 'wide'],
        );
      });
      await step(`${browser} takes every cookie of a session, and gives it back as it was`, () => {
        assert.deepEqual(back?.rejected, []);
        assert.equal(written?.cookies.length, browser === 'chrome' ? 8 : 7);
        assert.deepEqual(back?.cookies, written?.cookies);
      });
    }
  },
};
