import { describe, expect, it } from 'vitest';
import { createRegistry } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';
import { FaultyStore } from '../helpers/stores.ts';

describe('close', () => {
  it('ends every session, and everything after it is refused', async () => {
    const clock = new FakeClock();
    const registry = createRegistry({ clock, idleTimeout: 1000 });
    const sessions = [await registry.create('a'), await registry.create('b')];
    await registry.close();
    await registry.close();
    expect(clock.waiting).toBe(0);
    expect(sessions.map(({ closed }) => closed)).toEqual([true, true]);
    for (const action of [
      'create',
      'get',
      'getOrCreate',
      'has',
      'kill',
      'list',
      'killAll',
      'save',
    ] as const) {
      const error = await refusalOf(() => registry[action]('a'));
      expect([action, error.code]).toEqual([action, 'ERR_REGISTRY_CLOSED']);
    }
  });

  it('waits for requests that are under way, and saves what they changed', async () => {
    const store = new FaultyStore();
    const arrived = Promise.withResolvers<() => void>();
    const server = await startServer((_, response) =>
      arrived.resolve(() => void response.writeHead(200, { 'set-cookie': 'late=1' }).end('ok')),
    );
    const registry = createRegistry({ store });
    const session = await registry.create('ada');
    const answer = session.fetch(server.url);
    const respond = await arrived.promise;
    const closed = registry.close();
    respond();
    await closed;
    expect(await (await answer).text()).toBe('ok');
    expect((await store.load('ada'))?.cookies.map(({ name }) => name)).toEqual(['late']);
  });

  it('ends all sessions despite failures, and throws every failure at the end', async () => {
    const store = new FaultyStore();
    const registry = createRegistry({ store });
    const sessions = [await registry.create('a'), await registry.create('b'), await registry.create('c')];
    store.down = true;
    const error = await registry.close().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors.map(({ code }) => code)).toEqual(Array(3).fill('ERR_STORE'));
    expect(sessions.every(({ closed }) => closed)).toBe(true);
  });

  it('is called at the end of await using', async () => {
    let session: { readonly closed: boolean } | undefined;
    {
      await using registry = createRegistry();
      session = await registry.create('ada');
    }
    expect(session.closed).toBe(true);
  });

  it('does not close the store, which is the caller\u2019s', async () => {
    const store = new FaultyStore();
    let closes = 0;
    store.close = async () => void closes++;
    await createRegistry({ store }).close();
    expect(closes).toBe(0);
  });

  it('waits for a creation that is under way and ends that session too', async () => {
    const arrived = Promise.withResolvers<() => void>();
    const server = await startServer((_, response) => arrived.resolve(() => void response.end('ok')));
    const registry = createRegistry();
    const creating = registry.create('ada', { url: server.url });
    const respond = await arrived.promise;
    const closed = registry.close();
    respond();
    const session = await creating;
    await closed;
    expect(session.closed).toBe(true);
  });
});

describe('a session in a registry', () => {
  it('shows no secret in inspect and JSON', async () => {
    const { inspect } = await import('node:util');
    const registry = openRegistry();
    const session = await registry.create('ada', {
      userData: 'c4n4ry',
      proxy: 'http://u:c4n4ry@127.0.0.1:1',
    });
    session.setCookie('sid', 'c4n4ry', 'https://example.com/');
    const deep = { depth: 20, showHidden: true, getters: false };
    const texts = [session, registry].flatMap((value) => [inspect(value, deep), JSON.stringify(value)]);
    for (const text of texts) expect(text).not.toContain('c4n4ry');
  });
});
