import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTransport, type TransportOptions } from '../../src/index.ts';
import { nodeAgents } from '../../src/interop/index.ts';
import { certificate, selfSigned } from '../helpers/certificates.ts';
import { startHttpProxy, startSocksProxy } from '../helpers/proxies.ts';
import { turns, whenClosed } from '../helpers/raw.ts';
import { startRawServer, startServer, startTlsServer } from '../helpers/servers.ts';

const { cert: ca, key } = certificate();

const warnings: unknown[] = [];
process.on('warning', (warning) => warnings.push(Reflect.get(warning, 'code')));

async function agentsOf(options: TransportOptions) {
  const transport = await createTransport(options);
  const agents = nodeAgents(transport);
  onTestFinished(async () => {
    agents.http.destroy();
    agents.https.destroy();
    await transport.close();
  });
  return { transport, ...agents };
}

function get(url: string, agents: { http: http.Agent; https: https.Agent }): Promise<string> {
  const secure = url.startsWith('https:');
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).get(
      url,
      { agent: secure ? agents.https : agents.http },
      (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      },
    );
    request.on('error', reject);
    request.on('timeout', () => reject(new Error('a timeout that nobody set')));
  });
}

const plainSite = () => startServer((request, response) => void response.end(`plain ${request.url}`));
const secureSite = () => startTlsServer((request, response) => void response.end(`secure ${request.url}`));

describe.each(['http', 'https', 'socks5'])('agents of a transport with a %s proxy', (scheme) => {
  const start = () => (scheme === 'socks5' ? startSocksProxy() : startHttpProxy({ tls: scheme === 'https' }));

  it('reach http and https pages by a tunnel, and keep it', async () => {
    const [site, secure, proxy] = [await plainSite(), await secureSite(), await start()];
    const agents = await agentsOf({ proxy: `${scheme}://${proxy.host}`, ca });
    for (let call = 0; call < 2; call++) {
      expect(await get(`${site.url}/a`, agents)).toBe('plain /a');
      expect(await get(`${secure.url}/b`, agents)).toBe('secure /b');
    }
    expect(proxy.sockets).toHaveLength(2);
  });

  it('check the certificate of the target', async () => {
    const [secure, proxy] = [await secureSite(), await start()];
    const agents = await agentsOf({ proxy: `${scheme}://${proxy.host}`, ca });
    const url = secure.url.replace('127.0.0.1', 'other.invalid');
    await expect(get(url, agents)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const careless = await agentsOf({ proxy: `${scheme}://${proxy.host}`, insecure: true });
    expect(await get(url, careless)).toBe('secure /');
  });

  it('report that the connection was refused, and never connect directly', async () => {
    const [site, gone] = [await secureSite(), await plainSite()];
    await gone.close();
    const agents = await agentsOf({ proxy: `${scheme}://127.0.0.1:${gone.port}`, ca });
    await expect(get(site.url, agents)).rejects.toMatchObject({ code: 'ERR_PROXY', phase: 'proxy' });
    expect(site.connections).toBe(0);
  });

  it('give up on a proxy that never answers after connectTimeout', async () => {
    const proxy = await startRawServer(() => {});
    const options = { proxy: `${scheme}://127.0.0.1:${proxy.port}`, ca, connectTimeout: 50 };
    const agents = await agentsOf(options);
    await expect(get('https://shop.test/', agents)).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      phase: 'proxy',
    });
    await whenClosed(proxy.sockets[0]);
  });
});

