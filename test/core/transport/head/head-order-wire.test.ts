import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport, type RequestInit } from '../../../../src/index.ts';
import { certificate } from '../../../helpers/certificates.ts';
import { startHttpProxy, startSocksProxy } from '../../../helpers/proxies.ts';
import { httpHead, httpResponse } from '../../../helpers/raw.ts';
import { startRawServer } from '../../../helpers/servers.ts';
import { readHeads, type WireHead } from '../../../helpers/wire.ts';

const ok = httpResponse('ok');

/** Firefox has Connection in the midst of the head, and a length before it: all three fields have to move. */
const options = { browser: 'firefox_153', os: 'linux' } as const;
const page = { destination: '' } as const;

/** The fields that move, and some between which they go. */
function placesIn(head: WireHead | undefined): string[] {
  const moved = /^(host|connection|content-length|transfer-encoding|origin|user-agent)$/i;
  return namesOf(head).filter((name) => moved.test(name));
}

function namesOf(head: WireHead | undefined): string[] {
  return head?.headers.map(([name]) => name) ?? [];
}

async function* chunks(...texts: string[]): AsyncGenerator<string> {
  for (const text of texts) yield text;
}

const looksLikeHead = 'GET /evil HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\nX: 1\r\n';
const withLength = ['Host', 'User-Agent', 'Content-Length', 'Origin', 'Connection'];
const withChunks = ['Host', 'User-Agent', 'Transfer-Encoding', 'Origin', 'Connection'];
const withoutBody = ['Host', 'User-Agent', 'Origin', 'Connection', 'Content-Length'];

const bodies: [string, () => RequestInit, readonly string[], string][] = [
  ['bytes', () => ({ method: 'POST', body: 'hello' }), withLength, 'hello'],
  ['bytes that look like a head', () => ({ method: 'PUT', body: looksLikeHead }), withLength, looksLikeHead],
  ['parts', () => ({ method: 'POST', body: new Blob(['hel', 'lo']) }), withLength, 'hello'],
  [
    'a stream',
    () => ({ method: 'POST', body: chunks('hel', 'lo'), duplex: 'half' }),
    withChunks,
    '3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
  ],
  [
    'a stream of what looks like a head',
    () => ({ method: 'POST', body: chunks(looksLikeHead), duplex: 'half' }),
    withChunks,
    `${looksLikeHead.length.toString(16)}\r\n${looksLikeHead}\r\n0\r\n\r\n`,
  ],
  ['an empty stream', () => ({ method: 'POST', body: chunks(), duplex: 'half' }), withLength, ''],
  ['no body on POST', () => ({ method: 'POST', destination: '' }), withoutBody, ''],
  ['DELETE', () => ({ method: 'DELETE' }), ['Host', 'User-Agent', 'Origin', 'Connection'], ''],
];

