import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../src/cli/main.ts');
const count = 50;

it('fifty processes that use one session at once lose no cookie', async () => {
  const folder = await temporaryFolder();
  const env = { ...process.env, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder };
  const jarfetch = (...words: string[]) =>
    run(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], { env });
  // The first answer waits for the last request: all processes have read the session before one has saved it.
  const { promise: hasAll, resolve: answer } = Promise.withResolvers<void>();
  let asked = 0;
  const server = await startServer(async (request, response) => {
    if (++asked === count) answer();
    await hasAll;
    response.setHeader('set-cookie', `c${request.url?.slice(1)}=1`).end();
  });
  await jarfetch('session', 'new', 'ada');
  const gets = Array.from({ length: count }, (_, number) =>
    jarfetch('get', `${server.url}/${number}`, '--session', 'ada'),
  );
  // One that fails ends the test, although the others then wait for it.
  await Promise.all(gets);
  const { stdout } = await jarfetch('session', 'show', 'ada', '--json');
  expect(JSON.parse(stdout).data).toMatchObject({ cookies: count, requests: count });
}, 300_000);
