/** The packed package on Bun. */
import { join } from 'node:path';
import { installSmoke, runSmoke } from './smoke.ts';
import type { Suite } from './suite.ts';

export const suite: Suite = {
  name: 'bun',
  run: async (context) => {
    const folder = await installSmoke(context, ['bun@1']);
    const bun = join(folder, 'node_modules/.bin/bun');
    await context.step('it runs as an ES module', () => runSmoke(context, bun, ['smoke.mjs'], folder));
  },
};
