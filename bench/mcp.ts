import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { startSite } from '../examples/site.ts';
import { median } from './rounds.ts';

/**
 * What an agent waits for, and what it costs: `npm run bench:mcp`. The start of a server until it has listed its tools,
 * one page, and the memory of all its processes after it, beside a fetch server from npm and @playwright/mcp with
 * Debian's Chromium. In turn, each in new processes; Linux, since memory is read from /proc.
 */
const rounds = Number(process.argv[2] ?? 7);
const pages = 20;

interface Contestant {
  readonly args: readonly string[];
  /** What opens the page, after what was called first. */
  readonly open: (client: Client, url: string) => Promise<() => Promise<unknown>>;
}

interface Figures {
  readonly start: number;
  readonly first: number;
  readonly next: number;
  readonly memory: number;
}

const site = await startSite();
const modules = new URL('node_modules/', import.meta.url).pathname;
const output = await mkdtemp(join(tmpdir(), 'jarfetch-bench-'));
const chromium = [
  '--output-dir',
  output,
  '--headless',
  '--isolated',
  '--no-sandbox',
  '--executable-path',
  '/usr/bin/chromium',
];
const contestants: Readonly<Record<string, Contestant>> = {
  'jarfetch mcp, page_open': {
    args: ['dist/cli/main.js', 'mcp', '--allow-host', new URL(site.url).host],
    open: async (client, url) => {
      const { structuredContent } = await client.callTool({ name: 'session_create', arguments: {} });
      const { session_id } = Object(structuredContent) as { session_id: string };
      return () => client.callTool({ name: 'page_open', arguments: { session_id, url } });
    },
  },
  '@tokenizin/mcp-npx-fetch, fetch_markdown': {
    args: [`${modules}@tokenizin/mcp-npx-fetch/dist/index.js`],
    open: async (client, url) => () => client.callTool({ name: 'fetch_markdown', arguments: { url } }),
  },
  '@playwright/mcp, browser_navigate': {
    args: [`${modules}@playwright/mcp/cli.js`, ...chromium],
    open: async (client, url) => () => client.callTool({ name: 'browser_navigate', arguments: { url } }),
  },
};

const measured = new Map(Object.keys(contestants).map((name) => [name, [] as Figures[]]));
for (let round = 0; round < rounds; round++) {
  for (const [name, contestant] of Object.entries(contestants)) {
    measured.get(name)?.push(await measure(name, contestant));
  }
}
await site.close();
await rm(output, { recursive: true, force: true });
console.log('server'.padEnd(44), 'start ms', 'first page ms', 'page ms', 'memory MB');
for (const [name, list] of measured) {
  const of = (figure: keyof Figures): string => median(list.map((each) => each[figure])).toFixed(1);
  console.log(
    name.padEnd(44),
    of('start').padStart(8),
    of('first').padStart(13),
    of('next').padStart(7),
    of('memory').padStart(9),
  );
}

async function measure(name: string, { args, open }: Contestant): Promise<Figures> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...args],
    stderr: 'ignore',
  });
  const client = new Client({ name: 'bench', version: '1' });
  const startedAt = performance.now();
  await client.connect(transport);
  await client.listTools();
  const start = performance.now() - startedAt;
  const visit = await open(client, `${site.url}/login`);
  const once = async (): Promise<number> => {
    const before = performance.now();
    const answer = (await visit()) as { readonly isError?: boolean };
    if (answer.isError === true) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return performance.now() - before;
  };
  const first = await once();
  const times: number[] = [];
  for (let page = 0; page < pages; page++) times.push(await once());
  const memory = memoryOf(transport.pid ?? 0);
  await client.close();
  return { start, first, next: median(times), memory };
}

/** Megabytes of a process and of all that it has started: each counts its share of what they have in common. */
function memoryOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const own = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === ''
    ? own
    : own + children.split(' ').reduce((sum, child) => sum + memoryOf(Number(child)), 0);
}
