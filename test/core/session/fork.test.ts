import { CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { startServer } from '../../helpers/servers.ts';

const url = 'https://example.com/';

describe('a fork', () => {
  it('has the current cookies, and later changes are separate', async () => {
    const session = await createSession();
    session.setCookie('a', '1', url);
    const forking = session.fork();
    session.setCookie('late', '1', url);
    const fork = await forking;
    fork.setCookie('b', '2', url);
    expect(fork.getCookies(url)).toEqual({ a: '1', b: '2' });
    expect(session.getCookies(url)).toEqual({ a: '1', late: '1' });
  });

  it('uses the same connections', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    await using session = await createSession();
    await (await session.fetch(server.url)).text();
    await using fork = await session.fork();
    await (await fork.fetch(server.url)).text();
    expect([server.seen.length, server.connections]).toEqual([2, 1]);
  });

  it('stays open when the original session is closed', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const session = await createSession();
    const fork = await session.fork();
    await session.close();
    expect(await (await fork.fetch(server.url)).text()).toBe('ok');
    expect((await refusalOf(() => session.fork())).code).toBe('ERR_SESSION_CLOSED');
  });

  it('keeps the options that are not replaced, and has its own name', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const defaultHeaders = { 'x-one': '1' };
    const session = await createSession({
      browser: 'firefox',
      sessionId: 'ada',
      defaultHeaders,
      baseUrl: server.url,
    });
    const fork = await session.fork({ baseUrl: `${server.url}/api/`, browser: undefined });
    await fork.fetch('page');
    expect([fork.browser, server.seen[0]?.url]).toEqual([session.browser, '/api/page']);
    expect(server.seen[0]?.headers).toContainEqual(['x-one', '1']);
    expect(fork.id).not.toBe('ada');
  });

  it('does not call the proxy function again', async () => {
    let asked = 0;
    const proxy = (): string => `http://127.0.0.1:${++asked}`;
    const fork = await (await createSession({ proxy })).fork();
    expect([asked, fork.save().proxy]).toEqual([1, 'http://127.0.0.1:1']);
  });

  it("shares a transport of the caller's", async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    await using transport = await createTransport({ resolve: { 'site.test': '127.0.0.1' } });
    const fork = await (await createSession({ transport })).fork();
    expect((await fork.fetch(`http://site.test:${server.port}/`)).status).toBe(200);
  });

  it("copies a cookieJar of the caller's", async () => {
    const session = await createSession({ cookieJar: new CookieJar() });
    session.setCookie('a', '1', url);
    const fork = await session.fork();
    fork.setCookie('b', '2', url);
    expect([fork.getCookies(url), session.getCookies(url)]).toEqual([{ a: '1', b: '2' }, { a: '1' }]);
  });

  it('refuses another jar, because it has a copy', async () => {
    const session = await createSession();
    const error = await refusalOf(() => session.fork({ cookieJar: new CookieJar() }));
    expect(error).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('cookieJar'),
    });
  });
});
