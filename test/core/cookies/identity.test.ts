import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  type BrowserCookieJar,
  type CookieAttributes,
  createSession,
  type Session,
  type SessionCookie,
  type SessionCookieInit,
} from '../../../src/index.ts';
import { type SeededRandom, seededRandom } from '../../helpers/random.ts';
import { refusalOf } from '../../helpers/refusals.ts';

const url = 'https://www.shop.example/a/page';

/** Cookies of one name: each differs from the first in one part of its identity. */
const twins: readonly SessionCookie[] = [
  { name: 'sid', value: 'host', domain: 'www.shop.example', path: '/', hostOnly: true },
  { name: 'sid', value: 'domain', domain: 'www.shop.example', path: '/', hostOnly: false },
  { name: 'sid', value: 'chips', domain: 'www.shop.example', path: '/', hostOnly: true, partitioned: true },
  { name: 'sid', value: 'parent', domain: 'shop.example', path: '/', hostOnly: false },
  { name: 'sid', value: 'path', domain: 'www.shop.example', path: '/a', hostOnly: true },
  { name: 'other', value: 'name', domain: 'www.shop.example', path: '/', hostOnly: true },
].map((cookie) => ({ secure: true, httpOnly: false, ...cookie }));

const values = (session: Session): string[] => session.getAllCookies().map(({ value }) => value);
const without = (value: string): string[] => allValues().filter((other) => other !== value);
const allValues = (): string[] => twins.map(({ value }) => value);

async function withTwins(): Promise<Session> {
  const session = await createSession();
  session.setCookies(twins);
  return session;
}

describe('cookies of one name and different identity are kept together', () => {
  it('getAllCookies returns all of them, and setCookies stores them', async () => {
    const [a, b] = [await withTwins(), await createSession()];
    b.setCookies(a.getAllCookies());
    expect(b.getAllCookies()).toEqual(a.getAllCookies());
    expect(values(b)).toEqual(allValues());
  });

  it.each(twins)('an expiry in the past in setCookies deletes only the $value one', async (cookie) => {
    const session = await withTwins();
    session.setCookies([{ ...cookie, expiresAtMs: 0 }]);
    expect(values(session)).toEqual(without(cookie.value));
  });

  it.each(twins)(
    'an expiry in the past among others in setCookies deletes only the $value one',
    async (cookie) => {
      const session = await withTwins();
      session.setCookies([
        { ...cookie, name: 'new', value: 'new' },
        { ...cookie, expiresAtMs: 0 },
      ]);
      expect(values(session)).toEqual([...without(cookie.value), 'new']);
    },
  );

  it.each(twins)('an expiry in the past in setCookie deletes only the $value one', async (cookie) => {
    const session = await withTwins();
    const { name, domain, hostOnly, path, secure, partitioned } = cookie;
    session.setCookie(name, '', url, {
      ...{ path, secure, expiresAtMs: 0 },
      ...(hostOnly ? {} : { domain }),
      ...(partitioned ? { partitioned } : {}),
    });
    expect(values(session)).toEqual(without(cookie.value));
  });

  it.each(twins)('a filter of the whole identity clears only the $value one', async (cookie) => {
    const session = await withTwins();
    const { name, domain, path, hostOnly, partitioned = false } = cookie;
    await session.clearCookies({ name, domain, path, hostOnly, partitioned });
    expect(values(session)).toEqual(without(cookie.value));
  });

  it.each(twins)('a new value changes only the $value one', async (cookie) => {
    const session = await withTwins();
    session.setCookies([{ ...cookie, value: 'changed' }]);
    expect(values(session)).toEqual(allValues().map((value) => (value === cookie.value ? 'changed' : value)));
  });

  it('an expired cookie does not remove another one of its name', async () => {
    const [a, b] = [await withTwins(), await createSession()];
    const saved = a
      .getAllCookies()
      .map((cookie) => ({ ...cookie, ...(cookie.value === 'chips' ? { expiresAtMs: 1 } : {}) }));
    b.setCookies(saved);
    expect(values(b)).toEqual(without('chips'));
  });
});

