import { describe, expect, it } from 'vitest';
import { createSession, createTransport, isRequestError } from '../../../src/index.ts';
import { certificate, selfSigned } from '../../helpers/certificates.ts';
import {
  type startSocksProxy as SocksStarter,
  startHttpProxy,
  startSocksProxy,
} from '../../helpers/proxies.ts';
import { turns, whenClosed } from '../../helpers/raw.ts';
import { startSite } from '../../helpers/redirects.ts';
import { headerOf, startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

const { cert: ca } = certificate();

function plainSite() {
  return startServer((request, response) => {
    response.end(`plain ${request.url}`);
  });
}

function secureSite() {
  return startTlsServer((request, response) => {
    response.end(`secure ${request.url}`);
  });
}

describe.each(['http', 'https'])('a proxy at %s://', (scheme) => {
  const tls = scheme === 'https';

  it('P14 gets the whole URL of an http page', async () => {
    const [site, proxy] = [await plainSite(), await startHttpProxy({ tls })];
    await using session = await createSession({ proxy: `${scheme}://${proxy.host}`, ca });
    const response = await session.fetch(`${site.url}/page?q=1`);
    expect(await response.text()).toBe('plain /page?q=1');
    expect(proxy.seen).toMatchObject([{ method: 'GET', target: `${site.url}/page?q=1` }]);
    expect(proxy.seen[0]?.headers.host).toBe(`127.0.0.1:${site.port}`);
  });

  it('gets a tunnel request for an https page', async () => {
    const [site, proxy] = [await secureSite(), await startHttpProxy({ tls })];
    await using session = await createSession({ proxy: `${scheme}://${proxy.host}`, ca });
    expect(await (await session.fetch(`${site.url}/page`)).text()).toBe('secure /page');
    expect(proxy.seen).toMatchObject([{ method: 'CONNECT', target: `127.0.0.1:${site.port}` }]);
  });

  it('keeps its connection for the next request', async () => {
    const [site, secure, proxy] = [await plainSite(), await secureSite(), await startHttpProxy({ tls })];
    await using session = await createSession({ proxy: `${scheme}://${proxy.host}`, ca });
    for (let call = 0; call < 3; call++) await (await session.fetch(site.url)).text();
    for (let call = 0; call < 3; call++) await (await session.fetch(secure.url)).text();
    expect(proxy.sockets).toHaveLength(2);
  });

  it('P06 gets user and password, decoded once, and the origin never does', async () => {
    const [site, secure, proxy] = [await plainSite(), await secureSite(), await startHttpProxy({ tls })];
    const url = `${scheme}://ada:p%40%3A%2F%2525@${proxy.host}`;
    await using session = await createSession({ proxy: url, ca });
    await session.fetch(site.url);
    await session.fetch(secure.url);
    const expected = `Basic ${Buffer.from('ada:p@:/%25').toString('base64')}`;
    expect(proxy.seen.map(({ authorization }) => authorization)).toEqual([expected, expected]);
    for (const { seen } of [site, secure]) {
      expect(headerOf(seen[0], 'proxy-authorization')).toBeUndefined();
      expect(headerOf(seen[0], 'authorization')).toBeUndefined();
    }
  });

  it('gets a user without a password', async () => {
    const [site, proxy] = [await plainSite(), await startHttpProxy({ tls })];
    await using session = await createSession({ proxy: `${scheme}://token@${proxy.host}`, ca });
    await session.fetch(site.url);
    expect(proxy.seen[0]?.authorization).toBe(`Basic ${Buffer.from('token:').toString('base64')}`);
  });

  it('P17 gets none of the headers of a tunnelled request', async () => {
    const [site, proxy] = [await secureSite(), await startHttpProxy({ tls })];
    await using session = await createSession({ proxy: `${scheme}://${proxy.host}`, ca });
    session.setCookie('sid', 'canary', site.url);
    await session.fetch(site.url, { headers: { 'X-Api-Key': 'canary' } });
    expect(JSON.stringify(proxy.seen)).not.toContain('canary');
    expect(headerOf(site.seen[0], 'cookie')).toBe('sid=canary');
  });
});

const answers: [string, string, object][] = [
  [
    '407',
    'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n',
    { code: 'ERR_PROXY_AUTH', status: 407 },
  ],
  ['403', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', { code: 'ERR_PROXY', status: 403 }],
  ['502', 'HTTP/1.1 502 Bad Gateway\r\n\r\n', { code: 'ERR_PROXY', status: 502 }],
  ['503', 'HTTP/1.0 503 Service Unavailable\r\n\r\n', { code: 'ERR_PROXY', status: 503 }],
  ['302', 'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n', { code: 'ERR_PROXY', status: 302 }],
  ['garbage', 'SSH-2.0-OpenSSH\r\n\r\n', { code: 'ERR_PROXY' }],
  ['a head without end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(5000)}`, { code: 'ERR_PROXY' }],
];

it.each(answers)('P01 says what the proxy answered to CONNECT: %s', async (_label, answer, expected) => {
  const site = await secureSite();
  const proxy = await startHttpProxy({ onConnect: (socket) => socket.write(answer) });
  await using session = await createSession({ proxy: `http://ada:canary@${proxy.host}`, ca });
  const error = await session.fetch(site.url).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ ...expected, phase: 'proxy', message: expect.stringMatching(/proxy/i) });
  expect(JSON.stringify(error)).not.toContain('canary');
  await whenClosed(proxy.sockets[0]);
  expect(proxy.seen).toHaveLength(1);
  expect(site.connections).toBe(0);
});

it.each(['destroy', 'end'] as const)(
  'P09 says that the proxy hung up instead of answering: %s',
  async (how) => {
    const [site, proxy] = [
      await secureSite(),
      await startHttpProxy({ onConnect: (socket) => socket[how]() }),
    ];
    await using session = await createSession({ proxy: `http://${proxy.host}`, ca });
    await expect(session.fetch(site.url)).rejects.toMatchObject({
      code: 'ERR_PROXY',
      message: expect.stringMatching(/proxy/i),
    });
    await turns(20);
    expect(proxy.seen).toHaveLength(1);
  },
);

it('P09 fails in the TLS handshake when the tunnel leads nowhere', async () => {
  const established = 'HTTP/1.1 200 OK\r\n\r\n';
  const proxy = await startHttpProxy({ onConnect: (socket) => socket.end(established) });
  await using session = await createSession({ proxy: `http://${proxy.host}`, ca });
  await expect(session.fetch('https://127.0.0.1:1/')).rejects.toMatchObject({
    code: 'ERR_CONNECTION_LOST',
    phase: 'tls',
  });
});

it('takes any 2xx for a tunnel', async () => {
  const site = await secureSite();
  const proxy = await startRawServer((socket, head) => {
    expect(head).toMatch(/^CONNECT /);
    socket.write('HTTP/1.1 299 Fine\r\n\r\n');
  });
  await using session = await createSession({ proxy: proxy.url, ca });
  const failed = session.fetch(site.url, { timeout: { connect: 300 } });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'tls' });
});

