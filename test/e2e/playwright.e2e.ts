/** A login carried from a real browser (Debian's Chromium, by playwright-core) to a session, and back. */
import assert from 'node:assert/strict';
import { installClients, runClient } from './client-example.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';

export const suite: Suite = {
  name: 'playwright',
  async run({ step, signal }) {
    await step('chromium is installed', () => installPackages(['chromium'], signal));
    await step('the clients install', () => installClients(signal));
    const output = await step('the example runs to its end', () => runClient('playwright', signal));
    await step('who logged in in the browser is logged in by fetch', () =>
      assert.match(output, /^by fetch: 200 <h1>Hello, alice<\/h1><p id="secret">the tea is at six<\/p>$/m),
    );
    await step('who logged in by fetch is logged in in the browser', () =>
      assert.match(output, /^in the browser: Hello, bob the crane is rented$/m),
    );
  },
};
