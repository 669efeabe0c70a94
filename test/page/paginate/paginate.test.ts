import { describe, expect, it } from 'vitest';
import { createSession, type RequestInit } from '../../../src/index.ts';
import { openPage, type Page, type PaginateOptions, paginate, parsePage } from '../../../src/page/index.ts';
import { startServer, type TestServer } from '../../helpers/servers.ts';

/** A shop with `count` pages whose links are written by `links`. */
async function shop(
  count: number,
  links: (next: number, base: string) => { head?: string; body?: string; header?: string | string[] },
): Promise<TestServer> {
  const server = await startServer((request, response) => {
    const number = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? '1');
    const { head = '', body = '', header } = number < count ? links(number + 1, server.url) : {};
    response.setHeader('content-type', 'text/html');
    if (header !== undefined) response.setHeader('link', header);
    response.end(`<head>${head}</head><p class=item>a${number}</p><p class=item>b${number}</p>${body}`);
  });
  return server;
}

const open = async (server: TestServer, path = '/list', init: RequestInit = {}): Promise<Page> =>
  openPage(await createSession(), server.url + path, init);

const items = { baseSelector: '.item', fields: [{ name: 'text', type: 'text' }] } as const;

async function texts(start: Page, options: PaginateOptions = {}): Promise<unknown[]> {
  return (await paginate(start, { ...options, items }).all()).map(({ text }) => text);
}

const threePages = ['a1', 'b1', 'a2', 'b2', 'a3', 'b3'];

describe('paginate follows the next page that the page names', () => {
  it.each([
    ['a Link header', (n: number) => ({ header: `</list?page=${n}>; rel="next"` })],
    ['one without quotes', (n: number) => ({ header: `<?page=${n}>;rel=next` })],
    [
      'one of several relations',
      (n: number) => ({ header: `<?page=${n}>; title="a, <b>; c"; rel="last NEXT"` }),
    ],
    [
      'one of several links',
      (n: number) => ({ header: `<?page=1>; rel=first, <?page=${n}>; rel=next, <?page=9>; rel=last` }),
    ],
    [
      'one of several headers',
      (n: number) => ({ header: ['<?page=1>; rel=first', `<?page=${n}>; rel=next`] }),
    ],
    ['an absolute one', (n: number, base: string) => ({ header: `<${base}/list?page=${n}>; rel=next` })],
    [
      'one after what is about another thing',
      (n: number) => ({ header: `<?page=7>; rel=next; anchor="#x", <?page=${n}>; rel=next` }),
    ],
    ['a link element', (n: number) => ({ head: `<link rel="x next" href="?page=${n}">` })],
    ['a link', (n: number) => ({ body: `<a rel=next href="?page=${n}">more</a>` })],
    ['links above and below', (n: number) => ({ body: `<a rel=next href="?page=${n}">1</a>`.repeat(2) })],
  ])('in %s', async (_, links) => {
    const server = await shop(3, links);
    expect(await texts(await open(server))).toEqual(threePages);
    expect(server.seen).toHaveLength(3);
  });

  it('as a click on a link, with its Referer', async () => {
    const server = await shop(2, (n) => ({ body: `<a rel=next href="?page=${n}">more</a>` }));
    await texts(await open(server));
    const headers = new Map(server.seen[1]?.headers.map(([name, value]) => [name.toLowerCase(), value]));
    expect(headers.get('referer')).toBe(`${server.url}/list`);
  });
});

