/** HARs of Debian's Chromium and Firefox replayed by the packed package, and its own opened in their network panels. */
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSite } from '../../examples/site.ts';
import { openChromiumPanel } from '../capture/chromium-panel.ts';
import { openFirefoxPanel } from '../capture/firefox-panel.ts';
import { type NetworkPanel, recordVisit, type ShownRequest } from '../capture/network-panel.ts';
import { startLiveServer } from './live-server.ts';
import { installSmoke } from './smoke.ts';
import type { Suite } from './suite.ts';
import { installPackages, run } from './system.ts';

export const suite: Suite = {
  name: 'har',
  async run(context) {
    const { step, defer, signal } = context;
    await step('chromium and firefox-esr are installed', () =>
      installPackages(['chromium', 'firefox-esr'], signal),
    );
    const folder = await installSmoke(context, ['playwright-core@1']);
    const program = join(folder, 'program.mjs');
    await copyFile(join(import.meta.dirname, 'har-program.js'), program);
    const site = await startSite();
    defer(() => site.close());
    const live = await startLiveServer();
    defer(() => live.close());
    const urls = [`SITE_URL=${site.url}`, `LIVE_URL=${live.url}`];
    const runProgram = (...args: string[]) =>
      run('env', [...urls, process.execPath, program, ...args], signal, folder);
    const scenarios = (await step('the program names its scenarios', () => runProgram())).trim().split('\n');
    for (const scenario of scenarios) {
      await step(`a recording of ${scenario}, is replayed`, async () => {
        assert.equal(await runProgram(scenario), 'passed\n');
      });
    }
    const ours = join(folder, 'all.har');
    await step('a session records all that there is', async () => {
      assert.equal(await runProgram('record all', ours), 'passed\n');
    });
    for (const { name, openPanel, messages } of panels) {
      const panel = await step(`${name} opens its network panel`, openPanel);
      defer(() => panel.stop());
      await step(`what the network panel of ${name} saves is replayed`, async () => {
        const path = join(folder, `${name}.har`);
        await writeFile(path, await recordVisit(panel, site.url));
        assert.equal(await runProgram('replay', path), 'passed\n');
      });
      await step(`the network panel of ${name} opens what a session has recorded`, () =>
        isShown(panel, ours, messages),
      );
    }
  },
};

/** Firefox does not read the messages of WebSockets. */
const panels = [
  { name: 'Chromium', openPanel: openChromiumPanel, messages: 2 },
  { name: 'Firefox', openPanel: openFirefoxPanel, messages: 0 },
] as const;

/** Each request has its row, status and body. */
async function isShown(panel: NetworkPanel, path: string, messages: number): Promise<void> {
  const har = await readFile(path, 'utf8');
  const { entries } = JSON.parse(har).log as { entries: { request: { method: string; url: string } }[] };
  const shown = await panel.open(har);
  const places = (all: readonly { readonly method: string; readonly url: string }[]): string[] =>
    all.map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(places(shown), places(entries.map(({ request }) => request)));
  assert.deepEqual(
    shown.map(({ status }) => status),
    [200, 303, 302, 302, 200, 200, 503, 200, 0, 200, 101],
  );
  const hasRow = ({ status, row }: ShownRequest): boolean =>
    row.includes(status === 0 ? '127.0.0.1' : `${status}`);
  assert.deepEqual(
    shown.filter((each) => !hasRow(each)),
    [],
  );
  assert.match(shown[4]?.content ?? '', /Hello, alice/);
  assert.match(shown[5]?.content ?? '', /grün/);
  assert.equal(shown[9]?.content, 'data: one\n\ndata: two\n\n');
  assert.equal(shown.at(-1)?.messages, messages);
}
