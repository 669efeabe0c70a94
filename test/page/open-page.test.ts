import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../src/index.ts';
import { fileFrom, openPage, pageOf, parsePage } from '../../src/page/index.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { headerOf, startServer } from '../helpers/servers.ts';

type Answers = Readonly<
  Record<
    string,
    string | { readonly status?: number; readonly headers?: object; readonly body?: string | Buffer }
  >
>;

async function visit(answers: Answers) {
  const server = await startServer((request, response) => {
    const found = answers[(request.url ?? '').split('?')[0] ?? ''] ?? { status: 404, body: 'gone' };
    const { status = 200, headers = {}, body = '' } = typeof found === 'string' ? { body: found } : found;
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
  });
  return { server, session: await createSession({ baseUrl: server.url }) };
}

describe('openPage', () => {
  it('is a typed navigation, and the links of the page are clicks', async () => {
    const { server, session } = await visit({
      '/': '<title> a\n b </title><a href=/next#x>n</a>',
      '/next': '<p id=p>hi',
    });
    const page = await openPage(session, '/');
    expect([page.status, page.title, page.charset, page.url]).toEqual([
      200,
      'a b',
      'UTF-8',
      `${server.url}/`,
    ]);
    expect(headerOf(server.seen[0], 'sec-fetch-site')).toBe('none');
    const next = await page.follow({ text: 'n' });
    expect(next.url).toBe(`${server.url}/next#x`);
    expect(next.query('#p')?.text).toBe('hi');
    expect(headerOf(server.seen[1], 'referer')).toBe(`${server.url}/`);
    expect(headerOf(server.seen[1], 'sec-fetch-user')).toBe('?1');
    expect(page.title).toBe('a b');
  });

  it('keeps the fragment over redirects, and takes the one of a Location', async () => {
    const { server, session } = await visit({
      '/a': { status: 302, headers: { location: '/c' } },
      '/b': { status: 302, headers: { location: '/c#new' } },
      '/c': 'x',
    });
    expect((await openPage(session, '/a#old')).url).toBe(`${server.url}/c#old`);
    expect((await openPage(session, '/b#old')).url).toBe(`${server.url}/c#new`);
  });

  it('sends no request for a link to a fragment of the page', async () => {
    const { server, session } = await visit({ '/': '<a href="#there">n</a>' });
    const page = await openPage(session, '/');
    const there = await page.follow('a');
    expect([there.url, server.seen.length]).toEqual([`${server.url}/#there`, 1]);
    expect(page.url).toBe(`${server.url}/`);
  });

  it('follows refreshes up to the given limit and delay', async () => {
    const refresh = (to: string, delay = 0): string =>
      `<meta http-equiv=refresh content="${delay};url=${to}">`;
    const { server, session } = await visit({
      '/1': refresh('/2'),
      '/2': { headers: { refresh: '3;url=/3' }, body: '<title>2</title>' },
      '/3': '<title>3</title>',
      '/late': refresh('/3', 60),
      '/self': refresh('/self', 4),
      '/loop': refresh('/pool'),
      '/pool': refresh('/loop'),
    });
    expect((await openPage(session, '/1')).title).toBe('3');
    expect(headerOf(server.seen[1], 'referer')).toBe(`${server.url}/1`);
    expect(headerOf(server.seen[1], 'sec-fetch-user')).toBeUndefined();
    expect((await openPage(session, '/1', { refresh: { maxDelay: 1000 } })).title).toBe('2');
    expect((await openPage(session, '/1', { refresh: false })).refresh?.url.pathname).toBe('/2');
    expect((await openPage(session, '/late')).refresh?.delay).toBe(60_000);
    expect((await openPage(session, '/self')).url).toBe(`${server.url}/self`);
    server.seen.length = 0;
    expect((await openPage(session, '/loop')).refresh).not.toBeNull();
    expect(server.seen).toHaveLength(6);
    server.seen.length = 0;
    await openPage(session, '/loop', { refresh: { limit: 2 } });
    expect(server.seen).toHaveLength(3);
  });

  it('returns a response that is not a page with its status and response', async () => {
    const { session } = await visit({
      '/json': { headers: { 'content-type': 'application/json' }, body: '{"a":1}' },
      '/file': { headers: { 'content-disposition': 'attachment; filename=x' }, body: 'x' },
      '/none': { status: 204 },
    });
    const page = await openPage(session, '/json');
    expect([page.isHtml, page.status]).toEqual([false, 200]);
    expect(() => page.title).toThrow('The response is not an HTML page (200, application/json)');
    expect(() => page.links()).toThrow(expect.objectContaining({ code: 'ERR_NOT_HTML', status: 200 }));
    expect(await page.response?.json()).toEqual({ a: 1 });
    expect((await openPage(session, '/file')).isHtml).toBe(false);
    expect((await openPage(session, '/none')).isHtml).toBe(false);
    expect((await openPage(session, '/gone')).html()).toBe('gone');
  });

  it('reloads with the request of the page, its body included', async () => {
    const { server, session } = await visit({
      '/': '<form action=/s method=post><input name=a value=1>',
      '/s': 'done',
    });
    const page = await openPage(session, '/');
    await page.reload();
    const answer = await page.form().submit();
    await answer.reload();
    const seen = server.seen.map(({ method, url, body }) => `${method} ${url} ${body}`);
    expect(seen).toEqual(['GET / ', 'GET / ', 'POST /s a=1', 'POST /s a=1']);
    expect(headerOf(server.seen[1], 'cache-control')).toBe('max-age=0');
  });

  it.each([
    ['javascript:1', 'leads to "javascript:"'],
    ['mailto:a@b.test', 'leads to "mailto:"'],
    ['https://[', 'is not a URL'],
  ])('refuses a link to %s', async (href, message) => {
    const { server, session } = await visit({ '/': `<a href="${href}">x</a>` });
    const page = await openPage(session, '/');
    await expect(page.follow('a')).rejects.toThrow(message);
    await expect(page.follow('a')).rejects.toMatchObject({ code: 'ERR_NOT_NAVIGABLE' });
    expect(server.seen).toHaveLength(1);
  });

  it('checks its arguments before it sends a request', async () => {
    const { server, session } = await visit({});
    await expect(openPage({} as never, '/')).rejects.toThrow('session must be a session');
    await expect(openPage(session, '/', { refresh: 5 as never })).rejects.toThrow('refresh must be');
    await expect(openPage(session, '/', { refresh: { maxDelays: 1 } as never })).rejects.toThrow('maxDelays');
    await expect(openPage(session, '/', { maxHtmlBytes: 0 })).rejects.toThrow('maxHtmlBytes');
    await expect(openPage(session, '/', { noscript: 1 as never })).rejects.toThrow('noscript');
    expect(server.seen).toEqual([]);
  });
});

