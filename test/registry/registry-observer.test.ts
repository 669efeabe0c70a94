import { describe, expect, it } from 'vitest';
import {
  createRegistry,
  memoryStore,
  type RegistryObserver,
  type RegistryOptions,
} from '../../src/registry/index.ts';
import { startLoginSite } from '../helpers/login-site.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { FaultyStore } from '../helpers/stores.ts';

const url = 'https://example.com/';

/** A registry whose events are written down: method, id, and the code of a failure. */
function watched(options: RegistryOptions = {}) {
  const seen: string[] = [];
  const note =
    (method: string) =>
    (event: object): void => {
      const { id, name, failure } = event as {
        id: string;
        name?: string;
        failure?: { reason: { code?: string } } | null;
      };
      seen.push([method, id, name, failure?.reason.code].filter((word) => word !== undefined).join(' '));
    };
  const observer: RegistryObserver = {
    onCreate: note('create'),
    onLoad: note('load'),
    onUnload: note('unload'),
    onExpire: note('expire'),
    onKill: note('kill'),
    onSave: note('save'),
    onLogin: note('login'),
    onLock: note('lock'),
    onConflict: note('conflict'),
  };
  return { registry: openRegistry({ saveInterval: false, ...options, observers: [observer] }), seen };
}

describe('observers of a registry', () => {
  it('are called when sessions are created, loaded, unloaded and killed', async () => {
    const { registry, seen } = watched({ store: memoryStore(), maxSessions: 1 });
    await registry.create('ada');
    await registry.create('bob');
    await registry.get('ada');
    await registry.kill('ada');
    await registry.kill('bob');
    await refusalOf(() => registry.get('bob'));
    expect(seen.filter((line) => !line.startsWith('save'))).toEqual([
      ...['create ada', 'create bob', 'unload ada', 'load ada', 'unload bob', 'kill ada', 'kill bob'],
    ]);
  });

  it('are called for an expiry, once, and for the next session of that name', async () => {
    const clock = new FakeClock();
    const { registry, seen } = watched({ clock, idleTimeout: 1000 });
    for (let round = 0; round < 2; round++) {
      await registry.create('ada');
      clock.advance(1100);
      await refusalOf(() => registry.get('ada'));
    }
    expect(seen).toEqual(['create ada', 'expire ada', 'create ada', 'expire ada']);
  });

  it('are called for saves and logins, with the reason of a failure', async () => {
    const site = await startLoginSite();
    const store = new FaultyStore();
    const { registry, seen } = watched({ store });
    let password = 'wrong';
    const session = await registry.create('ada', {
      baseUrl: site.server.url,
      loginBackoff: () => 1,
      login: async (trial) => {
        if (password === 'wrong') throw new Error('wrong password');
        await trial.fetch('/login', { method: 'POST', form: { user: 'ada' } });
      },
    });
    expect((await refusalOf(() => session.fetch('/page'))).code).toBe('ERR_LOGIN_FAILED');
    password = 'right';
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await session.fetch('/page')).status).toBe(200);
    store.down = true;
    session.setCookie('a', '1', url);
    await refusalOf(() => registry.save('ada'));
    store.down = false;
    expect(seen).toEqual([
      ...['create ada', 'lock ada login', 'save ada', 'login ada ERR_LOGIN_FAILED'],
      ...['lock ada login', 'login ada', 'save ada', 'save ada ERR_STORE'],
    ]);
    expect(registry.stats()).toMatchObject({
      ...{ sessions: 1, busy: 0, unsaved: 1, leases: 0, created: 1, logins: 1, failedLogins: 1 },
      ...{ saves: 2, failedSaves: 1, locks: 2, conflicts: 0, loginTime: expect.any(Number) },
    });
  });

  it('are called for a refused lock, and for dropped changes', async () => {
    const store = memoryStore();
    const { registry, seen } = watched({ store });
    const other = openRegistry({ store, saveInterval: false });
    const lock = store.lock?.bind(store);
    if (lock === undefined) return expect.fail('the store has locks');
    // As the lock of a process that stood still.
    store.lock = (id, options) => lock(id, { ...options, ttl: 20 });
    const early = await registry.lease('ada');
    store.lock = lock;
    const late = await other.lease('ada');
    expect((await refusalOf(() => registry.lease('ada', { wait: 1 }))).code).toBe('ERR_STORE_LOCKED');
    late.session.setCookie('n', 'later', url);
    await late.release();
    early.session.setCookie('n', 'earlier', url);
    await refusalOf(() => early.release());
    expect(seen.filter((line) => /^(lock|conflict)/.test(line))).toEqual(['lock ada use', 'conflict ada']);
    expect(registry.stats()).toMatchObject({ conflicts: 1, leases: 0, failedSaves: 1 });
  });

  it('do not affect the registry when they throw', async () => {
    const thrown: unknown[] = [];
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error));
    try {
      const registry = createRegistry({
        observers: [
          {
            onCreate: () => {
              throw new Error('mine');
            },
          },
        ],
      });
      expect((await registry.create('ada')).id).toBe('ada');
      await registry.close();
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener);
    }
    expect(thrown).toEqual([new Error('mine')]);
  });

  it.each([
    [{ observers: {} }, 'observers must be an array'],
    [{ observers: [{ onSaved: () => {} }] }, 'unknown method: "onSaved"'],
    [{ observers: [{ onSave: 1 }] }, 'observers[0].onSave must be a function'],
  ])('are checked: %o', async (options, message) => {
    const error = await refusalOf(() => createRegistry(options as object));
    expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(message)]);
  });
});

describe('ping', () => {
  it('returns how long the store took, and fails when it cannot be used', async () => {
    const store = new FaultyStore();
    const registry = openRegistry({ store });
    expect(await registry.ping()).toBeGreaterThanOrEqual(0);
    store.down = true;
    expect((await refusalOf(() => registry.ping())).code).toBe('ERR_STORE');
    store.down = false;
    expect(await openRegistry().ping()).toBe(0);
    await registry.close();
    expect((await refusalOf(() => registry.ping())).code).toBe('ERR_REGISTRY_CLOSED');
  });
});
