/** HARs of Debian's Chromium (by Playwright) replayed by the packed package, and its own shown by Chromium. */
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSite } from '../../examples/site.ts';
import { installSmoke } from './smoke.ts';
import type { Suite } from './suite.ts';
import { installPackages, run } from './system.ts';

export const suite: Suite = {
  name: 'har',
  async run(context) {
    const { step, defer, signal } = context;
    await step('chromium is installed', () => installPackages(['chromium'], signal));
    const folder = await installSmoke(context, ['playwright-core@1']);
    const program = join(folder, 'program.mjs');
    await copyFile(join(import.meta.dirname, 'har-program.js'), program);
    const site = await startSite();
    defer(() => site.close());
    const runProgram = (...args: string[]) =>
      run('env', [`SITE_URL=${site.url}`, process.execPath, program, ...args], signal, folder);
    const scenarios = (await step('the program names its scenarios', () => runProgram())).trim().split('\n');
    for (const scenario of scenarios) {
      await step(`a recording of ${scenario}, is replayed`, async () => {
        assert.equal(await runProgram(scenario), 'passed\n');
      });
    }
  },
};
