import { describe, expect, it } from 'vitest';
import type { CallRequest } from '../../../src/core/flow/pipeline.ts';
import { followRedirects } from '../../../src/core/flow/redirects.ts';
import type { RawResponse } from '../../../src/core/response/raw.ts';
import { createSession, isRequestError } from '../../../src/index.ts';
import { httpHead, httpResponse, turns, whenClosed, writeEndlessly } from '../../helpers/raw.ts';
import { linesOf, startSite } from '../../helpers/redirects.ts';
import { headerOf, startRawServer, startServer } from '../../helpers/servers.ts';

// Fetch Standard, HTTP-redirect fetch, step 12.
const methodTable = [
  [301, 'GET', 'GET', false],
  [301, 'HEAD', 'HEAD', false],
  [301, 'POST', 'GET', false],
  [301, 'PUT', 'PUT', true],
  [302, 'GET', 'GET', false],
  [302, 'HEAD', 'HEAD', false],
  [302, 'POST', 'GET', false],
  [302, 'PUT', 'PUT', true],
  [302, 'DELETE', 'DELETE', true],
  [303, 'GET', 'GET', false],
  [303, 'HEAD', 'HEAD', false],
  [303, 'POST', 'GET', false],
  [303, 'PUT', 'GET', false],
  [303, 'DELETE', 'GET', false],
  [307, 'GET', 'GET', false],
  [307, 'HEAD', 'HEAD', false],
  [307, 'POST', 'POST', true],
  [307, 'PUT', 'PUT', true],
  [308, 'POST', 'POST', true],
  [308, 'PUT', 'PUT', true],
] as const;

it.each(methodTable)(
  'R07 answers %i to %s with %s, body sent again: %s',
  async (status, method, next, again) => {
    const site = await startSite({ '/from': { status, location: '/to' } });
    await using session = await createSession();
    const sends = method !== 'GET' && method !== 'HEAD';
    await session.fetch(`${site.url}/from`, {
      method,
      ...(sends ? { body: 'payload', headers: { 'Content-Language': 'en', 'X-Kept': 'yes' } } : {}),
    });
    const seen = site.seen[1];
    expect(linesOf(site)).toEqual([`${method} /from`, `${next} /to`]);
    expect(seen?.body.toString()).toBe(again ? 'payload' : '');
    expect(headerOf(seen, 'content-type')).toBe(again ? 'text/plain;charset=UTF-8' : undefined);
    expect(headerOf(seen, 'content-language')).toBe(again ? 'en' : undefined);
    expect(headerOf(seen, 'transfer-encoding')).toBeUndefined();
    if (sends) expect(headerOf(seen, 'x-kept')).toBe('yes');
    if (!again) expect(headerOf(seen, 'content-length')).toBeUndefined();
  },
);

it('keeps a method that was written in lower case a POST, so that 302 makes it GET', async () => {
  const site = await startSite({ '/from': { status: 302, location: '/to' } });
  await using session = await createSession();
  await session.fetch(`${site.url}/from`, { method: 'post', body: 'x' });
  expect(linesOf(site)).toEqual(['POST /from', 'GET /to']);
});

it.each([300, 304, 305, 306, 399])('does not follow %i', async (status) => {
  const site = await startSite({ '/from': { status, location: '/to' } });
  await using session = await createSession();
  const response = await session.fetch(`${site.url}/from`);
  expect([response.status, response.redirected]).toEqual([status, false]);
});

it('returns a 302 without a Location unchanged', async () => {
  const site = await startSite({ '/from': { status: 302, body: 'nowhere' } });
  await using session = await createSession();
  const response = await session.fetch(`${site.url}/from`);
  expect([response.status, await response.text()]).toEqual([302, 'nowhere']);
});

it('R10 follows a redirect to the same URL that sets a cookie', async () => {
  const site = await startServer((request, response) => {
    if (request.headers.cookie === 'gate=open') response.end('in');
    else response.writeHead(302, { location: '/gate', 'set-cookie': 'gate=open' }).end();
  });
  await using session = await createSession();
  const response = await session.fetch(`${site.url}/gate`);
  expect(await response.text()).toBe('in');
  expect(linesOf(site)).toEqual(['GET /gate', 'GET /gate']);
});

