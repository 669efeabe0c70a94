import { describe, expect, it } from 'vitest';
import {
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

/** The Set-Cookie line that sets a cookie from `url`. */
function lineOf(cookie: SessionCookieInit): string {
  const { name, value, domain, path, hostOnly, secure, partitioned, expiresAtMs } = cookie;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(hostOnly ? [] : [`Domain=${domain}`]),
    ...(secure ? ['Secure'] : []),
    ...(partitioned ? ['Partitioned'] : []),
    ...(expiresAtMs === undefined ? [] : [`Expires=${new Date(expiresAtMs).toUTCString()}`]),
  ].join('; ');
}

describe('twins of one name live side by side', () => {
  it('and getAllCookies gives setCookies all of them', async () => {
    const [a, b] = [await withTwins(), await createSession()];
    b.setCookies(a.getAllCookies());
    expect(b.getAllCookies()).toEqual(a.getAllCookies());
    expect(values(b)).toEqual(allValues());
  });

  it.each(twins)('a past end in setCookies deletes the $value one alone', async (cookie) => {
    const session = await withTwins();
    session.setCookies([{ ...cookie, expiresAtMs: 0 }]);
    expect(values(session)).toEqual(without(cookie.value));
  });

  it.each(twins)('a past end among others in setCookies deletes the $value one alone', async (cookie) => {
    const session = await withTwins();
    session.setCookies([
      { ...cookie, name: 'new', value: 'new' },
      { ...cookie, expiresAtMs: 0 },
    ]);
    expect(values(session)).toEqual([...without(cookie.value), 'new']);
  });

  it.each(twins)('a past end in setCookie deletes the $value one alone', async (cookie) => {
    const session = await withTwins();
    const { name, domain, hostOnly, path, secure, partitioned } = cookie;
    session.setCookie(name, '', url, {
      ...{ path, secure, expiresAtMs: 0 },
      ...(hostOnly ? {} : { domain }),
      ...(partitioned ? { partitioned } : {}),
    });
    expect(values(session)).toEqual(without(cookie.value));
  });

  it.each(twins)('a filter of the whole identity clears the $value one alone', async (cookie) => {
    const session = await withTwins();
    const { name, domain, path, hostOnly, partitioned = false } = cookie;
    await session.clearCookies({ name, domain, path, hostOnly, partitioned });
    expect(values(session)).toEqual(without(cookie.value));
  });

  it.each(twins)('a new value changes the $value one alone', async (cookie) => {
    const session = await withTwins();
    session.setCookies([{ ...cookie, value: 'changed' }]);
    expect(values(session)).toEqual(allValues().map((value) => (value === cookie.value ? 'changed' : value)));
  });

  it('a twin whose end is past does not take a live one with it', async () => {
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

  it('a filter with a flag that is none is refused', async () => {
    await using session = await createSession();
    const filter = { hostOnly: 'yes' } as unknown as { hostOnly: boolean };
    expect((await refusalOf(() => session.clearCookies(filter))).message).toContain('filter.hostOnly');
  });
});

describe('what a Set-Cookie line does, the methods do and undo', () => {
  const choices = {
    name: ['sid', 'b'],
    domain: ['www.shop.example', 'shop.example'],
    path: ['/', '/a'],
  };

  function randomCookie(random: SeededRandom): SessionCookieInit {
    const domain = random.pick(choices.domain);
    return {
      name: random.pick(choices.name),
      value: String(random.below(1000)),
      domain,
      path: random.pick(choices.path),
      hostOnly: domain === 'www.shop.example' && random.below(2) === 0,
      secure: true,
      httpOnly: false,
      ...(random.below(2) === 0 ? { partitioned: true } : {}),
      ...(random.below(3) === 0
        ? { expiresAtMs: random.below(2) === 0 ? 1000 : Date.now() + 86_400_000 }
        : {}),
    };
  }

  /** Instants of a line are whole seconds. */
  const comparable = (session: Session) =>
    session
      .getAllCookies()
      .map(({ expiresAtMs, ...cookie }) => ({ ...cookie, ends: expiresAtMs !== undefined }));

  it.each([1, 2, 3, 4])('for any run of cookies (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const [lines, records, verbs] = [await createSession(), await createSession(), await createSession()];
    for (let step = 0; step < 300; step++) {
      const cookie = randomCookie(random);
      const { name, value, domain, hostOnly, url: _, ...attributes } = cookie;
      lines.cookieJar.setCookieSync(lineOf(cookie), url, { ignoreError: true });
      records.setCookies([cookie]);
      verbs.setCookie(name, value, url, { ...attributes, ...(hostOnly ? {} : { domain }) });
      expect(comparable(records)).toEqual(comparable(lines));
      expect(comparable(verbs)).toEqual(comparable(lines));
      if (step % 10 !== 0) continue;
      const copy = await createSession();
      copy.setCookies(lines.getAllCookies());
      expect(copy.getAllCookies()).toEqual(lines.getAllCookies());
      for (const known of copy.getAllCookies()) copy.setCookies([{ ...known, expiresAtMs: 0 }]);
      expect(copy.getAllCookies()).toEqual([]);
    }
  });
});
