/**
 * A tour of sessions on a small site that runs in this process: `npm run demo`.
 * Ends with 1 when anything is not as it should be; JARFETCH_DEMO_BREAK=leak breaks the site to show that.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession, createTransport, type Session, withSession } from 'jarfetch';
import { callLog, explainCall } from 'jarfetch/har';
import { formLogin, logIn, openPage } from 'jarfetch/page';
import { createRegistry, fileStore } from 'jarfetch/registry';
import { Report } from './report.ts';
import { type SeenVisit, type SiteUser, startSite, users } from './site.ts';

/** What the site has received since it was last looked at. */
let seen: SeenVisit[] = [];
const site = await startSite({
  leak: process.env.JARFETCH_DEMO_BREAK === 'leak',
  onVisit: (visit) => void seen.push(visit),
});
const baseUrl = site.url;
const [alice] = users as [SiteUser];
const report = new Report(`jarfetch visits a demo site at ${site.url}`);

const byFetch = `
  const page = await (await fetch(\`\${baseUrl}/login\`)).text(); // has a hidden token
  await fetch(\`\${baseUrl}/login\`, { method: 'POST', body: new URLSearchParams({ user, password, csrf }) });`;

await report.chapter('Log in with the fetch of Node.js', byFetch, async () => {
  seen = [];
  const page = await (await fetch(`${baseUrl}/login`)).text();
  const csrf = /name="csrf" value="(.*?)"/.exec(page)?.[1] ?? '';
  const body = new URLSearchParams({ user: alice.name, password: alice.password, csrf });
  const answer = await fetch(`${baseUrl}/login`, { method: 'POST', body });
  report.table(rowsOf(seen));
  report.expect(
    'The site answers',
    `${answer.status}, ${textOf(await answer.text())}`,
    '403, The form has expired.',
  );
  report.expect('It has seen the headers of', browserOf(seen), 'no browser, from nowhere');
});

const byJarfetch = `
  const session = await createSession({ baseUrl });
  await logIn(session, '/login', { username, password });`;

await report.chapter('Log in with jarfetch', byJarfetch, async () => {
  seen = [];
  const session = await createSession({ baseUrl });
  const home = await logIn(session, '/login', { username: alice.name, password: alice.password });
  report.table(rowsOf(seen));
  report.expect('The site answers', `${home.status}, ${home.query('h1')?.text}`, '200, Hello, alice');
  report.expect('It has seen the headers of', browserOf(seen), 'Chrome, from its own page');
  report.expect('The jar has what is left of the cookies', namesOf(session), 'device, session');
  await session.close();
});

const form = `
  const done = await page.form().fill({ item: 'Tea 7', gift: true }).submit();`;

await report.chapter('A form in one line', form, async () => {
  const session = await createSession({ baseUrl });
  const page = await openPage(session, '/order');
  const done = await page.form().fill({ item: 'Tea 7', gift: true }).submit();
  report.expect('The answer is', done.query('h1')?.text, 'Order 1');
  report.expect('The site has received', done.query('#sent')?.text, 'item=Tea+7&cups=1&gift=on');
  const wrong = await attempt(() => page.form().fill({ itme: 'Tea 7' }));
  report.expect('A name that the form does not have is', wrong, 'ERR_NOT_FOUND');
  await session.close();
});

const named = `
  const registry = createRegistry({ store: fileStore(folder) });
  const session = await registry.getOrCreate('alice', { baseUrl, login: formLogin('/login', account) });`;

await report.chapter('Still logged in after a restart', named, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-demo-'));
  seen = [];
  const visit = async (): Promise<string> => {
    const registry = createRegistry({ store: fileStore(folder) });
    const login = formLogin('/login', { username: alice.name, password: alice.password });
    const session = await registry.getOrCreate('alice', { baseUrl, login });
    const page = await (await session.fetch('/members')).text();
    await registry.close();
    return textOf(page);
  };
  report.expect('The first run is greeted', await visit(), `Hello, alice ${alice.secret}`);
  report.expect('The second run, from the file', await visit(), `Hello, alice ${alice.secret}`);
  const logins = seen.filter(({ method, path }) => method === 'POST' && path === '/login').length;
  report.expect('Logins that the site has seen', logins, 1);
  await rm(folder, { recursive: true });
});

