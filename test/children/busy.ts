/** Is busy for a while in the middle of calls; writes what became of them as JSON. */
import { createSession, isRequestError, type RequestInit } from '../../src/index.ts';

const [url = '', pause = '0'] = process.argv.slice(2);
const session = await createSession({ timeout: { total: 20_000, headers: 300, idle: 300, connect: 300 } });

function beBusy(): void {
  const until = performance.now() + Number(pause);
  while (performance.now() < until);
}

async function outcome(path: string, init: RequestInit = {}): Promise<string> {
  try {
    return await (await session.fetch(url + path, init)).text();
  } catch (error) {
    return isRequestError(error) ? `${error.code} ${error.phase}` : String(error);
  }
}

// Each waits for its server while this process has no time for it.
const calls = ['/', '/slowly', '/slowly'].map((path) => outcome(path));
// Not in a timer, behind which sockets have their turn before other timers.
setTimeout(() => setImmediate(beBusy), 20);
const during = await Promise.all(calls);
// The idle connections of these end while nobody looks.
await Promise.all(['/', '/'].map((path) => outcome(path)));
beBusy();
const after = await Promise.all([outcome('/'), outcome('/', { method: 'POST', body: 'once' })]);
process.stdout.write(JSON.stringify({ during, after }));
process.exit();
