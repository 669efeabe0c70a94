import { Readable } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { progressObserver } from '../../../src/core/flow/progress.ts';
import { createSession, type Progress, type RequestInit } from '../../../src/index.ts';
import { startServer } from '../../helpers/servers.ts';

async function progressOf(url: string, init: RequestInit = {}): Promise<Progress[]> {
  const all: Progress[] = [];
  await using session = await createSession();
  const response = await session.fetch(url, { ...init, onProgress: (progress) => all.push(progress) });
  await response.text();
  return all;
}

const last = (all: readonly Progress[], direction: string): Progress | undefined =>
  all.filter((progress) => progress.direction === direction).at(-1);

it('reports the received bytes, with the total where it is known', async () => {
  const server = await startServer((request, response) => {
    if (request.url === '/known') response.setHeader('content-length', '200000');
    response.write('x'.repeat(100_000));
    response.end('x'.repeat(100_000));
  });
  const known = last(await progressOf(`${server.url}/known`), 'download');
  expect(known).toMatchObject({ loaded: 200_000, total: 200_000 });
  const unknown = last(await progressOf(server.url), 'download');
  expect(unknown).toMatchObject({ total: null, eta: null });
  expect(unknown?.loaded).toBe(200_000);
});

it.each([
  ['bytes', () => ({ body: Buffer.alloc(300_000) }), 300_000],
  ['a Node.js stream', () => ({ body: Readable.from([Buffer.alloc(300_000)]) }), null],
  [
    'FormData',
    () => {
      const body = new FormData();
      body.set('file', new Blob(['x'.repeat(300_000)]), 'f');
      return { body };
    },
    expect.any(Number),
  ],
])('tells what goes of %s', async (_, init, total) => {
  const server = await startServer((_request, response) => {
    response.end();
  });
  const all = await progressOf(server.url, { method: 'POST', ...(init() as RequestInit) });
  const sent = last(all, 'upload');
  expect(sent?.total).toEqual(total);
  expect(sent?.loaded).toBeGreaterThanOrEqual(300_000);
  expect(last(all, 'download')).toBeUndefined();
});

it('does not report the body of a redirect', async () => {
  const server = await startServer((request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/to' }).end('moved');
    else response.end('body');
  });
  expect(await progressOf(server.url)).toMatchObject([{ direction: 'download', loaded: 4 }]);
});

it('reports at most ten times a second, and at the end', () => {
  let time = 0;
  const told: number[] = [];
  const observer = progressObserver(
    ({ loaded, rate, eta }) => told.push(loaded, rate ?? -1, eta ?? -1),
    () => time,
  );
  const exchange = {
    sentBytes: 0,
    receivedBytes: 0,
    request: { bodyLength: 2000 },
    response: null,
    failure: null,
  };
  for (; time < 1000; time += 50) {
    exchange.sentBytes += 100;
    observer.onBytes?.(exchange as never, 'sent');
  }
  // Ten of twenty reports, and the last bytes when all are sent.
  expect(told).toHaveLength(30);
  expect(told.slice(-3)).toEqual([1900, (1900 / 900) * 1000, 100 / (1900 / 900)]);
  observer.onRequestEnd?.(exchange as never);
  expect(told.slice(-3)).toEqual([2000, 2000, 0]);
  observer.onRequestEnd?.(exchange as never);
  expect(told).toHaveLength(33);
});

it('reports how far a stalled body is', async () => {
  const { promise: hasFirst, resolve: sendMore } = Promise.withResolvers<void>();
  const server = await startServer(async (_request, response) => {
    response.setHeader('content-length', '4000');
    response.write('x'.repeat(1000));
    await hasFirst;
    response.write('x'.repeat(1000));
  });
  await using session = await createSession();
  const all: Progress[] = [];
  const { promise: hasHalf, resolve: stop } = Promise.withResolvers<void>();
  const response = await session.fetch(server.url, {
    onProgress: (progress) => {
      all.push(progress);
      if (progress.loaded >= 1000) sendMore();
      if (progress.loaded >= 2000) stop();
    },
  });
  // Without the report at the stall this waits for ever.
  await Promise.race([response.text(), hasHalf]);
  expect(all.at(-1)).toMatchObject({ direction: 'download', loaded: 2000, total: 4000 });
});

/** An exchange that tells its progress at a time that stands still. */
function stillProgress() {
  const told: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const observer = progressObserver(
    ({ loaded }) => {
      told.push(loaded);
      if (told.length === 2) resolve();
    },
    () => 0,
  );
  const exchange = { sentBytes: 0, receivedBytes: 0, request: { bodyLength: null }, response: null };
  const facts = Object.assign(exchange, { failure: null as object | null });
  const receive = (): void => {
    facts.receivedBytes += 10;
    observer.onBytes?.(facts as never, 'received');
  };
  return { told, second: promise, observer, exchange: facts, receive };
}

it('tells what was held back once, as far as it is then', async () => {
  const { told, second, receive } = stillProgress();
  for (let count = 0; count < 5; count++) receive();
  expect(told).toEqual([10]);
  await second;
  expect(told).toEqual([10, 50]);
});

it('has no timer that keeps the process alive, and none after the end', () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const set = vi.spyOn(globalThis, 'setTimeout');
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  onTestFinished(() => {
    set.mockRestore();
    cleared.mockRestore();
  });
  const { observer, exchange, receive } = stillProgress();
  receive();
  expect(set).not.toHaveBeenCalled();
  receive();
  receive();
  expect(set).toHaveBeenCalledTimes(1);
  expect(timers()).toBe(before);
  exchange.failure = { reason: new Error('cut') };
  observer.onExchangeEnd?.(exchange as never);
  expect(cleared).toHaveBeenLastCalledWith(set.mock.results[0]?.value);
});

it('is refused when it is not a function', async () => {
  await using session = await createSession();
  await expect(session.fetch('http://127.0.0.1:9/', { onProgress: 7 as never })).rejects.toThrow(
    'onProgress must be a function, got 7',
  );
});