it.each(['http', 'https', 'socks5'])(
  'P15 P02 fails when nobody listens at the %s proxy, and never goes direct',
  async (scheme) => {
    const [site, secure, gone] = [await plainSite(), await secureSite(), await plainSite()];
    await gone.close();
    await using session = await createSession({ proxy: `${scheme}://127.0.0.1:${gone.port}`, ca });
    for (const url of [site.url, secure.url]) {
      await expect(session.fetch(url)).rejects.toMatchObject({
        code: 'ERR_PROXY',
        phase: 'proxy',
        message: expect.stringMatching(/proxy/i),
      });
    }
    expect([site.connections, secure.connections]).toEqual([0, 0]);
  },
);

it('checks the certificate of an https proxy by its own name, whatever the targets are called', async () => {
  const [site, proxy] = [await plainSite(), await startHttpProxy({ tls: true })];
  await using session = await createSession({ proxy: `https://${proxy.host}`, ca });
  for (const name of ['a.test', 'b.test', 'a.test']) {
    const response = await session.fetch(`http://${name}:${site.port}/${name}`);
    expect(await response.text()).toBe(`plain /${name}`);
  }
  expect(proxy.seen.map(({ connection }) => connection)).toEqual([0, 0, 0]);
});

it('P02 says that the certificate of the proxy is the cause', async () => {
  const [site, proxy] = [await plainSite(), await startHttpProxy({ tls: true })];
  await using session = await createSession({ proxy: `https://${proxy.host}` });
  await expect(session.fetch(site.url)).rejects.toMatchObject({
    code: 'ERR_PROXY',
    message: expect.stringMatching(/proxy.*SELF_SIGNED/),
  });
  expect(site.connections).toBe(0);
});

it("A30 treats 407 to a forwarded request as the proxy's answer", async () => {
  const site = await plainSite();
  const proxy = await startHttpProxy({ onRequest: (response) => response.writeHead(407).end() });
  await using session = await createSession({ proxy: `http://${proxy.host}` });
  await expect(session.fetch(site.url)).rejects.toMatchObject({
    code: 'ERR_PROXY_AUTH',
    status: 407,
    phase: 'proxy',
  });
});

