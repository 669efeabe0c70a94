/** PHP's built-in server, with a folder of its own for what the application writes. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteContext } from './suite.ts';
import { type Server, startServer } from './system.ts';

export interface PhpSite {
  /** Where the application is, or a script that answers every request. */
  readonly root: string;
  /** Settings of PHP, over those of the machine. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** One process answers one request at a time. @default 6 */
  readonly workers?: number;
}

/** Starts PHP on a free port of 127.0.0.1; the suite's end stops it. */
export async function startPhp(context: SuiteContext, site: PhpSite): Promise<Server> {
  const { defer, signal } = context;
  const settings = Object.entries(site.settings ?? {}).flatMap(([name, value]) => ['-d', `${name}=${value}`]);
  const isScript = site.root.endsWith('.php');
  const server = await startServer(
    {
      command: '/usr/bin/php',
      // Port 0: the system chooses a free one, and PHP prints it.
      args: [...settings, '-S', '127.0.0.1:0', ...(isScript ? [] : ['-t']), site.root],
      env: { PHP_CLI_SERVER_WORKERS: String(site.workers ?? 6), ...site.env },
      findUrl: (output) => /\((http:\/\/127\.0\.0\.1:[1-9]\d*)\) started/.exec(output)?.[1],
      // On SIGTERM it would leave its workers to nobody.
      stopSignal: 'SIGINT',
    },
    signal,
  );
  defer(() => server.stop());
  return server;
}

/** Makes a folder that is removed at the suite's end, with the folders that are named in it. */
export async function makeFolder(
  { defer }: SuiteContext,
  name: string,
  ...inside: string[]
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `jarfetch-${name}-`));
  defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const each of inside) await mkdir(join(folder, each), { recursive: true });
  return folder;
}
