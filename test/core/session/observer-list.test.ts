import { describe, expect, it } from 'vitest';
import { createSession, type Observer } from '../../../src/index.ts';
import { startServer } from '../../helpers/servers.ts';

function noting(): { readonly seen: string[]; readonly observer: Observer } {
  const seen: string[] = [];
  return { seen, observer: { onCallStart: ({ url }) => seen.push(new URL(url).pathname) } };
}

async function openSession(observers: readonly Observer[] = []) {
  const server = await startServer((_, response) => void response.end());
  const session = await createSession({ observers });
  return { session, get: async (path: string) => (await session.fetch(server.url + path)).text() };
}

describe('session.observe', () => {
  it('watches the calls that start between it and its end, beside the observers of the options', async () => {
    const [fixed, added] = [noting(), noting()];
    const { session, get } = await openSession([fixed.observer]);
    await get('/before');
    const stop = session.observe(added.observer);
    await get('/during');
    stop();
    await get('/after');
    expect(added.seen).toEqual(['/during']);
    expect(fixed.seen).toEqual(['/before', '/during', '/after']);
    await session.close();
  });

  it('ends once: when one object was added twice, the other one continues', async () => {
    const { seen, observer } = noting();
    const { session, get } = await openSession();
    const stop = session.observe(observer);
    session.observe(observer);
    stop();
    stop();
    await get('/once');
    expect(seen).toEqual(['/once']);
    await session.close();
  });

  it('is refused for a value that is not an observer, and after the session was closed', async () => {
    const { session } = await openSession();
    expect(() => session.observe(null as unknown as Observer)).toThrow(/observers\[0\] must be an object/);
    await session.close();
    expect(() => session.observe({})).toThrow(expect.objectContaining({ code: 'ERR_SESSION_CLOSED' }));
  });
});
