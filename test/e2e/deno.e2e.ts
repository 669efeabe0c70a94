/** The packed package on Deno, from a node_modules folder. */
import { join } from 'node:path';
import { installSmoke, runSmoke } from './smoke.ts';
import type { Suite } from './suite.ts';

export const suite: Suite = {
  name: 'deno',
  run: async (context) => {
    const folder = await installSmoke(context, ['deno@2']);
    const deno = join(folder, 'node_modules/.bin/deno');
    const args = [
      'run',
      '--no-prompt',
      '--allow-net=127.0.0.1',
      '--allow-env',
      '--allow-read',
      '--allow-sys',
    ];
    await context.step('it runs as an ES module', () =>
      runSmoke(context, deno, [...args, 'smoke.mjs'], folder),
    );
  },
};
