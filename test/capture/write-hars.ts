/** Writes the recordings of `test/fixtures/hars`: what the network panels of Chromium and Firefox save. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSite } from '../../examples/site.ts';
import { openChromiumPanel } from './chromium-panel.ts';
import { openFirefoxPanel } from './firefox-panel.ts';
import { recordVisit } from './network-panel.ts';

const folder = join(import.meta.dirname, '../fixtures/hars');
await mkdir(folder, { recursive: true });
const site = await startSite();
try {
  for (const [name, openPanel] of Object.entries({
    chromium: openChromiumPanel,
    firefox: openFirefoxPanel,
  })) {
    const panel = await openPanel();
    try {
      const har: unknown = JSON.parse(await recordVisit(panel, site.url));
      await writeFile(join(folder, `${name}.har`), `${JSON.stringify(har, null, 1)}\n`);
    } finally {
      await panel.stop();
    }
  }
} finally {
  await site.close();
}
