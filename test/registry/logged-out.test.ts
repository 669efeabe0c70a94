import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/index.ts';
import { looksLikeLogin } from '../../src/registry/logged-out.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startServer, type TestServer } from '../helpers/servers.ts';

describe('a URL looks like a login page', () => {
  it.each([
    'https://example.com/login',
    'https://example.com/login?next=/members',
    'https://example.com/Login.aspx',
    'https://example.com/wp-login.php?redirect_to=x',
    'https://example.com/users/sign_in',
    'https://example.com/account/sign-in/',
    'https://example.com/signin',
    'https://example.com/user/logon',
    'https://example.com/user_login_form',
    'https://example.com/auth',
    'https://example.com/sso/start',
    'https://example.com/session/new',
    'https://idp.example/realms/main/protocol/openid-connect/auth?client_id=x',
    'https://idp.example/oauth2/v2.0/authorize?client_id=x',
    'https://idp.example/cas/login?service=x',
    'https://example.com/doku.php?id=start&do=login',
    'https://example.com/index.php?title=Special:UserLogin',
  ])('%s', (url) => {
    expect(looksLikeLogin(new URL(url))).toBe(true);
  });

  it.each([
    'https://example.com/',
    'https://example.com/members',
    'https://example.com/blog/logging-in-node',
    'https://example.com/catalogin/5',
    'https://example.com/designing',
    'https://example.com/assign',
    'https://example.com/plugin/3',
    'https://example.com/authors',
    'https://example.com/auth/callback?code=1',
    'https://example.com/home?from=/login',
    'https://example.com/logins/history',
    'https://example.com/signing',
  ])('but not %s', (url) => {
    expect(looksLikeLogin(new URL(url))).toBe(false);
  });
});

/** A server whose `routes` answer for who has no cookie; with one, everything is a page. */
async function startRoutes(
  routes: Record<string, { status: number; location?: string }>,
): Promise<TestServer> {
  return startServer((request, response) => {
    if (request.url === '/login' && request.method === 'POST') {
      return void response.writeHead(204, { 'set-cookie': 'sid=1; Path=/' }).end();
    }
    const route = routes[request.url ?? ''];
    if (request.headers.cookie !== undefined || route === undefined) return void response.end('page');
    response.writeHead(route.status, route.location === undefined ? {} : { location: route.location }).end();
  });
}

/** A session without a login yet, and how often it has logged in. */
async function visitor(server: TestServer, options: object = {}) {
  const visits = { logins: 0 };
  const login = async (session: Session): Promise<void> => {
    visits.logins++;
    await session.fetch(`${server.url}/login`, { method: 'POST' });
  };
  const session = await openRegistry().getOrCreate('ada', { baseUrl: server.url, login, ...options });
  return { session, visits };
}

describe('a session without isLoggedOut', () => {
  it.each([
    ['401', { '/page': { status: 401 } }],
    ['a redirect to a login page', { '/page': { status: 302, location: '/login' } }],
    [
      'a middle hop',
      {
        '/page': { status: 302, location: '/login?next=/page' },
        '/login?next=/page': { status: 302, location: '/idp' },
      },
    ],
  ])('logs in after %s', async (_, routes) => {
    const { session, visits } = await visitor(await startRoutes(routes));
    expect([await (await session.fetch('/page')).text(), visits.logins]).toEqual(['page', 1]);
  });

  it.each([
    ['403', { '/page': { status: 403 } }, '/page'],
    ['the login page itself', { '/login': { status: 200 } }, '/login'],
    ['a login page that moves', { '/login': { status: 302, location: '/login/' } }, '/login'],
    ['a redirect elsewhere', { '/page': { status: 302, location: '/home' } }, '/page'],
  ])('does not log in after %s', async (_, routes, path) => {
    const { session, visits } = await visitor(await startRoutes(routes));
    await session.fetch(path);
    expect(visits.logins).toBe(0);
  });

  it('does not log in where single sign-on leads back to the page', async () => {
    const server = await startServer((request, response) => {
      const isBack = request.headers.cookie?.includes('sso=1') === true;
      if (request.url === '/login')
        response.writeHead(302, { location: '/page', 'set-cookie': 'sso=1' }).end();
      else if (isBack) response.end('page');
      else response.writeHead(302, { location: '/login' }).end();
    });
    const { session, visits } = await visitor(server);
    expect([await (await session.fetch('/page')).text(), visits.logins]).toEqual(['page', 0]);
  });

  it.each([false, null])('never logs in with isLoggedOut: %s', async (isLoggedOut) => {
    const { session, visits } = await visitor(await startRoutes({ '/page': { status: 401 } }), {
      isLoggedOut,
    });
    expect([(await session.fetch('/page')).status, visits.logins]).toEqual([401, 0]);
  });

  it('finds the pattern on a middle hop', async () => {
    const server = await startRoutes({
      '/page': { status: 302, location: '/enter?next=/page' },
      '/enter?next=/page': { status: 302, location: '/idp' },
    });
    const { session, visits } = await visitor(server, { isLoggedOut: /\/enter\?/ });
    expect([await (await session.fetch('/page')).text(), visits.logins]).toEqual(['page', 1]);
  });
});

