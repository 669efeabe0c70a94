import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSession, isRequestError } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy, startSocksProxy } from '../../helpers/proxies.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';

afterEach(() => void vi.unstubAllEnvs());

describe('P07 NO_PROXY on the wire', () => {
  it.each<[value: string, host: string, isBypassed: boolean]>([
    ['localhost', 'localhost', true],
    ['localhost', 'localhost.', true],
    ['localhost.', 'localhost', true],
    ['LOCALHOST', 'localhost', true],
    ['.localhost', 'a.localhost', true],
    ['other.test, localhost', 'localhost', true],
    [' * ', 'localhost', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.0/8', '127.0.0.1', true],
    ['127.0.0.0/8', '2130706433', true],
    ['[::1]', '127.0.0.1', false],
    ['127.0.0.1:1', '127.0.0.1', false],
    ['ocalhost', 'localhost', false],
    ['127.0.0', '127.0.0.1', false],
    ['', 'localhost', false],
  ])('%j for %s: bypassed %s', async (value, host, isBypassed) => {
    const [site, proxy] = [
      await startServer((_, response) => void response.end('ok')),
      await startHttpProxy(),
    ];
    vi.stubEnv('HTTP_PROXY', `http://${proxy.host}`);
    vi.stubEnv('http_proxy', '');
    vi.stubEnv('NO_PROXY', value);
    vi.stubEnv('no_proxy', '');
    await using session = await createSession({ proxy: 'env' });
    // Whether such a name is known here is the machine's business; who was asked for the page is ours.
    const text = await session.fetch(`http://${host}:${site.port}/`).then(
      (response) => response.text(),
      (error) => error.code,
    );
    expect(['ok', 'ERR_DNS']).toContain(text);
    expect(proxy.seen).toHaveLength(isBypassed ? 0 : 1);
  });

  it('the port of an entry is the port that is bypassed', async () => {
    const [site, proxy] = [
      await startServer((_, response) => void response.end('ok')),
      await startHttpProxy(),
    ];
    vi.stubEnv('HTTP_PROXY', `http://${proxy.host}`);
    vi.stubEnv('http_proxy', '');
    vi.stubEnv('NO_PROXY', `127.0.0.1:${site.port}`);
    vi.stubEnv('no_proxy', '');
    await using session = await createSession({ proxy: 'env' });
    await session.fetch(site.url);
    expect(proxy.seen).toHaveLength(0);
  });
});

it.each(['http', 'https', 'socks5'])(
  'P09 a body ends with an error when its %s tunnel dies',
  async (scheme) => {
    const site = await startTlsServer((_, response) => {
      response.setHeader('Content-Length', 1000);
      response.write('half');
    });
    const proxy =
      scheme === 'socks5' ? await startSocksProxy() : await startHttpProxy({ tls: scheme === 'https' });
    await using session = await createSession({
      proxy: `${scheme}://${proxy.host}`,
      ca: certificate().cert,
      retry: true,
    });
    const response = await session.fetch(site.url);
    proxy.sockets[0]?.destroy();
    const error = await response.text().catch((reason: unknown) => reason);
    expect(isRequestError(error, 'ERR_BODY_TRUNCATED') || isRequestError(error, 'ERR_CONNECTION_LOST')).toBe(
      true,
    );
    expect(error).toMatchObject({ phase: 'body' });
    expect([proxy.sockets.length, site.seen.length]).toEqual([1, 1]);
  },
);
