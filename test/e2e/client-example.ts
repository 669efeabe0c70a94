/** Runs the examples with other people's clients, which have a package.json of their own. */
import { join } from 'node:path';
import { run } from './system.ts';

export const clientsFolder: string = join(import.meta.dirname, '../../examples/clients');

export async function installClients(signal: AbortSignal): Promise<void> {
  await run('npm', ['ci', '--no-audit', '--no-fund'], signal, clientsFolder);
}

/** Runs one example to its end and returns what it printed. */
export function runClient(
  name: string,
  signal: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  const quietly = ['--disable-warning=ExperimentalWarning', '--disable-warning=UNDICI-ES'];
  const command = [...variables, process.execPath, ...quietly, join(clientsFolder, `${name}.ts`)];
  return run('env', command, signal);
}
