/** Runs test/e2e/smoke-program.js against the packed package, wherever that is not plain Node.js. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSite } from '../../examples/site.ts';
import type { SuiteContext } from './suite.ts';
import { run } from './system.ts';

const program = join(import.meta.dirname, 'smoke-program.js');

/** Installs the packed package and others in an empty project with the program as smoke.mjs; returns its folder. */
export async function installSmoke(context: SuiteContext, others: readonly string[]): Promise<string> {
  const { step, defer, signal } = context;
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-smoke-'));
  defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await step('the packed package installs', async () => {
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const [{ filename }] = JSON.parse(await run('npm', pack, signal)) as [{ filename: string }];
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    await run(
      'npm',
      ['install', '--no-audit', '--no-fund', join(folder, filename), ...others],
      signal,
      folder,
    );
    await copyFile(program, join(folder, 'smoke.mjs'));
  });
  return folder;
}

/** Starts a site, runs a command with its address, and expects the program to say that all is well. */
export async function runSmoke(
  { signal }: SuiteContext,
  command: string,
  args: readonly string[],
  folder: string,
): Promise<void> {
  const site = await startSite();
  try {
    const printed = await run('env', [`SITE_URL=${site.url}`, command, ...args], signal, folder);
    if (printed.trim() !== 'smoke: passed') throw new Error(`printed ${printed}`);
  } finally {
    await site.close();
  }
}
