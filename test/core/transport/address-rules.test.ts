import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { request as undiciRequest } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressJudge, judgeProxied } from '../../../src/core/transport/address-rules.ts';
import {
  type AddressTarget,
  createSession,
  createTransport,
  publicAddressesOnly,
  type TransportOptions,
} from '../../../src/index.ts';
import { cookieDispatcher, nodeAgents } from '../../../src/interop/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { startHttpProxy, startSocksProxy } from '../../helpers/proxies.ts';
import { turns } from '../../helpers/raw.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

const lookup = vi.hoisted(() => ({ now: undefined as LookupFunction | undefined }));

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const replaced: LookupFunction = (...question) => Reflect.apply(lookup.now ?? dns.lookup, dns, question);
  return { ...dns, lookup: replaced };
});

afterEach(() => {
  lookup.now = undefined;
});

/** Answers each lookup with the next of these lists, and says what was asked for. */
function resolveAs(...answers: readonly (readonly string[])[]): string[] {
  const asked: string[] = [];
  lookup.now = (hostname, options, callback) => {
    const found = (answers[asked.push(hostname) - 1] ?? answers.at(-1) ?? []).map((address) => ({
      address,
      family: isIP(address),
    }));
    process.nextTick(() => {
      if (options.all === true) callback(null, found);
      else callback(null, found[0]?.address ?? '', found[0]?.family);
    });
  };
  return asked;
}

const ca = certificate().cert;

async function sessionOf(options: TransportOptions) {
  const transport = await createTransport(options);
  return { transport, session: await createSession({ transport }) };
}

const forbidden = expect.objectContaining({ name: 'RequestError', code: 'ERR_ADDRESS_FORBIDDEN' });

