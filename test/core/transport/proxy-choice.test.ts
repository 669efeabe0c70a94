import { describe, expect, it, vi } from 'vitest';
import { createSession, createTransport, isRequestError, withSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy, startSocksProxy } from '../../helpers/proxies.ts';
import { headerOf, startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

const { cert: ca } = certificate();
const plainSite = () => startServer((_, response) => void response.end('plain'));

describe('a proxy that is a function', () => {
  it('is called once for each session, so that sessions rotate through a list', async () => {
    const [site, first, second] = [await plainSite(), await startHttpProxy(), await startHttpProxy()];
    const list = [first, second].map(({ host }) => `http://${host}`);
    let turn = 0;
    const proxy = vi.fn(() => list[turn++ % list.length] ?? null);
    for (let count = 0; count < 4; count++) {
      await using session = await createSession({ proxy });
      await (await session.fetch(site.url)).text();
      await (await session.fetch(site.url)).text();
    }
    expect([proxy.mock.calls.length, first.seen.length, second.seen.length]).toEqual([4, 4, 4]);
  });

  it('is called once for a transport', async () => {
    const [site, proxy] = [await plainSite(), await startHttpProxy()];
    const choose = vi.fn(() => `http://${proxy.host}`);
    await using transport = await createTransport({ proxy: choose });
    await withSession(async (session) => void (await session.fetch(site.url)), { transport });
    await withSession(async (session) => void (await session.fetch(site.url)), { transport });
    expect([choose.mock.calls.length, proxy.seen.length]).toEqual([1, 2]);
  });

  it('fixes the proxy of its session by its result', async () => {
    const [site, proxy] = [await plainSite(), await startHttpProxy()];
    const url = `http://${proxy.host}`;
    await using session = await createSession({ proxy: () => url });
    expect((await session.fetch(site.url, { proxy: url })).status).toBe(200);
    await expect(session.fetch(site.url, { proxy: 'http://127.0.0.1:1' })).rejects.toThrow(
      'Session proxy cannot be changed after creation',
    );
  });

  it('may return null, which is no proxy', async () => {
    const site = await plainSite();
    await using session = await createSession({ proxy: () => null });
    expect((await session.fetch(site.url)).status).toBe(200);
  });

  it.each([
    ['nothing', () => undefined],
    ['a promise', async () => 'http://127.0.0.1:1'],
    ['what is no URL', () => 'proxy.test:8080'],
  ])('P15 that says %s is refused, and nothing goes direct', async (_what, proxy) => {
    const error = await createSession({ proxy: proxy as () => string }).catch((reason: unknown) => reason);
    expect(isRequestError(error, 'ERR_INVALID_OPTION')).toBe(true);
  });

  it('is not called for a session that is refused', async () => {
    const proxy = vi.fn(() => null);
    await expect(createSession({ proxy, insecure: 'no' as never })).rejects.toThrow(/insecure/);
    expect(proxy).not.toHaveBeenCalled();
  });
});

describe('proxyTunnel', () => {
  it.each(['http', 'https'])('P14 asks for a tunnel to a plain http page: %s proxy', async (scheme) => {
    const [site, proxy] = [await plainSite(), await startHttpProxy({ tls: scheme === 'https' })];
    await using transport = await createTransport({
      proxy: `${scheme}://ada:secret@${proxy.host}`,
      proxyTunnel: true,
      ca,
    });
    await using session = await createSession({ transport });
    session.setCookie('sid', 'canary', site.url);
    for (let call = 0; call < 2; call++) expect(await (await session.fetch(site.url)).text()).toBe('plain');
    expect(proxy.seen).toMatchObject([{ method: 'CONNECT', target: `127.0.0.1:${site.port}` }]);
    expect(JSON.stringify(proxy.seen)).not.toContain('canary');
    expect(headerOf(site.seen[0], 'proxy-authorization')).toBeUndefined();
  });

  it('returns a 407 of the server behind the tunnel unchanged', async () => {
    const [site, proxy] = [
      await startServer((_, response) => void response.writeHead(407).end()),
      await startHttpProxy(),
    ];
    await using transport = await createTransport({ proxy: `http://${proxy.host}`, proxyTunnel: true });
    await using session = await createSession({ transport });
    expect((await session.fetch(site.url)).status).toBe(407);
  });

  it('changes nothing for https pages and SOCKS proxies', async () => {
    const [site, socks] = [
      await startTlsServer((_, response) => void response.end('secure')),
      await startSocksProxy(),
    ];
    await using transport = await createTransport({ proxy: `socks5://${socks.host}`, proxyTunnel: true, ca });
    await using session = await createSession({ transport });
    expect(await (await session.fetch(site.url)).text()).toBe('secure');
  });

  it('is true or false, and refused with a dispatcher of the caller', async () => {
    await expect(createTransport({ proxyTunnel: 'yes' as never })).rejects.toThrow(
      /proxyTunnel must be true or false/,
    );
    const dispatcher = (await createTransport()).dispatcher;
    await expect(createTransport({ dispatcher, proxyTunnel: true })).rejects.toThrow(
      /cannot be combined with proxyTunnel/,
    );
  });
});

describe('a transport for one request', () => {
  it('has its own proxy, and the cookies of the session', async () => {
    const [site, proxy] = [await plainSite(), await startHttpProxy()];
    await using transport = await createTransport({ proxy: `http://${proxy.host}` });
    await using session = await createSession();
    session.setCookie('sid', '1', site.url);
    await (await session.fetch(site.url, { transport })).text();
    await (await session.fetch(site.url)).text();
    expect(proxy.seen).toHaveLength(1);
    expect(site.seen.map((seen) => headerOf(seen, 'cookie'))).toEqual(['sid=1', 'sid=1']);
  });
});

it('N03 a POST through a forwarding proxy has its own connection, because some proxies close without notice', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const proxy = await startRawServer((socket, head) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    if (head.startsWith('POST')) resolve();
  });
  await using session = await createSession({ proxy: proxy.url });
  await (await session.fetch('http://shop.test/form')).text();
  expect(
    await (await session.fetch('http://shop.test/form', { method: 'POST', form: { a: 1 } })).text(),
  ).toBe('ok');
  await closed;
  expect(proxy.sockets).toHaveLength(2);
});
