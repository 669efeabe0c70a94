import { createTransport, type Session } from 'jarfetch';
import { openSession } from './cookies.ts';
import type { Run } from './report.ts';
import { compare } from './rounds.ts';

/** As many requests of one session, and of sessions that make one request in their life. */
export async function manySessions({ report, origin, rounds, isQuick }: Run): Promise<void> {
  const count = isQuick ? 1000 : 10_000;
  const transport = await createTransport();
  const open = (): Promise<Session> => openSession(origin, 5, { transport });
  const one = await open();
  let many: Session[] = [];
  const renew = async (): Promise<void> => {
    await Promise.all(many.map((session) => session.close()));
    many = await Promise.all(Array.from({ length: count }, open));
    collectGarbage();
  };
  let turn = 0;
  const get = async (session: Session | undefined): Promise<string | undefined> =>
    (await session?.fetch(`${origin}/`))?.text();
  const name = `${count} sessions`;
  const contestants = [
    { name: 'one session', run: () => get(one), prepare: collectGarbage },
    { name, run: () => get(many[turn++ % count]), prepare: renew },
  ];
  const results = await compare(contestants, { rounds, requests: count, concurrency: 50 });
  report.table(`${count} requests on one transport, C=50`, results, [
    { of: name, against: 'one session', ratio: 0.85 },
  ]);
  await Promise.all([one, ...many].map((session) => session.close()));
  await transport.close();
}

/** What preparing a round leaves behind is not the round's to clear. `npm run bench` exposes the collector. */
function collectGarbage(): void {
  globalThis.gc?.();
}