describe('A15 allowAddress', () => {
  it('is called for the address of a URL, and for the one that is connected to', async () => {
    const server = await startServer((_request, response) => void response.end());
    const asked: [string, AddressTarget][] = [];
    const { session } = await sessionOf({ allowAddress: (...question) => asked.push(question) > 0 });
    await session.fetch(server.url);
    const target = { hostname: '127.0.0.1', port: server.port, protocol: 'http:', family: 4 };
    expect(asked).toEqual([
      ['127.0.0.1', target],
      ['127.0.0.1', target],
    ]);
  });

  it('refuses a literal address, before a connection is made', async () => {
    const server = await startServer((_request, response) => void response.end());
    const { session } = await sessionOf({ allowAddress: publicAddressesOnly });
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]']) {
      const error = await refusalOf(() => session.fetch(`http://${host}:${server.port}/`));
      expect([host, error.code, error.phase]).toEqual([host, 'ERR_ADDRESS_FORBIDDEN', 'connect']);
    }
    expect(server.connections).toBe(0);
  });

  it('refuses a name that is looked up, and names it', async () => {
    const server = await startServer((_request, response) => void response.end());
    resolveAs(['127.0.0.1']);
    const { session } = await sessionOf({ allowAddress: publicAddressesOnly });
    const { message } = await refusalOf(() => session.fetch(`http://internal.test:${server.port}/`));
    expect(message).toBe('The address 127.0.0.1 of internal.test is not allowed: allowAddress refused it');
    expect(server.connections).toBe(0);
  });

  it('refuses a pinned address', async () => {
    const server = await startServer((_request, response) => void response.end());
    const { session } = await sessionOf({
      resolve: { 'pinned.test': ['10.0.0.1', '127.0.0.1'] },
      allowAddress: publicAddressesOnly,
    });
    await expect(session.fetch(`http://pinned.test:${server.port}/`)).rejects.toEqual(forbidden);
    expect(server.connections).toBe(0);
  });

  it('leaves out what is refused, and connects to the rest', async () => {
    const server = await startServer((_request, response) => void response.end('rest'));
    resolveAs(['127.0.0.9', '127.0.0.1']);
    const { session } = await sessionOf({ allowAddress: (address) => address !== '127.0.0.9' });
    expect(await (await session.fetch(`http://two.test:${server.port}/`)).text()).toBe('rest');
  });

  it('connects to the checked address, although the name resolves differently the second time', async () => {
    const server = await startServer((_request, response) => void response.end('first'));
    const asked = resolveAs(['127.0.0.1'], ['127.0.0.66']);
    const { session } = await sessionOf({ allowAddress: (address) => address === '127.0.0.1' });
    const url = `http://rebinding.test:${server.port}/`;
    expect(await (await session.fetch(url)).text()).toBe('first');
    expect(asked).toHaveLength(1);
    // A new connection asks again, and is judged again.
    await expect(session.fetch(url, { headers: { connection: 'close' } })).resolves.toMatchObject({
      status: 200,
    });
    await turns(5);
    await expect(session.fetch(url)).rejects.toEqual(forbidden);
    expect([asked.length, server.connections]).toEqual([2, 1]);
  });

  it('refuses the address that a socket is actually connected to, before a byte is sent', async () => {
    const server = await startRawServer((socket) => socket.end());
    // The system connects to 127.0.0.1 for it.
    const allowAddress = (address: string): boolean => address === '0.0.0.0';
    for (const scheme of ['http', 'https']) {
      const { session } = await sessionOf({ allowAddress, insecure: true });
      const { code, message } = await refusalOf(() => session.fetch(`${scheme}://0.0.0.0:${server.port}/`));
      expect([code, message]).toEqual([
        'ERR_ADDRESS_FORBIDDEN',
        'The address 127.0.0.1 of 0.0.0.0 is not allowed: allowAddress refused it',
      ]);
    }
    while (server.sockets.some((socket) => !socket.closed)) await turns(1);
    expect(server.received.join('')).toBe('');
  });

  it('is called at every hop of a redirect', async () => {
    const inside = await startServer((_request, response) => void response.end('secret'));
    const server = await startServer((request, response) => {
      const to =
        request.url === '/ip' ? `http://127.0.0.2:${inside.port}/` : `http://inside.test:${inside.port}/`;
      response.writeHead(302, { location: to }).end();
    });
    resolveAs(['127.0.0.3']);
    const { session } = await sessionOf({ allowAddress: (address) => address === '127.0.0.1' });
    for (const path of ['/ip', '/name']) {
      await expect(session.fetch(server.url + path)).rejects.toEqual(forbidden);
    }
    expect([server.seen.length, inside.connections]).toEqual([2, 0]);
  });

  it('is never retried, by a call or by an event stream', async () => {
    let asked = 0;
    const { session } = await sessionOf({
      allowAddress: () => {
        asked++;
        return false;
      },
    });
    await expect(
      session.fetch('http://127.0.0.1:9/', { retry: { limit: 3, backoff: () => 1 } }),
    ).rejects.toEqual(forbidden);
    const events = session.eventSource('http://127.0.0.1:9/', { reconnectDelay: 1 });
    await expect(events[Symbol.asyncIterator]().next()).rejects.toEqual(forbidden);
    expect(asked).toBe(2);
  });

  it('applies to the reconnections of an event stream', async () => {
    let allowed = true;
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
      allowed = false;
      response.end('data: one\n\n');
    });
    const { session } = await sessionOf({ allowAddress: () => allowed });
    const events = session.eventSource(server.url, { reconnectDelay: 1 })[Symbol.asyncIterator]();
    // The socket is judged before the server answers.
    expect(await events.next()).toMatchObject({ value: { data: 'one' } });
    await expect(events.next()).rejects.toEqual(forbidden);
    expect(server.seen).toHaveLength(1);
  });

  it('applies to WebSockets', async () => {
    const server = await startServer(() => {});
    for (const http2 of [false, true]) {
      const { session } = await sessionOf({ allowAddress: publicAddressesOnly, http2 });
      await expect(session.websocket(`ws://127.0.0.1:${server.port}/`)).rejects.toEqual(forbidden);
      await expect(session.websocket(`wss://127.0.0.1:${server.port}/`)).rejects.toEqual(forbidden);
    }
    expect(server.connections).toBe(0);
  });

  it('applies to TLS and HTTP/2', async () => {
    const server = await startHttp2Server((_request, response) => void response.end('over 2'));
    const allow = await sessionOf({ ca, http2: true, allowAddress: (address) => address === '127.0.0.1' });
    expect(await (await allow.session.fetch(server.url)).text()).toBe('over 2');
    const { length } = server.sockets;
    const refuse = await sessionOf({ ca, http2: true, allowAddress: publicAddressesOnly });
    await expect(refuse.session.fetch(server.url)).rejects.toEqual(forbidden);
    expect(server.sockets).toHaveLength(length);
  });

  it('applies to the session in other clients', async () => {
    const plain = await startServer((_request, response) => void response.end());
    const secure = await startTlsServer((_request, response) => void response.end());
    const { session, transport } = await sessionOf({ allowAddress: publicAddressesOnly, ca });
    const agents = nodeAgents(transport);
    for (const { url } of [plain, secure]) {
      for (const dispatcher of [transport.dispatcher, cookieDispatcher(session)]) {
        await expect(undiciRequest(url, { dispatcher })).rejects.toEqual(forbidden);
      }
      const isSecure = url.startsWith('https:');
      const request = isSecure
        ? https.get(url, { agent: agents.https })
        : http.get(url, { agent: agents.http });
      expect((await once(request, 'error'))[0]).toEqual(forbidden);
    }
    resolveAs(['127.0.0.1']);
    const short = http.get({ host: '127.1', port: plain.port, agent: agents.http });
    expect((await once(short, 'error'))[0]).toEqual(forbidden);
    expect([plain.connections, secure.connections]).toEqual([0, 0]);
  });
});

