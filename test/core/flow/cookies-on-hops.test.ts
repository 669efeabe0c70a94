import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { httpResponse } from '../../helpers/raw.ts';
import { asHost, startSite } from '../../helpers/redirects.ts';
import { headerOf, startRawServer, startServer, type TestServer } from '../../helpers/servers.ts';

function cookiesSeen(server: TestServer): (string | undefined)[] {
  return server.seen.map((seen) => headerOf(seen, 'cookie'));
}

it.each([301, 302, 303, 307, 308])(
  'C15 stores the cookies of a %i and sends them with the next hop',
  async (status) => {
    const site = await startSite({
      '/1': { status, location: '/2', cookies: ['a=1; Path=/', 'b=1; Path=/'] },
      '/2': { status, location: '/3', cookies: ['b=2; Path=/', 'a=; Path=/; Max-Age=0'] },
    });
    await using session = await createSession();
    await session.fetch(`${site.url}/1`);
    expect(cookiesSeen(site)).toEqual([undefined, 'a=1; b=1', 'b=2']);
  },
);

it('C15 stores the cookies of each hop against its own URL', async () => {
  const second = await startSite({ '/deep/page': { location: '/end', cookies: ['path=second'] } });
  const other = asHost(second.url, 'localhost');
  const first = await startSite({ '/from': { location: `${other}/deep/page`, cookies: ['host=first'] } });
  await using session = await createSession();
  await session.fetch(`${first.url}/from`);
  expect(cookiesSeen(second)).toEqual([undefined, undefined]);
  expect(session.getAllCookies()).toMatchObject([
    { name: 'host', domain: '127.0.0.1', path: '/', hostOnly: true },
    { name: 'path', domain: 'localhost', path: '/deep', hostOnly: true },
  ]);
});

it('stores the lines of one response in wire order', async () => {
  const site = await startSite({ '/': { cookies: ['a=1', 'a=2', 'b=1', 'a=3'] } });
  await using session = await createSession();
  await session.fetch(site.url);
  expect(session.getCookies(site.url)).toEqual(Object.assign(Object.create(null), { a: '3', b: '1' }));
});

it('stores the cookies of error pages, of HEAD and of 304', async () => {
  const site = await startServer((request, response) => {
    response.setHeader('set-cookie', `c${request.url?.slice(1)}=1; Path=/`);
    response.writeHead(Number(request.url?.slice(1))).end();
  });
  await using session = await createSession();
  await session.fetch(`${site.url}/500`);
  await session.fetch(`${site.url}/304`);
  await session.fetch(`${site.url}/200`, { method: 'HEAD' });
  expect(Object.keys(session.getCookies(site.url))).toEqual(['c500', 'c304', 'c200']);
});

it('stores the cookies before the body is received', async () => {
  const site = await startServer((_request, response) => {
    response.writeHead(200, { 'set-cookie': 'early=1', 'content-length': '10' }).write('12345');
  });
  await using session = await createSession();
  const response = await session.fetch(site.url);
  expect(session.getCookies(site.url)).toMatchObject({ early: '1' });
  await response.body?.cancel();
});

it('stores the cookies of redirects that are not followed', async () => {
  const site = await startSite({ '/from': { location: '/to', cookies: ['a=1; Path=/'] } });
  await using session = await createSession();
  await session.fetch(`${site.url}/from`, { redirect: 'manual' });
  await session.fetch(`${site.url}/from`, { redirect: 'error' }).catch(() => {});
  await session.fetch(`${site.url}/to`);
  expect(cookiesSeen(site)).toEqual([undefined, 'a=1', 'a=1']);
});

it('C19 stores the valid among invalid lines and reports the result of each', async () => {
  const site = await startSite({
    '/': { cookies: ['good=1', 'foreign=1; Domain=other.test', '=', 'last=1'] },
  });
  await using session = await createSession();
  const response = await session.fetch(site.url);
  expect(response.hops[0]?.setCookies.map(({ name, stored }) => [name, stored])).toEqual([
    ['good', true],
    ['foreign', false],
    ['', false],
    ['last', true],
  ]);
  expect(Object.keys(session.getCookies(site.url))).toEqual(['good', 'last']);
});

it('C16 asks the jar for the host of the URL, whatever the Host header says', async () => {
  const site = await startSite({ '/': { cookies: ['real=1'] } });
  await using session = await createSession();
  session.setCookie('virtual', '1', 'http://virtual.test/');
  await session.fetch(site.url, { headers: { Host: 'virtual.test' } });
  await session.fetch(site.url, { headers: { Host: 'virtual.test' } });
  expect(cookiesSeen(site)).toEqual([undefined, 'real=1']);
  expect(session.getCookies('http://virtual.test/')).toEqual(
    Object.assign(Object.create(null), { virtual: '1' }),
  );
});

