/**
 * The examples with other people's clients: each type-checked against its client and run, and axios, got and ws by
 * proxies, too. Also the programs of these clients in docs/guide/migrating.md.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientsFolder, installClients, runClient } from './client-example.ts';
import { runFormerPrograms } from './documented-programs.ts';
import { type ProxyProgram, programs, proxyUrl, startProxy } from './proxy-programs.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages, run } from './system.ts';

const root = join(import.meta.dirname, '../..');

const login = /^\{ user: 'alice', secret: 'the tea is at six' \}\n$/;
const examples: Readonly<Record<string, RegExp>> = {
  ky: login,
  ofetch: login,
  openai: login,
  octokit: login,
  fetch: /^200 true hello, member\n$/,
  'node-fetch': /^200 true hello, member\n$/,
  undici: /^200 hello, member\nyou said hello\nnews for members\n$/,
  live: /^you said hello\nnews for members\n$/,
};
const throughProxy: Readonly<Record<string, RegExp>> = {
  axios: login,
  'axios-agents': /^200 <h1>Welcome<\/h1>\n$/,
  got: /^\{ user: 'alice', secret: 'the tea is at six' \}\n200\n$/,
  ws: /^you said hello\n$/,
};

export const suite: Suite = {
  name: 'clients',
  run: async (context) => {
    const { step, signal } = context;
    await step('the clients install', () => installClients(signal));
    await step('the examples type-check against the clients', () =>
      run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', clientsFolder], signal),
    );
    for (const [name, expected] of Object.entries({ ...examples, ...throughProxy })) {
      await step(`${name} works with a session`, () => runExample(context, name, expected));
    }
    await runFormerPrograms(context);
    for (const name of ['squid', 'squid with users', 'microsocks with users']) {
      const program = programs.find((each) => each.name === name);
      assert.ok(program);
      await throughOne(context, program);
    }
  },
};

async function throughOne(context: SuiteContext, program: ProxyProgram): Promise<void> {
  const { step, signal, defer } = context;
  const parent = await mkdtemp(join(tmpdir(), 'jarfetch-clients-'));
  defer(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));
  const server = await step(`${program.name} runs on 127.0.0.1`, async () => {
    await installPackages(['squid', 'microsocks'], signal);
    const started = await startProxy(program, parent, signal);
    defer(() => started.stop());
    return started;
  });
  const proxy = proxyUrl(program, server.url);
  for (const [name, expected] of Object.entries(throughProxy)) {
    await step(`${name} works with a session through ${program.name}`, () =>
      runExample(context, name, expected, proxy),
    );
  }
  await step(`axios and got fail when ${program.name} is gone`, async () => {
    await server.stop();
    for (const name of ['axios', 'axios-agents', 'got']) {
      await assert.rejects(runExample(context, name, /^$/, proxy), /ERR_PROXY/);
    }
  });
}

async function runExample(
  { signal }: SuiteContext,
  name: string,
  expected: RegExp,
  proxy?: string,
): Promise<void> {
  assert.match(await runClient(name, signal, proxy === undefined ? {} : { PROXY_URL: proxy }), expected);
}
