import { describe, expect, it } from 'vitest';
import { BrowserCookieJar, createSession, loadSession } from '../../../src/index.ts';
import { fileStore, memoryStore } from '../../../src/registry/index.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { seededRandom } from '../../helpers/random.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { openRegistry } from '../../helpers/registry.ts';

/** Pieces of which hostile servers make Set-Cookie lines and paths. */
const pieces = [
  ...[
    'a',
    'sid',
    '=',
    ';',
    ' ',
    '"',
    ',',
    '%3B',
    '\\',
    '/',
    '..',
    'é',
    '\u{1F36A}',
    '\udcff',
    '\udce9',
    '\u00a0',
    '\t',
  ],
  ...['__Host-', '__Secure-', '__proto__', 'constructor', 'x'.repeat(200)],
];
const attributes = [
  ...[
    'Path=/',
    'Path=/x;',
    'Path=x',
    'Path=/é',
    'Domain=example.com',
    'Domain=.www.example.com',
    'Domain=com',
    'Secure',
  ],
  ...[
    'HttpOnly',
    'SameSite=None',
    'SameSite=lax',
    'SameSite=odd',
    'Partitioned',
    'Max-Age=100000',
    'Max-Age=1e9',
  ],
  ...['Expires=Fri, 01 Jan 2038 00:00:00 GMT', 'Expires=never', 'Max-Age=-1'],
];
const urls = [
  'https://www.example.com/',
  'https://www.example.com/a;b/c',
  'http://example.com/%3B;/x',
  'https://[::1]/;/',
];

/** A jar as hostile servers can make it. */
function hostileJar(seed: number): BrowserCookieJar {
  const jar = new BrowserCookieJar();
  const { below, pick } = seededRandom(seed);
  const some = (list: readonly string[], most: number, join: string): string =>
    Array.from({ length: below(most) }, () => pick(list)).join(join);
  for (let line = 0; line < 60; line++) {
    const pair = `${some(pieces, 4, '')}=${some(pieces, 6, '')}`;
    jar.receive([pair, some(attributes, 5, '; ')].join('; '), new URL(pick(urls)));
  }
  return jar;
}

/** What a cookie is; the order of creation is that of the list. */
const facts = (cookies: readonly object[]): object[] => cookies.map((cookie) => ({ ...cookie, creation: 0 }));

describe('A12 every jar that servers can make', () => {
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);

  it.each(seeds)('loads again as it was saved (seed %i)', async (seed) => {
    const jar = hostileJar(seed);
    const session = await createSession({ cookieJar: jar });
    const text = JSON.stringify(session.save());
    const again = await loadSession(text);
    expect(facts(again.getAllCookies())).toEqual(facts(session.getAllCookies()));
    expect(session.getAllCookies().length).toBeGreaterThan(5);
    again.setCookies(session.getAllCookies());
    expect(facts(again.getAllCookies())).toEqual(facts(session.getAllCookies()));
  });

  it('comes back from a store, and survives a login', async () => {
    for (const store of [memoryStore(), fileStore(await temporaryFolder())]) {
      const cookies = hostileJar(7).allCookies();
      const registry = openRegistry({ store });
      const session = await registry.create('ada');
      session.setCookies(cookies);
      await session.close();
      const again = await registry.get('ada');
      expect(facts(again.getAllCookies())).toEqual(facts(session.cookieJar.allCookies()));
      const fork = await again.fork();
      expect(facts(fork.getAllCookies())).toEqual(facts(again.getAllCookies()));
    }
  });
});

describe('A11 a document that could not be loaded again', () => {
  const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

  it('is refused when it is given: user data that is nested too deep', async () => {
    const session = await openRegistry().create('ada');
    session.userData = deep(1000);
    const error = await refusalOf(() => {
      session.userData = deep(1001);
    });
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining('userData') });
    const plain = await createSession();
    expect((await refusalOf(() => plain.save({ userData: deep(1200) }))).code).toBe('ERR_INVALID_OPTION');
    await loadSession(plain.save({ userData: deep(1000) }));
  });

  it('is refused when it is saved: more than a document may have', async () => {
    const session = await createSession();
    const error = await refusalOf(() => session.save({ userData: 'x'.repeat(33 * 1024 * 1024) }));
    expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining('too large')]);
  });

  it('does not replace the stored document', async () => {
    const store = fileStore(await temporaryFolder());
    const registry = openRegistry({ store, saveInterval: false });
    const session = await registry.create('ada', { userData: 'small' });
    await registry.save('ada');
    session.userData = 'x'.repeat(33 * 1024 * 1024);
    expect((await refusalOf(() => registry.save('ada'))).code).toBe('ERR_INVALID_OPTION');
    expect((await store.load('ada'))?.userData).toBe('small');
    session.userData = 'small again';
    await registry.save('ada');
    expect((await store.load('ada'))?.userData).toBe('small again');
  });
});