describe('A15 an invalid rule', () => {
  it.each([
    ['returns a promise', async () => true, 'must return true or false, got an instance of Promise'],
    ['returns nothing', () => undefined, 'must return true or false, got undefined'],
    ['returns 1', () => 1, 'must return true or false, got 1'],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'allowAddress failed',
    ],
  ])('forbids when it %s', async (_what, rule, said) => {
    const { session } = await sessionOf({ allowAddress: rule as unknown as () => boolean });
    const error = await refusalOf(() => session.fetch('http://127.0.0.1:9/'));
    expect([error.code, error.message]).toEqual(['ERR_ADDRESS_FORBIDDEN', expect.stringContaining(said)]);
  });

  it.each([
    ['allowAddress', 'public'],
    ['allowHost', ['example.com']],
  ])('is refused as option where %s is no function', async (name, value) => {
    const { code, message } = await refusalOf(() => createTransport({ [name]: value } as TransportOptions));
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      expect.stringContaining(`${name} must be a function that returns true or false`),
    ]);
  });
});

describe('A15 addresses that contain others', () => {
  it.each([
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:7F00:1', '127.0.0.1'],
    ['::10.1.2.3', '10.1.2.3'],
    ['64:ff9b::a00:1', '10.0.0.1'],
    ['64:ff9b::169.254.169.254', '169.254.169.254'],
    ['2002:a9fe:a9fe::1', '169.254.169.254'],
    ['fe80::1%lo', null],
    ['::1', null],
    ['::', null],
    ['2606:4700::1', null],
  ])('asks for %s and for %s', (address, inside) => {
    const asked: string[] = [];
    const judge = addressJudge(
      { allowAddress: (each) => asked.push(each) > 0, allowHost: null },
      new URL('http://a/'),
    );
    expect(judge?.(address)).toBe(null);
    expect(asked.slice(1)).toEqual(inside === null ? [] : [inside]);
    const strict = addressJudge(
      { allowAddress: (each) => each !== inside, allowHost: null },
      new URL('http://a/'),
    );
    expect(strict?.(address)?.code).toBe(inside === null ? undefined : 'ERR_ADDRESS_FORBIDDEN');
  });

  it('checks one address in one form', () => {
    const asked: string[] = [];
    const judge = addressJudge(
      { allowAddress: (each) => asked.push(each) > 0, allowHost: null },
      new URL('http://a/'),
    );
    for (const address of ['2606:4700:0:0::1', '2606:4700::0001', '2606:4700::1%eth0']) judge?.(address);
    expect(new Set(asked)).toEqual(new Set(['2606:4700::1']));
  });
});

