import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/registry/index.ts';
import { resolveLogin } from '../../src/registry/login-options.ts';
import { Logins } from '../../src/registry/logins.ts';
import { startLoginSite } from '../helpers/login-site.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';

const login = resolveLogin({ login: () => {} });

describe('F22 the logins that are kept', () => {
  it('are those of sessions that can still be requested', () => {
    const clock = new FakeClock();
    const logins = new Logins(clock);
    for (let index = 0; index < 1000; index++) {
      logins.note(`s${index}`, login);
      logins.unloaded(`s${index}`, 500);
      clock.advance(1);
    }
    // One that has none costs nothing.
    logins.unloaded('other', 500);
    expect(logins.size).toBe(499);
    logins.loaded('s999');
    clock.advance(1000);
    logins.unloaded('other', 500);
    expect(logins.size).toBe(1);
    logins.ended('s999');
    expect(logins.size).toBe(0);
  });

  it('are kept when a session never ends', () => {
    const logins = new Logins(new FakeClock());
    logins.note('ada', login);
    logins.unloaded('ada', Number.POSITIVE_INFINITY);
    expect(logins.size).toBe(1);
  });

  it('are used for a session that is loaded again in time', async () => {
    const site = await startLoginSite();
    const registry = openRegistry({ store: memoryStore(), idleTimeout: 3_600_000 });
    const session = await registry.create('ada', {
      baseUrl: site.server.url,
      login: async (trial) => void (await trial.fetch('/login', { method: 'POST', body: 'x' })),
    });
    await session.close();
    expect((await (await registry.get('ada')).fetch('/page')).status).toBe(200);
  });
});
