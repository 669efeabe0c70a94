import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createToolbox } from '../../../src/mcp/index.ts';
import { call, fail, textOf, toolboxFor } from '../calls.ts';
import { type Site, startSite } from '../site.ts';

const login = `<title>Log in</title><form method=post action=/login>
  <input type=hidden name=token value=csrf-token-value><label>User <input name=user></label>
  <label>Password <input type=password name=pass value=pre-filled-password></label><button>Go</button></form>`;

function shop(): Promise<Site> {
  return startSite({
    '/login': ({ method, body }, response) => {
      if (method === 'GET') return void response.setHeader('content-type', 'text/html').end(login);
      const right = body.includes('pass=white%2Brabbit') || body.includes('pass=plain');
      response.writeHead(right ? 303 : 200, {
        'content-type': 'text/html',
        ...(right && { location: '/', 'set-cookie': 'sid=session-cookie-value; Path=/' }),
      });
      response.end(right ? '' : `${login}<p role=alert>Wrong password`);
    },
    '/': ({ cookie }, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(
        `<h1>Shop</h1><p>cookie: ${cookie}</p><a href=/orders>Orders</a><a href=/orders?page=2>More</a>`,
      );
    },
    '/orders': '<ul><li class=o><b>1</b> tea</li><li class=o><b>2</b> cake</li></ul>',
    '/long': (_, response) => void response.setHeader('content-type', 'text/plain').end('word '.repeat(1000)),
    '/json': (_, response) => void response.setHeader('content-type', 'application/json').end('{"a":1}'),
  });
}

it('logs in by a form, follows a link and extracts rows', async () => {
  const site = await shop();
  const toolbox = await toolboxFor(site);
  const { session_id } = await call(toolbox, 'session_create', { name: 'ada', base_url: site.url });
  const page = await call(toolbox, 'page_open', { session_id, url: '/login' });
  expect(page).toMatchObject({ title: 'Log in', status: 200, forms: 1 });
  expect(page.view).toContain('@e');
  const values = { user: 'ada', pass: 'plain' };
  const home = await call(toolbox, 'form_submit', { page_id: page.page_id, values });
  expect(home).toMatchObject({ url: `${site.url}/`, status: 200, links: 2 });
  const orders = await call(toolbox, 'page_follow', { page_id: home.page_id, target: 'text=Orders' });
  const schema = { baseSelector: 'li.o', fields: [{ name: 'id', selector: 'b', type: 'text' }] };
  const rows = await call(toolbox, 'page_extract', { page_id: orders.page_id, schema });
  expect(rows).toEqual({ rows: [{ id: '1' }, { id: '2' }], misses: [] });
  expect(site.seen.at(-1)).toMatchObject({ url: '/orders', cookie: 'sid=session-cookie-value' });
  expect(site.seen.at(-1)?.headers.referer).toBe(`${site.url}/`);
  expect(await call(toolbox, 'session_list', {})).toMatchObject({
    sessions: [{ session_id, name: 'ada', cookies: 1 }],
  });
  expect(await call(toolbox, 'session_close', { session_id })).toEqual({ closed: true });
  expect(await fail(toolbox, 'page_snapshot', { page_id: home.page_id })).toMatchObject({
    code: 'ERR_PAGE_NOT_FOUND',
  });
  expect(await fail(toolbox, 'page_open', { session_id, url: '/' })).toMatchObject({
    code: 'ERR_SESSION_NOT_FOUND',
  });
});

it('shows no cookie value, no hidden and no password value', async () => {
  const site = await shop();
  const toolbox = await toolboxFor(site, { tools: 'all' });
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  const answers = [await toolbox.call('page_open', { session_id, url: '/login' })];
  const { page_id } = answers[0]?.structuredContent ?? {};
  answers.push(await toolbox.call('page_forms', { page_id }));
  const values = { user: 'ada', pass: 'plain' };
  answers.push(await toolbox.call('form_submit', { page_id, values, dry_run: true }));
  answers.push(await toolbox.call('form_submit', { page_id, values }));
  answers.push(await toolbox.call('fetch', { session_id, url: '/' }));
  answers.push(await toolbox.call('fetch', { session_id, url: '/login', as: 'html' }));
  answers.push(await toolbox.call('cookies_list', { session_id }));
  const all = JSON.stringify(answers);
  expect(all).toContain('[hidden]');
  expect(all).toContain('"sid');
  for (const secret of ['session-cookie-value', 'pre-filled-password']) expect(all).not.toContain(secret);
  expect(JSON.stringify(answers.slice(0, 3))).not.toContain('csrf-token-value');
});

