/** The packed package beside msw, nock and undici's MockAgent: what docs/testing.md says of them. */
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installSmoke } from './smoke.ts';
import type { Suite } from './suite.ts';
import { run } from './system.ts';

export const suite: Suite = {
  name: 'mocks',
  async run(context) {
    const { step, signal } = context;
    const folder = await installSmoke(context, ['msw@2', 'nock@15', 'undici@8']);
    const program = join(folder, 'program.mjs');
    await copyFile(join(import.meta.dirname, 'mocks-program.js'), program);
    const runProgram = (...args: string[]) => run(process.execPath, [program, ...args], signal, folder);
    const scenarios = (await step('the program names its scenarios', () => runProgram())).trim().split('\n');
    for (const scenario of scenarios) {
      await step(scenario, async () => assert.equal(await runProgram(scenario), 'passed\n'));
    }
  },
};