describe('a form that is submitted', () => {
  it('uploads a local file, twice when a redirect requires it', async () => {
    const { server, session } = await visit({
      '/': '<form action=/a method=post enctype=multipart/form-data><input type=file name=f><button>Go</button></form>',
      '/a': { status: 307, headers: { location: '/b' } },
      '/b': '<title>done</title>',
    });
    const path = join(await temporaryFolder(), 'photo.PNG');
    await writeFile(path, Buffer.alloc(200_000, 7));
    const page = await openPage(session, '/');
    const done = await page
      .form()
      .fill({ f: await fileFrom(path) })
      .submit();
    expect(done.title).toBe('done');
    const [, first, second] = server.seen;
    expect(first?.body.length).toBeGreaterThan(200_000);
    expect(first?.body.toString('latin1')).toContain('filename="photo.PNG"\r\nContent-Type: image/png\r\n');
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
    expect(headerOf(first, 'content-length')).toBe(String(first?.body.length));
  });

  it('says which file cannot be read', async () => {
    await expect(fileFrom('/nonexistent/x.txt')).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
    await expect(fileFrom('/nonexistent/x.txt')).rejects.toThrow('The file "x.txt" cannot be read');
  });

  it('is not submitted when a browser refuses its values, unless an option says so', async () => {
    const { server, session } = await visit({
      '/': '<form action=/><input name=q required><button>x</button></form>',
    });
    const form = (await openPage(session, '/')).form();
    await expect(form.submit()).rejects.toMatchObject({ code: 'ERR_FORM_INVALID' });
    await expect(form.submit('button')).rejects.toThrow('"q" (valueMissing)');
    await form.submit('button', { validate: false });
    await form.submit(null);
    expect(server.seen).toHaveLength(3);
  });

  it('of a page without a session needs one', async () => {
    const page = parsePage('<form action=/x><button>x</button></form>', { url: 'https://a.test/' });
    await expect(page.form().submit()).rejects.toThrow('submit needs a session');
    await expect(page.reload()).rejects.toThrow('reload needs a session');
  });

  it('is sent from an https page over http only when that is allowed', async () => {
    const page = parsePage('<form method=post action=http://b.test/>', { url: 'https://a.test/' });
    await expect(page.form().submit(null)).rejects.toThrow('it leads from https to http');
    await expect(page.form().submit(null, { allowHttp: true })).rejects.toThrow('needs a session');
  });
});

describe('pageOf and parsePage', () => {
  it('make a page of existing HTML', async () => {
    const { session, server } = await visit({ '/': '<a href=/x>x</a>', '/x': '<p>x' });
    const response = await session.fetch('/');
    const page = await pageOf(session, response);
    expect((await page.follow('a')).url).toBe(`${server.url}/x`);
    const bytes = Buffer.from('<title>\xe9</title>', 'latin1');
    expect(parsePage(bytes, { url: 'https://a.test/' }).title).toBe('é');
    expect(parsePage(bytes, { url: 'https://a.test/', charset: 'koi8-r' }).title).toBe('И');
    expect(() => parsePage('', { url: 'x' })).toThrow('url must be');
    expect(() => parsePage(1 as never, { url: 'https://a.test/' })).toThrow('html must be');
    expect(() => parsePage('', { url: 'https://a.test/', charset: 'x-bad' })).toThrow('charset must be');
  });

  it('show the content of noscript with an option', () => {
    const html = '<noscript><a href=/x>x</a></noscript>';
    expect(parsePage(html, { url: 'https://a.test/' }).links()).toEqual([]);
    expect(parsePage(html, { url: 'https://a.test/', noscript: true }).links()).toHaveLength(1);
  });

  it('read the Link header', () => {
    const headers = new Headers({ link: '</2>; rel="next"; title="a, b", <https://b.test/>; rel=last' });
    const page = parsePage('', { url: 'https://a.test/1', headers });
    expect(page.linkHeader.map(({ url, rel }) => [url.href, rel])).toEqual([
      ['https://a.test/2', ['next']],
      ['https://b.test/', ['last']],
    ]);
  });
});

describe("import 'jarfetch'", () => {
  it('does not load the pages and downloads', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)});
      console.log(JSON.stringify(loaded.filter((url) => /src\\/page|parse5|css-what|@exodus/.test(url))));
      console.log(loaded.length > 20);
      await import(${JSON.stringify(new URL('../../src/page/index.ts', import.meta.url).href)});
      console.log(loaded.filter((url) => /page\\/download/.test(url)).length > 3);`;
    const output = await new Promise<string>((resolve, reject) => {
      const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
      execFile(process.execPath, args, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    });
    expect(output).toBe('[]\ntrue\ntrue\n');
  });
});
