/** A middleware that sends at most so many requests at a time to each origin; the others wait for their turn. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, type Middleware } from 'jarfetch';

function throttle(atOnce: number): Middleware {
  const origins = new Map<string, { running: number; waiting: (() => void)[] }>();
  return async (request, next) => {
    const { origin } = request.url;
    const lane = origins.get(origin) ?? { running: 0, waiting: [] };
    origins.set(origin, lane);
    while (lane.running >= atOnce) {
      // A call that is aborted or runs out of time leaves the line.
      request.signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        lane.waiting.push(resolve);
        request.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    lane.running++;
    try {
      return await next(request);
    } finally {
      lane.running--;
      for (const wake of lane.waiting.splice(0)) wake();
    }
  };
}

let running = 0;
let most = 0;
const server = createServer((_request, response) => {
  most = Math.max(most, ++running);
  setTimeout(() => {
    running--;
    response.end('done');
  }, 5);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const session = await createSession({ baseUrl, middleware: [throttle(2)] });
const pages = await Promise.all(
  Array.from({ length: 8 }, async (_, page) => (await session.fetch(`/page/${page}`)).text()),
);
console.log(`${pages.length} pages, at most ${most} at a time`);

await session.close();
server.close();
