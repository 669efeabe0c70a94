import { describe, expect, it, onTestFinished } from 'vitest';
import type { Session } from '../../src/index.ts';
import { fileStore, memoryStore, redisStore, type SessionStore } from '../../src/registry/index.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { openRegistry } from '../helpers/registry.ts';
import { startVisitorSite, type VisitorSite } from '../helpers/visitor-site.ts';

const login = async (session: Session): Promise<void> => {
  await session.fetch('/login', { method: 'POST', form: { user: 'ada', password: 'right' } });
};

const optionsFor = (site: VisitorSite) => ({ baseUrl: site.server.url, login });

const kinds = [
  { regenerates: true, refuses: 'status' },
  { regenerates: false, refuses: 'status' },
  { regenerates: true, refuses: 'redirect' },
  { regenerates: false, refuses: 'redirect' },
  { regenerates: true, refuses: 'status', clears: true },
  { regenerates: true, refuses: 'redirect', clears: true },
] as const;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(kinds)('a site that gives every visitor a session cookie (%o)', (kind) => {
  it('logs in once for all requests of one moment', async () => {
    const site = await startVisitorSite(kind);
    const session = await openRegistry().getOrCreate('ada', optionsFor(site));
    const answers = await Promise.all(Array.from({ length: 20 }, () => session.fetch('/members')));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect([new Set(texts), site.logins]).toEqual([new Set(['welcome']), 1]);
    site.logOut();
    const again = await Promise.all(Array.from({ length: 20 }, () => session.fetch('/members')));
    const late = await Promise.all(again.map((answer) => answer.text()));
    expect([new Set(late), site.logins]).toEqual([new Set(['welcome']), 2]);
  });

  it('cannot undo the login by an answer that comes while the login runs', async () => {
    const site = await startVisitorSite(kind);
    const session = await openRegistry().getOrCreate('ada', optionsFor(site));
    const [gate, slow] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    Object.assign(site, { gate: gate.promise, slow: slow.promise });
    const late = session.fetch('/slow');
    await until(() => site.server.seen.some(({ url }) => url === '/slow'));
    const first = session.fetch('/members');
    await until(() => site.posts === 1);
    slow.resolve();
    // The login waits until the anonymous cookie of the late answer is in the jar.
    await until(() => site.server.seen.filter(({ url }) => url === '/members').length > 0);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    gate.resolve();
    const texts = await Promise.all([late, first].map(async (answer) => (await answer).text()));
    expect([texts, site.logins]).toEqual([['welcome', 'welcome'], 1]);
  });

  it('cannot undo the login by an answer that comes after it', async () => {
    const site = await startVisitorSite(kind);
    const session = await openRegistry().getOrCreate('ada', optionsFor(site));
    const slow = Promise.withResolvers<void>();
    site.slow = slow.promise;
    const late = session.fetch('/slow');
    await until(() => site.server.seen.some(({ url }) => url === '/slow'));
    expect(await (await session.fetch('/members')).text()).toBe('welcome');
    slow.resolve();
    expect(await (await late).text()).toBe('welcome');
    expect([await (await session.fetch('/members')).text(), site.logins]).toEqual(['welcome', 1]);
  });

  const stores: [string, boolean, () => Promise<() => SessionStore>][] = [
    [
      'memoryStore',
      true,
      async () => {
        const store = memoryStore();
        return () => store;
      },
    ],
    [
      'fileStore',
      true,
      async () => {
        const folder = await temporaryFolder();
        return () => fileStore(folder);
      },
    ],
    [
      'redisStore',
      hasRedis,
      async () => {
        const server = await startRedis();
        onTestFinished(() => server.stop());
        return () => {
          const store = redisStore(server.url);
          onTestFinished(() => store.close());
          return store;
        };
      },
    ],
  ];

  describe.each(stores)('with two registries on one %s', (_, isThere, prepare) => {
    it.skipIf(!isThere)('are both logged in by one login, in turn and in parallel', async () => {
      const site = await startVisitorSite(kind);
      const open = await prepare();
      const [one, two] = [openRegistry({ store: open() }), openRegistry({ store: open() })];
      const first = await one.getOrCreate('ada', optionsFor(site));
      const second = await two.getOrCreate('ada', optionsFor(site));
      // Each with a cookie of its own.
      const strangers = await Promise.all(
        [first, second].map((session) => session.fetch('/login').then((answer) => answer.status)),
      );
      expect(strangers).toEqual([200, 200]);
      expect(await (await first.fetch('/members')).text()).toBe('welcome');
      expect(await (await second.fetch('/members')).text()).toBe('welcome');
      expect(site.logins).toBe(1);
      site.logOut();
      const answers = await Promise.all(
        [first, second, first, second].map(async (session) => (await session.fetch('/members')).text()),
      );
      expect([new Set(answers), site.logins]).toEqual([new Set(['welcome']), 2]);
      await Promise.all([one.save(), two.save()]);
      expect(await (await first.fetch('/members')).text()).toBe('welcome');
      const third = await openRegistry({ store: open() }).get('ada');
      expect([await (await third.fetch(`${site.server.url}/members`)).text(), site.logins]).toEqual([
        'welcome',
        2,
      ]);
    });
  });
});