const explained = `
  session.observe(callLog());
  console.log(explainCall(await session.fetch('/echo', { referrer: 'https://mail.example/' })));`;

await report.chapter('Why a cookie is not sent', explained, async () => {
  const session = await createSession({ baseUrl });
  session.setCookie('cart', '7', site.url, { path: '/cart' });
  session.setCookie('csrf', '1', site.url, { sameSite: 'strict' });
  session.setCookie('theme', 'dark', site.url);
  session.observe(callLog());
  const told = explainCall(await session.fetch('/echo', { referrer: 'https://mail.example/' }), {
    color: false,
  });
  const lines = told.split('\n').filter((line) => /^(\* withheld|> Cookie)/i.test(line));
  report.lines(lines);
  const reasons = lines.flatMap(
    (line) => / cookie (\w+) .*\(([\w-]+)\)$/.exec(line)?.slice(1, 3).join(' ') ?? [],
  );
  report.expect('Cookies withheld, and why', reasons.sort().join(', '), 'cart path, csrf same-site');
  await session.close();
});

const parallel = `
  const transport = await createTransport({ poolMaxSize: 3 });
  await Promise.all(users.map((user) => withSession(visit, { baseUrl, transport })));`;

await report.chapter('Five users at once, one transport', parallel, async () => {
  const transport = await createTransport({ poolMaxSize: 3 });
  const results = await Promise.all(
    users.map((user) =>
      withSession(
        async (session) => {
          const home = await logIn(session, '/login', { username: user.name, password: user.password });
          const echo: Echo = await (await session.fetch('/echo')).json<Echo>();
          return { user, page: home.text(), echo };
        },
        { baseUrl, transport },
      ),
    ),
  );
  for (const { user, page, echo } of results) {
    // The site writes the owner's name into every cookie.
    const owners = new Set(Array.from(headerOf(echo, 'cookie').matchAll(/=(\w+)\./g), (match) => match[1]));
    const secret = users.filter((other) => page.includes(other.secret)).map((other) => other.name);
    report.expect(`${user.name} reads the secret of`, secret.join(), user.name);
    report.expect(`${user.name} sends the cookies of`, [...owners].join(), user.name);
  }
  const connections = new Set(results.map(({ echo }) => echo.connection)).size;
  report.expect('Connections used for all of it: at most 3', connections <= 3, true);
  await transport.close();
});

await site.close();
process.exitCode = report.finish({ next: 'docs/guide/getting-started.md' }) ? 0 : 1;

/** What the demo site's /echo has received. */
interface Echo {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly connection: number;
}

function headerOf(echo: Echo, name: string): string {
  return echo.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}

/** What was sent, and what came back: cookies by their names. */
function rowsOf(visits: readonly SeenVisit[]): Record<string, string>[] {
  return visits.map(({ method, path, cookies, status, setCookies }) => ({
    request: `${method} ${path}`,
    'cookies sent': cookies.join(', ') || 'none',
    answer: `${status}`,
    'cookies set': setCookies.join(', ') || 'none',
  }));
}

function browserOf(visits: readonly SeenVisit[]): string {
  const headers = visits.find(({ method }) => method === 'POST')?.headers ?? {};
  const browser = /Chrome/.exec(headers['user-agent'] ?? '')?.[0] ?? 'no browser';
  return `${browser}, from ${headers['sec-fetch-site'] === 'same-origin' ? 'its own page' : 'nowhere'}`;
}

function namesOf(session: Session): string {
  const names = session.getAllCookies().map((cookie) => cookie.name);
  return names.sort().join(', ');
}

function textOf(html: string): string {
  return html
    .replaceAll(/<h1>Forbidden<\/h1>|<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

async function attempt(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return 'no error';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}
