/** State folders that cannot be written: read-only for a user who is not root, and on a file system that is full. */
import assert from 'node:assert/strict';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSite } from '../../examples/site.ts';
import { makeFolder } from './php-server.ts';
import { shellEnvironment } from './shell-script.ts';
import type { SuiteContext } from './suite.ts';
import { runWith } from './system.ts';

/** The end of a command. */
interface End {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

type Jarfetch = (...words: string[]) => Promise<End>;

/** Root may write everywhere; without its capabilities it may not. */
const withoutRights =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : ['env'];

export async function stateFolders(context: SuiteContext): Promise<void> {
  const site = await startSite();
  context.defer(() => site.close());
  await readOnly(context);
  await full(context, site.url);
}

async function programIn(context: SuiteContext, folder: string, state: string): Promise<Jarfetch> {
  const env = { ...(await shellEnvironment(folder)), XDG_STATE_HOME: state };
  const [command = 'env', ...first] = withoutRights;
  return async (...words) => {
    try {
      const args = [...first, join(folder, 'bin/jarfetch'), ...words];
      return { code: 0, output: await runWith(command, args, env, context.signal), errors: '' };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
      if (typeof code !== 'number') throw error;
      return { code, output: stdout ?? '', errors: stderr ?? '' };
    }
  };
}

async function readOnly(context: SuiteContext): Promise<void> {
  const folder = await makeFolder(context, 'read-only', 'bin', 'state');
  const state = join(folder, 'state');
  const jarfetch = await programIn(context, folder, state);
  await context.step('in a read-only folder no session is made, and the folder is named', async () => {
    await chmod(state, 0o555);
    const { code, output, errors } = await jarfetch('session', 'new', 'ada');
    assert.deepEqual([code, output], [10, '']);
    assert.match(errors, /^jarfetch: .*(EACCES|EROFS)/);
    assert.equal(errors.trimEnd().split('\n').length, 1);
  });
}

async function full(context: SuiteContext, url: string): Promise<void> {
  const folder = await makeFolder(context, 'full', 'bin', 'state');
  const state = join(folder, 'state');
  if (!(await isMounted(context, state))) return;
  const jarfetch = await programIn(context, folder, state);
  await context.step('on a full file system the failure is told, and what was kept stays', async () => {
    assert.equal((await jarfetch('session', 'new', 'ada')).code, 0);
    assert.equal((await jarfetch('open', `${url}/login`, '-s', 'ada')).code, 0);
    const before = (await jarfetch('cookies', 'list', '-s', 'ada', '--show-secrets')).output;
    const filler = join(state, 'filler');
    await writeFile(filler, Buffer.alloc(1024 * 1024)).catch(() => {});
    const { code, errors } = await jarfetch('open', `${url}/login`, '-s', 'ada');
    assert.equal(code, 10, errors);
    assert.match(errors, /^jarfetch: .*ENOSPC/);
    await rm(filler);
    const after = (await jarfetch('cookies', 'list', '-s', 'ada', '--show-secrets')).output;
    assert.equal(after, before);
    assert.match((await jarfetch('snapshot', '-s', 'ada')).output, /# Log in/);
    assert.equal((await jarfetch('open', `${url}/login`, '-s', 'ada')).code, 0);
  });
  await context.step('a session on a file system that became read-only is told and not lost', async () => {
    const before = (await jarfetch('cookies', 'list', '-s', 'ada', '--show-secrets')).output;
    await mount(context, ['-o', 'remount,ro', state]);
    const { code, errors } = await jarfetch('open', `${url}/login`, '-s', 'ada');
    assert.equal(code, 10, errors);
    assert.match(errors, /^jarfetch: .*EROFS/);
    assert.equal((await jarfetch('session', 'show', 'ada')).code, 0);
    await mount(context, ['-o', 'remount,rw', state]);
    assert.equal((await jarfetch('cookies', 'list', '-s', 'ada', '--show-secrets')).output, before);
  });
}

async function mount({ signal }: SuiteContext, args: readonly string[]): Promise<void> {
  await runWith('mount', args, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, signal);
}

/** Mounts a small file system where that is allowed, which takes root and no container that forbids it. */
async function isMounted(context: SuiteContext, folder: string): Promise<boolean> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  try {
    await mount(context, ['-t', 'tmpfs', '-o', 'size=256k,mode=0777', 'tmpfs', folder]);
  } catch {
    console.log('  a file system cannot be mounted here: the full one is left out');
    return false;
  }
  context.defer(async () => void (await runWith('umount', [folder], env, AbortSignal.timeout(5000))));
  return true;
}
