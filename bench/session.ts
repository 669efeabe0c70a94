/**
 * `npm run bench`: what a session costs beside the bare client and beside its peers (bench/package.json; those that are
 * not installed are left out). `-- --check` fails where a goal is missed by more than the noise, `-- --quick` makes
 * fewer rounds of less, `-- --only NAME` runs one of the tables below, `-- --json FILE` writes the figures.
 */
import { createSession } from 'jarfetch';
import { Agent, request } from 'undici';
import { startServer } from './children.ts';
import { importing } from './import.ts';
import { manySessions } from './many-sessions.ts';
import { memory } from './memory.ts';
import { fetchCookie, fetchOfUndici, others, type Peer, session, undiciRequest } from './peers.ts';
import { Report, type Run, readFlags, runTables } from './report.ts';
import { type Contestant, compare } from './rounds.ts';
import { streams } from './streams.ts';

const flags = readFlags();
const isQuick = flags.quick === true;
const server = await startServer();
const { origin, secureOrigin } = server;
const report = new Report();
const run: Run = { report, origin, rounds: isQuick ? 5 : 9, isQuick };
const { rounds } = run;

const onPath = (peers: readonly Peer[], url: string): Contestant[] =>
  peers.map(({ name, get }) => ({ name, run: () => get(url) }));

async function simpleRequests(): Promise<void> {
  const peers = [undiciRequest(), await session(origin), fetchOfUndici(), ...(await others(origin))];
  for (const concurrency of [1, 50]) {
    const results = await compare(onPath(peers, `${origin}/`), {
      rounds,
      requests: isQuick ? 500 : 2000,
      concurrency,
    });
    report.table(`1 KB JSON, C=${concurrency}`, results, [
      { against: 'undici.request', ratio: 0.95 },
      { against: 'wreq-js', ratio: concurrency === 1 ? 1.35 : 1.1 },
      { against: 'wreq-js', cpu: 0.75 },
      { against: 'fetch-cookie', ratio: concurrency === 1 ? 2.2 : 3 },
    ]);
  }
  for (const { close } of peers) await close?.();
}

async function otherRequests(): Promise<void> {
  const own = await session(origin);
  const peers = [await fetchCookie(origin), own];
  const plan = { rounds, requests: isQuick ? 300 : 1000, concurrency: 50 };
  report.table(
    '3 redirects with a cookie each, C=50',
    await compare(onPath(peers, `${origin}/hop/3`), plan),
    [{ against: 'fetch-cookie', ratio: 3 }],
  );
  const unzipping = [fetchOfUndici(), own];
  report.table('gzip 10 KB, C=50', await compare(onPath(unzipping, `${origin}/gzip`), plan), [
    { against: 'undici.fetch', ratio: 3.5 },
  ]);
  const secure = [undiciRequest(), await session(secureOrigin)];
  report.table('HTTPS keep-alive, C=50', await compare(onPath(secure, `${secureOrigin}/`), plan), [
    { against: 'undici.request', ratio: 0.95 },
  ]);
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
  const plan = { rounds, requests: isQuick ? 500 : 2000, concurrency: 50 };
  report.table('POST 1 KB of JSON, C=50', await compare(contestants, plan), [
    { against: 'undici.request', ratio: 0.9 },
  ]);
  await own.close();
  await dispatcher.close();
}

async function openAndClose(): Promise<void> {
  const run = async (): Promise<void> => (await createSession()).close();
  const [result] = await compare([{ name: 'createSession + close', run }], {
    rounds: 3,
    requests: 10_000,
    concurrency: 1,
  });
  report.value('createSession + close', result?.time ?? 0, 'us', 10);
}

const tables = {
  simple: simpleRequests,
  other: otherRequests,
  posts,
  open: openAndClose,
  sessions: manySessions,
  streams,
  memory,
  import: importing,
};
await runTables(tables, run, flags);
server.stop();
report.end(flags);