describe('Location', () => {
  it.each([
    ['relative to the folder', 'next', '/folder/next'],
    ['relative with dots', '../up/./here', '/up/here'],
    ['an absolute path', '/root?x=1', '/root?x=1'],
    ['a query alone', '?page=2', '/folder/page?page=2'],
    ['empty, which is the same URL', '', '/folder/page'],
    ['a fragment alone, which is not sent', '#there', '/folder/page'],
    ['spaces in the path', '/a b', '/a%20b'],
    ['a backslash', '\\back', '/back'],
  ])('may be %s', async (_label, location, expected) => {
    const site = await startServer((request, response) => {
      if (site.seen.length === 1) response.setHeader('location', location).writeHead(302).end();
      else response.end(request.url);
    });
    await using session = await createSession();
    const response = await session.fetch(`${site.url}/folder/page`);
    expect(await response.text()).toBe(expected);
    expect(response.redirected).toBe(true);
  });

  it('may be //host, which keeps the scheme', async () => {
    const target = await startSite({});
    const site = await startSite({ '/from': { location: `//127.0.0.1:${target.port}/to` } });
    await using session = await createSession();
    expect((await session.fetch(`${site.url}/from`)).url).toBe(`${target.url}/to`);
  });

  it('is read as UTF-8', async () => {
    const site = await startRawServer((socket, head) => {
      const location = Buffer.from('Location: /straße?q=ü').toString('latin1');
      socket.write(
        head.startsWith('GET /from') ? httpResponse('', [location], '302 Found') : httpResponse(head),
      );
    });
    await using session = await createSession();
    const page = await (await session.fetch(`${site.url}/from`)).text();
    expect(page).toMatch(/^GET \/stra%C3%9Fe\?q=%C3%BC HTTP/);
  });

  it('R16 does not send its userinfo to any server', async () => {
    const target = await startSite({});
    const location = target.url.replace('http://', 'http://ada:canary@');
    const site = await startSite({ '/from': { location: `${location}/to` } });
    await using session = await createSession();
    const response = await session.fetch(`${site.url}/from`);
    expect(headerOf(target.seen[0], 'authorization')).toBeUndefined();
    expect(JSON.stringify([response.url, response.hops])).not.toContain('canary');
  });

  it.each([
    'file:///etc/passwd',
    'data:text/plain,x',
    'ftp://127.0.0.1/',
    'unix:/run/x',
    'javascript:alert(1)',
    'ws://127.0.0.1/',
  ])('R08 is refused when it is %s', async (location) => {
    const site = await startSite({ '/from': { location } });
    await using session = await createSession();
    await expect(session.fetch(`${site.url}/from`)).rejects.toMatchObject({
      code: 'ERR_INVALID_REDIRECT',
      status: 302,
      hops: [`${site.url}/from`],
    });
  });

  it.each([
    'http://',
    '//',
    'http://[::1',
    'http://127.0.0.1:99999/',
    'http://a b/',
    'http:///',
    'https://%00/',
  ])('R09 is refused when it is no URL: %s', async (location) => {
    const site = await startSite({ '/from': { location } });
    await using session = await createSession();
    await expect(session.fetch(`${site.url}/from`)).rejects.toMatchObject({
      code: 'ERR_INVALID_REDIRECT',
      request: { url: `${site.url}/from` },
    });
    expect(site.seen).toHaveLength(1);
  });

  it('R09 is refused when it is given twice and the two differ', async () => {
    const site = await startRawServer((socket) =>
      socket.write(httpResponse('', ['Location: /one', 'Location: /two'], '302 Found')),
    );
    await using session = await createSession();
    await expect(session.fetch(site.url)).rejects.toMatchObject({ code: 'ERR_INVALID_REDIRECT' });
  });

  it('may be given twice when both are equal', async () => {
    const site = await startRawServer((socket, head) =>
      socket.write(
        head.startsWith('GET /one')
          ? httpResponse('one')
          : httpResponse('', ['Location: /one', 'Location: /one'], '302 Found'),
      ),
    );
    await using session = await createSession();
    expect(await (await session.fetch(site.url)).text()).toBe('one');
  });
});

