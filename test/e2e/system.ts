/** What the suites need of the machine: Debian packages, and servers that are surely gone afterwards. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Milliseconds a server has to start, and to end when asked to, before it is killed. */
const START_LIMIT = 20_000;
const STOP_LIMIT = 5_000;

/** Runs a command to its end and returns what it printed; what it printed is in the error when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  folder: string = process.cwd(),
): Promise<string> {
  const options = { signal, cwd: folder, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout } = await execute(command, args, options);
    return stdout;
  } catch (error) {
    const printed = error instanceof Error && 'stdout' in error ? String(error.stdout).slice(-4000) : '';
    if (printed !== '' && error instanceof Error) error.message += `\n${printed}`;
    throw error;
  }
}

/** The same in an environment of its own, with what it printed to stderr in the error, too. */
export async function runWith(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const { stdout } = await execute(command, args, { signal, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Installs the Debian packages that are missing, as root or by sudo without a password. Returns their names. */
export async function installPackages(names: readonly string[], signal: AbortSignal): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names) if (!(await isInstalled(name, signal))) missing.push(name);
  if (missing.length === 0) return missing;
  try {
    await aptGet(['update'], signal);
    await withoutServices(signal, () =>
      aptGet(['install', '-y', '--no-install-recommends', ...missing], signal),
    );
  } catch (cause) {
    const needs = 'which takes apt-get, and root or sudo without a password';
    throw new Error(`cannot install ${missing.join(', ')}, ${needs}`, { cause });
  }
  return missing;
}

/** What invoke-rc.d asks whether a service may start; 101 forbids it. Debian Policy, section 9.3.3.1. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Packages are installed without their services being started. A policy that is there is the machine's own. */
async function withoutServices(signal: AbortSignal, install: () => Promise<unknown>): Promise<void> {
  if (existsSync(POLICY)) return void (await install());
  await asRoot(['sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' > ${POLICY} && chmod 755 ${POLICY}`], signal);
  try {
    await install();
  } finally {
    // Also when the time is up.
    await asRoot(['rm', '-f', POLICY], AbortSignal.timeout(STOP_LIMIT));
  }
}

function aptGet(args: readonly string[], signal: AbortSignal): Promise<string> {
  const quietly = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  return asRoot(['env', ...quietly, ...args], signal);
}

function asRoot(words: readonly string[], signal: AbortSignal): Promise<string> {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const [command = 'env', ...rest] = [...sudo, ...words];
  return run(command, rest, signal);
}

async function isInstalled(name: string, signal: AbortSignal): Promise<boolean> {
  try {
    return /^Status: .* installed$/m.test(await run('dpkg-query', ['-s', name], signal));
  } catch (error) {
    signal.throwIfAborted();
    // dpkg-query ends with 1 for a package it has never heard of.
    if (error instanceof Error && 'code' in error && error.code === 1) return false;
    throw error;
  }
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Finds the server's address in what it has printed so far. */
  readonly findUrl: (output: string) => string | undefined;
  /** Tells whether it is ready. By an HTTP request to its address when absent. */
  readonly answers?: () => Promise<boolean>;
  /** What it ends on in good order. SIGTERM when absent. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): void;
}

/** Starts a server and waits until it answers. On failure nothing of it is left running. */
export async function startServer(server: ServerCommand, signal: AbortSignal): Promise<Server> {
  // A process group of its own: the workers a server forks are ended together with it, by the group's id.
  const child = spawn(server.command, server.args, {
    detached: true,
    env: { ...process.env, ...server.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let failure: Error | undefined;
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => {
    failure = error;
  });
  child.on('exit', (code, name) => {
    failure ??= new Error(`${server.command} ended with ${code ?? name}: ${output}`);
  });
  const stop = guardGroup(child, server.stopSignal ?? 'SIGTERM');
  const kill = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  };
  try {
    const url = await untilReady(
      () => {
        if (failure) throw failure;
        return server.findUrl(output);
      },
      server.answers,
      AbortSignal.any([signal, AbortSignal.timeout(START_LIMIT)]),
    );
    return { url, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Polls until the server has named its address and answers there. */
async function untilReady(
  findUrl: () => string | undefined,
  isReady: (() => Promise<boolean>) | undefined,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const url = findUrl();
    if (url !== undefined && (await (isReady?.() ?? answers(url, signal)))) return url;
    await delay(50, undefined, { signal });
  }
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal, redirect: 'manual' });
    await response.body?.cancel();
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Returns what ends a server and all it has forked; it is killed too should this process end first. */
function guardGroup(child: ChildProcess, stopSignal: NodeJS.Signals): () => Promise<void> {
  const { pid } = child;
  if (pid === undefined) return async () => {};
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = (): void => signalGroup(pid, 'SIGKILL');
  process.once('exit', kill);
  return async () => {
    signalGroup(pid, stopSignal);
    const limit = new AbortController();
    await Promise.race([ended, delay(STOP_LIMIT, undefined, { signal: limit.signal })]);
    limit.abort();
    // Whoever has outlived the server or its time.
    kill();
    await ended;
    process.off('exit', kill);
  };
}

function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // Nobody is left in it.
  }
}
