import { describe, expect, it } from 'vitest';
import { createSession, isRequestError } from '../../src/index.ts';
import { formLogin, logIn } from '../../src/page/index.ts';
import { openRegistry } from '../helpers/registry.ts';
import { type SeenRequest, startServer, type TestServer } from '../helpers/servers.ts';

const loginForm = `<form action=/session method=post><input type=hidden name=csrf value=t0ken>
<label>E-mail <input name=who type=email></label><input type=password name=pw>
<label><input type=checkbox name=remember value=1> stay</label><button name=go value=in>Sign in</button></form>`;
const search = '<form action=/search><input name=q><button>Search</button></form>';
const signUp = `<form action=/register method=post><input name=mail><input type=password name=new>
<button>Create account</button></form>`;

interface Site {
  readonly server: TestServer;
  posts(): SeenRequest[];
}

/** A site with one user, ada. */
async function startSite(page: string, extra: Readonly<Record<string, string>> = {}): Promise<Site> {
  const server = await startServer((request, response, body) => {
    const send = (status: number, html: string, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(html);
    };
    const [path = ''] = (request.url ?? '').split('?');
    if (path === '/session') return checkLogin(body.toString(), page, send);
    const isIn = request.headers.cookie?.includes('sid=1') === true;
    if (path !== '/home') return send(200, extra[path] ?? page);
    send(isIn ? 200 : 401, isIn ? '<title>home</title>Hello' : page);
  });
  return { server, posts: () => server.seen.filter(({ method }) => method === 'POST') };
}

type Answer = (status: number, html: string, headers?: object) => void;

function checkLogin(body: string, page: string, send: Answer): void {
  const fields = new URLSearchParams(body);
  if (fields.get('pw') === 'S3cret' && fields.get('csrf') === 't0ken') {
    send(303, '', { location: '/home', 'set-cookie': 'sid=1' });
  } else send(200, `${page}<p class=error>Wrong password: ${fields.get('pw')}</p>`);
}

