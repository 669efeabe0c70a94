/**
 * One peer in a process of its own: what one library does to the engine's caches and heap is no other one's burden.
 * Asked for `make` it says its name, asked for `url` what a round of requests cost.
 */
import { makers, type Peer } from './peers.ts';
import { measure, type Plan } from './rounds.ts';

interface Question {
  readonly make?: keyof typeof makers;
  readonly origin?: string;
  readonly url?: string;
  readonly plan?: Plan;
}

let peer: Peer | undefined;

process.on('message', async ({ make, origin = '', url = '', plan }: Question) => {
  try {
    if (make !== undefined) peer = await makers[make](origin);
    if (peer !== undefined)
      process.send?.(plan === undefined ? { name: peer.name } : await round(peer, url, plan));
  } catch (error) {
    console.error(error instanceof Error ? error.message.split('\n')[0] : error);
    process.exit(1);
  }
});
process.on('disconnect', () => process.exit());

/**
 * Half as many requests go before, so that connections are open and code is compiled: while a process waits for its
 * turn the engine collects, and forgets what it knew of objects that are not there. A collection that is asked for
 * would make it forget the more.
 */
async function round({ name, get, prepare }: Peer, url: string, plan: Plan): Promise<unknown> {
  await prepare?.(url);
  const run = (): Promise<unknown> => get(url);
  await measure({ name, run }, { ...plan, requests: plan.requests / 2 });
  return measure({ name, run }, plan);
}
