import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport, type Transport } from '../../../src/index.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { startServer } from '../../helpers/servers.ts';

const count = 1000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are still in use when everything that nobody holds is gone. */
async function bytesInUse(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return process.memoryUsage().heapUsed;
}

async function createMany(host: string, poolIdleTimeout: number): Promise<Transport[]> {
  const names = Array.from({ length: count }, (_, index) => `user${index}`);
  const transports = await Promise.all(
    names.map((name) => createTransport({ proxy: `http://${name}:secret@${host}`, poolIdleTimeout })),
  );
  onTestFinished(async () => void (await Promise.all(transports.map((transport) => transport.close()))));
  return transports;
}

it('a thousand transports with different proxies cost little until they are used', async () => {
  const before = await bytesInUse();
  const transports = await createMany('127.0.0.1:1', 4000);
  const each = ((await bytesInUse()) - before) / count;
  expect(transports).toHaveLength(count);
  expect(each).toBeLessThan(8 * 1024);
});

it('a thousand transports release their idle connections and most of their memory', async () => {
  const site = await startServer((_, response) => void response.end('ok'));
  const proxy = await startHttpProxy();
  await using session = await createSession();
  const before = await bytesInUse();
  const transports = await createMany(proxy.host, 200);
  for (let at = 0; at < count; at += 50) {
    const some = transports.slice(at, at + 50);
    await Promise.all(some.map(async (transport) => (await session.fetch(site.url, { transport })).text()));
  }
  expect(new Set(proxy.seen.map(({ authorization }) => authorization)).size).toBe(count);
  expect(new Set(proxy.seen.map(({ connection }) => connection)).size).toBe(count);
  while (proxy.sockets.some((socket) => !socket.destroyed))
    await new Promise((resolve) => setTimeout(resolve, 20));
  proxy.sockets.length = 0;
  proxy.seen.length = 0;
  site.seen.length = 0;
  const each = ((await bytesInUse()) - before) / count;
  expect(each).toBeLessThan(32 * 1024);
});

it('an idle connection ends after poolIdleTimeout, although the server would keep it longer', async () => {
  const site = await startServer((_, response) => {
    response.setHeader('Keep-Alive', 'timeout=600');
    response.end('ok');
  });
  await using transport = await createTransport({ poolIdleTimeout: 50 });
  await using session = await createSession({ transport });
  await (await session.fetch(site.url)).text();
  while (site.open > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(site.connections).toBe(1);
});
