import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseNoProxy, parseProxy, proxyFromEnvironment } from '../../../src/core/transport/proxy.ts';
import { createSession, createTransport } from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a proxy', () => {
  it.each<[proxy: string, reason: string]>([
    ['', 'not an absolute URL such as http://user:password@host:8080'],
    ['127.0.0.1:8080', 'not an absolute URL such as http://user:password@host:8080'],
    ['proxy.example', 'not an absolute URL such as http://user:password@host:8080'],
    ['http://', 'not an absolute URL such as http://user:password@host:8080'],
    ['http://:8080', 'not an absolute URL such as http://user:password@host:8080'],
    ['http://host:99999', 'not an absolute URL such as http://user:password@host:8080'],
    ['proxy.example:8080', '"proxy.example:" is not one of http:, https:, socks5:, socks5h:'],
    ['ftp://host:21', '"ftp:" is not one of http:, https:, socks5:, socks5h:'],
    ['socks://host:1080', '"socks:" is not one of http:, https:, socks5:, socks5h:'],
    ['ENV', 'not an absolute URL such as http://user:password@host:8080'],
    ['socks4://host:1080', 'SOCKS4 has no authentication and no IPv6: use socks5:'],
    ['socks4a://host:1080', 'SOCKS4 has no authentication and no IPv6: use socks5:'],
    ['http://host:0', 'the port must not be 0'],
    ['socks5://', 'the URL has no host'],
    ['http://host/path', 'the URL must end after host and port'],
    ['http://host/?query', 'the URL must end after host and port'],
    ['http://host/#fragment', 'the URL must end after host and port'],
    ['http://ho\nst:8080', 'the URL has a control character'],
    ['http://host:8080\t', 'the URL has a control character'],
    ['http://user:%zz@host', 'user or password has a malformed percent escape: write % as %25'],
    ['http://user:100%@host', 'user or password has a malformed percent escape: write % as %25'],
    ['http://user%0d%0a:x@host', 'user or password has a control character'],
    ['http://us%3Aer:x@host', 'the user must not contain a colon'],
    [`socks5://${'u'.repeat(256)}:x@host`, 'SOCKS5 takes at most 255 bytes of user and of password'],
  ])('that cannot be used is refused: %j', async (proxy, reason) => {
    const expected = { code: 'ERR_INVALID_OPTION', message: `Failed to create proxy: ${reason}` };
    expect(await refusalOf(() => createSession({ proxy }))).toMatchObject(expected);
    expect(await refusalOf(() => createTransport({ proxy }))).toMatchObject(expected);
  });

  it.each([
    'http://ada:canary@host:99999',
    'ftp://ada:canary@host',
    'http://ada:canary%zz@host',
    'http://ada:canary@host/path',
    'http://ada:canary@ho st',
    'ada:canary@host:8080',
  ])('that is refused does not show its password: %s', async (proxy) => {
    const error = await refusalOf(() => createSession({ proxy }));
    const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(`${shown}${JSON.stringify(error)}`).not.toContain('canary');
  });

  it.each<[proxy: string, parsed: object]>([
    ['http://host', { protocol: 'http:', hostname: 'host', port: 80, username: '', password: '' }],
    ['https://host', { protocol: 'https:', port: 443 }],
    ['socks5://host', { protocol: 'socks5:', port: 1080 }],
    ['socks5h://host:9', { protocol: 'socks5:', port: 9 }],
    ['HTTP://Host:8080/', { protocol: 'http:', hostname: 'host', port: 8080 }],
    ['http://[::1]:8080', { hostname: '::1', port: 8080 }],
    ['http://ada@host', { username: 'ada', password: '' }],
    ['http://a%40b:p%3Aw%2F@host', { username: 'a@b', password: 'p:w/' }],
    ['http://ada:%2525@host', { username: 'ada', password: '%25' }],
    ['http://ada:a+b@host', { password: 'a+b' }],
    ['http://ada:%C3%A9@host', { password: 'é' }],
  ])('%s is read, user and password decoded once', (proxy, parsed) => {
    expect(parseProxy(proxy)).toMatchObject(parsed);
  });

  it('is an error when no proxy listens, never a direct connection', async () => {
    const server = await startServer((_, response) => void response.end());
    const closed = await startServer((_, response) => void response.end());
    await closed.close();
    await using session = await createSession({ proxy: closed.url });
    const error = await refusalOf(() => session.fetch(server.url));
    expect([error.code, error.phase, server.connections]).toEqual(['ERR_PROXY', 'proxy', 0]);
    expect(error.message).toMatch(/proxy/i);
  });

  it('that is null makes a direct connection', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession({ proxy: null });
    expect((await session.fetch(server.url)).status).toBe(200);
  });

  it('gets an http URL as a whole', async () => {
    const proxy = await startServer((_, response) => void response.end('via proxy'));
    await using session = await createSession({ proxy: `http://ada:p%40ss@127.0.0.1:${proxy.port}` });
    const response = await session.fetch('http://shop.test/a?b');
    expect(await response.text()).toBe('via proxy');
    const headers = Object.fromEntries(proxy.seen[0]?.headers ?? []);
    expect([proxy.seen[0]?.url, headers['Proxy-Authorization']]).toEqual([
      'http://shop.test/a?b',
      `Basic ${Buffer.from('ada:p@ss').toString('base64')}`,
    ]);
  });

  it.each([
    [407, 'ERR_PROXY_AUTH'],
    [403, 'ERR_PROXY'],
    [502, 'ERR_PROXY'],
  ])('that answers CONNECT with %i is %s', async (status, code) => {
    const proxy = await startRawServer((socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    });
    await using session = await createSession({ proxy: proxy.url });
    const error = await refusalOf(() => session.fetch('https://shop.test/'));
    expect([error.code, error.status, error.phase]).toEqual([code, status, 'proxy']);
  });
});

