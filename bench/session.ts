/**
 * `npm run bench`: what a session costs beside the bare client and beside its peers (bench/package.json; those that are
 * not installed are left out). `-- --check` fails where a goal is missed by more than the noise, `-- --quick` makes
 * fewer rounds of less, `-- --only NAME` runs one of the tables below, `-- --json FILE` writes the figures.
 */
import { createSession } from 'jarfetch';
import { CookieJar } from 'tough-cookie';
import { ask, startChild, startServer } from './children.ts';
import { importing } from './import.ts';
import { manySessions } from './many-sessions.ts';
import { memory } from './memory.ts';
import type { makers } from './peers.ts';
import { processes } from './processes.ts';
import { type Goal, Report, type Run, readFlags, runTables } from './report.ts';
import { compare, compareStarts, type Measured, type Started } from './rounds.ts';
import { streams } from './streams.ts';

const flags = readFlags();
const isQuick = flags.quick === true;
const server = await startServer();
const { origin, secureOrigin, http2Origin, nodeHttp2Origin } = server;
const report = new Report();
const run: Run = { report, origin, rounds: isQuick ? 5 : 9, isQuick };
const { rounds } = run;
/** The first 40,000 requests or so also measure the engine's compiler. A session has more code than a bare client. */
const steady = isQuick ? { starts: 1, rounds } : { starts: 4, rounds: 4, warmUp: 3, lasting: 500 };

/** Peers of bench/peers.ts, each in a process of its own; those that are not installed are left out. */
async function peersOf(origin: string, makes: readonly (keyof typeof makers)[]): Promise<Asked[]> {
  const peers: Asked[] = [];
  for (const make of makes) {
    const child = startChild('./peer.ts');
    try {
      const { name } = await ask<{ name: string }>(child, { make, origin });
      peers.push({
        name,
        measureOn: (url) => (plan) => ask(child, { url, plan }),
        stop: () => child.disconnect(),
      });
    } catch {
      console.error(`${make} is left out`);
    }
  }
  return peers;
}

interface Asked {
  readonly name: string;
  readonly measureOn: (url: string) => Measured['measure'];
  readonly stop: () => void;
}

const onPath = (peers: readonly Asked[], url: string): Measured[] =>
  peers.map(({ name, measureOn }) => ({ name, measure: measureOn(url) }));

/** One table of peers that all make the same request. */
async function comparePeers(
  title: string,
  url: string,
  makes: readonly (keyof typeof makers)[],
  goals: readonly Goal[],
  requests: number,
  concurrency = 50,
): Promise<void> {
  const plan = { ...steady, requests: isQuick ? requests / 4 : requests, concurrency };
  const start = async (): Promise<Started> => {
    const peers = await peersOf(new URL(url).origin, makes);
    const stopAll = (): void => {
      for (const { stop } of peers) stop();
    };
    return { contestants: onPath(peers, url), stop: stopAll };
  };
  report.table(title, await compareStarts(steady.starts, start, plan), goals);
}

const atOnce: readonly Goal[] = [
  { against: 'undici.request, same head', ratio: 1.15 },
  { against: 'dispatch, same head', ratio: 0.82 },
  { against: 'fetch-cookie', ratio: 3 },
];

async function simpleRequests(): Promise<void> {
  const makes = [
    ...(['undiciRequest', 'session', 'undiciWithHead', 'dispatchWithHead'] as const),
    ...(['fetchOfUndici', 'fetchCookie', 'wreq'] as const),
    ...(['impit', 'got', 'axios', 'ky', 'nodeFetch'] as const),
  ];
  for (const concurrency of [1, 50]) {
    const goals = [
      { against: 'undici.request', ratio: concurrency === 1 ? 0.97 : 1 },
      ...(concurrency === 1 ? [] : atOnce),
      { against: 'wreq-js', ratio: 1.2 },
      { against: 'wreq-js', cpu: 0.6 },
    ];
    await comparePeers(`1 KB JSON, C=${concurrency}`, `${origin}/`, makes, goals, 4000, concurrency);
  }
}

