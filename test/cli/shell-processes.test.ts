import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { headerOf, startServer } from '../helpers/servers.ts';

const root = join(import.meta.dirname, '../..');

// Each command is a process, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });

/** Runs a script of bash with `jarfetch` on its PATH, beside the demo site, in a folder that has `files`. */
async function runScript(script: string, files: Readonly<Record<string, string>> = {}) {
  const site = await startSite();
  onTestFinished(() => site.close());
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'bin'));
  const program = join(folder, 'bin', 'jarfetch');
  const main = join(root, 'src/cli/main.ts');
  const words = `'${process.execPath}' --disable-warning=ExperimentalWarning '${main}'`;
  await writeFile(program, `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(program, 0o755);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const env = {
    ...process.env,
    ...{ PATH: `${join(folder, 'bin')}:${process.env.PATH}`, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder },
    ...{ SITE: site.url, PASSWORD: 'white-rabbit', OTHER_PASSWORD: 'hard-hat' },
  };
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { env, cwd: folder });
  const sessions = (await readdir(join(folder, 'jarfetch/sessions')).catch(() => [])).filter((name) =>
    name.endsWith('.json'),
  );
  return { output: stdout, errors: stderr, sessions };
}

/** The block of docs/cli.md below a mark. */
async function snippet(name: string): Promise<string> {
  const text = await readFile(join(root, 'docs/cli.md'), 'utf8');
  const [, code = ''] = new RegExp(`<!-- test: ${name} -->\n\`\`\`sh\n([^]*?)\`\`\``).exec(text) ?? [];
  expect(code).not.toBe('');
  return code;
}

it('the first requests of the guide are what is said beside them', async () => {
  const server = await startServer((_, response) => void response.end('{}\n'));
  const script = (await snippet('requests')).replaceAll('https://shop.example', server.url);
  const files = { 'file.bin': 'bytes', urls: `${server.url}/a\n${server.url}/b\n` };
  const { output, errors } = await runScript(`set -e\n${script}`, files);
  expect(errors).toBe('');
  const [search, notes, put] = server.seen;
  expect([search?.method, search?.url]).toEqual(['GET', '/search?q=tea']);
  expect([notes?.method, notes?.url, String(notes?.body)]).toEqual(['POST', '/notes', '{"text":"hello"}']);
  expect(headerOf(notes, 'content-type')).toBe('application/json');
  expect([put?.method, put?.url, String(put?.body)]).toEqual(['PUT', '/x', 'bytes']);
  expect(headerOf(put, 'x-own')).toBe('1');
  const lines = output.split('\n').filter((line) => line.includes('schema'));
  const urls = lines.map((line): unknown => JSON.parse(line).response.url);
  expect(urls).toEqual([`${server.url}/a`, `${server.url}/b`]);
});

it('each block of commands of the guide is run by a test here', async () => {
  const text = await readFile(join(root, 'docs/cli.md'), 'utf8');
  const unmarked = [...text.matchAll(/(.*)\n```sh\n(.*)/g)].filter(
    ([, above = '']) => !/^<!-- test: \w+ -->$/.test(above),
  );
  expect(unmarked.map(([, , first]) => first)).toEqual([]);
});

it('the workflow of the guide runs as it is, and leaves no session behind', async () => {
  const { output, errors, sessions } = await runScript(await snippet('workflow'));
  expect(errors).toBe('');
  expect(output).toContain('@e1 form "" POST → /login');
  expect(output).toContain('the tea is at six\n{"user":"alice"');
  expect(sessions).toEqual([]);
});

it('the parallel jobs of the guide are two visitors', async () => {
  const { output, sessions } = await runScript(await snippet('parallel'));
  expect(output).toMatch(/the tea is at six\nthe crane is rented\n$/);
  expect(sessions).toEqual([]);
});

it('the check for an expired session makes one', async () => {
  const { output, errors, sessions } = await runScript(await snippet('expiry'));
  expect(errors).toBe('jarfetch: session not found: alice (there never was one)\n');
  expect(output).toContain('{"user":"alice"');
  expect(sessions).toEqual(['session-alice.json']);
});

it.each([
  ['login.sh', 'the tea is at six\n'],
  ['many-urls.sh', '200 /\n200 /echo\n404 /nowhere\n'],
  ['notes.sh', '[{"author":"alice","text":"buy tea"}]'],
])('examples/shell/%s prints what it promises', async (file, expected) => {
  const { output, errors, sessions } = await runScript(
    await readFile(join(root, 'examples/shell', file), 'utf8'),
  );
  expect([output, errors, sessions]).toEqual([expected, '', []]);
});

it('has no example that is not run', async () => {
  expect((await readdir(join(root, 'examples/shell'))).sort()).toEqual([
    'login.sh',
    'many-urls.sh',
    'notes.sh',
  ]);
});