describe('paginate follows `next`', () => {
  it('by a query', async () => {
    const server = await shop(3, (n) => ({
      body: `<a href="?page=${n}">Older</a><a href="?page=1">Newer</a>`,
    }));
    expect(await texts(await open(server), { next: { text: 'older' } })).toEqual(threePages);
    expect(await texts(await open(server), { next: 'a:first-of-type' })).toEqual(threePages);
  });

  it('not by a query that matches several URLs', async () => {
    const server = await shop(3, (n) => ({
      body: `<a href="?page=${n}">Older</a><a href="?page=9">Older</a>`,
    }));
    await expect(texts(await open(server), { next: { text: 'older' } })).rejects.toMatchObject({
      code: 'ERR_AMBIGUOUS',
    });
  });

  it.each([
    ['a string', (n: number) => `?page=${n}`],
    ['a URL', (n: number, page: Page) => new URL(`?page=${n}`, page.url)],
    ['a request', (n: number) => ({ url: `?page=${n}` })],
    ['a request with a query', (n: number) => ({ url: '/list', searchParams: { page: n } })],
    ['a page', (n: number, page: Page) => page.follow(new URL(`?page=${n}`, page.url))],
    ['a link', (n: number) => parsePage(`<a href="?page=${n}">x`, { url: 'http://x/' }).links()[0]],
  ])('by a function that says %s', async (kind, say) => {
    const server = await shop(9, () => ({}));
    const next = (page: Page, count: number) => (count < 3 ? (say(count + 1, page) as string) : null);
    if (kind === 'a link') {
      // A link of another page would be resolved against that page.
      await expect(texts(await open(server), { next })).rejects.toMatchObject({ code: 'ERR_NOT_NAVIGABLE' });
    } else expect(await texts(await open(server), { next })).toEqual(threePages);
  });

  /** Lists that are asked for by POST. */
  const posted = (): Promise<TestServer> =>
    startServer((_, response, body) => {
      const number = Number(/cursor\D*(\d+)/.exec(body.toString())?.[1] ?? '1');
      response.setHeader('content-type', 'text/html');
      const form = `<form method=post action=/list><input name=cursor value=${number + 1}><button>More</button></form>`;
      response.end(`<p class=item>a${number}</p><p class=item>b${number}</p>${number < 3 ? form : ''}`);
    });

  it('by a form', async () => {
    const server = await posted();
    const start = await open(server);
    expect(await texts(start, { next: (page) => page.forms()[0] })).toEqual(threePages);
    expect(server.seen.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'GET ',
      'POST cursor=2',
      'POST cursor=3',
    ]);
  });

  it('by a POST with a cursor, which is not the same request twice', async () => {
    const server = await posted();
    const start = await open(server);
    const next = (_: Page, count: number) =>
      count < 3 ? { method: 'POST', json: { cursor: count + 1 } } : null;
    expect(await texts(start, { next })).toEqual(threePages);
    expect(server.seen.at(-1)?.body.toString()).toBe('{"cursor":3}');
  });
});

