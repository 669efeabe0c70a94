import { describe, expect, it } from 'vitest';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';

const expired = 'session not found: ada (it expired)';

describe('idleTimeout', () => {
  it('ends a session that was unused for that time', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, idleTimeout: 1000 });
    const session = await registry.create('ada');
    clock.advance(999);
    expect(session.closed).toBe(false);
    clock.advance(1 + 20);
    expect(session.closed).toBe(true);
    expect((await refusalOf(() => registry.get('ada'))).message).toBe(expired);
  });

  it('counts from the last get', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, idleTimeout: 1000 });
    const session = await registry.create('ada');
    clock.advance(900);
    await registry.get('ada');
    clock.advance(900);
    expect(await registry.get('ada')).toBe(session);
  });

  it('counts from the end of the last request, and does not end a session under a request', async () => {
    const clock = new FakeClock();
    const arrived = Promise.withResolvers<() => void>();
    const server = await startServer((_, response) => arrived.resolve(() => void response.end('ok')));
    const registry = openRegistry({ clock, idleTimeout: 1000 });
    const session = await registry.create('ada');
    const answer = session.fetch(server.url);
    const respond = await arrived.promise;
    clock.advance(5000);
    expect(session.closed).toBe(false);
    respond();
    expect(await (await answer).text()).toBe('ok');
    clock.advance(900);
    expect(session.closed).toBe(false);
    clock.advance(200);
    expect(session.closed).toBe(true);
  });

  it('is not extended by has and list', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, idleTimeout: 1000 });
    const session = await registry.create('ada');
    clock.advance(900);
    expect([await registry.has('ada'), (await registry.list()).length]).toEqual([true, 1]);
    clock.advance(200);
    expect(session.closed).toBe(true);
  });

  it('is shown by list as the time at which the session ends', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, idleTimeout: 1000 });
    await registry.create('ada');
    clock.advance(400);
    expect(await registry.list()).toMatchObject([{ expiresAt: clock.wall() + 600 }]);
  });
});

describe('maxAge', () => {
  it('ends a session however often it is used', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, maxAge: 1000 });
    const session = await registry.create('ada');
    for (let step = 0; step < 9; step++) {
      clock.advance(100);
      await registry.get('ada');
    }
    clock.advance(120);
    expect(session.closed).toBe(true);
    expect((await refusalOf(() => registry.get('ada'))).message).toBe(expired);
  });

  it('lets a request finish that is under way, and refuses the next', async () => {
    const clock = new FakeClock();
    const arrived = Promise.withResolvers<() => void>();
    const server = await startServer((_, response) => arrived.resolve(() => void response.end('ok')));
    const registry = openRegistry({ clock, maxAge: 1000 });
    const session = await registry.create('ada');
    const answer = session.fetch(server.url);
    const respond = await arrived.promise;
    clock.advance(2000);
    expect((await refusalOf(() => session.fetch(server.url))).code).toBe('ERR_SESSION_CLOSED');
    respond();
    expect(await (await answer).text()).toBe('ok');
  });
});

describe('the timer', () => {
  it('is one for all sessions, and does not exist when nothing can be due', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, idleTimeout: 1000, maxAge: 5000 });
    for (const id of ['a', 'b', 'c']) await registry.create(id);
    expect(clock.waiting).toBe(1);
    clock.advance(6000);
    expect(clock.waiting).toBe(0);
    const patient = new FakeClock();
    await openRegistry({ clock: patient }).create('a');
    expect(patient.waiting).toBe(0);
  });

  it('is not required: an expired session is not returned', async () => {
    const clock = new FakeClock();
    clock.schedule = () => () => {};
    const registry = openRegistry({ clock, idleTimeout: 1000 });
    const session = await registry.create('ada');
    clock.advance(1001);
    expect((await refusalOf(() => registry.get('ada'))).message).toBe(expired);
    expect(session.closed).toBe(true);
    expect((await registry.getOrCreate('ada')).closed).toBe(false);
  });

  it('allows delays longer than a timer can have', async () => {
    const clock = new FakeClock();
    const delays: number[] = [];
    const schedule = clock.schedule.bind(clock);
    clock.schedule = (callback, delay) => {
      delays.push(delay);
      return schedule(callback, delay);
    };
    const year = 365 * 86_400_000;
    const registry = openRegistry({ clock, idleTimeout: year });
    const session = await registry.create('ada');
    clock.advance(year - 1);
    expect([session.closed, Math.max(...delays)]).toEqual([false, 2 ** 31 - 1]);
    clock.advance(50);
    expect(session.closed).toBe(true);
  });

  it('Y03 does not depend on the time of the system', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, idleTimeout: 1000 });
    const session = await registry.create('ada');
    clock.wall = () => Date.now() + 86_400_000;
    expect(await registry.get('ada')).toBe(session);
  });
});

describe('maxSessions', () => {
  it('removes the session that was unused for longest from memory', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, maxSessions: 2 });
    const [ada, bob] = [await registry.create('ada'), await registry.create('bob')];
    clock.advance(1);
    await registry.get('ada');
    clock.advance(1);
    await registry.create('eve');
    expect([ada.closed, bob.closed, registry.size]).toEqual([false, true, 2]);
    expect((await refusalOf(() => registry.get('bob'))).message).toContain('it expired');
  });

  it('does not remove a session during a request', async () => {
    const clock = new FakeClock();
    const arrived = Promise.withResolvers<() => void>();
    const server = await startServer((_, response) => arrived.resolve(() => void response.end('ok')));
    const registry = openRegistry({ clock, maxSessions: 2 });
    const ada = await registry.create('ada');
    const answer = ada.fetch(server.url);
    const respond = await arrived.promise;
    clock.advance(1);
    const bob = await registry.create('bob');
    await registry.create('eve');
    expect([ada.closed, bob.closed]).toEqual([false, true]);
    respond();
    await answer;
  });

  it('refuses one more with whenFull, until one has ended', async () => {
    const clock = new FakeClock();
    const registry = openRegistry({ clock, maxSessions: 1, whenFull: 'refuse', idleTimeout: 1000 });
    await registry.create('ada');
    expect((await refusalOf(() => registry.create('bob'))).code).toBe('ERR_TOO_MANY_SESSIONS');
    expect((await registry.getOrCreate('ada')).id).toBe('ada');
    clock.advance(1100);
    expect((await registry.create('bob')).id).toBe('bob');
  });

  it('does not count expired sessions', async () => {
    const clock = new FakeClock();
    clock.schedule = () => () => {};
    const registry = openRegistry({ clock, maxSessions: 1, whenFull: 'refuse', idleTimeout: 1000 });
    await registry.create('ada');
    clock.advance(1001);
    expect((await registry.create('bob')).id).toBe('bob');
  });

  it('applies to sessions that are created at the same time', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const registry = openRegistry({ maxSessions: 3, whenFull: 'refuse' });
    const asked = Array.from({ length: 10 }, (_, index) => registry.create(`s${index}`, { url: server.url }));
    const ends = await Promise.allSettled(asked);
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBe(3);
    expect(registry.size).toBe(3);
  });
});
