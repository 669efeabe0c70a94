import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { cacheFolder } from '../../src/cli/cache-folder.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

const program = join(import.meta.dirname, '../../src/cli/main.ts');

interface Started {
  readonly process: ReturnType<typeof spawn>;
  readonly ended: Promise<{ code: number | null; output: string; errors: string }>;
}

/** Runs the program in a process of its own, on the source. */
async function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Started> {
  // Vitest turns the cache off where it measures coverage.
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, ...inherited } = process.env;
  const folder = await temporaryFolder();
  const own = { XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, ...env };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
    env: { ...inherited, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pieces = { output: '', errors: '' };
  child.stdout.on('data', (chunk) => {
    pieces.output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    pieces.errors += chunk;
  });
  return { process: child, ended: once(child, 'close').then(([code]) => ({ code, ...pieces })) };
}

it('prints what was asked for and ends by itself, with nothing on stderr', async () => {
  const site = await startSite();
  const { code, output, errors } = await (await start(['get', `${site.url}/`])).ended;
  await site.close();
  expect({ code, output, errors }).toEqual({ code: 0, output: '<h1>Welcome</h1>', errors: '' });
});

it('keeps compiled code in the cache folder of the user', async () => {
  const folder = await temporaryFolder();
  await (await start(['--version'], { XDG_CACHE_HOME: folder })).ended;
  expect(await readdir(folder)).toEqual(['jarfetch']);
});

it('needs no cache and no state folder that can be written', async () => {
  const site = await startSite();
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'no'));
  await chmod(join(folder, 'no'), 0o500);
  const env = { XDG_STATE_HOME: join(folder, 'no'), XDG_CACHE_HOME: join(folder, 'no') };
  const { code, errors } = await (await start(['get', site.url], env)).ended;
  await site.close();
  expect([code, errors]).toEqual([0, '']);
});

it.each([
  [{ XDG_CACHE_HOME: '/c', HOME: '/h' }, '/c/jarfetch'],
  [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, '/h/.cache/jarfetch'],
  [{ HOME: '/h' }, '/h/.cache/jarfetch'],
])('the cache folder for %j is %s', (env, folder) => {
  expect(cacheFolder(env)).toBe(folder);
});

describe('a process', () => {
  it('ends without a message and with 0 when its reader ends', async () => {
    const server = await startServer((_request, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    const { process: child, ended } = await start(['get', server.url]);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, errors } = await ended;
    expect([code, errors]).toEqual([0, '']);
  });

  it('ends with 130 on SIGINT, and saves the session before', async () => {
    const folder = await temporaryFolder();
    let came = (): void => {};
    const waits = new Promise<void>((resolve) => {
      came = resolve;
    });
    const server = await startServer((request, response) => {
      if (request.url === '/slow') return came();
      response.writeHead(302, { location: '/slow', 'set-cookie': 'hop=1' }).end();
    });
    const env = { XDG_STATE_HOME: folder };
    await (await start(['session', 'new', 'ada'], env)).ended;
    const { process: child, ended } = await start(['get', server.url, '-s', 'ada'], env);
    await waits;
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, output: '', errors: '' });
    const show = await (await start(['session', 'show', 'ada', '--json'], env)).ended;
    expect(JSON.parse(show.output).data.cookies).toBe(1);
  });
});