describe('logIn', () => {
  it.each([
    ['the only form', loginForm],
    ['a form beside a search', search + loginForm],
    ['a form beside one to sign up', signUp + loginForm],
    ['a form that is in a table', `<table><tr><td>${loginForm}</table>`],
    ['a form without a button', loginForm.replace(/<button.*button>/, '')],
  ])('finds the form, its fields and its button in a page with %s', async (_, page) => {
    const { server, posts } = await startSite(page);
    const session = await createSession({ baseUrl: server.url });
    const home = await logIn(session, '/login', { username: 'ada@a.test', password: 'S3cret' });
    expect(home.title).toBe('home');
    const [post, ...others] = posts();
    expect(others).toEqual([]);
    const fields = new URLSearchParams(post?.body.toString());
    expect(fields.get('who')).toBe('ada@a.test');
    expect(fields.get('go')).toBe(page.includes('name=go') ? 'in' : null);
  });

  it('fills in the extra values, and uses the given names', async () => {
    const { server, posts } = await startSite(loginForm.replace('name=who type=email', 'name=x1'));
    const session = await createSession({ baseUrl: server.url });
    const credentials = { username: 'ada', password: 'S3cret', extra: { remember: true } };
    await logIn(session, '/login', { ...credentials, fields: { username: 'x1', password: 'pw' } });
    expect(posts()[0]?.body.toString()).toContain('x1=ada&pw=S3cret&remember=1');
  });

  it("fails with the page's own message, without the password, after one attempt", async () => {
    const { server, posts } = await startSite(loginForm);
    const session = await createSession({ baseUrl: server.url });
    const failure = logIn(session, '/login', { username: 'ada@a.test', password: 'c4n4ry' });
    await expect(failure).rejects.toThrow('The login failed: Wrong password: …');
    await expect(failure).rejects.toMatchObject({ code: 'ERR_LOGIN_FAILED', status: 200 });
    expect(posts()).toHaveLength(1);
  });

  it.each([
    ['that the login page had, too', '<div role=alert class=hide>Use HTTPS</div>'],
    [
      'that nobody sees',
      '<p class=error hidden>Use HTTPS</p><div style="display: none"><p role=alert>No</div>',
    ],
  ])('does not take a message %s for the reason', async (_, message) => {
    const { server } = await startSite(message + loginForm);
    const session = await createSession({ baseUrl: server.url });
    const failure = logIn(session, '/login', { username: 'ada@a.test', password: 'c4n4ry' });
    await expect(failure).rejects.toThrow('The login failed: Wrong password: …');
  });

  it('has its own message when the page has none', async () => {
    const { server } = await startSite(
      '<div role=alert>Welcome</div><form action=/login method=post>'.concat(
        '<input name=user><input type=password name=pw></form>',
      ),
    );
    const session = await createSession({ baseUrl: server.url });
    const failure = logIn(session, '/login', { username: 'ada', password: 'c4n4ry' });
    await expect(failure).rejects.toThrow('the answer (200) still has the login form');
  });

  it('calls check when it is given', async () => {
    const { server } = await startSite(loginForm);
    const session = await createSession({ baseUrl: server.url });
    const credentials = { username: 'ada@a.test', password: 'S3cret' };
    await expect(logIn(session, '/login', { ...credentials, check: () => false })).rejects.toMatchObject({
      code: 'ERR_LOGIN_FAILED',
    });
    const page = await logIn(session, '/login', { ...credentials, check: ({ title }) => title === 'home' });
    expect(page.status).toBe(200);
  });

  it.each([
    ['has no form', '<p>nothing</p>', 'ERR_NOT_FOUND'],
    ['has two forms that could be it', loginForm + loginForm, 'ERR_AMBIGUOUS'],
    ['has no field for the user', '<form method=post><input type=password name=p></form>', 'ERR_NOT_FOUND'],
  ])('sends nothing when the page %s', async (_, page, code) => {
    const { server, posts } = await startSite(page);
    const session = await createSession({ baseUrl: server.url });
    const failure = logIn(session, '/login', { username: 'ada', password: 'canary' });
    await expect(failure).rejects.toMatchObject({ code });
    expect(posts()).toEqual([]);
  });

  it('follows forms that submit themselves, before and after the login', async () => {
    const post = (action: string): string =>
      `<body onload="document.forms[0].submit()"><form action="${action}" method=post>
      <input type=hidden name=SAMLRequest value="a+b="><noscript><input type=submit></noscript></form>`;
    const { server, posts } = await startSite(loginForm, {
      '/start': post('/idp'),
      '/idp': loginForm.replace('/session', '/check'),
      '/check': post('/acs'),
      '/acs': '<title>in</title>',
    });
    const session = await createSession({ baseUrl: server.url });
    const home = await logIn(session, '/start', { username: 'ada@a.test', password: 'S3cret' });
    expect(home.title).toBe('in');
    expect(posts().map(({ url }) => url)).toEqual(['/idp', '/check', '/acs']);
    expect(posts()[0]?.body.toString()).toBe('SAMLRequest=a%2Bb%3D');
  });

  it('ends when forms submit themselves without end', async () => {
    const loop =
      '<script>x.submit()</script><form action=/loop method=post><input type=hidden name=a></form>';
    const { server, posts } = await startSite(loop);
    const session = await createSession({ baseUrl: server.url });
    await expect(logIn(session, '/loop', { username: 'a', password: 'b' })).rejects.toMatchObject({
      code: 'ERR_LOGIN_FAILED',
    });
    expect(posts()).toHaveLength(10);
  });

  it.each([
    [{ username: 'a' }, 'credentials.password must be a string'],
    [{ username: 1, password: 'canary' }, 'credentials.username must be a string'],
    [null, 'credentials must be'],
  ])('refuses %j before it asks anything', async (credentials, message) => {
    const { server } = await startSite(loginForm);
    const session = await createSession({ baseUrl: server.url });
    await expect(logIn(session, '/login', credentials as never)).rejects.toThrow(message);
    expect(server.seen).toEqual([]);
  });
});

describe('formLogin', () => {
  it('is a login of a registry', async () => {
    const { server, posts } = await startSite(loginForm);
    const login = formLogin(`${server.url}/login`, { username: 'ada@a.test', password: 'S3cret' });
    const session = await openRegistry().getOrCreate('ada', { baseUrl: server.url, login });
    const response = await session.fetch(`${server.url}/home`);
    expect(await response.text()).toContain('Hello');
    expect(posts()).toHaveLength(1);
  });

  it('calls the function for the credentials when it logs in', async () => {
    const { server } = await startSite(loginForm);
    const session = await createSession({ baseUrl: server.url });
    let asked = 0;
    const login = formLogin('/login', () => {
      asked++;
      return { username: 'ada@a.test', password: 'S3cret' };
    });
    await login(session);
    expect(asked).toBe(1);
    expect(session.getCookies(server.url)).toEqual({ sid: '1' });
  });

  it('refuses invalid credentials at once', () => {
    expect(() => formLogin('/login', { username: 'a' } as never)).toThrow('password must be a string');
    expect(isRequestError(null)).toBe(false);
  });
});
