import { once } from 'node:events';
import { lstat } from 'node:fs/promises';
import { createToolbox, type McpSecret, serveHttp, serveStdio, type Toolbox } from '../../mcp/index.ts';
import type { Arguments, Invocation, Io, Outcome } from '../command.ts';
import { readInput } from '../input.ts';
import { UsageError } from '../usage-error.ts';

/** `mcp`: serves until its input ends or the process receives a signal. */
export async function serveMcp({ args, io }: Invocation): Promise<Outcome> {
  const toolbox = await toolboxOf(args, io);
  try {
    if (args.text('http') === undefined) await serveInput(toolbox, io);
    else await servePort(toolbox, args, io);
  } finally {
    await toolbox.close();
  }
  return {};
}

async function toolboxOf(args: Arguments, { env }: Io): Promise<Toolbox> {
  const secrets = args.text('secrets');
  return createToolbox({
    tools: (args.text('tools') ?? 'core') as 'core' | 'all',
    allowHosts: args.texts('allow-host'),
    ...(secrets !== undefined && { secrets: await readSecrets(secrets) }),
    folder: args.text('folder'),
    storeFolder: args.text('store'),
    encryptionKey: env.JARFETCH_KEY ?? null,
    proxy: args.text('proxy'),
  });
}

/** @throws UsageError for a file that other users can read, or that does not hold a JSON object */
async function readSecrets(path: string): Promise<Record<string, McpSecret>> {
  const found = await lstat(path).catch(() => null);
  if (found !== null && process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new UsageError('Other users can read the file of --secrets: run chmod 600 on it');
  }
  const text = (await readInput(path)).toString('utf8');
  try {
    const secrets: unknown = JSON.parse(text);
    if (typeof secrets === 'object' && secrets !== null) return secrets as Record<string, McpSecret>;
  } catch {
    // The message of JSON.parse shows a part of the file.
  }
  throw new UsageError('The file of --secrets must be a JSON object');
}

/** Standard output carries the protocol. */
async function serveInput(toolbox: Toolbox, io: Io): Promise<void> {
  const server = await serveStdio(toolbox);
  await untilOver(io, once(io.stdin, 'close'));
  await server.close();
}

async function servePort(toolbox: Toolbox, args: Arguments, io: Io): Promise<void> {
  const port = Number(args.text('http'));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--http must be a port');
  const variable = args.text('token-env');
  const token = variable === undefined ? undefined : io.env[variable];
  if (variable !== undefined && token === undefined) throw new UsageError(`${variable} is not set`);
  const server = await serveHttp(toolbox, {
    port,
    host: args.text('host'),
    ...(token !== undefined && { tokens: [token] }),
  });
  io.stderr.write(`Listening at ${server.url}\n`);
  await untilOver(io, new Promise(() => {}));
  await server.close();
}

async function untilOver({ signal }: Io, input: Promise<unknown>): Promise<void> {
  if (signal.aborted) return;
  await Promise.race([input, once(signal, 'abort')]);
}
