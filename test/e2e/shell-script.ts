/** Runs scripts of bash that use the program `jarfetch` as it is built, each with a state folder of its own. */
import assert from 'node:assert/strict';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './php-server.ts';
import type { SuiteContext } from './suite.ts';
import { runWith } from './system.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

/** The environment of a shell that has `jarfetch` on its path and keeps everything in `folder`. */
export async function shellEnvironment(folder: string): Promise<Record<string, string>> {
  const wrapper = join(folder, 'bin/jarfetch');
  await writeFile(wrapper, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(wrapper, 0o755);
  return {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    ...{ HOME: folder, XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') },
    LANG: 'C.UTF-8',
  };
}

/** Runs a script of this folder, which must leave no session behind, and returns what it prints. */
export async function runShellScript(
  context: SuiteContext,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await makeFolder(context, name, 'bin');
  const own = await shellEnvironment(folder);
  const script = join(import.meta.dirname, `${name}.sh`);
  const output = await runWith('bash', [script], { ...own, ...env }, context.signal);
  const files = await readdir(join(folder, 'state/jarfetch/sessions'));
  assert.deepEqual(
    files.filter((file) => file.endsWith('.json')),
    [],
  );
  return output;
}