describe('a domain in any spelling', () => {
  const spellings = [
    'münchen.example',
    'MÜNCHEN.example',
    '.münchen.example',
    'xn--mnchen-3ya.example',
    '.XN--MNCHEN-3YA.Example',
  ];
  const home = 'https://xn--mnchen-3ya.example/';

  it.each(spellings)('%s sets, changes, deletes and clears the same cookie', async (domain) => {
    await using session = await createSession();
    session.setCookie('a', '1', home, { domain });
    expect(session.getAllCookies()).toMatchObject([{ domain: 'xn--mnchen-3ya.example', hostOnly: false }]);
    session.setCookies([{ name: 'a', value: '2', domain, path: '/', hostOnly: false }]);
    expect(session.getCookies(home)).toEqual({ a: '2' });
    session.setCookies([{ name: 'a', value: '', domain, path: '/', hostOnly: false, expiresAtMs: 0 }]);
    expect(session.getAllCookies()).toEqual([]);
    session.setCookie('a', '1', home, { domain });
    await session.clearCookies({ domain });
    expect(session.getAllCookies()).toEqual([]);
    session.setCookie('a', '1', home, { domain });
    expect(session.cookieJar).toHaveProperty('size', 1);
  });

  it.each(['', 'a b', 'a/b', 'shop.example:80', `${'a'.repeat(300)}.example`])(
    'a filter whose domain is no host is refused: %j',
    async (domain) => {
      await using session = await createSession();
      session.setCookie('a', '1', home);
      await expect(session.clearCookies({ domain })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
      expect(session.getAllCookies()).toHaveLength(1);
    },
  );

  it('of an IPv6 address is in brackets', async () => {
    await using session = await createSession();
    session.setCookie('a', '1', 'http://[::1]/');
    await session.clearCookies({ domain: '[0:0::1]' });
    expect(session.getAllCookies()).toEqual([]);
  });

  it('a filter with an invalid flag is refused', async () => {
    await using session = await createSession();
    const filter = { hostOnly: 'yes' } as unknown as { hostOnly: boolean };
    expect((await refusalOf(() => session.clearCookies(filter))).message).toContain('filter.hostOnly');
  });
});

describe('the methods do the same as a Set-Cookie line, and can undo it', () => {
  const hosts = ['www.shop.example', 'shop.example', 'xn--mnchen-3ya.example', '127.0.0.1'];
  const names = ['sid', 'b', '__Secure-sid', '__Host-sid', '__Http-sid'];
  const spellings: Readonly<Record<string, readonly string[]>> = {
    'xn--mnchen-3ya.example': ['münchen.example', '.MÜNCHEN.example', 'XN--MNCHEN-3YA.example'],
    'shop.example': ['.shop.example', 'SHOP.example'],
  };

  /** A Set-Cookie line, and the arguments of setCookie that say the same. */
  interface Said {
    readonly line: string;
    readonly url: string;
    readonly name: string;
    readonly value: string;
    readonly attributes: CookieAttributes;
  }

  const maybe = <Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } =>
    (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };

  function randomSaid(random: SeededRandom): Said {
    const host = random.pick(hosts);
    const domain = random.pick([undefined, host, host.replace(/^www\./, '')]);
    // Instants of a line are whole seconds.
    const tomorrow = (Math.floor(Date.now() / 1000) + 86_400) * 1000;
    const attributes: CookieAttributes = {
      ...maybe('path', random.pick([undefined, '/', '/a'])),
      ...maybe('domain', domain && random.pick([domain, ...(spellings[domain] ?? [])])),
      ...maybe('sameSite', random.pick([undefined, 'lax', 'strict', 'none'] as const)),
      ...maybe('expiresAtMs', random.pick([undefined, undefined, 1000, tomorrow])),
      ...{ secure: random.below(4) > 0, httpOnly: random.below(3) === 0, partitioned: random.below(3) === 0 },
    };
    const scheme = random.pick(['https', 'https', 'http']);
    const url = `${scheme}://${host}${random.pick(['/', '/a/page'])}`;
    const [name, value] = [random.pick(names), String(random.below(1000))];
    return {
      line: lineOf(`${name}=${value}`, { ...attributes, ...maybe('domain', domain) }),
      url,
      name,
      value,
      attributes,
    };
  }

  function lineOf(pair: string, { path, domain, sameSite, expiresAtMs, ...flags }: CookieAttributes): string {
    const said = [
      ['Path', path],
      ['Domain', domain],
      ['SameSite', sameSite],
      ['Expires', expiresAtMs && new Date(expiresAtMs).toUTCString()],
    ].filter(([, value]) => value !== undefined);
    const raised = Object.entries(flags).filter(([, flag]) => flag);
    return [pair, ...said.map((each) => each.join('=')), ...raised.map(([flag]) => flag)].join('; ');
  }

  /** Takes the cookies that are new, and puts back those that were changed or deleted. */
  async function undo(session: Session, before: readonly SessionCookie[]): Promise<void> {
    for (const cookie of session.getAllCookies()) {
      if (before.some((other) => JSON.stringify(other) === JSON.stringify(cookie))) continue;
      const { name, domain, path, hostOnly, partitioned = false } = cookie;
      await session.clearCookies({ name, domain, path, hostOnly, partitioned });
    }
    session.setCookies(before);
  }

  const sorted = (cookies: readonly SessionCookie[]): string[] =>
    cookies.map((cookie) => JSON.stringify(cookie)).sort();

  /** The same cookie for setCookies, which has no URL to take a scope from. */
  function recordOf({ name, value, url, attributes: { domain, ...others } }: Said): SessionCookieInit {
    const scope = domain === undefined ? { url } : { domain, hostOnly: isIP(domain) !== 0 };
    return { name, value, path: new URL(url).pathname === '/' ? '/' : '/a', ...others, ...scope };
  }

  function outcomeOf(stored: boolean, reason: string | undefined): 'stored' | 'expired' | 'refused' {
    if (stored) return 'stored';
    return reason === 'expired' ? reason : 'refused';
  }

  it.each([1, 2, 3, 4])('for any run of cookies (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const [lines, verbs, records] = [await createSession(), await createSession(), await createSession()];
    const jar = lines.cookieJar as BrowserCookieJar;
    const counts = { stored: 0, expired: 0, refused: 0 };
    for (let step = 0; step < 400; step++) {
      const said = randomSaid(random);
      const { line, url, name, value, attributes } = said;
      const before = lines.getAllCookies();
      const { stored, reason } = jar.receive(line, new URL(url));
      const what = outcomeOf(stored, reason);
      counts[what]++;
      // What a server may not do, the caller may: http sets nothing that is Secure.
      if (what === 'refused') continue;
      const after = lines.getAllCookies();
      verbs.setCookie(name, value, url, attributes);
      expect([line, verbs.getAllCookies()]).toEqual([line, after]);
      records.setCookies([recordOf(said)]);
      expect([line, records.getAllCookies()]).toEqual([line, after]);
      await undo(records, before);
      expect([line, sorted(records.getAllCookies())]).toEqual([line, sorted(before)]);
      await records.clearCookies();
      records.setCookies(after);
      expect(records.getAllCookies()).toEqual(after);
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(20);
    for (const cookie of verbs.getAllCookies()) verbs.setCookies([{ ...cookie, expiresAtMs: 0 }]);
    expect(verbs.getAllCookies()).toEqual([]);
  });
});
