import { describe, expect, it } from 'vitest';
import {
  createRegistry,
  memoryStore,
  type SessionStore,
  type UpdateOptions,
} from '../../src/registry/index.ts';
import type { DocumentChange } from '../../src/registry/store.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';

/** A store that notes how much it is asked at once, and in which order. */
class CountingStore implements SessionStore {
  readonly shared = true;
  readonly inner = memoryStore();
  readonly updated: string[] = [];
  most = 0;
  #under = 0;

  async #count<T>(work: () => Promise<T>): Promise<T> {
    this.most = Math.max(this.most, ++this.#under);
    // As a store that takes its time.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      return await work();
    } finally {
      this.#under--;
    }
  }

  load(id: string) {
    return this.#count(() => this.inner.load(id));
  }

  update(id: string, change: DocumentChange, options?: UpdateOptions) {
    this.updated.push(id);
    return this.#count(() => this.inner.update(id, change, options));
  }

  kill(id: string, options: Parameters<NonNullable<SessionStore['kill']>>[1]) {
    return this.#count(() => this.inner.kill?.(id, options) ?? Promise.resolve(false));
  }

  ids() {
    return this.inner.ids();
  }

  async close() {}
}

async function many(count: number, options = {}) {
  const store = new CountingStore();
  const clock = new FakeClock();
  const registry = openRegistry({ store, clock, saveInterval: 1000, ...options });
  const sessions = [];
  for (let index = 0; index < count; index++) sessions.push(await registry.create(`s${index}`));
  store.most = 0;
  store.updated.length = 0;
  return { store, clock, registry, sessions };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('F2 a thousand sessions', () => {
  it.each<[string, (registry: ReturnType<typeof openRegistry>) => Promise<unknown>]>([
    ['save', (registry) => registry.save()],
    ['close', (registry) => registry.close()],
    ['killAll', (registry) => registry.killAll()],
    ['list', (registry) => registry.list()],
  ])('ask the store no more than 64 questions at once: %s', async (_, action) => {
    const { store, registry } = await many(1000);
    await action(registry);
    expect(store.most).toBeLessThanOrEqual(64);
  });

  it('send no more requests than that for automatic saves', async () => {
    const { store, clock } = await many(1000);
    clock.advance(1000);
    await settled();
    expect([store.updated.length, store.most]).toEqual([1000, 64]);
  });

  it('are not written when they have not changed', async () => {
    const { store, registry, sessions } = await many(1000);
    await registry.save();
    store.updated.length = 0;
    sessions[7]?.setCookie('a', '1', 'https://example.com/');
    await registry.close();
    expect(store.updated).toEqual(['s7']);
  });

  it('are saved first where they have changes', async () => {
    const { store, registry, sessions } = await many(1000);
    await registry.save();
    store.updated.length = 0;
    const server = await startServer((request, response) => {
      if (request.url === '/') response.writeHead(200, { 'set-cookie': 'late=1' }).end();
    });
    await Promise.all([998, 999].map((index) => sessions[index]?.fetch(server.url)));
    // Requests that never end hold up no save.
    const hung = sessions.slice(0, 100).map((session) => session.fetch(`${server.url}/hangs`));
    for (const each of hung) each.catch(() => {});
    const error = await refusalOf(() => registry.close({ timeout: 200 }));
    expect([error.code, error.message]).toEqual([
      'ERR_TIMEOUT',
      expect.stringMatching(/^Registry was not closed within 200 ms: \d+ sessions are not saved$/),
    ]);
    expect(store.updated.slice(0, 2).sort()).toEqual(['s998', 's999']);
    await server.close();
    await registry.close();
  });
});

describe('F5 a creation that hangs', () => {
  it('delays no other session when the registry closes', async () => {
    const store = new CountingStore();
    const server = await startServer(() => {});
    const registry = createRegistry({ store });
    const session = await registry.create('ada');
    session.setCookie('sid', '1', 'https://example.com/');
    const hung = registry.create('bob', { url: server.url });
    hung.catch(() => {});
    while (server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await refusalOf(() => registry.close({ timeout: 100 }))).code).toBe('ERR_TIMEOUT');
    expect([await store.ids(), session.closed]).toEqual([['ada'], true]);
    await server.close();
    await registry.close();
  });

  it.each([0, -1, 'soon'])('is not waited for %o milliseconds', async (timeout) => {
    const registry = openRegistry();
    const error = await refusalOf(() => registry.close({ timeout: timeout as number }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining('timeout') });
  });
});

describe('F12 a save that fails', () => {
  it('is tried again automatically, although it was requested', async () => {
    const { store, clock, registry, sessions } = await many(1);
    const update = store.inner.update.bind(store.inner);
    const { RequestError } = await import('../../src/index.ts');
    store.inner.update = async () => Promise.reject(new RequestError('ERR_STORE', 'away'));
    sessions[0]?.setCookie('sid', '1', 'https://example.com/');
    expect((await refusalOf(() => registry.save('s0'))).code).toBe('ERR_STORE');
    store.inner.update = update;
    clock.advance(1000);
    await settled();
    expect((await store.inner.load('s0'))?.cookies.length).toBe(1);
  });
});

describe('one code for many failures', () => {
  it('is on the error of all of them', async () => {
    const { store, registry } = await many(3);
    const { RequestError } = await import('../../src/index.ts');
    store.inner.update = async () => Promise.reject(new RequestError('ERR_STORE', 'away'));
    const error: unknown = await registry.save().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ code: 'ERR_STORE', errors: { length: 3 } });
  });
});