it('sends the bytes of a cookie back unchanged', async () => {
  const site = await startRawServer((socket) => {
    const utf8 = Buffer.from('Set-Cookie: word=Grüße').toString('latin1');
    socket.write(httpResponse('', [utf8, 'Set-Cookie: byte=\xff\xfe']));
  });
  await using session = await createSession();
  await session.fetch(site.url);
  await session.fetch(site.url);
  const line = /cookie: (.*)\r\n/i.exec(
    site.received.join('').split('\r\n\r\n')[1]?.concat('\r\n') ?? '',
  )?.[1];
  expect(line).toBe(`${Buffer.from('word=Grüße').toString('latin1')}; byte=\xff\xfe`);
});

it("joins the caller's Cookie with the jar's: the caller's takes precedence by name and is not changed", async () => {
  const site = await startSite({});
  await using session = await createSession();
  for (const name of ['a', 'b', 'c']) session.setCookie(name, 'jar', site.url);
  await session.fetch(site.url, { headers: { cookie: 'x=own; b=own' } });
  expect(cookiesSeen(site)).toEqual(['a=jar; c=jar; x=own; b=own']);
});

it("joins the caller's Cookie headers when there are several", async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const headers = [
    ['cookie', 'a=1'],
    ['Cookie', 'b=2'],
  ] as const;
  await session.fetch(server.url, { headers });
  expect(server.seen[0]?.headers.filter(([name]) => name.toLowerCase() === 'cookie')).toEqual([
    ['Cookie', 'a=1; b=2'],
  ]);
});

it("never stores the caller's Cookie", async () => {
  const site = await startSite({});
  await using session = await createSession();
  await session.fetch(site.url, { headers: { Cookie: 'own=1' } });
  await session.fetch(site.url);
  expect(cookiesSeen(site)).toEqual(['own=1', undefined]);
  expect(session.getAllCookies()).toEqual([]);
});

it("keeps the caller's Cookie on redirects within its origin, and new cookies of the jar take precedence", async () => {
  const site = await startSite({
    '/from': { location: '/to', cookies: ['jar=1; Path=/', 'own=jar; Path=/'] },
  });
  await using session = await createSession();
  await session.fetch(`${site.url}/from`, { headers: { Cookie: 'own=1' } });
  expect(cookiesSeen(site)).toEqual(['own=1', 'jar=1; own=1']);
});

it('sends one Cookie header in every case', async () => {
  const site = await startSite({});
  await using session = await createSession();
  session.setCookie('jar', '1', site.url);
  await session.fetch(site.url, {
    headers: [
      ['Cookie', 'a=1'],
      ['X-Between', '1'],
    ],
  });
  const names = site.seen[0]?.headers.map(([name]) => name.toLowerCase());
  expect(names?.filter((name) => name === 'cookie')).toHaveLength(1);
});

it("neither sends nor stores with credentials: 'omit', on no hop", async () => {
  const site = await startSite({ '/from': { location: '/to', cookies: ['new=1; Path=/'] } });
  await using session = await createSession();
  session.setCookie('old', '1', site.url);
  await session.fetch(`${site.url}/from`, { credentials: 'omit' });
  expect(cookiesSeen(site)).toEqual([undefined, undefined]);
  expect(session.getAllCookies().map(({ name }) => name)).toEqual(['old']);
});

it('C20 keeps the cookies of sessions that share connections separate', async () => {
  const site = await startServer((request, response) => {
    response.setHeader('set-cookie', `user=${request.url?.slice(1)}; Path=/`).end();
  });
  await using ada = await createSession();
  await using bob = await createSession();
  await (await ada.fetch(`${site.url}/ada`)).text();
  await (await bob.fetch(`${site.url}/bob`)).text();
  await (await ada.fetch(`${site.url}/ada`)).text();
  expect(cookiesSeen(site)).toEqual([undefined, undefined, 'user=ada']);
  expect(site.connections).toBe(1);
});

it('C17 keeps a jar consistent under parallel responses', async () => {
  const site = await startServer((request, response) => {
    const index = request.url?.slice(1);
    response.setHeader('set-cookie', [`shared=${index}; Path=/`, `own${index}=1; Path=/`]).end();
  });
  await using session = await createSession();
  await Promise.all(Array.from({ length: 50 }, (_, index) => session.fetch(`${site.url}/${index}`)));
  const names = session.getAllCookies().map(({ name }) => name);
  expect(names.filter((name) => name === 'shared')).toHaveLength(1);
  expect(names).toHaveLength(51);
});

it("with credentials 'omit' still sends the Cookie that the caller gives", async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  session.setCookie('jar', '1', server.url);
  await session.fetch(server.url, { credentials: 'omit', headers: { cookie: 'own=1' } });
  expect(headerOf(server.seen[0], 'cookie')).toBe('own=1');
});
