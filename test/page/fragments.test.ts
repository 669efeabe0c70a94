import { describe, expect, it } from 'vitest';
import { createSession } from '../../src/index.ts';
import { openPage, type Page, parsePage } from '../../src/page/index.ts';
import { startServer, type TestServer } from '../helpers/servers.ts';

/** Each as Chromium 156 and Firefox 153 did it when it was played in them. */
async function open(path: string, body: string, moved: Readonly<Record<string, string>> = {}) {
  const server: TestServer = await startServer((request, response) => {
    const location = moved[request.url ?? ''];
    if (location !== undefined) return void response.writeHead(302, { location }).end();
    response.writeHead(200, { 'content-type': 'text/html' }).end(body);
  });
  const page = await openPage(await createSession(), `${server.url}${path}`);
  server.seen.length = 0;
  /** The URL that is shown, without the origin, and how many requests there were. */
  const after = (next: Page): [string, number] => [
    next.url.replace(server.url, ''),
    server.seen.filter(({ url }) => moved[url] === undefined).length,
  ];
  return { page, after };
}

const formTo = (action: string, more = ''): string =>
  `<form action="${action}" ${more}><input name=q value=1><button>Go</button></form>`;

describe('a form that is sent by GET to the page itself', () => {
  it.each([
    ['a fragment', '/s?q=1', formTo('/s#x'), '/s?q=1#x', 0],
    ['the fragment that is shown', '/s?q=1#x', formTo('/s#x'), '/s?q=1#x', 0],
    ['an empty fragment', '/s?q=1', formTo('/s#'), '/s?q=1#', 0],
    ['a fragment in its own window', '/s?q=1', formTo('/s#x', 'target=_self'), '/s?q=1#x', 0],
    ['no fragment', '/s?q=1', formTo('/s'), '/s?q=1', 1],
    ['no fragment, from a place in it', '/s?q=1#y', formTo('/s'), '/s?q=1', 1],
    ['another query and a fragment', '/s?q=2', formTo('/s#x'), '/s?q=1#x', 1],
    ['a fragment in another window', '/s?q=1', formTo('/s#x', 'target=_blank'), '/s?q=1#x', 1],
    ['a fragment by POST', '/s?q=1', formTo('#x', 'method=post'), '/s?q=1#x', 1],
  ])('with %s', async (_, path, html, url, count) => {
    const { page, after } = await open(path, html);
    expect(after(await page.form().submit())).toEqual([url, count]);
    const again = await open(path, html);
    expect(again.after(await again.page.form().submit(null))).toEqual([url, count]);
  });

  it('needs no session for a fragment of the page', async () => {
    const page = parsePage(formTo('/s#x'), { url: 'https://a.test/s?q=1' });
    expect((await page.form().submit()).url).toBe('https://a.test/s?q=1#x');
    await expect(parsePage(formTo('/t#x'), { url: 'https://a.test/s?q=1' }).form().submit()).rejects.toThrow(
      'submit needs a session',
    );
  });
});

describe('a link to a fragment of the page', () => {
  it.each([
    ['its own window', '', 0],
    ['a new window', 'target=_blank', 1],
    ['a named window', 'target=other', 1],
  ])('in %s', async (_, target, count) => {
    const { page, after } = await open('/s', `<a href="#x" ${target}>x</a>`);
    expect(after(await page.follow('a'))).toEqual(['/s#x', count]);
  });
});

describe('the fragment that is shown', () => {
  it.each([
    ['/t', '/t'],
    ['/t#', '/t#'],
    ['/t#x', '/t#x'],
    ['/keeps', '/t'],
    ['/keeps#', '/t'],
    ['/keeps#x', '/t#x'],
    ['/empty#x', '/t#'],
    ['/new#x', '/t#y'],
    ['/twice#x', '/t#y'],
  ])('of %s is that of %s', async (href, shown) => {
    const moved = { '/keeps': '/t', '/empty': '/t#', '/new': '/t#y', '/twice': '/new' };
    const { page, after } = await open('/s', `<a href="${href}">x</a>`, moved);
    expect(after(await page.follow('a'))).toEqual([shown, 1]);
  });
});