it('A30 returns a 407 of a server unchanged', async () => {
  const site = await startSite({ '/': { status: 407 } });
  await using session = await createSession();
  expect((await session.fetch(site.url)).status).toBe(407);
});

it.each(['http', 'socks5'])(
  'P08 ends at the connect limit when the %s proxy never answers',
  async (scheme) => {
    const [site, proxy] = [await secureSite(), await startRawServer(() => {})];
    await using session = await createSession({ proxy: `${scheme}://127.0.0.1:${proxy.port}`, ca });
    const failed = session.fetch(site.url, { timeout: { connect: 30 } });
    await expect(failed).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'proxy', timeout: 30 });
    await whenClosed(proxy.sockets[0]);
  },
);

it.each(['http', 'socks5'])(
  'T05 rejects at once when it is aborted while the %s proxy thinks',
  async (scheme) => {
    const [site, proxy] = [await secureSite(), await startRawServer(() => {})];
    await using session = await createSession({ proxy: `${scheme}://127.0.0.1:${proxy.port}`, ca });
    const controller = new AbortController();
    const outcome = expect(session.fetch(site.url, { signal: controller.signal })).rejects.toBe('now');
    while ((proxy.received[0] ?? '') === '') await turns(1);
    controller.abort('now');
    await outcome;
    await whenClosed(proxy.sockets[0]);
  },
);

it('P03 shares no connection between sessions with other credentials', async () => {
  const [site, secure, proxy] = [await plainSite(), await secureSite(), await startHttpProxy()];
  await using ada = await createSession({ proxy: `http://ada:1@${proxy.host}`, ca });
  await using bob = await createSession({ proxy: `http://bob:2@${proxy.host}`, ca });
  for (const session of [ada, bob, ada, bob]) {
    await (await session.fetch(site.url)).text();
    await (await session.fetch(secure.url)).text();
  }
  const users = new Map<number, Set<string | undefined>>();
  for (const { connection, authorization } of proxy.seen) {
    users.set(connection, (users.get(connection) ?? new Set()).add(authorization));
  }
  expect([...users.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1]);
});

it.each(['http', 'https', 'socks5'])(
  'P11 checks the certificate of the target through a %s proxy',
  async (scheme) => {
    const site = await secureSite();
    const proxy =
      scheme === 'socks5' ? await startSocksProxy() : await startHttpProxy({ tls: scheme === 'https' });
    const other = selfSigned('127.0.0.1', 'IP:127.0.0.2');
    const proxyUrl = `${scheme}://${proxy.host}`;
    // The https proxy itself is trusted, the target's host name is not in the certificate.
    await using strict = await createSession({ proxy: proxyUrl, ca: scheme === 'https' ? ca : other.cert });
    const url = scheme === 'https' ? `https://other.invalid:${site.port}/` : site.url;
    await expect(strict.fetch(url)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: expect.stringContaining('certificate'),
    });
    await using careless = await createSession({ proxy: proxyUrl, insecure: true });
    expect(await (await careless.fetch(url)).text()).toBe('secure /');
  },
);

