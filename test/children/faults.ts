/**
 * Sends requests through every kind of fault, over a bounded number of connections, and writes as JSON what is left
 * afterwards: sockets, timers, listeners, heap, and what nobody caught. Needs --expose-gc.
 */
import { getEventListeners } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { createSession, createTransport, isRequestError } from '../../src/index.ts';

const [requests = '10000', connections = '50'] = process.argv.slice(2);
const trouble: string[] = [];
process.on('unhandledRejection', (reason) => trouble.push(`rejection ${reason}`));
process.on('uncaughtException', (error) => trouble.push(`exception ${error.stack}`));
process.on('warning', (warning) => trouble.push(`warning ${warning}`));

const body = Buffer.alloc(70_000, 'x');
const packed = zlib.gzipSync(body);
const answer = (head: string, bytes: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`), bytes]);

const faults: ((socket: Socket) => void)[] = [
  (socket) => socket.write(answer(`200 OK\r\nContent-Length: ${body.length}`, body)),
  (socket) =>
    socket.write(answer(`200 OK\r\nContent-Length: ${packed.length}\r\nContent-Encoding: gzip`, packed)),
  (socket) => socket.end(answer(`200 OK\r\nContent-Length: ${body.length}\r\nConnection: close`, body)),
  (socket) =>
    socket.end(
      answer(`302 Found\r\nLocation: /0\r\nContent-Length: ${body.length}\r\nConnection: close`, body),
    ),
  (socket) => socket.write(answer('302 Found\r\nLocation: /0\r\nContent-Length: 0')),
  (socket) => socket.end(answer('200 OK\r\nContent-Length: 99999', body)),
  (socket) => socket.end(answer('200 OK\r\nTransfer-Encoding: chunked', Buffer.from('5\r\nhello\r\n'))),
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.write('SSH-2.0\r\n\r\n'),
  (socket) =>
    socket.write(answer(`200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9`, Buffer.from('not gzip!'))),
  (socket) =>
    socket.write(answer('200 OK\r\nContent-Length: 2', Buffer.from('okHTTP/1.1 200 OK\r\n\r\nEVIL'))),
  () => {},
  (socket) => socket.write(answer('200 OK\r\nContent-Length: 1000000', body)),
];

let open = 0;
const server = net.createServer((socket) => {
  open++;
  socket.on('error', () => {}).on('close', () => open--);
  socket.on('data', (chunk) => faults[Number(/^[A-Z]+ \/(\d+)/.exec(String(chunk))?.[1] ?? 0)]?.(socket));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const forever = new AbortController();
const transport = await createTransport({ poolMaxSize: Number(connections), poolIdleTimeout: 100 });
const session = await createSession({ transport, timeout: 500 });
let next = 0;
let most = 0;
const outcomes: Record<string, number> = {};

async function call(): Promise<string> {
  const number = next++;
  const response = await session.fetch(`${url}/${number % faults.length}`, {
    signal: number % 5 === 0 ? AbortSignal.any([forever.signal, AbortSignal.timeout(100)]) : forever.signal,
  });
  most = Math.max(most, open);
  if (number % 7 === 0) return 'unread';
  if (number % 7 === 1) {
    await response.body?.cancel();
    return 'cancelled';
  }
  const text = await response.text();
  return text.includes('EVIL') ? 'EVIL' : 'read';
}

async function work(until: number): Promise<void> {
  while (next < until) {
    const outcome = await call().catch((error) =>
      isRequestError(error)
        ? error.code
        : error === forever.signal.reason
          ? 'forever'
          : String(Object(error).name),
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}

async function settledHeap(): Promise<number> {
  while (open > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  for (let turn = 0; turn < 3; turn++) {
    Object(globalThis).gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

const all = Number(requests);
async function workers(until: number): Promise<void> {
  await Promise.all(Array.from({ length: 2 * Number(connections) }, () => work(until)));
}

await workers(all / 5);
const before = await settledHeap();
await workers(all);
const after = await settledHeap();
const listeners = getEventListeners(forever.signal, 'abort').length;
await session.close();
await transport.close();
server.close();
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
process.stdout.write(JSON.stringify({ outcomes, most, growth: after - before, listeners, timers, trouble }));
