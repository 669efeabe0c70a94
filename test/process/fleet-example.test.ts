import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runOnSource } from '../helpers/run-on-source.ts';

it('the fleet of the examples loses no job to kill -9, and logs in once for each account', async () => {
  const cwd = join(import.meta.dirname, '../..');
  const { code, output, errors } = await runOnSource([join('examples', 'fleet.ts')], { cwd });
  expect([errors, code]).toEqual(['', 0]);
  expect(output).toMatch(/^40 of 40 jobs got their account's data, 1 worker was killed$/m);
  // Who died may have died in its login.
  expect(output).toMatch(/^[56] logins for 5 accounts$/m);
  expect(output).toMatch(/^4 workers ended in order$/m);
});