async function otherRequests(): Promise<void> {
  const redirects = '3 redirects with a cookie each, C=50';
  const toFetchCookie = [{ against: 'fetch-cookie', ratio: 4 }];
  await comparePeers(redirects, `${origin}/hop/3`, ['fetchCookie', 'session'], toFetchCookie, 2000);
  const toFetch = [{ against: 'undici.fetch', ratio: 3 }];
  await comparePeers('gzip 10 KB, C=50', `${origin}/gzip`, ['fetchOfUndici', 'session'], toFetch, 4000);
  // JSON.parse takes 50 us of it, which is the same for everybody.
  await comparePeers('gzip 10 KB as JSON, C=50', `${origin}/gzip`, ['fetchJson', 'sessionJson'], [], 4000);
  const toUndici = [{ against: 'undici.request', ratio: 0.95 }];
  await comparePeers(
    'HTTPS keep-alive, C=50',
    `${secureOrigin}/`,
    ['undiciRequest', 'session'],
    toUndici,
    4000,
  );
}

async function overHttp2(): Promise<void> {
  const makes = ['undiciHttp2', 'undiciHttp2WithHead', 'sessionHttp2'] as const;
  const sameHead = { against: 'undici.request, same head', ratio: 1 };
  const goals = [{ against: 'undici.request', ratio: 1 }, sameHead];
  await comparePeers('HTTP/2, 1 KB JSON, C=50', `${http2Origin}/`, makes, goals, 2000);
  // Node's server takes longer for a browser's fields than for none, whoever sends them.
  const ofNode = [{ against: 'undici.request', ratio: 1, isOutOfReach: true }, sameHead];
  await comparePeers('HTTP/2, Node.js as the server, C=50', `${nodeHttp2Origin}/`, makes, ofNode, 2000);
}

async function besideOthers(): Promise<void> {
  const goals = [{ of: 'session.fetch, beside others', against: 'session.fetch', ratio: 0.9 }];
  const makes = ['session', 'sessionBeside'] as const;
  await comparePeers('In one process with other clients, C=50', `${origin}/`, makes, goals, 4000);
}

async function posts(): Promise<void> {
  const goals = [{ against: 'undici.request', ratio: 1 }];
  await comparePeers('POST 1 KB of JSON, C=50', `${origin}/`, ['undiciPost', 'sessionPost'], goals, 4000);
}

/** Nobody watching costs nothing: that is the session of every other table. */
async function watched(): Promise<void> {
  const goals = [{ of: 'session.fetch, watched', against: 'session.fetch', ratio: 0.9 }];
  await comparePeers(
    'watched, C=50',
    `${origin}/`,
    ['session', 'watchedSession', 'recordedSession', 'loggedSession'],
    goals,
    4000,
  );
}

async function openAndClose(): Promise<void> {
  const run = async (): Promise<void> => (await createSession()).close();
  // Kept, because the engine would not make what nobody uses.
  const jars: CookieJar[] = [];
  const contestants = [
    {
      name: 'new CookieJar()',
      run: async () => jars.push(new CookieJar()),
      prepare: () => void jars.splice(0),
    },
    { name: 'createSession + close', run },
  ];
  const results = await compare(contestants, {
    rounds: 2 * rounds,
    warmUp: 4,
    requests: 10_000,
    concurrency: 1,
  });
  report.table('A session, opened and closed', results, [
    { of: 'createSession + close', against: 'new CookieJar()', ratio: 1 / 8 },
  ]);
}

const tables = {
  simple: simpleRequests,
  other: otherRequests,
  posts,
  http2: overHttp2,
  beside: besideOthers,
  processes,
  watched,
  open: openAndClose,
  sessions: manySessions,
  streams,
  memory,
  import: importing,
};
await runTables(tables, run, flags);
server.stop();
report.end(flags);