describe('the proxy of the environment', () => {
  it.each<[environment: NodeJS.ProcessEnv, target: string, host: string | null]>([
    [{}, 'http://a.test/', null],
    [{ HTTP_PROXY: 'http://h:1' }, 'http://a.test/', 'h'],
    [{ HTTP_PROXY: 'http://h:1' }, 'https://a.test/', null],
    [{ HTTPS_PROXY: 'http://s:1' }, 'https://a.test/', 's'],
    [{ ALL_PROXY: 'socks5://all:1' }, 'https://a.test/', 'all'],
    [{ ALL_PROXY: 'socks5://all:1', HTTP_PROXY: 'http://h:1' }, 'http://a.test/', 'h'],
    [{ http_proxy: 'http://lower:1', HTTP_PROXY: 'http://upper:1' }, 'http://a.test/', 'lower'],
    [{ http_proxy: '', HTTP_PROXY: 'http://upper:1' }, 'http://a.test/', 'upper'],
    [{ HTTP_PROXY: 'h:3128' }, 'http://a.test/', 'h'],
    [{ HTTP_PROXY: 'http://h:1', REQUEST_METHOD: 'GET' }, 'http://a.test/', null],
    [{ http_proxy: 'http://h:1', REQUEST_METHOD: 'GET' }, 'http://a.test/', 'h'],
    [{ HTTP_PROXY: 'http://h:1', NO_PROXY: 'a.test' }, 'http://a.test/', null],
    [{ HTTP_PROXY: 'http://h:1', no_proxy: '*' }, 'http://b.test/', null],
  ])('of %j for %s is %s', (environment, target, host) => {
    expect(proxyFromEnvironment(environment)(new URL(target))?.hostname ?? null).toBe(host);
  });

  it("is read with proxy: 'env'", async () => {
    const proxy = await startServer((_, response) => void response.end('via proxy'));
    vi.stubEnv('http_proxy', proxy.url);
    vi.stubEnv('no_proxy', '');
    await using session = await createSession({ proxy: 'env' });
    expect(await (await session.fetch('http://shop.test/')).text()).toBe('via proxy');
  });

  it('is read again by each session', async () => {
    const [one, two] = [
      await startServer((_, response) => void response.end('one')),
      await startServer((_, response) => void response.end('two')),
    ];
    vi.stubEnv('no_proxy', '');
    vi.stubEnv('http_proxy', one.url);
    await using first = await createSession({ proxy: 'env' });
    vi.stubEnv('http_proxy', two.url);
    await using second = await createSession({ proxy: 'env' });
    expect(await (await first.fetch('http://shop.test/')).text()).toBe('one');
    expect(await (await second.fetch('http://shop.test/')).text()).toBe('two');
  });

  it('that cannot be used is refused at creation', async () => {
    vi.stubEnv('https_proxy', 'ftp://host');
    const { message } = await refusalOf(() => createSession({ proxy: 'env' }));
    expect(message).toMatch(/^Failed to create proxy: "ftp:" is not/);
  });

  it('is not read without the option', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    const server = await startServer((_, response) => void response.end('direct'));
    await using session = await createSession();
    expect(await (await session.fetch(server.url)).text()).toBe('direct');
  });
});

describe('NO_PROXY', () => {
  it.each<[value: string, url: string, isBypassed: boolean]>([
    ['', 'http://a.test/', false],
    ['*', 'http://a.test/', true],
    ['a.test', 'http://a.test/', true],
    ['a.test', 'http://b.a.test/', true],
    ['a.test', 'http://ba.test/', false],
    ['.a.test', 'http://a.test/', true],
    ['*.a.test', 'http://b.a.test/', true],
    ['A.Test', 'http://a.test/', true],
    ['a.test.', 'http://a.test/', true],
    ['a.test', 'http://a.test./', true],
    ['a.test:8080', 'http://a.test:8080/', true],
    ['a.test:8080', 'http://a.test/', false],
    ['a.test:443', 'https://a.test/', true],
    ['x.test, a.test', 'http://a.test/', true],
    ['x.test a.test', 'http://a.test/', true],
    ['10.0.0.1', 'http://10.0.0.1/', true],
    ['10.0.0.1', 'http://10.0.0.10/', false],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['::1', 'http://[::1]/', true],
    ['[::1]', 'http://[::1]/', true],
    ['[::1]:8080', 'http://[::1]:8080/', true],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['0:0:0:0:0:0:0:1', 'http://[::1]/', true],
  ])('%j and %s: %s', (value, url, isBypassed) => {
    expect(parseNoProxy(value)(new URL(url))).toBe(isBypassed);
  });
});