describe('A15 allowAddress with a proxy', () => {
  it.each(['http://127.0.0.1:8080', 'socks5://127.0.0.1:1080', 'env', () => null])(
    'is refused without allowHost: %s',
    async (proxy) => {
      const { code, message } = await refusalOf(() =>
        createTransport({ allowAddress: publicAddressesOnly, proxy }),
      );
      expect([code, message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining('`allowHost`')]);
    },
  );

  it('is refused with a dispatcher of the caller', async () => {
    await using transport = await createTransport();
    const { dispatcher } = transport;
    for (const rule of ['allowAddress', 'allowHost']) {
      const { code, message } = await refusalOf(() => createTransport({ dispatcher, [rule]: () => true }));
      expect([code, message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(rule)]);
    }
  });

  it.each(['http', 'https', 'socks5'])('asks allowHost for what a %s proxy resolves', async (scheme) => {
    const proxy = await (scheme === 'socks5'
      ? startSocksProxy()
      : startHttpProxy({ tls: scheme === 'https' }));
    const site = await startServer((_request, response) => void response.end('through'));
    const asked: string[] = [];
    const { session, transport } = await sessionOf({
      proxy: `${scheme}://${proxy.host}`,
      ca,
      allowAddress: publicAddressesOnly,
      allowHost: (hostname, { port, protocol }) => {
        asked.push(`${protocol}//${hostname}:${port}`);
        return hostname === 'good.test' || isIP(hostname) !== 0;
      },
    });
    expect(await (await session.fetch(`http://good.test:${site.port}/`)).text()).toBe('through');
    const { length } = proxy.seen;
    for (const host of ['bad.test', 'GOOD.test.evil', '127.0.0.1', '[::1]']) {
      await expect(session.fetch(`http://${host}:${site.port}/`), host).rejects.toEqual(forbidden);
      await expect(session.fetch(`https://${host}/`), host).rejects.toEqual(forbidden);
      await expect(session.websocket(`ws://${host}:${site.port}/`), host).rejects.toEqual(forbidden);
      const { dispatcher } = transport;
      await expect(undiciRequest(`http://${host}:${site.port}/`, { dispatcher }), host).rejects.toEqual(
        forbidden,
      );
      const { http: agent } = nodeAgents(transport);
      const request = http.get(`http://${host}:${site.port}/`, { agent });
      expect((await once(request, 'error'))[0], host).toEqual(forbidden);
    }
    expect(proxy.seen).toHaveLength(length);
    expect(asked[0]).toBe(`http://good.test:${site.port}`);
  });

  it('is called for every forwarded request, also on a kept connection', async () => {
    const proxy = await startHttpProxy();
    const site = await startServer((request, response) => {
      if (request.url === '/') response.end('ok');
      else response.writeHead(302, { location: `http://bad.test:${site.port}/` }).end();
    });
    const { session } = await sessionOf({
      proxy: `http://${proxy.host}`,
      allowHost: (hostname) => hostname === 'good.test',
    });
    expect(await (await session.fetch(`http://good.test:${site.port}/`)).text()).toBe('ok');
    await expect(session.fetch(`http://good.test:${site.port}/away`)).rejects.toEqual(forbidden);
    expect(proxy.seen.map(({ target }) => new URL(target).hostname)).toEqual(['good.test', 'good.test']);
  });

  it('checks connections that bypass the proxy by their address', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
    vi.stubEnv('no_proxy', '127.0.0.1');
    const server = await startServer((_request, response) => void response.end());
    const { session } = await sessionOf({
      proxy: 'env',
      allowAddress: publicAddressesOnly,
      allowHost: () => true,
    });
    vi.unstubAllEnvs();
    await expect(session.fetch(server.url)).rejects.toEqual(forbidden);
    expect(server.connections).toBe(0);
  });

  it('gets a host without its last dot', () => {
    const rules = { allowAddress: null, allowHost: (hostname: string) => hostname !== 'inside.test' };
    expect(judgeProxied(rules, new URL('https://inside.test./'))?.code).toBe('ERR_ADDRESS_FORBIDDEN');
  });
});
