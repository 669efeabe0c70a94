import { describe, expect, it } from 'vitest';
import { createSession, type Session, type SessionCookie } from '../../../src/index.ts';
import { type BrowserCase, browserCases, responsesOf } from '../../helpers/browser-cases.ts';

/** Every URL that the captured cases know, with and without TLS, by host. */
const urlsOfHosts = Map.groupBy(
  [
    ...new Set(
      browserCases
        .flatMap((entry) => [entry.requestUrl, ...responsesOf(entry).map(({ url }) => url)])
        .flatMap((url) => [url.replace(/^https?:/, 'http:'), url.replace(/^https?:/, 'https:')]),
    ),
  ].map((url) => new URL(url)),
  ({ hostname }) => hostname,
);

/** Where a case comes from and goes to, and up to 40 more URLs of each of its hosts. */
function targetsOf(entry: BrowserCase): URL[] {
  const own = [...responsesOf(entry).map(({ url }) => url), entry.requestUrl].map((url) => new URL(url));
  const hosts = new Set(own.map(({ hostname }) => hostname));
  return [...own, ...[...hosts].flatMap((host) => urlsOfHosts.get(host)?.slice(0, 40) ?? [])];
}

function headers(session: Session, targets: readonly URL[]): string[] {
  return targets.map((url) => session.cookieJar.getCookieStringSync(url));
}

async function copyOf(session: Session): Promise<Session> {
  const copy = await createSession();
  copy.setCookies(session.getAllCookies());
  return copy;
}

describe('setCookies(getAllCookies()) into a new session', () => {
  it('sends the same bytes in each captured case, to every URL of its hosts', async () => {
    const failed: string[] = [];
    for (const entry of browserCases) {
      await using session = await createSession();
      for (const { url, setCookie } of responsesOf(entry)) {
        for (const line of setCookie) session.cookieJar.setCookieSync(line, url, { ignoreError: true });
      }
      const targets = targetsOf(entry);
      await using copy = await copyOf(session);
      if (headers(session, targets).join('\n') !== headers(copy, targets).join('\n')) failed.push(entry.id);
    }
    expect(failed).toEqual([]);
  });

  it('sends the same bytes for all captured cases in one jar, to every URL', async () => {
    await using session = await createSession();
    for (const entry of browserCases) {
      for (const { url, setCookie } of responsesOf(entry)) {
        for (const line of setCookie) session.cookieJar.setCookieSync(line, url, { ignoreError: true });
      }
    }
    const urls = [...urlsOfHosts.values()].flat();
    await using copy = await copyOf(session);
    expect(session.getAllCookies().length).toBeGreaterThan(500);
    expect(headers(copy, urls)).toEqual(headers(session, urls));
    expect(copy.getAllCookies()).toEqual(session.getAllCookies());
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('sends the same bytes for random cookies (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    await using session = await createSession();
    for (let line = 0; line < 400; line++) {
      session.cookieJar.setCookieSync(randomLine(random), randomUrl(random), { ignoreError: true });
    }
    const targets = Array.from({ length: 200 }, () => new URL(randomUrl(random)));
    await using copy = await copyOf(session);
    expect(session.getAllCookies().length).toBeGreaterThan(50);
    expect(headers(copy, targets)).toEqual(headers(session, targets));
    expect(copy.getAllCookies()).toEqual(session.getAllCookies());
  });
});

/** Mulberry32: numbers from 0 to 1 that are the same in each run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(random: () => number, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

const names = ['sid', 'a', 'A', '', '__Host-h', '__Secure-s', '__Http-t', 'é', 'a b', '__proto__', '\udce9'];
const values = ['1', '', 'a=b', '"q v"', 'é€🍪', '\udcff\udc80', 'x'.repeat(300), '%0D%0A', ' trimmed '];
const paths = ['/', '/a', '/a/', '/a/b', '/%61', '/caf\u00e9', '', 'none'];
const domains = [
  '',
  'shop.example',
  '.www.shop.example',
  'com',
  'localhost',
  '127.0.0.1',
  '[::1]',
  'other.example',
];
const flags = [
  'Secure',
  'HttpOnly',
  'Partitioned',
  'SameSite=Lax',
  'SameSite=Strict',
  'SameSite=None',
  'Max-Age=90',
];
const hostnames = [
  'shop.example',
  'www.shop.example',
  'a.www.shop.example',
  'localhost',
  '127.0.0.1',
  '[::1]',
  'com',
  'shop.example.',
];

function randomLine(random: () => number): string {
  const parts = [`${pick(random, names)}=${pick(random, values)}`];
  if (random() < 0.5) parts.push(`Path=${pick(random, paths)}`);
  if (random() < 0.5) parts.push(`Domain=${pick(random, domains)}`);
  for (const flag of flags) if (random() < 0.35) parts.push(flag);
  return parts.join('; ');
}

function randomUrl(random: () => number): string {
  return `${pick(random, ['http', 'https', 'https'])}://${pick(random, hostnames)}${pick(random, ['/', '/a', '/a/b/c', '/%61', '/caf%C3%A9'])}`;
}

describe('100,000 cookies', () => {
  const count = 100_000;
  const shapes: [shape: string, make: (at: number) => Partial<SessionCookie> & { domain: string }][] = [
    ['of one host', () => ({ domain: 'shop.example' })],
    ['of one name on as many paths', (at) => ({ domain: 'shop.example', name: 'a', path: `/${at}` })],
    ['of 1,000 sites', (at) => ({ domain: `host${at % 1000}.example` })],
    ['of as many sites', (at) => ({ domain: `host${at}.example` })],
  ];

  it.each(shapes)('%s go in and out, and none is lost', async (_shape, make) => {
    const cookies = Array.from({ length: count }, (_, at) => ({
      name: `c${at}`,
      value: String(at),
      ...make(at),
    }));
    await using session = await createSession();
    session.setCookies(cookies);
    await using copy = await copyOf(session);
    const out = copy.getAllCookies();
    expect(out.length).toBe(count);
    expect(out.every(({ name, value }, at) => name === cookies[at]?.name && value === String(at))).toBe(true);
  });
});
