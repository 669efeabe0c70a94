/** `jarfetch mcp` of the packed package under the protocol's own programs: its inspector and its conformance checks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startSite } from '../../examples/site.ts';
import { installSmoke } from './smoke.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { run } from './system.ts';

const server = '@modelcontextprotocol/server@2';
const programs = ['@modelcontextprotocol/inspector@2', '@modelcontextprotocol/conformance@0.1'];
/** The checks for a server of tools; the others are for features that this one does not have. */
const scenarios = ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'];

export const suite: Suite = {
  name: 'mcp',
  run: async (context) => {
    const { step, signal } = context;
    const folder = await installSmoke(context, []);
    const main = join(folder, 'node_modules/.bin/jarfetch');
    await step('without the server package it says what to install', async () => {
      const error = await run(main, ['mcp'], signal, folder).then(
        () => '',
        (failure: unknown) => String(failure),
      );
      if (!error.includes(`npm install ${server}`)) throw new Error(`it said ${error}`);
    });
    await step('the programs install', () =>
      run('npm', ['install', '--no-audit', '--no-fund', server, ...programs], signal, folder),
    );
    await step('the inspector lists the tools over standard input and output', async () => {
      const { tools } = await inspect(context, folder, [main, 'mcp'], ['--method', 'tools/list']);
      if ((tools as unknown[]).length !== 11)
        throw new Error(`there are ${(tools as unknown[]).length} tools`);
    });
    const site = await startSite();
    context.defer(() => site.close());
    const url = await step('it serves HTTP', () => serveHttp(context, main, new URL(site.url).host));
    await step('the inspector logs in by tools alone, reads and closes', () =>
      logIn(context, folder, url, site.url),
    );
    await step('a login by a secret outlasts the process that it was made by', () =>
      logInByProcesses(context, folder, main, site.url),
    );
    for (const scenario of scenarios) {
      await step(`it conforms: ${scenario}`, () =>
        run(
          join(folder, 'node_modules/.bin/conformance'),
          ['server', '--url', url, '--scenario', scenario],
          signal,
        ),
      );
    }
  },
};

/** Runs the inspector's command line once; what it prints is JSON. */
async function inspect(
  { signal }: SuiteContext,
  folder: string,
  target: readonly string[],
  args: readonly string[],
): Promise<Record<string, unknown>> {
  const program = join(folder, 'node_modules/.bin/mcp-inspector');
  return JSON.parse(await run(program, ['--cli', ...target, ...args], signal, folder));
}

async function serveHttp({ defer }: SuiteContext, main: string, host: string): Promise<string> {
  const child = spawn(main, ['mcp', '--http', '0', '--allow-host', host], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  defer(async () => {
    if (child.exitCode !== null || !child.kill('SIGTERM')) return;
    await once(child, 'exit');
  });
  for await (const line of createInterface(child.stderr)) {
    const [url] = /http:\S+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('it ended and never listened');
}

/** Each call over standard input and output is a process of its own; the session is in the folder of `--store`. */
async function logInByProcesses(
  context: SuiteContext,
  folder: string,
  main: string,
  site: string,
): Promise<void> {
  const secrets = join(folder, 'secrets.json');
  const secret = { value: 'white-rabbit', origins: [site] };
  await writeFile(secrets, JSON.stringify({ alice: secret }), { mode: 0o600 });
  const options = ['--tools', 'all', '--allow-host', new URL(site).host, '--secrets', secrets];
  const server = [main, 'mcp', ...options, '--store', join(folder, 'sessions')];
  const call = (name: string, given: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> =>
    callTool(context, folder, server, name, given);
  const { session_id } = await call('session_create', { base_url: site });
  const login = { session_id, url: '/login', username: 'alice', password_secret: 'alice' };
  await call('login_run', login);
  const { view } = await call('fetch', { session_id, url: '/members' });
  if (!String(view).includes('Hello, alice')) throw new Error(`the page is ${view}`);
  const { closed } = await call('session_close', { session_id });
  const { sessions } = await call('session_list', {});
  if (closed !== true || JSON.stringify(sessions) !== '[]') throw new Error('the session was not closed');
}

/** Calls a tool by the inspector. */
async function callTool(
  context: SuiteContext,
  folder: string,
  target: readonly string[],
  name: string,
  given: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const pairs = Object.entries(given).flatMap(([key, value]) => [
    '--tool-arg',
    `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  const method = ['--method', 'tools/call', '--tool-name', name];
  const { structuredContent, isError } = await inspect(context, folder, target, [...method, ...pairs]);
  if (isError === true) throw new Error(`${name}: ${JSON.stringify(structuredContent)}`);
  return structuredContent as Record<string, unknown>;
}

async function logIn(context: SuiteContext, folder: string, url: string, site: string): Promise<void> {
  const call = (name: string, given: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> =>
    callTool(context, folder, [url], name, given);
  const { session_id } = await call('session_create', { base_url: site });
  const { page_id } = await call('page_open', { session_id, url: '/login' });
  const values = { user: 'alice', password: 'white-rabbit' };
  const { view, page_id: home } = await call('form_submit', { page_id, values });
  if (!String(view).includes('Hello, alice')) throw new Error(`the page is ${view}`);
  await call('page_links', { page_id: home });
  const { closed } = await call('session_close', { session_id });
  if (closed !== true) throw new Error('the session was not closed');
}
