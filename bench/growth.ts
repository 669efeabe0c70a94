/**
 * `npm run bench:growth`: how the time of a request grows with origins, sessions, cookies and hops. `-- --quick` makes
 * fewer rounds and leaves out the largest number of origins and sessions, `-- --only NAME` runs one curve,
 * `-- --json FILE` writes the figures.
 */
import { createTransport, type Session } from 'jarfetch';
import { startServer } from './children.ts';
import { openSession } from './cookies.ts';
import { Report, type Run, readFlags, runTables } from './report.ts';
import { type Contestant, compare, type Measured, measure, type Plan } from './rounds.ts';

const flags = readFlags();
const isQuick = flags.quick === true;
const server = await startServer();
const run: Run = { report: new Report(), origin: server.origin, rounds: isQuick ? 3 : 7, isQuick };
const powers = [1, 10, 100, 1000, ...(isQuick ? [] : [10_000])];
const plan: Plan = { rounds: run.rounds, requests: isQuick ? 1000 : 10_000, concurrency: 50 };

/** Calls `run` with 0, 1, … up to `count`, and over again. */
function inTurn<Value>(count: number, run: (index: number) => Value): () => Value {
  let turn = 0;
  return () => run(turn++ % count);
}

async function get(session: Session | undefined, url: string): Promise<unknown> {
  return (await session?.fetch(url))?.text();
}

const closeAll = (sessions: readonly Session[]): Promise<unknown> =>
  Promise.all(sessions.map((session) => session.close()));

/** One connection a request whatever the number, so that only the number differs, and few files are open. */
async function origins({ report, origin }: Run): Promise<void> {
  const { port } = new URL(origin);
  const points = await Promise.all(
    powers.map(async (count) => {
      const names = Array.from({ length: count }, (_, index) => `host${index}.test`);
      const resolve = Object.fromEntries(names.map((name) => [name, '127.0.0.1']));
      const transport = await createTransport({ resolve });
      return { names, transport, session: await openSession(origin, 0, { transport }) };
    }),
  );
  const contestants = points.map(({ names, session }) => ({
    name: `${names.length}`,
    run: inTurn(names.length, (index) => get(session, `http://${names[index]}:${port}/close`)),
  }));
  report.curve('Origins, a connection each request, C=50', await compare(contestants, plan));
  await closeAll(points.map(({ session }) => session));
  for (const { transport } of points) await transport.close();
}

async function sessions({ report, origin }: Run): Promise<void> {
  const transport = await createTransport();
  const open = (): Promise<Session> => openSession(origin, 5, { transport });
  const points = await Promise.all(
    powers.map(async (count) => ({
      count,
      sessions: await Promise.all(Array.from({ length: count }, open)),
    })),
  );
  const contestants = points.map(({ count, sessions }) => ({
    name: `${count}`,
    run: inTurn(count, (index) => get(sessions[index], `${origin}/`)),
  }));
  report.curve('Sessions, C=50', await compare(contestants, plan));
  await closeAll(points.flatMap(({ sessions }) => sessions));
  await transport.close();
}

async function cookies({ report, origin }: Run): Promise<void> {
  const points = await Promise.all(
    [0, 5, 20, 50, 100, 150].map(async (count) => ({ count, session: await openSession(origin, count) })),
  );
  const contestants = points.map(({ count, session }) => ({
    name: `${count}`,
    run: () => get(session, `${origin}/plain`),
  }));
  report.curve('Cookies of the site, C=50', await compare(contestants, plan));
  await closeAll(points.map(({ session }) => session));
}

/** One session for all, so that each chain starts with the cookies of the longest. */
async function hops({ report, origin }: Run): Promise<void> {
  const session = await openSession(origin, 0);
  const contestants = [1, 2, 5, 10, 20].map((count) =>
    perExchange({ name: `${count}`, run: () => get(session, `${origin}/hop/${count}`) }, count + 1),
  );
  report.curve('Hops with a cookie each, time of one hop, C=50', await compare(contestants, plan));
  await session.close();
}

/** As many exchanges in a round whatever each request takes of them, and their cost. */
function perExchange(contestant: Contestant, exchanges: number): Measured {
  return {
    name: contestant.name,
    measure: async (given) => {
      const requests = Math.ceil(given.requests / exchanges);
      const { time, cpu } = await measure(contestant, { ...given, requests });
      return { time: time / exchanges, cpu: cpu / exchanges };
    },
  };
}

await runTables({ origins, sessions, cookies, hops }, run, flags);
server.stop();
run.report.end(flags);