it('sends secrets by name to their origins, and shows them in no form', async () => {
  const site = await shop();
  const value = 'white+rabbit';
  const toolbox = await toolboxFor(site, {
    tools: 'all',
    secrets: {
      shop: { value, origins: [site.url] },
      other: { value: 'other-secret', origins: ['https://other.example'] },
    },
  });
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  const login = { session_id, url: '/login', username: 'ada', password_secret: 'shop' };
  expect(await call(toolbox, 'login_run', login)).toMatchObject({ status: 200, url: `${site.url}/` });
  expect(site.seen.some(({ body }) => body.includes('white%2Brabbit'))).toBe(true);
  expect(await fail(toolbox, 'login_run', { ...login, password_secret: 'other' })).toMatchObject({
    code: 'ERR_SECRET',
  });
  expect(await fail(toolbox, 'login_run', { ...login, password_secret: 'none' })).toMatchObject({
    code: 'ERR_SECRET',
  });
  const inUrl = { session_id, url: '/?q={{secret:shop}}' };
  expect(await fail(toolbox, 'fetch', inUrl)).toMatchObject({ code: 'ERR_SECRET' });
  expect(
    await fail(toolbox, 'fetch', { session_id, url: '/', query: { q: '{{secret:shop}}' } }),
  ).toMatchObject({ code: 'ERR_SECRET' });
  expect(JSON.stringify(site.seen)).not.toContain('other-secret');
});

it("does not put a secret into the URL of a GET form, or send it to the form's target", async () => {
  const site = await startSite({
    '/get': '<form action=/find><input name=q></form>',
    '/away': '<form method=post action=https://other.example/><input name=q></form>',
  });
  const toolbox = await toolboxFor(site, { secrets: { key: { value: 'my-secret', origins: [site.url] } } });
  const { session_id } = await call(toolbox, 'session_create', {});
  for (const path of ['/get', '/away']) {
    const { page_id } = await call(toolbox, 'page_open', { session_id, url: site.url + path });
    const values = { q: '{{secret:key}}' };
    expect(await fail(toolbox, 'form_submit', { page_id, values })).toMatchObject({ code: 'ERR_SECRET' });
  }
  expect(site.seen).toHaveLength(2);
});

it('keeps the sessions, pages and texts of clients apart', async () => {
  const site = await shop();
  const toolbox = await toolboxFor(site);
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url }, 'a');
  const { page_id } = await call(toolbox, 'page_open', { session_id, url: '/' }, 'a');
  const { next_cursor } = await call(toolbox, 'fetch', { session_id, url: '/long', max_chars: 100 }, 'a');
  expect(await call(toolbox, 'session_list', {}, 'b')).toEqual({ sessions: [] });
  expect(await fail(toolbox, 'page_open', { session_id, url: '/' }, 'b')).toMatchObject({
    code: 'ERR_SESSION_NOT_FOUND',
  });
  expect(await fail(toolbox, 'page_snapshot', { page_id }, 'b')).toMatchObject({
    code: 'ERR_PAGE_NOT_FOUND',
  });
  expect(await fail(toolbox, 'fetch', { cursor: next_cursor }, 'b')).toMatchObject({
    code: 'ERR_PAGE_NOT_FOUND',
  });
  expect(await call(toolbox, 'session_close', { session_id }, 'b')).toEqual({ closed: false });
  expect(await fail(toolbox, 'session_create', { fork_of: session_id }, 'b')).toMatchObject({
    code: 'ERR_SESSION_NOT_FOUND',
  });
});

it('returns a long body in parts by its cursor, without loss', async () => {
  const site = await shop();
  const toolbox = await toolboxFor(site);
  const first = await call(toolbox, 'fetch', { url: `${site.url}/long`, max_chars: 1000 });
  let text = textOf(first);
  let cursor = first.next_cursor;
  for (let parts = 0; cursor !== null && parts < 10; parts++) {
    const next = await call(toolbox, 'fetch', { cursor, max_chars: 1000 });
    text += textOf(next);
    cursor = next.next_cursor;
  }
  expect(text).toBe('word '.repeat(1000));
  expect(site.seen).toHaveLength(1);
});

