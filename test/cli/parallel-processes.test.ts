import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../src/cli/main.ts');

it('fifty processes on one session lose no cookie', async () => {
  const folder = await temporaryFolder();
  const env = { ...process.env, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder };
  const jarfetch = (...words: string[]) =>
    run(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], { env });
  const server = await startServer(
    (request, response) => void response.setHeader('set-cookie', `c${request.url?.slice(1)}=1`).end(),
  );
  await jarfetch('session', 'new', 'ada');
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  const waiting = [...numbers];
  // Ten at a time: more only wait for the processor.
  const worker = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      await jarfetch('get', `${server.url}/${number}`, '--session', 'ada');
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  const { stdout } = await jarfetch('session', 'show', 'ada', '--json');
  expect(JSON.parse(stdout).data).toMatchObject({ cookies: 50, requests: 50 });
}, 300_000);