describe('the head on the wire', () => {
  it.each(bodies)('is the browser’s for %s', async (_, init, places, body) => {
    const server = await startNoting();
    await using session = await createSession(options);
    await (await session.fetch(server.url, init())).text();
    await (await session.fetch(server.url, page)).text();
    expect(placesIn(server.heads[0])).toEqual(places);
    expect(server.heads[0]?.body).toBe(body);
    expect(placesIn(server.heads[1])).toEqual(['Host', 'User-Agent', 'Connection']);
    expect(server.connections).toBe(1);
  });

  it('is the browser’s for every request of a connection, HEAD included, and of parallel ones', async () => {
    const server = await startNoting();
    await using session = await createSession(options);
    await (await session.fetch(server.url, { method: 'HEAD' })).text();
    const all = Array.from({ length: 20 }, (_, index) =>
      session.fetch(`${server.url}/${index}`, index % 3 === 0 ? { method: 'POST', json: index } : page),
    );
    for (const response of await Promise.all(all)) await response.text();
    expect(server.heads).toHaveLength(21);
    for (const head of server.heads) {
      const wanted = head.line.startsWith('POST') ? withLength : ['Host', 'User-Agent', 'Connection'];
      expect(placesIn(head)).toEqual(wanted);
    }
  });

  it('is that of undici without a preset, on a shared connection', async () => {
    const server = await startNoting();
    await using transport = await createTransport();
    await using plain = await createSession({ browser: null, transport });
    await using browser = await createSession({ ...options, transport });
    for (const session of [browser, plain, browser]) await (await session.fetch(server.url)).text();
    await (await browser.fetch(server.url, { disableDefaultHeaders: true })).text();
    expect(server.connections).toBe(1);
    expect(server.heads.map((head) => placesIn(head)[0])).toEqual(['Host', 'host', 'Host', 'host']);
    expect(namesOf(server.heads[1])).toEqual(['host', 'connection']);
  });

  it('is written again for a new connection when a body fails before its first byte', async () => {
    const server = await startNoting();
    await using session = await createSession(options);
    const failing = new ReadableStream({
      pull() {
        throw new Error('no more');
      },
    });
    const call = session.fetch(server.url, { method: 'POST', body: failing, duplex: 'half' });
    await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
    await (await session.fetch(server.url, { method: 'POST', body: 'x' })).text();
    expect(server.heads.map(placesIn)).toEqual([withLength]);
  });

  it('of a caller’s dispatcher is not changed', async () => {
    const server = await startNoting();
    const dispatcher = new Agent();
    onTestFinished(() => dispatcher.close());
    await using transport = await createTransport({ dispatcher });
    await using session = await createSession({ ...options, transport });
    await (await session.fetch(server.url)).text();
    expect(namesOf(server.heads[0]).slice(0, 2)).toEqual(['host', 'connection']);
  });

  it('of an upgrade by another user of the dispatcher is not changed, nor are the bytes after it', async () => {
    const server = await startRawServer((socket, head) => {
      if (!head.includes('upgrade: echo')) return socket.write(ok);
      socket.write(httpHead(['Connection: Upgrade', 'Upgrade: echo'], '101 Switching Protocols'));
      return socket.pipe(socket);
    });
    await using transport = await createTransport();
    await using session = await createSession({ ...options, transport });
    await (await session.fetch(server.url)).text();
    const socket = await new Promise<Socket>((resolve, reject) => {
      const dispatch = { origin: server.url, path: '/', method: 'GET', upgrade: 'echo' } as const;
      transport.dispatcher.dispatch(dispatch, {
        onRequestUpgrade: (_controller, _status, _headers, upgraded) => resolve(upgraded as Socket),
        onResponseError: (_controller, error) => reject(error),
      });
    });
    socket.write(looksLikeHead, 'latin1');
    const [echo] = await once(socket, 'data');
    socket.destroy();
    expect(String(echo)).toBe(looksLikeHead);
    expect(server.received.join('')).toContain('host: 127.0.0.1');
  });
});

describe('the head behind a proxy', () => {
  it('is the browser’s for an http target, which a proxy gets by its whole URL', async () => {
    const server = await startNoting();
    await using session = await createSession({
      ...options,
      proxy: `http://user:pass@127.0.0.1:${server.port}`,
    });
    await (await session.fetch('http://a.test/path', { method: 'POST', body: 'x' })).text();
    const [head] = server.heads;
    expect(head?.line).toBe('POST http://a.test/path');
    expect(head?.headers[0]).toEqual(['Host', 'a.test']);
    expect(placesIn(head)).toEqual(withLength);
    expect(namesOf(head)).toContain('Proxy-Authorization');
  });

  it('is the browser’s through SOCKS5 and through a tunnel, whose own head is not changed', async () => {
    const server = await startNoting();
    const secure = await startTlsNoting(['http/1.1']);
    const socks = await startSocksProxy();
    const http = await startHttpProxy();
    await using bySocks = await createSession({ ...options, proxy: `socks5://${socks.host}` });
    await using byTunnel = await createSession({ ...options, proxy: `http://${http.host}`, insecure: true });
    await (await bySocks.fetch(server.url, { method: 'POST', body: 'x' })).text();
    await (await byTunnel.fetch(secure.url, { method: 'POST', body: 'x' })).text();
    expect(placesIn(server.heads[0])).toEqual(withLength);
    expect(placesIn(secure.heads[0])).toEqual(withLength);
    expect(http.seen.map(({ method }) => method)).toEqual(['CONNECT']);
  });
});