it('forks a session with its cookies', async () => {
  const site = await startSite({
    '/': ({ cookie }, response) => void response.setHeader('set-cookie', 'a=1').end(cookie),
  });
  const toolbox = await toolboxFor(site);
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  await call(toolbox, 'fetch', { session_id, url: '/' });
  const { session_id: fork } = await call(toolbox, 'session_create', {
    base_url: site.url,
    fork_of: session_id,
  });
  await call(toolbox, 'fetch', { session_id: fork, url: '/' });
  expect(site.seen.at(-1)?.cookie).toBe('a=1');
});

it('keeps sessions in a folder, each for its client', async () => {
  const storeFolder = mkdtempSync(join(tmpdir(), 'jarfetch-mcp-'));
  onTestFinished(() => rmSync(storeFolder, { recursive: true }));
  const site = await startSite({
    '/': (_, response) => void response.setHeader('set-cookie', 'a=1; Max-Age=60').end('x'),
  });
  const options = { storeFolder, encryptionKey: 'a key of some length', allowHosts: [site.host] };
  const first = await createToolbox(options);
  const { session_id } = await call(first, 'session_create', { base_url: site.url, name: 'kept' }, 'a');
  await call(first, 'fetch', { session_id, url: '/' }, 'a');
  await first.close();
  const second = await toolboxFor(null, options);
  expect(await call(second, 'session_list', {}, 'a')).toMatchObject({
    sessions: [{ session_id, name: 'kept' }],
  });
  expect(await call(second, 'session_list', {}, 'b')).toEqual({ sessions: [] });
  await call(second, 'fetch', { session_id, url: '/' }, 'a');
  expect(site.seen.at(-1)?.cookie).toBe('a=1');
});

it('ends a session after its time limit', async () => {
  const toolbox = await toolboxFor(null);
  const { expires_at } = await call(toolbox, 'session_create', { ttl_s: 3600 });
  expect(Date.parse(String(expires_at)) - Date.now()).toBeGreaterThan(3_590_000);
});

it('says which argument is wrong, and what to do', async () => {
  const toolbox = await toolboxFor(null);
  expect(await fail(toolbox, 'nothing', {})).toMatchObject({ code: 'ERR_UNKNOWN_TOOL' });
  expect(await fail(toolbox, 'page_open', { url: '/' })).toMatchObject({ message: 'session_id is missing' });
  const near = await fail(toolbox, 'page_open', { session_id: 's', url: '/', max_char: 5 });
  expect(near).toMatchObject({ code: 'ERR_INVALID_OPTION', next: 'Did you mean max_chars?' });
  expect(await fail(toolbox, 'session_create', { ttl_s: 1e9 })).toMatchObject({
    message: 'ttl_s must be from 1 to 28800, got 1000000000',
  });
});

it('reads no file outside its folder', async () => {
  const toolbox = await toolboxFor(null, { folder: '.' });
  for (const file of ['../etc/passwd', '/etc/passwd', '..', 'src', '.npmrc']) {
    expect(await fail(toolbox, 'session_create', { cookies_file: file })).toMatchObject({ code: 'ERR_FILE' });
  }
  const none = await toolboxFor(null);
  expect(await fail(none, 'session_create', { cookies_file: 'a.txt' })).toMatchObject({ code: 'ERR_FILE' });
});

it('records a session and writes it without its secrets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-mcp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const site = await shop();
  const toolbox = await toolboxFor(site, { tools: 'all', folder });
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url, record: true });
  const { page_id } = await call(toolbox, 'page_open', { session_id, url: '/login' });
  await call(toolbox, 'form_submit', { page_id, values: { user: 'ada', pass: 'plain' } });
  const written = await call(toolbox, 'har_export', { session_id, file: 'shop.har' });
  expect(written).toEqual({ file: 'shop.har', requests: 3 });
  const text = readFileSync(join(folder, 'shop.har'), 'utf8');
  expect(text).toContain('/login');
  expect(text).not.toContain('session-cookie-value');
  expect(await fail(toolbox, 'har_export', { session_id, file: 'b.har' })).toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});