// It never leaves this machine, so only the loop itself can tell. Fetch Standard, "location URL".
it.each([
  ['is inherited', '/to', 'http://host.test/to#part'],
  ['gives way to the new one', '/to#other', 'http://host.test/to#other'],
])('the fragment %s', async (_label, location, expected) => {
  const urls: string[] = [];
  const send = followRedirects(async ({ url }) => {
    urls.push(url.href);
    const isFirst = urls.length === 1;
    const headers = isFirst ? { location } : {};
    return {
      url,
      status: isFirst ? 302 : 200,
      headers,
      body: null,
      setCookies: [],
    } as unknown as RawResponse;
  });
  const request = {
    url: new URL('http://host.test/from#part'),
    headers: [],
    redirectedFrom: [],
    settings: { maxRedirects: 1 },
  };
  await send(request as unknown as CallRequest);
  expect(urls).toEqual(['http://host.test/from#part', expected]);
});

it('shows no fragment in the URL of the response', async () => {
  const site = await startSite({ '/from': { location: '/to#other' } });
  await using session = await createSession();
  expect((await session.fetch(`${site.url}/from#part`)).url).toBe(`${site.url}/to`);
});

it('reports every hop of the chain without cookie values', async () => {
  const site = await startSite({
    '/1': { status: 301, location: '/2?q=1', cookies: ['a=canary; Path=/', 'bad=canary; Domain=other.test'] },
    '/2': { status: 307, location: '/3' },
  });
  await using session = await createSession();
  const { hops, redirected, url } = await session.fetch(`${site.url}/1`);
  expect(hops.map((hop) => [hop.url, hop.status, hop.headers.get('location')])).toEqual([
    [`${site.url}/1`, 301, '/2?q=1'],
    [`${site.url}/2?q=1`, 307, '/3'],
    [`${site.url}/3`, 200, null],
  ]);
  expect(hops[0]?.setCookies).toEqual([
    { name: 'a', stored: true },
    { name: 'bad', stored: false, reason: expect.any(String) },
  ]);
  expect(JSON.stringify([hops, [...(hops[0]?.headers ?? [])]])).not.toContain('canary');
  expect([redirected, url]).toEqual([true, `${site.url}/3`]);
});

it('R11 stops at maxRedirects with the chain', async () => {
  const site = await startServer((request, response) => {
    response
      .writeHead(302, { location: `/${Number.parseInt(request.url?.slice(1) ?? '', 10) + 1}?secret=canary` })
      .end();
  });
  await using session = await createSession({ maxRedirects: 3 });
  const error = await session.fetch(`${site.url}/0`).catch((reason: unknown) => reason);
  if (!isRequestError(error, 'ERR_TOO_MANY_REDIRECTS')) throw error;
  expect(error.hops?.map((hop) => new URL(hop).pathname)).toEqual(['/0', '/1', '/2', '/3']);
  expect(JSON.stringify(error) + error.message).not.toContain('canary');
  expect(site.seen).toHaveLength(4);
});

it('R11 follows twenty redirects by default and no more', async () => {
  const site = await startServer((_request, response) => {
    response.writeHead(302, { location: '/again' }).end();
  });
  await using session = await createSession();
  await expect(session.fetch(site.url)).rejects.toMatchObject({ code: 'ERR_TOO_MANY_REDIRECTS' });
  expect(site.seen).toHaveLength(21);
});

it('R11 follows no redirect with maxRedirects: 0', async () => {
  const site = await startSite({ '/from': { location: '/to' } });
  await using session = await createSession();
  const failed = session.fetch(`${site.url}/from`, { maxRedirects: 0 });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_TOO_MANY_REDIRECTS' });
  expect(site.seen).toHaveLength(1);
});

