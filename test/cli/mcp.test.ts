import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, it, onTestFinished } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { runCommand } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const program = join(import.meta.dirname, '../../src/cli/main.ts');

it('serves a login with a secret over standard input and output, and ends when they end', async () => {
  const site = await startSite();
  onTestFinished(() => site.close());
  const folder = await temporaryFolder();
  const secrets = join(folder, 'secrets.json');
  await writeFile(secrets, JSON.stringify({ alice: { value: 'white-rabbit', origins: [site.url] } }), {
    mode: 0o600,
  });
  const host = new URL(site.url).host;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      program,
      'mcp',
      '--tools',
      'all',
      '--allow-host',
      host,
    ].concat([...['--secrets', secrets]]),
    stderr: 'inherit',
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const call = async (name: string, given: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const { structuredContent } = await client.callTool({ name, arguments: given });
    return structuredContent as Record<string, unknown>;
  };
  const { session_id } = await call('session_create', { base_url: site.url });
  const given = { session_id, url: '/login', username: 'alice', password_secret: 'alice' };
  const page = await call('login_run', given);
  expect(page).toMatchObject({ status: 200 });
  expect(JSON.stringify(page)).not.toContain('white-rabbit');
  await client.close();
});

it('serves HTTP with a token until it is stopped', async () => {
  const stop = new AbortController();
  const env = { MCP_TOKEN: 'a-token-of-enough-characters' };
  const running = runCommand(['mcp', '--http', '0', '--token-env', 'MCP_TOKEN'], {
    env,
    signal: stop.signal,
    onError: (text) => started.resolve(/http:\S+/.exec(text)?.[0] ?? ''),
  });
  const url = await started.promise;
  const headers = { authorization: `Bearer ${env.MCP_TOKEN}` };
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  await client.close();
  stop.abort();
  expect((await running).output).toBe('');
});

const started = Promise.withResolvers<string>();

it('refuses secrets that others may read, and invalid options', async () => {
  const path = join(await temporaryFolder(), 'secrets.json');
  await writeFile(path, '{"a": "my-password"', { mode: 0o600 });
  const broken = await runCommand(['mcp', '--secrets', path]);
  expect([broken.code, broken.errors]).toEqual([2, expect.stringContaining('must be a JSON object')]);
  expect(broken.errors).not.toContain('my-password');
  if (process.platform !== 'win32') {
    await chmod(path, 0o644);
    expect((await runCommand(['mcp', '--secrets', path])).errors).toContain('chmod 600');
  }
  expect((await runCommand(['mcp', '--http', 'x'])).errors).toContain('--http must be a port');
  expect((await runCommand(['mcp', '--http', '0', '--token-env', 'NONE'])).errors).toContain(
    'NONE is not set',
  );
  expect((await runCommand(['mcp', '--http', '0', '--host', '0.0.0.0'])).errors).toContain('token');
});
