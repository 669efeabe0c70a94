/**
 * Calls URLs again and again, each by every route (with or without HTTP/2, directly or by a proxy), and writes as JSON
 * what is left afterwards. Then it waits for the end of its input; after that nothing keeps it alive. Needs
 * --expose-gc.
 */
import { getEventListeners } from 'node:events';
import { Socket } from 'node:net';
import { createSession, createTransport, isRequestError } from '../../src/index.ts';

interface Route {
  readonly proxy: string | null;
  readonly http2: boolean;
}

const [requests = '', urlList = '', routeList = '', ca = ''] = process.argv.slice(2);
const trouble: string[] = [];
process.on('unhandledRejection', (reason) => trouble.push(`rejection ${reason}`));
process.on('uncaughtException', (error) => trouble.push(`exception ${error.stack}`));
process.on('warning', (warning) => trouble.push(`warning ${warning}`));

/**
 * Every socket of this process that is not closed, also those that do not keep it alive. The channel
 * `net.client.socket` does not report those of tls.connect().
 */
const open = new Set<Socket>();
const { connect } = Socket.prototype;
Socket.prototype.connect = function (this: Socket, ...given: unknown[]): Socket {
  open.add(this);
  this.once('close', () => open.delete(this));
  return Reflect.apply(connect, this, given);
};

const urls: string[] = JSON.parse(urlList);
const routes: Route[] = JSON.parse(routeList);
const transports = await Promise.all(
  routes.map(({ proxy, http2 }) => createTransport({ proxy, http2, ca, poolIdleTimeout: 100 })),
);
const sessions = await Promise.all(transports.map((transport) => createSession({ transport, timeout: 300 })));
const forever = new AbortController();
let next = 0;
const outcomes: Record<string, number> = {};

async function call(number: number): Promise<string> {
  const session = sessions[Math.floor(number / urls.length) % sessions.length];
  const url = urls[number % urls.length];
  if (session === undefined || url === undefined) throw new Error('no route or no URL was given');
  const response = await session.fetch(url, {
    signal: number % 5 === 0 ? AbortSignal.any([forever.signal, AbortSignal.timeout(50)]) : forever.signal,
  });
  // The way of reading moves on with each round, so that each fault meets each of them by each route.
  const way = (number + Math.floor(number / (urls.length * sessions.length))) % 7;
  if (way === 0) return 'unread';
  if (way === 1) {
    await response.body?.cancel();
    return 'cancelled';
  }
  await response.text();
  return 'read';
}

async function work(until: number): Promise<void> {
  while (next < until) {
    const outcome = await call(next++).catch((error) =>
      isRequestError(error) ? error.code : String(Object(error).name),
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}

const active = (kind: string): number =>
  process.getActiveResourcesInfo().filter((name) => name === kind).length;

async function settledHeap(): Promise<number> {
  while (active('TCPSocketWrap') > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  for (let turn = 0; turn < 3; turn++) {
    Object(globalThis).gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

async function workers(until: number): Promise<void> {
  await Promise.all(Array.from({ length: 50 }, () => work(until)));
}

await workers(Number(requests) / 3);
// The heap is about 5 MB larger the first time than later, which would hide as much growth.
await settledHeap();
await workers((2 * Number(requests)) / 3);
const before = await settledHeap();
await workers(Number(requests));
const growth = (await settledHeap()) - before;
const listeners = getEventListeners(forever.signal, 'abort').length;
for (const session of sessions) await session.close();
for (const transport of transports) await transport.close();
for (let turn = 0; turn < 500 && open.size > 0; turn++)
  await new Promise((resolve) => setTimeout(resolve, 20));
const left = { timers: active('Timeout'), sockets: open.size, listeners };
process.stdin.resume();
process.stdout.write(`${JSON.stringify({ outcomes, growth, left, trouble })}\n`);