describe('a SOCKS5 proxy', () => {
  type Proxy = Awaited<ReturnType<typeof SocksStarter>>;
  const at = (proxy: Proxy, userinfo = ''): string => `socks5://${userinfo}${proxy.host}`;

  it.each(['socks5', 'socks5h'])('P13 resolves the name itself: %s', async (scheme) => {
    const [site, secure, proxy] = [await plainSite(), await secureSite(), await startSocksProxy()];
    await using session = await createSession({ proxy: `${scheme}://${proxy.host}`, ca });
    expect(await (await session.fetch(`http://site.test:${site.port}/a`)).text()).toBe('plain /a');
    expect(await (await session.fetch(`https://localhost:${secure.port}/b`)).text()).toBe('secure /b');
    expect(proxy.seen).toMatchObject([
      { methods: [0], kind: 3, host: 'site.test', port: site.port },
      { methods: [0], kind: 3, host: 'localhost', port: secure.port },
    ]);
  });

  it('gets an IPv4 address as one', async () => {
    const [site, proxy] = [await plainSite(), await startSocksProxy()];
    await using session = await createSession({ proxy: at(proxy) });
    await session.fetch(site.url);
    expect(proxy.seen).toMatchObject([{ kind: 1, host: '127.0.0.1' }]);
  });

  it('gets an IPv6 address as one', async () => {
    const [site, proxy] = [await plainSite(), await startSocksProxy()];
    await using session = await createSession({ proxy: at(proxy) });
    await session.fetch(`http://[2001:db8::ff]:${site.port}/`);
    expect(proxy.seen).toMatchObject([{ kind: 4, host: '20010db80000000000000000000000ff' }]);
  });

  it('P06 gets user and password, decoded once', async () => {
    const [site, secure, proxy] = [
      await plainSite(),
      await secureSite(),
      await startSocksProxy({ method: 2 }),
    ];
    await using session = await createSession({ proxy: at(proxy, 'ada:p%40%3A%2F%2525@'), ca });
    expect(await (await session.fetch(site.url)).text()).toBe('plain /');
    expect(await (await session.fetch(secure.url)).text()).toBe('secure /');
    expect(proxy.seen).toMatchObject([
      { methods: [0, 2], username: 'ada', password: 'p@:/%25' },
      { username: 'ada', password: 'p@:/%25' },
    ]);
  });

  it('P10 has a separate connection for each origin', async () => {
    const [first, second, proxy] = [await plainSite(), await startSite({}), await startSocksProxy()];
    await using session = await createSession({ proxy: at(proxy) });
    expect(await (await session.fetch(first.url)).text()).toBe('plain /');
    expect(await (await session.fetch(second.url)).text()).toBe('arrived');
  });

  it('keeps its connection for the next request', async () => {
    const [site, proxy] = [await secureSite(), await startSocksProxy()];
    await using session = await createSession({ proxy: at(proxy), ca });
    for (let call = 0; call < 3; call++) await (await session.fetch(site.url)).text();
    expect(proxy.sockets).toHaveLength(1);
  });

  it.each([
    ['a name', Buffer.from([3, 4, 0x68, 0x6f, 0x73, 0x74])],
    ['IPv6', Buffer.alloc(17, 4)],
  ])('may say it is bound to %s, and each byte by itself', async (_label, bound) => {
    const [site, proxy] = [await plainSite(), await startSocksProxy({ bound, bytewise: true })];
    await using session = await createSession({ proxy: at(proxy) });
    expect(await (await session.fetch(site.url)).text()).toBe('plain /');
  });

  it.each([0, 2, 9])('P12 reports a bound address of the unknown type %i', async (kind) => {
    const bound = Buffer.from([kind, 0, 0, 0, 0]);
    const [site, proxy] = [await plainSite(), await startSocksProxy({ bound })];
    await using session = await createSession({ proxy: at(proxy) });
    await expect(session.fetch(site.url)).rejects.toMatchObject({
      code: 'ERR_PROXY',
      message: `The proxy ${proxy.host} answered with an address of the unknown type ${kind}`,
    });
    await whenClosed(proxy.sockets[0]);
  });

  it.each([
    ['wants an authentication that is not offered', { method: 255 }, 'ERR_PROXY_AUTH'],
    ['wants a user and there is none', { method: 2 }, 'ERR_PROXY_AUTH'],
    ['refuses the connection', { reply: 2 }, 'ERR_PROXY'],
    ['answers with an unknown code', { reply: 99 }, 'ERR_PROXY'],
  ])('P12 says so when it %s', async (_label, options, code) => {
    const [site, proxy] = [await plainSite(), await startSocksProxy(options)];
    await using session = await createSession({ proxy: at(proxy) });
    await expect(session.fetch(site.url)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`The proxy ${proxy.host} `),
    });
    await whenClosed(proxy.sockets[0]);
    expect(site.connections).toBe(0);
  });

  it('P12 reports that it refuses user and password', async () => {
    const [site, proxy] = [await plainSite(), await startSocksProxy({ method: 2, verdict: 1 })];
    await using session = await createSession({ proxy: at(proxy, 'ada:canary@') });
    const error = await session.fetch(site.url).catch((reason: unknown) => reason);
    if (!isRequestError(error, 'ERR_PROXY_AUTH')) throw error;
    expect(error.message + JSON.stringify(error)).not.toContain('canary');
  });

  it('P12 refuses a name of more than 255 bytes', async () => {
    const proxy = await startSocksProxy();
    await using session = await createSession({ proxy: at(proxy) });
    const name = Array<string>(26).fill('a'.repeat(9)).join('.').slice(0, 256);
    await expect(session.fetch(`http://${name}/`)).rejects.toMatchObject({ code: 'ERR_PROXY' });
  });

  it('P12 reports that it is not a SOCKS proxy', async () => {
    const site = await plainSite();
    const proxy = await startRawServer(() => {});
    await using transport = await createTransport({ proxy: `socks5://127.0.0.1:${proxy.port}` });
    await using session = await createSession({ transport });
    const outcome = expect(session.fetch(site.url)).rejects.toMatchObject({ code: 'ERR_PROXY' });
    while (proxy.sockets.length === 0) await turns(1);
    proxy.sockets[0]?.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    await outcome;
  });
});