describe('agents with an HTTP proxy', () => {
  it('send it user and password, decoded once, and never send them to the origin', async () => {
    const [secure, proxy] = [await secureSite(), await startHttpProxy()];
    const agents = await agentsOf({ proxy: `http://ada:p%40%3A%2F%2525@${proxy.host}`, ca });
    await get(secure.url, agents);
    expect(proxy.seen[0]?.authorization).toBe(`Basic ${Buffer.from('ada:p@:/%25').toString('base64')}`);
    expect(JSON.stringify(secure.seen)).not.toMatch(/authorization/i);
  });

  it('put an IPv6 target in brackets, and find a proxy at an IPv6 address', async () => {
    const seen: string[] = [];
    const server = net.createServer((socket) => {
      socket.on('data', (chunk) => {
        seen.push(String(chunk).split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    onTestFinished(() => void server.close());
    const agents = await agentsOf({ proxy: `http://[::1]:${(server.address() as AddressInfo).port}` });
    await expect(get('https://[2001:db8::1]:8443/', agents)).rejects.toMatchObject({
      code: 'ERR_PROXY',
      status: 403,
    });
    await expect(get('http://[2001:db8::1]/', agents)).rejects.toMatchObject({
      code: 'ERR_PROXY',
      status: 403,
    });
    expect(seen).toEqual(['CONNECT [2001:db8::1]:8443 HTTP/1.1', 'CONNECT [2001:db8::1]:80 HTTP/1.1']);
  });

  it('A20 request a host that is not ASCII by its ASCII name, and reject an invalid host', async () => {
    const proxy = await startHttpProxy();
    const agents = await agentsOf({ proxy: `http://${proxy.host}` });
    const ask = (host: string) =>
      new Promise<unknown>((resolve) => {
        const options = { host, headers: { host: 'x' }, agent: agents.http };
        http.get(options, () => resolve('answered')).on('error', resolve);
      });
    await ask('例え.invalid');
    expect(proxy.seen).toMatchObject([{ target: 'xn--r8jz45g.invalid:80' }]);
    expect(await ask('no host')).toMatchObject({ code: 'ERR_INVALID_URL' });
  });

  it.each([
    [407, 'ERR_PROXY_AUTH'],
    [503, 'ERR_PROXY'],
  ])('say what it answered: %i', async (status, code) => {
    const proxy = await startHttpProxy({
      onConnect: (socket) => socket.write(`HTTP/1.1 ${status} No\r\n\r\n`),
    });
    const agents = await agentsOf({ proxy: `http://ada:canary@${proxy.host}` });
    const error = await get('https://shop.test/', agents).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, status, phase: 'proxy' });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  it('check its certificate with the trust of the transport', async () => {
    const [secure, proxy] = [await secureSite(), await startHttpProxy({ tls: true })];
    const strict = await agentsOf({ proxy: `https://${proxy.host}` });
    await expect(get(secure.url, strict)).rejects.toMatchObject({
      code: 'ERR_PROXY',
      message: expect.stringMatching('SELF_SIGNED'),
    });
    const named = await agentsOf({ proxy: `https://${proxy.host.replace('127.0.0.1', 'localhost')}`, ca });
    expect(await get(secure.url, named)).toBe('secure /');
    const other = await agentsOf({
      proxy: `https://${proxy.host.replace('127.0.0.1', 'proxy.invalid')}`,
      resolve: { 'proxy.invalid': '127.0.0.1' },
      ca,
    });
    await expect(get(secure.url, other)).rejects.toMatchObject({
      code: 'ERR_PROXY',
      message: expect.stringMatching('ALTNAME'),
    });
  });
});

describe.each(['none', 'http', 'https', 'socks5'])(
  'F3: what a client says while a connection is being made, with the proxy: %s',
  (scheme) => {
    /** A peer that takes connections and says nothing: the target, or the proxy. */
    async function startSilent() {
      const peer = await startRawServer(() => {});
      const options = scheme === 'none' ? {} : { proxy: `${scheme}://127.0.0.1:${peer.port}` };
      const agents = await agentsOf(options);
      const url = scheme === 'none' ? `https://127.0.0.1:${peer.port}/` : 'https://shop.test/';
      return { peer, agents, url };
    }

    async function outcomeOf(request: http.ClientRequest): Promise<unknown> {
      const [reason] = await Promise.all([
        new Promise((resolve) => request.once('error', resolve)),
        new Promise<void>((resolve) => request.once('close', () => resolve())),
      ]);
      return reason;
    }

    it.each<[what: string, reason: Error | undefined, expected: object]>([
      ['without a reason', undefined, { code: 'ECONNRESET', message: 'socket hang up' }],
      ['with one', new Error('enough'), { message: 'enough' }],
    ])('request.destroy() %s ends it', async (_what, reason, expected) => {
      const { peer, agents, url } = await startSilent();
      const request = https.get(url, { agent: agents.https });
      const outcome = outcomeOf(request);
      while (peer.sockets.length === 0) await turns(1);
      request.destroy(reason);
      expect(await outcome).toMatchObject(expected);
      await whenClosed(peer.sockets[0]);
    });

    it('its signal ends it', async () => {
      const { peer, agents, url } = await startSilent();
      const controller = new AbortController();
      const request = https.get(url, { agent: agents.https, signal: controller.signal });
      const outcome = outcomeOf(request);
      while (peer.sockets.length === 0) await turns(1);
      controller.abort();
      expect(await outcome).toMatchObject({ name: 'AbortError' });
      await whenClosed(peer.sockets[0]);
    });

    it.each(['the option', 'setTimeout'])('its timeout is told, by %s', async (how) => {
      const { peer, agents, url } = await startSilent();
      const options = { agent: agents.https, ...(how === 'the option' && { timeout: 250 }) };
      const request = https.get(url, options, () => {});
      const outcome = outcomeOf(request);
      request.on('timeout', () => request.destroy(new Error('too late')));
      if (how === 'setTimeout') request.setTimeout(250);
      expect(await outcome).toMatchObject({ message: 'too late' });
      await Promise.all(peer.sockets.map(whenClosed));
    });

    it('makes no connection for a request that is destroyed at once', async () => {
      const { peer, agents, url } = await startSilent();
      const request = https.get(url, { agent: agents.https });
      const outcome = outcomeOf(request);
      request.destroy();
      await outcome;
      await turns(20);
      for (const socket of peer.sockets) await whenClosed(socket);
    });

    it('frees the place of a request that ended', async () => {
      const { peer } = await startSilent();
      const limited = await agentsOf({
        ...(scheme !== 'none' && { proxy: `${scheme}://127.0.0.1:${peer.port}` }),
        poolMaxSize: 1,
      });
      const url = scheme === 'none' ? `https://127.0.0.1:${peer.port}/` : 'https://shop.test/';
      const first = https.get(url, { agent: limited.https });
      const second = https.get(url, { agent: limited.https });
      const outcomes = [outcomeOf(first), outcomeOf(second)];
      while (peer.sockets.length < 1) await turns(1);
      first.destroy();
      while (peer.sockets.length < 2) await turns(1);
      second.destroy();
      await Promise.all(outcomes);
    });
  },
);

describe('agents of a transport without a proxy', () => {
  it('connect directly, with its pins and its certificates', async () => {
    const [site, secure] = [await plainSite(), await secureSite()];
    const agents = await agentsOf({ ca, resolve: { 'shop.test': '127.0.0.1' } });
    expect(await get(`http://shop.test:${site.port}/x`, agents)).toBe('plain /x');
    expect(await get(`${secure.url}/x`, agents)).toBe('secure /x');
    const strict = await agentsOf({});
    await expect(get(secure.url, strict)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('are not weakened by TLS options of a client', async () => {
    const secure = await secureSite();
    const agents = await agentsOf({});
    const failed = new Promise((_resolve, reject) => {
      https.get(secure.url, { agent: agents.https, rejectUnauthorized: false }).on('error', reject);
    });
    await expect(failed).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('show a client certificate', async () => {
    const client = selfSigned('ada', 'DNS:ada.test');
    const server = https.createServer(
      { cert: ca, key, ca: client.cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        response.end(String((request.socket as import('node:tls').TLSSocket).authorized));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const certOrigins = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const agents = await agentsOf({ ca, cert: client.cert, key: client.key, certOrigins });
    expect(await get(certOrigins, agents)).toBe('true');
    const others = await agentsOf({
      ca,
      cert: client.cert,
      key: client.key,
      certOrigins: 'https://other.test',
    });
    expect(await get(certOrigins, others)).toBe('false');
  });

  it('end idle connections after poolIdleTimeout, and not slow ones', async () => {
    const site = await startServer((request, response) => {
      setTimeout(() => response.end(request.url), request.url === '/slow' ? 120 : 0);
    });
    const agents = await agentsOf({ poolIdleTimeout: 40 });
    expect(await get(`${site.url}/slow`, agents)).toBe('/slow');
    expect(await get(`${site.url}/slow`, agents)).toBe('/slow');
    expect(site.connections).toBe(1);
    while (site.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await get(site.url, agents)).toBe('/');
    expect(site.connections).toBe(2);
  });

  it('open no more connections than poolMaxSize', async () => {
    const site = await plainSite();
    const agents = await agentsOf({ poolMaxSize: 2 });
    await Promise.all(Array.from({ length: 8 }, () => get(site.url, agents)));
    expect(site.connections).toBe(2);
  });

  it('F16: end an idle connection before the server does, as its Keep-Alive header says', async () => {
    const site = await startServer((_, response) => {
      response.setHeader('Keep-Alive', 'timeout=2');
      response.end('x');
    });
    const agents = await agentsOf({ poolIdleTimeout: 60_000 });
    let idle: number | undefined;
    agents.http.on('free', (socket: net.Socket) => {
      setImmediate(() => {
        idle = socket.timeout;
      });
    });
    await get(site.url, agents);
    while (idle === undefined) await turns(1);
    expect(idle).toBe(1000);
    expect(await get(site.url, agents)).toBe('x');
    expect(site.connections).toBe(1);
  });

  it('F16: keep poolIdleTimeout where the server would wait longer', async () => {
    const site = await startServer((_, response) => {
      response.setHeader('Keep-Alive', 'timeout=600');
      response.end('x');
    });
    const agents = await agentsOf({ poolIdleTimeout: 4321 });
    let idle: number | undefined;
    agents.http.on('free', (socket: net.Socket) => {
      setImmediate(() => {
        idle = socket.timeout;
      });
    });
    await get(site.url, agents);
    while (idle === undefined) await turns(1);
    expect(idle).toBe(4321);
  });

  it('do not let a request wait for a connection that failed', async () => {
    const gone = await plainSite();
    await gone.close();
    const agents = await agentsOf({ poolMaxSize: 2 });
    const calls = Array.from({ length: 8 }, () => get(gone.url, agents));
    const codes = (await Promise.allSettled(calls)).map(
      (call) => call.status === 'rejected' && call.reason.code,
    );
    expect(codes).toEqual(Array(8).fill('ECONNREFUSED'));
  });

  it('make no connection after transport.close()', async () => {
    const site = await plainSite();
    const agents = await agentsOf({});
    await agents.transport.close();
    await expect(get(site.url, agents)).rejects.toMatchObject({ code: 'ERR_TRANSPORT_CLOSED' });
  });
});

it.each([
  ['no transport', () => ({})],
  ['one with a dispatcher of the caller', () => createTransport({ dispatcher: new Agent() })],
])('nodeAgents refuses %s', async (_what, make) => {
  const transport = await make();
  expect(() => nodeAgents(transport as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
  );
});

it('no agent sends an address as server name, for which Node.js prints a warning', () => {
  // After the tests with proxies and targets at 127.0.0.1 over TLS. RFC 6066 section 3.
  expect(warnings).not.toContain('DEP0123');
});
