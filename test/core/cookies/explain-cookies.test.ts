import { CookieJar } from 'tough-cookie';
import { describe, expect, it, vi } from 'vitest';
import { BrowserCookieJar } from '../../../src/core/cookies/jar/browser-cookie-jar.ts';
import { createSession, type Session } from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';

async function shopper(): Promise<Session> {
  const session = await createSession();
  const jar = session.cookieJar;
  for (const line of [
    'host=1; Path=/',
    'path=1; Path=/account',
    'secure=1; Path=/; Secure',
    'strict=1; Path=/; SameSite=Strict',
    'domain=1; Path=/; Domain=shop.example',
  ]) {
    jar.setCookieSync(line, 'https://www.shop.example/');
  }
  jar.setCookieSync('foreign=1', 'https://other.example/');
  return session;
}

function reasons(session: Session, ...given: Parameters<Session['explainCookies']>) {
  return Object.fromEntries(
    session.explainCookies(...given).map(({ cookie, sent, reason }) => [cookie.name, sent ? 'sent' : reason]),
  );
}

describe('explainCookies', () => {
  it.each<[url: string, context: 'strict' | 'lax' | 'none' | undefined, expected: string[]]>([
    ['https://www.shop.example/account', undefined, ['sent', 'sent', 'sent', 'sent', 'sent']],
    ['https://www.shop.example/', undefined, ['path', 'sent', 'sent', 'sent', 'sent']],
    ['http://www.shop.example/', undefined, ['path', 'sent', 'insecure', 'sent', 'sent']],
    ['https://shop.example/', undefined, ['host', 'host', 'host', 'host', 'sent']],
    ['https://www.shop.example/', 'lax', ['path', 'sent', 'sent', 'same-site', 'sent']],
    ['https://www.shop.example/', 'none', ['path', 'same-site', 'same-site', 'same-site', 'same-site']],
  ])('says of each cookie of the site of %s in the context %s: %j', async (url, context, expected) => {
    await using session = await shopper();
    const names = ['path', 'host', 'secure', 'strict', 'domain'];
    const table = Object.fromEntries(names.map((name, at) => [name, expected[at]]));
    expect(reasons(session, url, ...(context === undefined ? [] : [context]))).toEqual(table);
  });

  it('says that a cookie has expired, and does not remove it', async () => {
    await using session = await createSession();
    session.setCookie('old', '1', 'https://shop.example/', { expiresAtMs: Date.now() + 1000 });
    vi.useFakeTimers({ now: Date.now() + 2000, toFake: ['Date'] });
    try {
      expect(reasons(session, 'https://shop.example/')).toEqual({ old: 'expired' });
      expect(reasons(session, 'https://shop.example/')).toEqual({ old: 'expired' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('gives cookies as getAllCookies does', async () => {
    await using session = await shopper();
    const explained = session
      .explainCookies(new URL('https://www.shop.example/'))
      .map(({ cookie }) => cookie);
    const known = session.getAllCookies().filter(({ domain }) => domain.endsWith('shop.example'));
    expect(explained).toHaveLength(5);
    expect(explained).toEqual(expect.arrayContaining(known));
  });

  it('calls sent exactly what getCookies shows', async () => {
    await using session = await shopper();
    const url = 'http://www.shop.example/account/orders';
    const sent = session.explainCookies(url).filter((explanation) => explanation.sent);
    expect(sent.map(({ cookie }) => cookie.name)).toEqual(Object.keys(session.getCookies(url)));
  });

  it.each(['', '/path', 'ftp://shop.example/'])('refuses %j in place of a URL', async (url) => {
    await using session = await createSession();
    expect((await refusalOf(() => session.explainCookies(url))).code).toBe('ERR_INVALID_URL');
  });

  it('refuses an unknown context', async () => {
    await using session = await createSession();
    const { code, message } = await refusalOf(() =>
      session.explainCookies('https://shop.example/', 'same-site' as 'lax'),
    );
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      'context must be one of "strict", "lax", "none", got "same-site"',
    ]);
  });

  it('works with a jar of this package that the caller gave', async () => {
    await using session = await createSession({ cookieJar: new BrowserCookieJar() });
    session.setCookie('a', '1', 'https://shop.example/');
    expect(reasons(session, 'https://shop.example/')).toEqual({ a: 'sent' });
  });

  it('is refused for another jar of the caller with its own rules', async () => {
    await using session = await createSession({ cookieJar: new CookieJar() });
    const { code, message } = await refusalOf(() => session.explainCookies('https://shop.example/'));
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      "explainCookies knows the rules of the session's own jar, not those of a cookieJar of yours",
    ]);
  });

  it('throws after close()', async () => {
    const session = await createSession();
    await session.close();
    expect((await refusalOf(() => session.explainCookies('https://shop.example/'))).code).toBe(
      'ERR_SESSION_CLOSED',
    );
  });
});
