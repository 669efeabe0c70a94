/**
 * The packed package under the SDK of OpenTelemetry and its instrumentation of undici: each request carries the
 * traceparent of its own span, below the span that was active where the call was made.
 */
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfSigned } from '../helpers/certificates.ts';
import { installSmoke } from './smoke.ts';
import type { Suite } from './suite.ts';
import { run } from './system.ts';

/** By versions that go together: the SDK takes no newer api than 1.9. */
const packages = [
  'api@~1.9.1',
  'instrumentation@~0.223.0',
  'instrumentation-undici@~0.33.0',
  'sdk-trace-base@^2.12.1',
  'sdk-trace-node@^2.12.1',
];

export const suite: Suite = {
  name: 'opentelemetry',
  async run(context) {
    const { step, signal } = context;
    const folder = await installSmoke(
      context,
      packages.map((name) => `@opentelemetry/${name}`),
    );
    const { key, cert } = selfSigned('localhost', 'IP:127.0.0.1');
    await writeFile(join(folder, 'key.pem'), key);
    await writeFile(join(folder, 'cert.pem'), cert);
    const program = join(folder, 'program.mjs');
    await copyFile(join(import.meta.dirname, 'opentelemetry-program.js'), program);
    const runProgram = (...args: string[]) => run(process.execPath, [program, ...args], signal, folder);
    const scenarios = (await step('the program names its scenarios', () => runProgram())).trim().split('\n');
    for (const scenario of scenarios) {
      await step(`${scenario}: spans and traceparent are right`, async () => {
        assert.equal(await runProgram(scenario), 'passed\n');
      });
    }
  },
};
