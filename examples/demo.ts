/**
 * A tour of sessions on a small site that runs in this process: `npm run demo`.
 * Ends with 1 when anything is not as it should be; JARFETCH_DEMO_BREAK=leak breaks the site to show that.
 */
import {
  createSession,
  createTransport,
  fetch,
  isRequestError,
  type Session,
  type SessionResponse,
  withSession,
} from 'jarfetch';
import { Report } from './report.ts';
import { type SiteUser, startSite, users } from './site.ts';

const site = await startSite({ leak: process.env.JARFETCH_DEMO_BREAK === 'leak' });
const baseUrl = site.url;
const [alice, bob, carol] = users as [SiteUser, SiteUser, SiteUser];
const report = new Report(`jarfetch visits a demo site at ${site.url}`);

/** Reads the form and sends it filled in: its hidden token only counts with the cookie that came with it. */
async function logIn(session: Session, user: SiteUser): Promise<SessionResponse> {
  const page = await (await session.fetch('/login')).text();
  const csrf = /name="csrf" value="(.*?)"/.exec(page)?.[1] ?? '';
  return session.fetch('/login', {
    method: 'POST',
    form: { user: user.name, password: user.password, csrf },
  });
}

const loginThenFetch = `
  const session = await createSession({ baseUrl });
  await session.fetch('/login', { method: 'POST', form: { user, csrf, ... } });
  const page = await session.fetch('/members');`;

await report.chapter('Log in, then fetch', loginThenFetch, async () => {
  const session = await createSession({ baseUrl });
  const closed = await session.fetch('/members');
  report.expect('A visitor of /members is sent to', pathOf(closed.url), '/login');

  const { hops } = await logIn(session, alice);
  report.expect('Logging in is answered by', hops.map((hop) => hop.status).join(', '), '303, 302, 302, 200');
  const set = hops.map((hop) => hop.setCookies[0]?.name).join(', ');
  report.expect('Each hop has set a cookie', set, 'ticket, device, session, session');
  report.expect('The site has taken back all but', namesOf(session), 'device, session');

  const old = session.getCookies(site.url).session;
  const page = await session.fetch('/members');
  report.expect("The members' page greets", /Hello, (\w+)/.exec(await page.text())?.[1], 'alice');
  report.expect('The session cookie has changed', session.getCookies(site.url).session !== old, true);
  const replay = await fetch(`${site.url}/api/me`, { headers: { cookie: `session=${old}` } });
  report.expect("The site's answer to the old one", replay.status, 401);

  const note = await session.fetch('/api/notes', { method: 'POST', json: { text: 'tea' } });
  report.expect('A note sent as JSON', await note.json(), { author: 'alice', text: 'tea' });
  await session.fetch('/logout', { method: 'POST' });
  report.expect('The JSON API after logging out', (await session.fetch('/api/me')).status, 401);
  await session.close();
});

const scoped = `
  const secret = await withSession(async (session) => { ... }, { baseUrl });`;

await report.chapter('A session for the length of a function', scoped, async () => {
  let kept: Session | undefined;
  const secret = await withSession(
    async (session) => {
      kept = session;
      await logIn(session, bob);
      const me = (await (await session.fetch('/api/me')).json()) as { secret: string };
      return me.secret;
    },
    { baseUrl },
  );
  report.expect('It gives back what the function returns', secret, bob.secret);
  report.expect('and has closed the session', kept?.closed, true);
});

const parallel = `
  const transport = await createTransport({ poolMaxSize: 3 });
  const jobs = users.map((user) => withSession(visit, { baseUrl, transport }));
  await Promise.all(jobs);`;

await report.chapter('Five users at once, one transport', parallel, async () => {
  const transport = await createTransport({ poolMaxSize: 3 });
  const visits = users.map((user) =>
    withSession(
      async (session) => {
        await logIn(session, user);
        const page = await (await session.fetch('/members')).text();
        const seen = (await (await session.fetch('/echo')).json()) as Echo;
        return { user, page, seen };
      },
      { baseUrl, transport },
    ),
  );
  const results = await Promise.all(visits);
  for (const { user, page, seen } of results) {
    // The site writes the owner's name into every cookie.
    const owners = new Set(Array.from(headerOf(seen, 'cookie').matchAll(/=(\w+)\./g), (match) => match[1]));
    const secret = users.filter((other) => page.includes(other.secret)).map((other) => other.name);
    report.expect(`${user.name} reads the secret of`, secret.join(), user.name);
    report.expect(`${user.name} sends the cookies of`, [...owners].join(), user.name);
  }
  const connections = new Set(results.map(({ seen }) => seen.connection)).size;
  report.expect('Connections used for all of it: at most 3', connections <= 3, true);
  await transport.close();
});

const override = `
  await session.fetch('/slow', { timeout: 200 });
  await session.fetch('/echo', { headers: { 'accept-language': 'fr' } });`;

await report.chapter('One request, its own timeout and headers', override, async () => {
  const session = await createSession({ baseUrl, timeout: 10_000 });
  const echo = async (headers: Record<string, string> = {}): Promise<Echo> =>
    (await (await session.fetch('/echo', { headers })).json()) as Echo;

  const failure: unknown = await session.fetch('/slow', { timeout: 200 }).catch((error: unknown) => error);
  report.expect(
    'A page that never answers ends with',
    isRequestError(failure) && failure.code,
    'ERR_TIMEOUT',
  );
  const usual = headerOf(await echo(), 'accept-language');
  report.expect(
    'One request asks for the language',
    headerOf(await echo({ 'accept-language': 'fr' }), 'accept-language'),
    'fr',
  );
  report.expect('The next one asks as the session does', headerOf(await echo(), 'accept-language'), usual);
  report.expect(
    'All of them call themselves',
    /Chrome/.exec(headerOf(await echo(), 'user-agent'))?.[0],
    'Chrome',
  );
  await session.close();
});

const verbs = `
  session.setCookie('theme', 'dark', site.url);
  session.getAllCookies();
  await session.clearCookies({ name: 'theme' });`;

await report.chapter('The cookies, before and after', verbs, async () => {
  const session = await createSession({ baseUrl });
  session.setCookie('theme', 'dark', site.url);
  report.expect('Before the login', namesOf(session), 'theme');
  await logIn(session, carol);
  report.expect('After the login', namesOf(session), 'device, session, theme');
  report.table(
    session.getAllCookies().map(({ name, value, path, httpOnly, expiresAtMs }) => ({
      name,
      value: value.slice(0, 14),
      path,
      httpOnly: httpOnly ? 'yes' : 'no',
      expires: expiresAtMs === undefined ? 'with the session' : new Date(expiresAtMs).toDateString(),
    })),
  );
  await session.fetch('/logout', { method: 'POST' });
  report.expect('After the logout', namesOf(session), 'theme');
  await session.clearCookies({ name: 'theme' });
  report.expect('After clearCookies', namesOf(session), '');
  await session.close();
});

await site.close();
process.exitCode = report.finish() ? 0 : 1;

/** What the demo site's /echo has received. */
interface Echo {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly connection: number;
}

function headerOf(echo: Echo, name: string): string {
  return echo.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}

function namesOf(session: Session): string {
  const names = session.getAllCookies().map((cookie) => cookie.name);
  return names.sort().join(', ');
}
