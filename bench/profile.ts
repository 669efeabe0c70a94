/**
 * `npm run bench:profile`: where the time of a request goes, by the sampling profiler: 1 KB of JSON, a jar of five
 * cookies, C=50. No function of ours may have more than 8 % of the busy time without a reason in docs/performance.md.
 */
import { Session as Inspector, type Profiler } from 'node:inspector/promises';
import { startServer } from './children.ts';
import { session } from './peers.ts';

const requests = 200_000;
const concurrency = 50;
const most = 0.08;

const server = await startServer();
const peer = await session(server.origin);
await send(requests / 10);
const profile = await profileOf(() => send(requests));
await peer.close?.();
server.stop();

const shares = sharesOf(profile);
const busy = [...shares.values()].reduce((sum, time) => sum + time, 0);
console.log(
  `${(busy / requests).toFixed(1)} us of busy time for a request, the waiting for events left out\n`,
);
for (const [room, time] of [...groupedBy(shares, roomOf)].sort((a, b) => b[1] - a[1])) print(room, time);
console.log();
const own = [...shares].filter(([name]) => roomOf(name) === 'jarfetch').sort((a, b) => b[1] - a[1]);
for (const [name, time] of own.slice(0, 15)) print(name, time);
const tooMuch = own.filter(([, time]) => time / busy > most);
console.log(tooMuch.length === 0 ? `met: none of ours over ${most * 100} %` : 'MISSED');
process.exitCode = tooMuch.length === 0 ? 0 : 1;

async function send(count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await peer.get(`${server.origin}/`);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function profileOf(work: () => Promise<void>): Promise<Profiler.Profile> {
  const inspector = new Inspector();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: 100 });
  await inspector.post('Profiler.start');
  await work();
  const { profile } = await inspector.post('Profiler.stop');
  inspector.disconnect();
  return profile;
}

/** Microseconds of each function itself. */
function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.split('/').slice(-3).join('/');
      return [id, `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`];
    }),
  );
  const shares = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '';
    if (name.startsWith('(idle)')) return;
    shares.set(name, (shares.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return shares;
}

function roomOf(name: string): string {
  if (name.startsWith('writeLatin1String')) return 'the write to the socket';
  if (name.startsWith('(garbage')) return 'garbage collection';
  if (/dist\/[\w.-]+:\d+$/.test(name) && !name.includes('tough-cookie')) return 'jarfetch';
  if (/(lib|dispatcher|core|api)\/[\w.-]+\.js:/.test(name) || name.startsWith('wasm')) return 'undici';
  return 'Node.js and the engine';
}

function groupedBy(
  shares: ReadonlyMap<string, number>,
  keyOf: (name: string) => string,
): Map<string, number> {
  const groups = new Map<string, number>();
  for (const [name, time] of shares) groups.set(keyOf(name), (groups.get(keyOf(name)) ?? 0) + time);
  return groups;
}

function print(name: string, time: number): void {
  console.log(
    `${((time / busy) * 100).toFixed(1).padStart(5)} %  ${(time / requests).toFixed(2)} us  ${name}`,
  );
}
