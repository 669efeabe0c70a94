import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

interface ChildOptions {
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** Arguments of Node.js. */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A shell's words before the program, such as a limit. */
  readonly shell?: string;
}

/** Starts a program of test/children; killed when the test ends. */
export function startChild(program: string, { args = [], node = [], env = {}, shell }: ChildOptions = {}) {
  const path = fileURLToPath(new URL(`../children/${program}.ts`, import.meta.url));
  const words = [process.execPath, ...node, path, ...args];
  const environment = { ...process.env, NODE_OPTIONS: '', ...env };
  const child =
    shell === undefined
      ? spawn(process.execPath, words.slice(1), { env: environment })
      : spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', ...words], { env: environment });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

interface ChildResult {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of test/children to its end. */
export async function runChild(program: string, options: ChildOptions = {}): Promise<ChildResult> {
  const child = startChild(program, options);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return () => text;
}

/** A server in a process of its own, which can be stopped in its tracks. */
export async function startListener(): Promise<{ port: number; url: string; process: ChildProcess }> {
  const child = startChild('listener');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line);
  return { port, url: `http://127.0.0.1:${port}`, process: child };
}

/** A port that answers no SYN: its process stands still and its queue of connections is full. */
export async function startBlackHole(): Promise<{ url: string }> {
  const listener = await startListener();
  listener.process.kill('SIGSTOP');
  const fillers = Array.from({ length: 8 }, () => net.connect(listener.port, '127.0.0.1'));
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy();
  });
  for (const filler of fillers) filler.on('error', () => {});
  // As many as fit are connected at once, in the order in which they came.
  await once(fillers[1] as net.Socket, 'connect');
  return { url: listener.url };
}