describe('the head where HTTP/2 was offered', () => {
  it('is that of HTTP/1.1 when the server has nothing else, from the first request on', async () => {
    const server = await startTlsNoting(['http/1.1']);
    await using two = await createSession({
      browser: 'chrome_156',
      os: 'linux',
      http2: true,
      insecure: true,
    });
    await using one = await createSession({ browser: 'chrome_156', os: 'linux', insecure: true });
    for (const session of [two, two, one]) {
      for (const name of ['a', 'b']) session.setCookie(name, '1', server.url);
      await (
        await session.fetch(`${server.url}/x`, { method: 'POST', json: 1, headers: { 'X-Own': 'y' } })
      ).text();
    }
    const [first, second, plain] = server.heads;
    expect(first?.headers).toEqual(plain?.headers);
    expect(second?.headers).toEqual(plain?.headers);
    expect(plain?.headers.filter(([name]) => /cookie/i.test(name))).toEqual([['Cookie', 'a=1; b=1']]);
  });

  it("has the caller's own Host and Connection once", async () => {
    const server = await startTlsNoting(['http/1.1']);
    await using session = await createSession({ http2: true, insecure: true });
    const headers = { Host: 'other.test', Connection: 'close', 'X-Own': 'y' };
    await (await session.fetch(server.url, { method: 'POST', body: 'x', headers })).text();
    const names = server.heads[0]?.headers.map(([name]) => name) ?? [];
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(server.heads[0]?.headers).toEqual(
      expect.arrayContaining([
        ['Host', 'other.test'],
        ['Connection', 'close'],
        ['X-Own', 'y'],
      ]),
    );
  });

  it('keeps the fields that tracing adds through undici', async () => {
    const server = await startTlsNoting(['http/1.1']);
    const trace = (message: unknown): void => {
      (message as { request: { addHeader(name: string, value: string): void } }).request.addHeader(
        'traceparent',
        '00',
      );
    };
    subscribe('undici:request:create', trace);
    onTestFinished(() => void unsubscribe('undici:request:create', trace));
    await using session = await createSession({ http2: true, insecure: true });
    await (await session.fetch(server.url)).text();
    expect(server.heads[0]?.headers).toContainEqual(['traceparent', '00']);
  });

  it('is that of HTTP/1.1 for cleartext', async () => {
    const server = await startNoting();
    await using session = await createSession({ ...options, http2: true });
    session.setCookie('a', '1', server.url);
    session.setCookie('b', '2', server.url);
    await (await session.fetch(server.url, page)).text();
    expect(placesIn(server.heads[0])).toEqual(['Host', 'User-Agent', 'Connection']);
    expect(server.heads[0]?.headers).toContainEqual(['Cookie', 'a=1; b=2']);
  });
});

function startTlsNoting(protocols: string[]) {
  return listen('https', (speak) => tls.createServer({ ...certificate(), ALPNProtocols: protocols }, speak));
}

function startNoting() {
  return listen('http', (speak) => net.createServer(speak));
}

async function listen(scheme: string, create: (speak: (socket: Socket) => void) => net.Server) {
  const heads: WireHead[] = [];
  const sockets: Socket[] = [];
  const server = create((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    readHeads(socket, (head) => {
      heads.push(head);
      socket.write(head.line.startsWith('HEAD') ? httpHead(['Content-Length: 2']) : ok);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    heads,
    get connections() {
      return sockets.length;
    },
  };
}