describe('A18 a site that does not belong to the login', () => {
  const stranger = (): Promise<TestServer> =>
    startServer((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: '/login' }).end();
      else response.writeHead(401).end();
    });

  it.each(['/', '/away'])('causes none by its answers (%s)', async (path) => {
    const [home, other] = await Promise.all([startRoutes({}), stranger()]);
    const { session, visits } = await visitor(home);
    for (let call = 0; call < 25; call++) await session.fetch(new URL(path, other.url));
    expect(visits.logins).toBe(0);
  });

  it('causes no login after a login has shown which sites belong to it', async () => {
    const [home, other] = await Promise.all([startRoutes({ '/page': { status: 401 } }), stranger()]);
    const { session, visits } = await visitor(home, { baseUrl: undefined });
    expect((await session.fetch(`${home.url}/page`)).status).toBe(200);
    for (let call = 0; call < 25; call++) expect((await session.fetch(other.url)).status).toBe(401);
    expect(visits.logins).toBe(1);
  });

  it('does not hide that a page of the login needs it', async () => {
    const [home, other] = await Promise.all([startRoutes({}), startRoutes({ '/api': { status: 401 } })]);
    const { session, visits } = await visitor(home, { baseUrl: undefined });
    const login = `${other.url}/api`;
    // Cookies know no ports, so that the login at one is good at the other.
    expect([(await session.fetch(login)).status, visits.logins]).toEqual([200, 1]);
    await session.clearCookies();
    expect([(await session.fetch(login)).status, visits.logins]).toEqual([200, 2]);
  });
});

describe('A18 a login that does not help', () => {
  /** A site that takes no password, and shows the form again. */
  const strict = (status: 401 | 302): Promise<TestServer> =>
    startServer((request, response) => {
      if (request.url === '/login') response.end('<form>');
      else if (request.url?.startsWith('/open') === true) response.end('open');
      else response.writeHead(status, { location: '/login' }).end();
    });

  it.each([401, 302] as const)('is ERR_LOGIN_FAILED at once, and one login for all (%i)', async (status) => {
    const server = await strict(status);
    const { session, visits } = await visitor(server);
    const ends = await Promise.allSettled(
      Array.from({ length: 10 }, () => session.fetch('/page?token=c4n4ry')),
    );
    const reasons = ends.map((end) => end.status === 'rejected' && end.reason);
    expect(new Set(reasons.map((reason) => reason.code))).toEqual(new Set(['ERR_LOGIN_FAILED']));
    const answer = status === 401 ? 'is still answered 401' : 'still leads to a login page';
    expect(reasons[0].message).toBe(
      `login of session ada did not help: ${server.url}/page?token=… ${answer}`,
    );
    expect([visits.logins, reasons[0].status]).toEqual([1, status === 401 ? 401 : 200]);
  });

  it('is repeated with growing pauses', async () => {
    const server = await strict(401);
    const clock = new FakeClock();
    const registry = openRegistry({ clock });
    let logins = 0;
    const options = { baseUrl: server.url, login: () => void logins++ };
    const session = await registry.getOrCreate('ada', options);
    const seen: number[] = [];
    for (const pause of [5000, 10_000, 20_000]) {
      const first = await refusalOf(() => session.fetch('/page'));
      expect(first.message).toContain('did not help');
      clock.advance(pause - 1);
      const second = await refusalOf(() => session.fetch('/page'));
      expect(second).toMatchObject({
        code: 'ERR_LOGIN_FAILED',
        message: 'login of session ada has failed: the next one is made in 1 ms',
        cause: first,
      });
      expect((await session.fetch('/open')).status).toBe(200);
      seen.push(logins);
      clock.advance(1);
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('waits as long as loginBackoff says, and starts again after a login that helped', async () => {
    let isOpen = false;
    const server = await startServer((request, response) => {
      if (request.url === '/login') response.writeHead(204, { 'set-cookie': `sid=${isOpen}` }).end();
      else if (request.headers.cookie === 'sid=true') response.end();
      else response.writeHead(401).end();
    });
    const asked: number[] = [];
    const loginBackoff = (failures: number): number => {
      asked.push(failures);
      return 0;
    };
    const { session } = await visitor(server, { loginBackoff });
    for (let failure = 1; failure < 4; failure++) await refusalOf(() => session.fetch('/page'));
    isOpen = true;
    expect((await session.fetch('/page')).status).toBe(200);
    isOpen = false;
    await session.clearCookies();
    await refusalOf(() => session.fetch('/page'));
    expect(new Set(asked.slice(0, -1))).toEqual(new Set([1, 2, 3]));
    expect(asked.at(-1)).toBe(1);
  });
});
