import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand, stateOf } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

async function recorded(...words: string[]) {
  const server = await startServer((request, response) => {
    if (request.url === '/')
      response.writeHead(302, { location: '/b?token=c4n4ry', 'set-cookie': 'sid=c4n4ry' }).end();
    else response.writeHead(200, { 'content-type': 'text/plain' }).end('hello');
  });
  const path = join(await temporaryFolder(), 'a.har');
  const end = await runCommand(['har', 'record', path, ...words, '--', 'get', server.url, '--json']);
  return { ...end, server, path };
}

it('records the command, prints what it prints, and keeps no secret', async () => {
  const { code, output, path } = await recorded();
  expect([code, JSON.parse(output).data]).toEqual([0, { text: 'hello' }]);
  const har = await readFile(path, 'utf8');
  expect(har).not.toContain('c4n4ry');
  expect(JSON.parse(har).log.entries).toHaveLength(2);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('leaves out bodies, and keeps secrets, when options say so', async () => {
  const { path } = await recorded('--no-bodies', '--show-secrets');
  const har = await readFile(path, 'utf8');
  expect(har).toContain('c4n4ry');
  expect(har).not.toContain('hello');
});

it('records a command of a session, and ends with its code', async () => {
  const server = await startServer((_request, response) => void response.writeHead(404).end());
  const env = await stateOf();
  await runCommand(['session', 'new', 'ada'], { env });
  const path = join(await temporaryFolder(), 'a.har');
  const { code } = await runCommand(['har', 'record', path, '--', 'get', server.url, '-s', 'ada'], { env });
  expect(code).toBe(4);
  expect(JSON.parse(await readFile(path, 'utf8')).log.entries[0].response.status).toBe(404);
});

it('lists a recording, made safe and masked', async () => {
  const { path, server } = await recorded('--show-secrets');
  const { output } = await runCommand(['har', 'show', path]);
  const lines = output.trimEnd().split('\n');
  expect(lines[0]).toMatch(new RegExp(`^302  GET  0 B +\\d+ ms +x-unknown +${server.url}/$`));
  expect(lines[1]).toMatch(/^200 {2}GET {2}5 B +\d+ ms +text\/plain +http.*\/b\?token=…$/);
  expect((await runCommand(['har', 'show', path, '--show-secrets'])).output).toContain('c4n4ry');
  await writeFile(
    path,
    JSON.stringify({ log: { entries: [{ request: { method: '\u001b[2J' } }, 7, null] } }),
  );
  const hostile = await runCommand(['har', 'show', path]);
  expect(hostile.output).toContain('\\x1b[2J');
  expect(hostile.code).toBe(0);
});

it.each([
  ['{}', 'is not a HAR file'],
  ['[', 'is no JSON'],
])('the file %s is refused', async (text, message) => {
  const path = join(await temporaryFolder(), 'a.har');
  await writeFile(path, text);
  const { code, errors } = await runCommand(['har', 'show', path]);
  expect(errors).toContain(message);
  expect(code).toBe(2);
});

it('refuses to record itself, and an unknown command', async () => {
  expect((await runCommand(['har', 'record', 'x', '--', 'har', 'show', 'x'])).code).toBe(2);
  expect((await runCommand(['har', 'record', 'x', '--', 'gte', 'x'])).code).toBe(2);
});

it('replays a command on its recording, without the server', async () => {
  const { path, server } = await recorded();
  await server.close();
  const replayed = await runCommand(['replay', path, '--', 'get', server.url]);
  expect(replayed).toEqual({ code: 0, output: 'hello', errors: '' });
  const other = await runCommand(['replay', path, '--', 'get', `${server.url}/other`]);
  expect(other.errors).toContain('2 recorded exchanges were not requested');
  expect(other.code).toBe(15);
});
