/** Forked by memory.ts with --expose-gc: opens as many sessions as it is told, and answers with their heap. */
import { createSession, type Session } from 'jarfetch';
import { openSession } from './cookies.ts';

export interface HeapTask {
  readonly count: number;
  readonly origin: string;
}

/** Bytes. */
export interface Heap {
  /** Of each session with an empty jar. */
  readonly empty: number;
  /** Of each session with a jar of five cookies. */
  readonly filled: number;
  /** The same after a request. */
  readonly used: number;
  /** The whole process's with all sessions of five cookies open. */
  readonly whole: number;
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function measure({ count, origin }: HeapTask): Promise<Heap> {
  const open = (): Promise<Session> => openSession(origin, 5);
  // What is made once for all sessions belongs to none.
  const first = await open();
  await request([first], origin);
  const atRest = heap();
  const empty = await openAll(count, () => createSession());
  const withEmpty = heap();
  await closeAll(empty);
  const before = heap();
  const filled = await openAll(count, open);
  const whole = heap();
  await request(filled, origin);
  const after = heap();
  await closeAll([first, ...filled]);
  return {
    empty: (withEmpty - atRest) / count,
    filled: (whole - before) / count,
    used: (after - before) / count,
    whole,
  };
}

function openAll(count: number, open: () => Promise<Session>): Promise<Session[]> {
  return Promise.all(Array.from({ length: count }, open));
}

/** Empties the list: a session in it would still count. */
async function closeAll(sessions: Session[]): Promise<void> {
  for (const session of sessions.splice(0)) await session.close();
}

async function request(sessions: readonly Session[], origin: string): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let session = sessions[next++]; session !== undefined; session = sessions[next++]) {
      await (await session.fetch(`${origin}/`)).text();
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
}

process.on('message', async (task: HeapTask) => process.send?.(await measure(task)));
process.on('disconnect', () => process.exit());
