import { request } from 'node:http';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, it, onTestFinished } from 'vitest';
import { createToolbox, type ServeHttpOptions, serveHttp } from '../../../src/mcp/index.ts';
import { type Site, startSite } from '../site.ts';

const program = join(import.meta.dirname, '../../children/mcp-server.ts');
const token = 'a-token-of-enough-characters';

type Connection = NonNullable<Parameters<Client['connect']>[0]>;

async function connected(transport: Connection): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

async function httpServer(site: Site, options: ServeHttpOptions = {}): Promise<string> {
  const toolbox = await createToolbox({ allowHosts: [site.host] });
  const server = await serveHttp(toolbox, options);
  onTestFinished(async () => {
    await server.close();
    await toolbox.close();
  });
  return server.url;
}

function overHttp(url: string, given: string | null = null): Promise<Client> {
  const headers: Record<string, string> = given === null ? {} : { authorization: `Bearer ${given}` };
  return connected(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
}

const answers = {
  '/': '<title>Shop</title><form method=post action=/in><input name=user><button>Go</button></form>',
  '/in': '<title>Hello</title><p>Welcome',
};

async function useTools(client: Client, site: Site): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.slice(0, 4).map(({ name }) => name)).toEqual([
    ...['session_create', 'session_list', 'session_close', 'fetch'],
  ]);
  for (const { title, annotations, inputSchema, outputSchema } of tools) {
    expect([typeof title, typeof annotations, inputSchema.type, outputSchema?.type]).toEqual([
      ...['string', 'object', 'object', 'object'],
    ]);
  }
  const call = async (name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const { structuredContent, isError, content } = await client.callTool({ name, arguments: args });
    expect([isError ?? false, JSON.stringify(content)]).toEqual([false, expect.any(String)]);
    return structuredContent as Record<string, unknown>;
  };
  const { session_id } = await call('session_create', { base_url: site.url });
  const { page_id } = await call('page_open', { session_id, url: '/' });
  expect(await call('form_submit', { page_id, values: { user: 'ada' } })).toMatchObject({ title: 'Hello' });
  expect(site.seen.at(-1)?.body).toBe('user=ada');
  const wrong = await client.callTool({
    name: 'page_open',
    arguments: { session_id, url: '/nothing', vew: 'text' },
  });
  expect(wrong).toMatchObject({ isError: true, structuredContent: { code: 'ERR_INVALID_OPTION' } });
  await call('session_close', { session_id });
}

it('serves a client over standard input and output', async () => {
  const site = await startSite(answers);
  const client = await connected(
    new StdioClientTransport({ command: process.execPath, args: [program, site.host], stderr: 'inherit' }),
  );
  await useTools(client, site);
});

it('serves a client over HTTP', async () => {
  const site = await startSite(answers);
  await useTools(await overHttp(await httpServer(site)), site);
});

it('serves each token its own sessions', async () => {
  const site = await startSite(answers);
  const other = 'another-token-of-enough-length';
  const url = await httpServer(site, { tokens: [token, other] });
  const one = await overHttp(url, token);
  await useTools(one, site);
  await one.callTool({ name: 'session_create', arguments: {} });
  const list = async (client: Client): Promise<unknown> =>
    (await client.callTool({ name: 'session_list', arguments: {} })).structuredContent;
  expect(await list(one)).toMatchObject({ sessions: [{}] });
  expect(await list(await overHttp(url, other))).toEqual({ sessions: [] });
});

it.each([
  ['no token', {}, 401],
  ['a wrong token', { authorization: 'Bearer wrong' }, 401],
  ['a web page of another site', { authorization: `Bearer ${token}`, origin: 'https://evil.example' }, 403],
  ['another name, as a rebinding one', { authorization: `Bearer ${token}`, host: 'evil.example' }, 403],
  ['a sandboxed page', { authorization: `Bearer ${token}`, origin: 'null' }, 403],
  [
    'a page of another port of this machine',
    { authorization: `Bearer ${token}`, origin: 'http://127.0.0.1:1' },
    403,
  ],
  ['a page of another name of it', { authorization: `Bearer ${token}`, origin: 'http://localhost' }, 403],
  [
    'a page of a name that only begins so',
    { authorization: `Bearer ${token}`, host: '127.0.0.1.evil.example' },
    403,
  ],
  ['a token as another scheme', { authorization: `Basic ${token}` }, 401],
  ['a token that only begins so', { authorization: `Bearer ${token}x` }, 401],
])('refuses %s', async (_, headers, status) => {
  const site = await startSite(answers);
  const url = await httpServer(site, { tokens: [token] });
  const answered = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.on('error', reject).on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.end('{}');
  });
  expect(answered).toBe(status);
});

it('answers a page of its own origin', async () => {
  const url = await httpServer(await startSite(answers));
  const { origin } = new URL(url);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const accept = 'application/json, text/event-stream';
  const headers = { 'content-type': 'application/json', accept, origin };
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
  // What a page of another site can send without being asked for permission.
  const simple = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', accept },
    body,
  });
  expect(simple.status).toBe(415);
  expect((await fetch(url, { method: 'OPTIONS' })).headers.get('access-control-allow-origin')).toBeNull();
});

it('refuses a request that is too large', async () => {
  const url = await httpServer(await startSite(answers));
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'ping',
    params: { x: 'x'.repeat(8_000_000) },
  });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(413);
});

it('listens for other machines only with a token', async () => {
  const toolbox = await createToolbox();
  onTestFinished(() => toolbox.close());
  await expect(serveHttp(toolbox, { host: '0.0.0.0' })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  await expect(serveHttp(toolbox, { tokens: ['short'] })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});
