import { describe, expect, it } from 'vitest';
import {
  BrowserCookieJar,
  createSession,
  loadSession,
  type Session,
  type SessionDocument,
  type SessionOptions,
  withSession,
} from '../../../src/index.ts';
import { memoryStore } from '../../../src/registry/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { openRegistry } from '../../helpers/registry.ts';
import { startServer } from '../../helpers/servers.ts';

const cookieLimits = { maxCookies: 11 };
const kept = { maxCookies: 11, maxCharacters: 4_194_304 };

/** How many cookies are left of 12 that a server sets: 10 where 11 are the most. */
async function keptOfTwelve(session: Session): Promise<number> {
  const server = await startServer((_, response) => {
    const lines = Array.from({ length: 12 }, (_, at) => `c${at}=1`);
    response.writeHead(200, { 'set-cookie': lines }).end();
  });
  await session.fetch(server.url);
  return session.getAllCookies().length;
}

describe('F28 the option cookieLimits', () => {
  it('limits the cookies that servers set', async () => {
    expect(await keptOfTwelve(await createSession({ cookieLimits }))).toBe(10);
    expect(await withSession(keptOfTwelve, { cookieLimits })).toBe(10);
    expect(await keptOfTwelve(await createSession())).toBe(12);
  });

  it('limits their characters', async () => {
    const session = await createSession({ cookieLimits: { maxCharacters: 100 } });
    expect(await keptOfTwelve(session)).toBeLessThan(12);
  });

  it('applies to a fork, and to the fork of a fork', async () => {
    const session = await createSession({ cookieLimits });
    const fork = await session.fork();
    expect(await keptOfTwelve(await fork.fork())).toBe(10);
    expect(await keptOfTwelve(fork)).toBe(10);
    const error = await refusalOf(() => session.fork({ cookieLimits }));
    expect([error.code, error.message]).toEqual([
      'ERR_INVALID_OPTION',
      expect.stringMatching(/cookieLimits.*left out/),
    ]);
  });

  it.each<[string, unknown, string]>([
    ['no object', 5, 'cookieLimits'],
    ['null', null, 'cookieLimits'],
    ['a list', [5], 'cookieLimits'],
    ['zero', { maxCookies: 0 }, 'cookieLimits.maxCookies'],
    ['a fraction', { maxCookies: 1.5 }, 'cookieLimits.maxCookies'],
    ['text', { maxCharacters: '5' }, 'cookieLimits.maxCharacters'],
    ['no limit at all', { maxCharacters: Number.POSITIVE_INFINITY }, 'cookieLimits.maxCharacters'],
    ['another name', { maxCookie: 5 }, 'did you mean maxCookies?'],
  ])('is refused with its name: %s', async (_, given, said) => {
    const options = { cookieLimits: given } as SessionOptions;
    const document = (await createSession()).save();
    const makers = [
      () => createSession(options),
      () => loadSession(document, options),
      () => openRegistry({ session: options }).create('ada'),
      () => openRegistry().create('ada', options),
    ];
    for (const make of makers) {
      const error = await refusalOf(make);
      expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(said)]);
    }
  });

  it('is refused together with cookieJar, which has its own limits', async () => {
    const error = await refusalOf(() => createSession({ cookieLimits, cookieJar: new BrowserCookieJar() }));
    expect([error.code, error.message]).toEqual([
      'ERR_INVALID_OPTION',
      expect.stringMatching(/`cookieJar` cannot be combined with cookieLimits.*new BrowserCookieJar\(/),
    ]);
  });
});

describe('F28 a saved session', () => {
  it('has the limits of its jar, from any source', async () => {
    const cookieJar = new BrowserCookieJar(cookieLimits);
    for (const session of [await createSession({ cookieLimits }), await createSession({ cookieJar })]) {
      const document = session.save();
      expect(document.cookieLimits).toEqual(kept);
      const loaded = await loadSession(JSON.stringify(document));
      expect(loaded.save().cookieLimits).toEqual(kept);
      expect(await keptOfTwelve(await loaded.fork())).toBe(10);
      expect(await keptOfTwelve(loaded)).toBe(10);
    }
  });

  it('does not contain the default limits, and loads like one of an earlier release', async () => {
    const document = (await createSession()).save();
    expect(document).not.toHaveProperty('cookieLimits');
    expect(await keptOfTwelve(await loadSession(document))).toBe(12);
  });

  it('uses the given ones instead', async () => {
    const document = (await createSession({ cookieLimits: { maxCookies: 5 } })).save();
    const loaded = await loadSession(document, { cookieLimits });
    expect(loaded.save().cookieLimits).toEqual(kept);
    expect(await keptOfTwelve(loaded)).toBe(10);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 5],
    ['a list', [11, 11]],
    ['one of the two', { maxCookies: 5 }],
    ['text', { ...kept, maxCookies: '11' }],
    ['zero', { ...kept, maxCharacters: 0 }],
    ['a fraction', { ...kept, maxCookies: 1.5 }],
    ['more than counts exactly', { ...kept, maxCookies: 2 ** 60 }],
  ])('of nonsense is no document: %s', async (_, given) => {
    const document = { ...(await createSession()).save(), cookieLimits: given } as SessionDocument;
    const error = await refusalOf(() => loadSession(JSON.stringify(document)));
    expect([error.code, error.message]).toEqual([
      'ERR_INVALID_DOCUMENT',
      expect.stringContaining('cookieLimits'),
    ]);
  });
});

describe('F28 a session of a registry', () => {
  it('has the limits of its options, else those of the registry', async () => {
    const registry = openRegistry({ session: { cookieLimits: { maxCookies: 5 } } });
    expect(await keptOfTwelve(await registry.create('ada', { cookieLimits }))).toBe(10);
    expect(await keptOfTwelve(await registry.create('bob'))).toBe(5);
    expect(await keptOfTwelve(await (await registry.create('eve', { cookieLimits })).fork())).toBe(10);
  });

  it('keeps them in a store', async () => {
    const store = memoryStore();
    const first = openRegistry({ store });
    await first.create('ada', { cookieLimits });
    await first.close();
    expect((await store.load('ada'))?.cookieLimits).toEqual(kept);
    const again = await openRegistry({ store, session: { cookieLimits: { maxCookies: 5 } } }).get('ada');
    expect(await keptOfTwelve(again)).toBe(10);
    expect(again.save().cookieLimits).toEqual(kept);
  });

  it('uses those of the registry when it was saved without any', async () => {
    const store = memoryStore();
    const first = openRegistry({ store });
    await first.create('ada');
    await first.close();
    const again = await openRegistry({ store, session: { cookieLimits } }).get('ada');
    expect(await keptOfTwelve(again)).toBe(10);
  });
});
