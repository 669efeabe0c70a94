import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { median } from './rounds.ts';

/**
 * What a start of the program costs: `npm run bench:cli`. A cold `jarfetch get` beside an empty Node.js that imports
 * undici, and beside curl and HTTPie (the packages `curl` and `httpie` of Debian) where they are installed, each in a new
 * process, in turn. Fails where it costs more than 2.2 times as much.
 */
const most = 2.2;
const rounds = 21;

const url = await serve();
const all: Readonly<Record<string, readonly string[]>> = {
  'node -e ""': [process.execPath, '-e', ''],
  'node, import undici': [process.execPath, '--input-type=module', '-e', "await import('undici')"],
  'jarfetch get': [process.execPath, 'dist/cli/main.js', 'get', url],
  curl: ['curl', '-s', url],
  HTTPie: ['http', '--ignore-stdin', url],
};
const contestants = Object.entries(all).filter(([name, [command = '']]) => isInstalled(name, command));
const times = new Map(contestants.map(([name]) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++) {
  for (const [name, words] of contestants) times.get(name)?.push(run(words));
}
const medians = new Map([...times].map(([name, list]) => [name, median(list)]));
const least = medians.get('node, import undici') ?? Number.NaN;
for (const [name, time] of medians) {
  console.log(`${name.padEnd(20)} ${time.toFixed(0).padStart(5)} ms  ${(time / least).toFixed(2)}`);
}
process.exit((medians.get('jarfetch get') ?? Number.NaN) / least <= most ? 0 : 1);

/** Says so where a program is missing: its row is left out. */
function isInstalled(name: string, command: string): boolean {
  const { error } = spawnSync(command, ['--version'], { stdio: 'ignore' });
  if (error !== undefined) console.log(`${name} is left out: the program ${command} is not installed`);
  return error === undefined;
}

/** Milliseconds until a process has ended. */
function run([command = '', ...words]: readonly string[]): number {
  const before = performance.now();
  const { status, error } = spawnSync(command, words, { stdio: 'ignore' });
  if (error !== undefined || status !== 0)
    throw new Error(`${command} ended with ${status}`, { cause: error });
  return performance.now() - before;
}

/** A server in a thread of its own: this one waits for processes. */
async function serve(): Promise<string> {
  const worker = new Worker(`(${answer})()`, { eval: true });
  const [port] = await once(worker, 'message');
  return `http://127.0.0.1:${port}/`;
}

function answer(): void {
  const { createServer: create } = process.getBuiltinModule('node:http');
  const server = create((_request, response) => void response.end('ok'));
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process
      .getBuiltinModule('node:worker_threads')
      .parentPort?.postMessage(typeof address === 'object' ? address?.port : 0);
  });
}