it("rejects at the first redirect where redirect is 'error'", async () => {
  const site = await startSite({ '/from': { location: '/to', cookies: ['seen=1'] } });
  await using session = await createSession();
  const failed = session.fetch(`${site.url}/from`, { redirect: 'error' });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_REDIRECT', status: 302 });
  expect(linesOf(site)).toEqual(['GET /from']);
});

it('uses the connection again after small redirect bodies', async () => {
  const site = await startSite({
    '/1': { location: '/2', body: 'x'.repeat(2000) },
    '/2': { location: '/3', body: 'x'.repeat(2000) },
  });
  await using session = await createSession();
  await (await session.fetch(`${site.url}/1`)).text();
  expect(site.connections).toBe(1);
});

it.each([
  ['large', 'Content-Length: 10000000'],
  ['endless', 'Connection: close'],
])('cuts the connection of a redirect whose body is %s', async (_label, header) => {
  const site = await startRawServer((socket, head) => {
    if (!head.startsWith('GET /from')) return socket.write(httpResponse('arrived'));
    socket.write(httpHead(['Location: /to', header], '302 Found'));
    writeEndlessly(socket, Buffer.alloc(65_536));
  });
  await using session = await createSession();
  expect(await (await session.fetch(`${site.url}/from`)).text()).toBe('arrived');
  await whenClosed(site.sockets[0]);
});

it('can be aborted after the connection of a redirect was cut', async () => {
  const site = await startRawServer((socket, head) => {
    if (head.startsWith('GET /from'))
      socket.write(httpHead(['Location: /to', 'Content-Length: 10000000'], '302 Found'));
    else if (site.sockets[0] !== undefined) writeEndlessly(site.sockets[0], Buffer.alloc(65_536));
  });
  await using session = await createSession();
  const controller = new AbortController();
  const failed = session.fetch(`${site.url}/from`, { signal: controller.signal });
  const outcome = expect(failed).rejects.toBe('enough');
  while (site.sockets.length === 0) await turns(1);
  await whenClosed(site.sockets[0]);
  await turns(10);
  controller.abort('enough');
  await outcome;
});

it.each([307, 308])('refuses to send a stream again after %i', async (status) => {
  const site = await startSite({ '/from': { status, location: '/to' } });
  await using session = await createSession();
  const failed = session.fetch(`${site.url}/from`, {
    method: 'POST',
    body: new Blob(['streamed']).stream(),
    duplex: 'half',
  });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_BODY_NOT_REPLAYABLE', status });
  expect(site.seen).toHaveLength(1);
});

it('follows 303 after a stream', async () => {
  const site = await startSite({ '/from': { status: 303, location: '/to' } });
  await using session = await createSession();
  const body = new Blob(['streamed']).stream();
  await session.fetch(`${site.url}/from`, { method: 'POST', body, duplex: 'half' });
  expect(linesOf(site)).toEqual(['POST /from', 'GET /to']);
});

it('sends files again after 307', async () => {
  const site = await startSite({ '/from': { status: 307, location: '/to' } });
  await using session = await createSession();
  const body = new FormData();
  body.append('file', new Blob(['content']), 'a.txt');
  await session.fetch(`${site.url}/from`, { method: 'POST', body });
  expect(site.seen[1]?.body.toString()).toContain('content');
  expect(site.seen[1]?.body).toEqual(site.seen[0]?.body);
});

it.each([
  ['254 characters', `${'a'.repeat(60)}.`.repeat(4) + 'b'.repeat(10)],
  ['128 labels', 'a.'.repeat(128)],
  ['8,000 labels', 'a.'.repeat(8000)],
])('refuses a redirect to a host of %s, which no name server knows', async (_, host) => {
  const site = await startSite({ '/from': { status: 302, location: `http://${host}/` } });
  await using session = await createSession();
  await expect(session.fetch(`${site.url}/from`)).rejects.toMatchObject({ code: 'ERR_INVALID_REDIRECT' });
});
