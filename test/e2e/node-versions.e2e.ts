/**
 * The whole test suite on the oldest Node.js that is supported, and the slow tests on the newest. The fast ones run there
 * with the newest undici (newest-undici.e2e.ts).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from './suite.ts';
import { run } from './system.ts';

const versions = [
  { version: '22.19.0', projects: ['fast', 'slow'] },
  { version: '26', projects: ['slow'] },
];

export const suite: Suite = {
  name: 'node-versions',
  async run({ step, defer, signal }) {
    for (const { version, projects } of versions) {
      const folder = await mkdtemp(join(tmpdir(), 'jarfetch-node-'));
      defer(() => rm(folder, { recursive: true }));
      const node = join(folder, 'node_modules', 'node', 'bin', 'node');
      await step(`Node.js ${version} can be installed`, async () => {
        await run('npm', ['install', '--prefix', folder, `node@${version}`], signal);
        const printed = await run(node, ['--version'], signal);
        if (!printed.startsWith(`v${version}`)) throw new Error(`it is ${printed}`);
      });
      await step(`the ${projects.join(' and the ')} tests pass on Node.js ${version}`, async () => {
        const vitest = join('node_modules', 'vitest', 'vitest.mjs');
        await run(node, [vitest, 'run', ...projects.flatMap((name) => ['--project', name])], signal);
      });
    }
  },
};