describe('paginate ends', () => {
  const endless = (): Promise<TestServer> =>
    shop(Number.POSITIVE_INFINITY, (n) => ({ header: `<?page=${n}>; rel=next` }));

  it.each([
    ['at a page that it comes from', (n: number) => ({ header: `<?page=${n % 3}>; rel=next` })],
    [
      'at the page itself',
      (n: number) => ({ body: `<a rel=next href="${n > 3 ? '#' : `?page=${n}`}">x</a>` }),
    ],
  ])('%s', async (_, links) => {
    const server = await shop(9, links);
    expect((await texts(await open(server))).length).toBeLessThanOrEqual(8);
    expect(server.seen.length).toBeLessThanOrEqual(4);
  });

  it('at a POST that it has made', async () => {
    const server = await endless();
    const pages = paginate(await open(server), { next: () => ({ method: 'POST', json: { cursor: 1 } }) });
    expect(await pages.all()).toHaveLength(2);
  });

  it('after so many pages', async () => {
    const server = await endless();
    expect(await paginate(await open(server), { maxPages: 4 }).all()).toHaveLength(4);
    expect(server.seen).toHaveLength(4);
  });

  it('after so many items, without a request for more', async () => {
    const server = await endless();
    const start = await open(server);
    expect(await paginate(start, { items, maxItems: 3 }).all()).toHaveLength(3);
    expect(server.seen).toHaveLength(2);
    expect(await paginate(start, { items, maxItems: 2 }).all()).toHaveLength(2);
    expect(server.seen).toHaveLength(2);
  });

  it('when the loop ends', async () => {
    const server = await endless();
    for await (const page of paginate(await open(server))) {
      if (page.url.endsWith('page=2')) break;
    }
    expect(server.seen).toHaveLength(2);
  });

  it('and starts anew in another loop', async () => {
    const server = await shop(3, (n) => ({ header: `<?page=${n}>; rel=next` }));
    const pages = paginate(await open(server));
    expect(await pages.all()).toHaveLength(3);
    expect((await pages.all()).map(({ url }) => new URL(url).search)).toEqual(['', '?page=2', '?page=3']);
  });

  it('with the reason of its signal, in a delay too', async () => {
    const server = await endless();
    const stop = new AbortController();
    const reason = new Error('enough');
    const seen: string[] = [];
    const walk = async (): Promise<void> => {
      const pages = paginate(await open(server), { delay: 2 ** 30, signal: stop.signal });
      for await (const page of pages) {
        seen.push(page.url);
        setImmediate(() => stop.abort(reason));
      }
    };
    await expect(walk()).rejects.toBe(reason);
    expect(seen).toHaveLength(1);
    await expect(walk()).rejects.toBe(reason);
  });

  it('with an error after a page that failed', async () => {
    const server = await startServer((request, response) => {
      response.statusCode = request.url === '/list' ? 200 : 500;
      response.setHeader('link', '</2>; rel=next');
      response.setHeader('content-type', 'text/html').end('<p class=item>a');
    });
    await expect(texts(await open(server))).rejects.toMatchObject({ code: 'ERR_STATUS', status: 500 });
  });

  it('with an error at another origin, unless that is allowed', async () => {
    const other = await shop(1, () => ({}));
    const server = await shop(2, () => ({ header: `<${other.url}/list>; rel=next` }));
    const start = await open(server);
    await expect(texts(start)).rejects.toThrow(/at another origin, .*crossOrigin: true/);
    expect(other.seen).toHaveLength(0);
    expect(await texts(start, { crossOrigin: true })).toHaveLength(4);
    const redirecting = await startServer((_, response) => {
      response.writeHead(302, { location: `${other.url}/list` }).end();
    });
    const next = (_: Page, count: number): URL | null => (count === 1 ? new URL(redirecting.url) : null);
    await expect(texts(start, { next })).rejects.toMatchObject({ code: 'ERR_NOT_NAVIGABLE' });
  });

  it('waits as the session retries: Retry-After is respected', async () => {
    let tries = 0;
    const server = await startServer((request, response) => {
      const isBusy = request.url !== '/list' && ++tries === 1;
      response.statusCode = isBusy ? 503 : 200;
      if (isBusy) response.setHeader('retry-after', '0');
      if (request.url === '/list') response.setHeader('link', '</2>; rel=next');
      response.setHeader('content-type', 'text/html').end('<p class=item>a');
    });
    expect(await texts(await open(server), { retry: true })).toHaveLength(2);
    expect(tries).toBe(2);
  });
});

describe('paginate refuses', () => {
  const page = parsePage('<p>', { url: 'http://a.test/' });

  it.each([
    [{ maxPages: 0 }, 'maxPages must be'],
    [{ maxItems: 1.5 }, 'maxItems must be'],
    [{ delay: -1 }, 'delay must be'],
    [{ delay: 2 ** 31 }, 'delay must be at most'],
    [{ crossOrigin: 'yes' }, 'crossOrigin must be'],
    [{ items: 'p' }, 'items must be a schema or a function'],
    [{ maxpages: 3 }, 'did you mean maxPages?'],
  ])('%j', (options, message) => {
    expect(() => paginate(page, options as never)).toThrow(message);
  });

  it('a value that is not a page, and invalid results of a function', async () => {
    expect(() => paginate('http://a.test/' as never)).toThrow('start must be a page');
    await expect(paginate(page, { next: () => 7 as never }).all()).rejects.toThrow('next() must be');
    await expect(paginate(page, { next: () => '/x' }).all()).rejects.toThrow('needs a session');
    await expect(paginate(page, { next: () => ({ url: '/x' }) }).all()).rejects.toThrow('needs a session');
  });
});
