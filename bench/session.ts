/**
 * `npm run bench`: what a session costs beside the bare client and beside its peers (bench/package.json; those that are
 * not installed are left out). `-- --check` fails where a goal is missed by more than the noise, `-- --quick` makes
 * fewer rounds, `-- --json FILE` writes the figures.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSession } from 'jarfetch';
import { Agent, request } from 'undici';
import { fetchCookie, fetchOfUndici, others, type Peer, session, undiciRequest } from './peers.ts';
import { type Contestant, compare, type Result } from './rounds.ts';

const { values: flags } = parseArgs({
  options: { check: { type: 'boolean' }, quick: { type: 'boolean' }, json: { type: 'string' } },
});
const rounds = flags.quick ? 5 : 9;

const server = fork(new URL('./server.ts', import.meta.url));
const [[httpPort, httpsPort]] = await once(server, 'message');
const origin = `http://127.0.0.1:${httpPort}`;
const secureOrigin = `https://127.0.0.1:${httpsPort}`;

const figures: Record<string, readonly Result[]> = {};
const missed: string[] = [];

/** Least throughput of ours against another contestant of the same table. */
interface Goal {
  readonly against: string;
  readonly ratio: number;
}

function report(title: string, results: readonly Result[], goals: readonly Goal[]): void {
  figures[title] = results;
  console.log(`\n${title}`);
  for (const { name, time, cpu, ratio, noise } of results) {
    const columns = [`${time.toFixed(1)} us`, `cpu ${cpu.toFixed(1)} us`, `x${ratio.toFixed(2)}`];
    console.log(
      `  ${name.padEnd(20)} ${columns.map((text) => text.padStart(13)).join('')}  ±${noise.toFixed(2)}`,
    );
  }
  const own = results.find(({ name }) => name === 'session.fetch');
  for (const { against, ratio } of goals) {
    const other = results.find(({ name }) => name === against);
    if (own === undefined || other === undefined) continue;
    const reached = own.ratio / other.ratio;
    const noise = own.noise / other.ratio;
    const isMet = reached + noise >= ratio;
    console.log(`  ${isMet ? 'met   ' : 'MISSED'} against ${against}: ${reached.toFixed(2)}, goal ${ratio}`);
    if (!isMet) missed.push(`${title}: ${reached.toFixed(2)} against ${against}, goal ${ratio}`);
  }
}

const onPath = (peers: readonly Peer[], url: string): Contestant[] =>
  peers.map(({ name, get }) => ({ name, run: () => get(url) }));

async function simpleRequests(): Promise<void> {
  const peers = [undiciRequest(), await session(origin), fetchOfUndici(), ...(await others(origin))];
  for (const concurrency of [1, 50]) {
    const results = await compare(onPath(peers, `${origin}/`), {
      rounds,
      requests: flags.quick ? 500 : 2000,
      concurrency,
    });
    report(`1 KB JSON, C=${concurrency}`, results, [
      { against: 'undici.request', ratio: 0.95 },
      { against: 'wreq-js', ratio: concurrency === 1 ? 1.35 : 1.1 },
      { against: 'fetch-cookie', ratio: concurrency === 1 ? 2.2 : 3 },
    ]);
  }
  for (const { close } of peers) await close?.();
}

async function otherRequests(): Promise<void> {
  const own = await session(origin);
  const peers = [await fetchCookie(origin), own];
  const plan = { rounds, requests: flags.quick ? 300 : 1000, concurrency: 50 };
  report('3 redirects with a cookie each, C=50', await compare(onPath(peers, `${origin}/hop/3`), plan), [
    { against: 'fetch-cookie', ratio: 3 },
  ]);
  const unzipping = [fetchOfUndici(), own];
  report('gzip 10 KB, C=50', await compare(onPath(unzipping, `${origin}/gzip`), plan), [
    { against: 'undici.fetch', ratio: 3.5 },
  ]);
  const secure = [undiciRequest(), await session(secureOrigin)];
  report('HTTPS keep-alive, C=50', await compare(onPath(secure, `${secureOrigin}/`), plan), [
    { against: 'undici.request', ratio: 0.95 },
  ]);
  await posts();
}

async function posts(): Promise<void> {
  const dispatcher = new Agent({ allowH2: false });
  const own = await createSession();
  const value = { text: 'x'.repeat(1000) };
  const contestants: Contestant[] = [
    {
      name: 'undici.request',
      run: async () => {
        const headers = { 'content-type': 'application/json' };
        const options = { method: 'POST', headers, body: JSON.stringify(value), dispatcher } as const;
        await (await request(`${origin}/`, options)).body.text();
      },
    },
    {
      name: 'session.fetch',
      run: async () => (await own.fetch(`${origin}/`, { method: 'POST', json: value })).text(),
    },
  ];
  const plan = { rounds, requests: flags.quick ? 500 : 2000, concurrency: 50 };
  report('POST 1 KB of JSON, C=50', await compare(contestants, plan), [
    { against: 'undici.request', ratio: 0.9 },
  ]);
  await own.close();
  await dispatcher.close();
}

async function openAndClose(): Promise<void> {
  const count = 10_000;
  const run = async (): Promise<void> => (await createSession()).close();
  const [result] = await compare([{ name: 'createSession + close', run }], {
    rounds: 3,
    requests: count,
    concurrency: 1,
  });
  console.log(`\ncreateSession + close  ${result?.time.toFixed(1)} us, goal at most 10 us`);
  if ((result?.time ?? 0) > 10) missed.push(`createSession + close takes ${result?.time.toFixed(1)} us`);
}

await simpleRequests();
await otherRequests();
await openAndClose();
server.disconnect();
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
for (const line of missed) console.log(`missed: ${line}`);
process.exit(flags.check && missed.length > 0 ? 1 : 0);
