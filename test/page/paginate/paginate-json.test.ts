import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { paginateJson } from '../../../src/page/index.ts';
import { startServer, type TestServer } from '../../helpers/servers.ts';

/** An API of `count` pages with two numbers each; the next is said in the way that is asked for. */
function api(count: number, way: 'link' | 'cursor'): Promise<TestServer> {
  return startServer((request, response, body) => {
    const url = new URL(request.url ?? '', 'http://x');
    const sent = body.length === 0 ? {} : JSON.parse(body.toString());
    const page = Number(url.searchParams.get('page') ?? sent.cursor ?? 1);
    const list = [page * 10, page * 10 + 1];
    if (way === 'link' && page < count) response.setHeader('link', `<?page=${page + 1}>; rel="next"`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(way === 'link' ? list : { list, cursor: page < count ? page + 1 : null }));
  });
}

interface Answer {
  readonly list: readonly number[];
  readonly cursor: number | null;
}

describe('paginateJson', () => {
  it('follows the Link header, and lists the bodies', async () => {
    const server = await api(3, 'link');
    const session = await createSession();
    const pages = paginateJson<number[]>(session, `${server.url}/api`);
    expect(await pages.all()).toEqual([10, 11, 20, 21, 30, 31]);
    const seen: number[] = [];
    for await (const { body, response } of pages) seen.push(body.length + response.status);
    expect(seen).toEqual([202, 202, 202]);
  });

  it('follows a cursor by POST, to the same URL and with the same headers', async () => {
    const server = await api(3, 'cursor');
    const numbers = paginateJson(await createSession(), server.url, {
      request: { method: 'POST', json: {}, headers: { 'x-key': 'k' } },
      next: ({ body }) => (body.cursor === null ? null : { json: { cursor: body.cursor } }),
      items: ({ list }: Answer) => list,
    });
    expect(await numbers.all()).toEqual([10, 11, 20, 21, 30, 31]);
    expect(server.seen.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'POST {}',
      'POST {"cursor":2}',
      'POST {"cursor":3}',
    ]);
    expect(server.seen.every(({ headers }) => headers.some(([name]) => name === 'x-key'))).toBe(true);
  });

  it('follows a URL in the body, relative to the answer', async () => {
    const server = await api(3, 'cursor');
    const next = ({ body }: { body: Answer }) => body.cursor && `?page=${body.cursor}`;
    const pages = paginateJson<Answer>(await createSession(), `${server.url}/v1/x`, {
      next: (page) => next(page) || null,
    });
    let count = 0;
    for await (const page of pages) count += page.body.list.length;
    expect(count).toBe(6);
    expect(server.seen.at(-1)?.url).toBe('/v1/x?page=3');
  });

  it('ends at its limits, and at a request that it has made', async () => {
    const server = await api(100, 'link');
    const session = await createSession();
    expect(await paginateJson(session, server.url, { maxPages: 2 }).all()).toHaveLength(4);
    expect(await paginateJson(session, server.url, { maxItems: 3 }).all()).toHaveLength(3);
    expect(server.seen).toHaveLength(4);
    const same = paginateJson(session, server.url, { next: () => ({ json: { a: 1 }, method: 'POST' }) });
    expect(await same.all()).toHaveLength(4);
  });

  it('ends with an error when an answer failed, has another origin, or is not a list', async () => {
    const other = await api(1, 'link');
    const server = await startServer((request, response) => {
      response.statusCode = request.url === '/busy' ? 404 : 200;
      response.setHeader('link', `<${other.url}>; rel=next`);
      response.setHeader('content-type', 'application/json').end('{}');
    });
    const session = await createSession();
    const items = (): [] => [];
    await expect(paginateJson(session, `${server.url}/busy`).all()).rejects.toMatchObject({
      code: 'ERR_STATUS',
      status: 404,
    });
    await expect(paginateJson(session, server.url, { items }).all()).rejects.toMatchObject({
      code: 'ERR_NOT_NAVIGABLE',
    });
    await expect(paginateJson(session, server.url).all()).rejects.toThrow('items must be set');
    expect(other.seen).toHaveLength(0);
  });

  it('ends with the reason of its signal', async () => {
    const server = await api(3, 'link');
    const reason = new Error('enough');
    const numbers = paginateJson(await createSession(), server.url, { signal: AbortSignal.abort(reason) });
    await expect(numbers.all()).rejects.toBe(reason);
    expect(server.seen).toHaveLength(0);
  });

  it.each([
    [{ next: '/x' }, 'next must be a function'],
    [{ items: [] }, 'items must be a function'],
    [{ maxPages: -1 }, 'maxPages must be'],
    [{ body: '' }, 'unknown option: "body"'],
  ])('refuses %j', async (options, message) => {
    const session = await createSession();
    expect(() => paginateJson(session, 'http://a.test/', options as never)).toThrow(message);
  });
});
