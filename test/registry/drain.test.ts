import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';

const url = 'https://example.com/';
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('F20 drain', () => {
  it('waits for work in progress, gives no new lease, and saves', async () => {
    const store = memoryStore();
    const registry = openRegistry({ store, saveInterval: false });
    const lease = await registry.lease('ada');
    const waiting = registry.lease('ada');
    let isDrained = false;
    const drained = registry.drain().then(() => {
      isDrained = true;
    });
    await turn();
    expect(isDrained).toBe(false);
    expect(await refusalOf(() => registry.lease('bob'))).toMatchObject({
      code: 'ERR_REGISTRY_CLOSED',
      message: expect.stringContaining('draining'),
    });
    // Work in progress may need another session still.
    (await registry.getOrCreate('bob')).setCookie('b', '1', url);
    lease.session.setCookie('a', '1', url);
    await lease.release();
    expect((await refusalOf(() => waiting)).code).toBe('ERR_REGISTRY_CLOSED');
    await drained;
    expect([await store.load('ada'), await store.load('bob')]).toMatchObject([
      { cookies: [{ name: 'a' }] },
      { cookies: [{ name: 'b' }] },
    ]);
    expect(registry.stats()).toMatchObject({ leases: 0, unsaved: 0 });
  });

  it('waits for requests that are under way', async () => {
    const arrived = Promise.withResolvers<() => void>();
    const server = await startServer((_, response) =>
      arrived.resolve(() => void response.writeHead(200, { 'set-cookie': 'late=1' }).end('ok')),
    );
    const store = memoryStore();
    const registry = openRegistry({ store, saveInterval: false });
    const session = await registry.create('ada');
    const text = session.fetch(server.url).then((response) => response.text());
    const respond = await arrived.promise;
    const drained = registry.drain();
    await turn();
    respond();
    await drained;
    expect([await text, await store.load('ada')]).toMatchObject(['ok', { cookies: [{ name: 'late' }] }]);
  });

  it('ends after its timeout, and says how many sessions are not saved', async () => {
    const registry = openRegistry({ store: memoryStore(), saveInterval: false });
    const lease = await registry.lease('ada');
    expect(await refusalOf(() => registry.drain({ timeout: 10 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'Registry was not drained within 10 ms: 1 sessions are not saved',
    });
    await lease.release();
  });
});
