import { describe, expect, it } from 'vitest';
import { createSession } from '../../src/index.ts';
import { openPage } from '../../src/page/index.ts';
import { headerOf, startServer } from '../helpers/servers.ts';

/** A form whose POST is answered with a redirect of the given status to a page. */
async function startSite(status: number) {
  const server = await startServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    if (path === '/order') response.writeHead(status, { location: '/thanks#done' }).end();
    else if (path === '/old') response.writeHead(302, { location: '/new?page=2' }).end();
    else {
      const html = '<form action=/order method=post><input name=item value=tea></form><a href=/old>n</a>';
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    }
  });
  return { server, page: await openPage(await createSession({ baseUrl: server.url }), '/') };
}

describe('reload', () => {
  it.each([
    [303, 'GET /thanks '],
    [302, 'GET /thanks '],
    [307, 'POST /thanks item=tea'],
    [308, 'POST /thanks item=tea'],
  ])('after a form and a redirect of %i asks for the page that is shown', async (status, asked) => {
    const { server, page } = await startSite(status);
    const thanks = await page.form().submit();
    expect(thanks.url).toBe(`${server.url}/thanks#done`);
    server.seen.length = 0;
    const again = await thanks.reload();
    expect(server.seen.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([asked]);
    expect(again.url).toBe(`${server.url}/thanks#done`);
    const type = asked.startsWith('GET') ? undefined : 'application/x-www-form-urlencoded';
    expect(headerOf(server.seen[0], 'content-type')).toBe(type);
    expect(headerOf(server.seen[0], 'referer')).toBe(`${server.url}/`);
  });

  it('after a link and a redirect requests the page that is shown, also twice', async () => {
    const { server, page } = await startSite(303);
    const shown = await page.follow('a');
    server.seen.length = 0;
    await (await shown.reload()).reload();
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(
      Array(2).fill('GET /new?page=2'),
    );
  });

  it('of a page whose fragment changed keeps the fragment', async () => {
    const { server, page } = await startSite(303);
    const there = await page.follow(new URL('#there', page.url));
    expect((await there.reload()).url).toBe(`${server.url}/#there`);
  });
});

describe('a link to the top of the page', () => {
  it.each(['#', '/#', ' # '])('%j asks nothing', async (href) => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="${href}">top</a>`);
    });
    const page = await openPage(await createSession({ baseUrl: server.url }), '/');
    const top = await page.follow('a');
    expect([top.url, server.seen.length]).toEqual([`${server.url}/#`, 1]);
    // From there the empty fragment changes nothing again.
    expect((await top.follow('a')).url).toBe(`${server.url}/#`);
    expect(server.seen).toHaveLength(1);
  });
});
