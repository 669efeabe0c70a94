import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { constants, deflateRawSync } from 'node:zlib';
import type { WebSocket } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { createSession, createTransport, type RequestEvent } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy, startSocksProxy } from '../../helpers/proxies.ts';
import { httpHead, turns, whenClosed } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';
import { frame, startWebSocketServer } from '../../helpers/websockets.ts';

const { cert: ca } = certificate();

async function nextMessage(socket: WebSocket): Promise<unknown> {
  const [{ data }] = await once(socket, 'message');
  return data;
}

async function nextClose(socket: WebSocket): Promise<{ code: number; reason: string; wasClean: boolean }> {
  const [{ code, reason, wasClean }] = await once(socket, 'close');
  return { code, reason, wasClean };
}

describe('session.websocket', () => {
  it('resolves with an open WebSocket that sends and receives', async () => {
    const server = await startWebSocketServer();
    await using session = await createSession();
    const socket = await session.websocket(`${server.url}/chat?room=1`);
    expect([socket.readyState, socket.url]).toEqual([1, `${server.url}/chat?room=1`]);
    socket.send('hello');
    expect(await nextMessage(socket)).toBe('hello');
    expect(server.peers[0]?.request.url).toBe('/chat?room=1');
  });

  it('sends the cookies of its URL and stores what the handshake sets', async () => {
    const server = await startWebSocketServer({
      headers: () => ['Set-Cookie: seen=yes', 'Set-Cookie: a=1, b=2'],
    });
    const site = server.url.replace('ws:', 'http:');
    await using session = await createSession();
    session.setCookie('sid', 's1', site);
    session.setCookie('elsewhere', 'x', `${site}/other/`);
    await session.websocket(`${server.url}/`);
    expect(server.peers[0]?.request.headers.cookie).toBe('sid=s1');
    expect({ ...session.getCookies(site) }).toEqual({ sid: 's1', seen: 'yes', a: '1, b=2' });
  });

  it("prefers the caller's cookie by name and does not store it", async () => {
    const server = await startWebSocketServer();
    const site = server.url.replace('ws:', 'http:');
    await using session = await createSession();
    session.setCookie('sid', 'jar', site);
    await session.websocket(server.url, { headers: { Cookie: 'sid=own; extra=1' } });
    expect(server.peers[0]?.request.headers.cookie).toBe('sid=own; extra=1');
    expect({ ...session.getCookies(site) }).toEqual({ sid: 'jar' });
  });

  it.each([
    ['ws:', { tls: false }],
    ['wss:', { tls: true }],
  ])('goes through a proxy by a tunnel, never in the clear: %s', async (_scheme, options) => {
    const [server, proxy] = [await startWebSocketServer(options), await startHttpProxy()];
    await using session = await createSession({ proxy: `http://ada:secret@${proxy.host}`, ca });
    const socket = await session.websocket(server.url);
    socket.send('through');
    expect(await nextMessage(socket)).toBe('through');
    expect(proxy.seen).toMatchObject([{ method: 'CONNECT', target: `127.0.0.1:${server.port}` }]);
    expect(server.peers[0]?.request.headers['proxy-authorization']).toBeUndefined();
  });

  it('goes through SOCKS5', async () => {
    const [server, proxy] = [await startWebSocketServer(), await startSocksProxy()];
    await using session = await createSession({ proxy: `socks5://${proxy.host}` });
    const socket = await session.websocket(server.url);
    socket.send('through');
    expect(await nextMessage(socket)).toBe('through');
    expect(proxy.seen).toMatchObject([{ port: server.port }]);
  });

  it("checks certificates by the session's settings", async () => {
    const server = await startWebSocketServer({ tls: true });
    await using strict = await createSession();
    await expect(strict.websocket(server.url)).rejects.toMatchObject({ code: 'ERR_TLS' });
    await using transport = await createTransport({ insecure: true });
    await using careless = await createSession({ transport });
    expect((await careless.websocket(server.url)).readyState).toBe(1);
  });

  it('speaks HTTP/1.1 where both sides offer HTTP/2', async () => {
    const server = await startWebSocketServer({ http2: true });
    await using session = await createSession({ ca, http2: true });
    const socket = await session.websocket(server.url);
    socket.send('hello');
    expect(await nextMessage(socket)).toBe('hello');
  });

  it('negotiates a protocol and returns binary messages as binaryType says', async () => {
    const server = await startWebSocketServer({ headers: () => ['Sec-WebSocket-Protocol: chat.v2'] });
    await using session = await createSession();
    const socket = await session.websocket(server.url, {
      protocols: ['chat.v2', 'chat.v1'],
      binaryType: 'arraybuffer',
    });
    expect(socket.protocol).toBe('chat.v2');
    socket.send(new Uint8Array([1, 2, 3]));
    expect(await nextMessage(socket)).toEqual(new Uint8Array([1, 2, 3]).buffer);
  });

  it('keeps a message that came with the handshake until a listener is added', async () => {
    const server = await startWebSocketServer({ early: frame('first') });
    await using session = await createSession();
    const socket = await session.websocket(server.url);
    for (let tick = 0; tick < 3; tick++) await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(await nextMessage(socket)).toBe('first');
  });

  it('ends the connection at a message larger than maxMessageSize', async () => {
    const server = await startWebSocketServer();
    await using session = await createSession();
    const socket = await session.websocket(server.url, { maxMessageSize: 100 });
    socket.send('x'.repeat(100));
    expect(await nextMessage(socket)).toHaveLength(100);
    socket.send('x'.repeat(101));
    expect(await nextClose(socket)).toMatchObject({ wasClean: false });
  });

  it('decompresses messages after the shorter offer of Firefox', async () => {
    const server = await startWebSocketServer({
      headers: () => ['Sec-WebSocket-Extensions: permessage-deflate'],
      onFrame: ({ payload }, { socket }) => {
        const packed = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
        socket.write(frame(packed, 0x41));
      },
    });
    await using session = await createSession({ browser: 'firefox', os: 'linux' });
    const socket = await session.websocket(server.url);
    socket.send('hello hello hello');
    expect(await nextMessage(socket)).toBe('hello hello hello');
  });

  it('closes with the given code and reason', async () => {
    const server = await startWebSocketServer();
    await using session = await createSession();
    const socket = await session.websocket(server.url);
    socket.close(4001, 'done');
    expect(await nextClose(socket)).toEqual({ code: 4001, reason: 'done', wasClean: true });
    expect(server.peers[0]?.frames.at(-1)?.payload).toEqual(Buffer.from('\u000F\u00A1done', 'latin1'));
  });
});

describe('the handshake of session.websocket', () => {
  it('looks like that of Chrome', async () => {
    const server = await startRawServer((socket) =>
      socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'),
    );
    await using session = await createSession({ browser: 'chrome', os: 'linux' });
    session.setCookie('sid', '1', server.url);
    const options = {
      protocols: ['b', 'a'],
      headers: { 'X-Own': 'yes' },
      referrer: `${server.url}/cart`,
    };
    await session.websocket(`ws://127.0.0.1:${server.port}/x`, options).catch(() => {});
    const [requestLine, ...lines] = (server.received[0] ?? '').trimEnd().split('\r\n');
    expect(requestLine).toBe('GET /x HTTP/1.1');
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      ...['Host', 'Connection', 'Pragma', 'Cache-Control', 'User-Agent', 'Upgrade', 'Origin'],
      ...['Sec-WebSocket-Version', 'X-Own', 'Accept-Encoding', 'Accept-Language', 'Cookie'],
      ...['Sec-WebSocket-Key', 'Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol'],
    ]);
    expect(lines).toContain('Connection: Upgrade');
    expect(lines).toContain(`Origin: ${server.url}`);
    expect(lines).toContain('Sec-WebSocket-Protocol: b, a');
  });

  it('looks like that of Firefox', async () => {
    const server = await startRawServer((socket) =>
      socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'),
    );
    await using session = await createSession({ browser: 'firefox', os: 'linux' });
    await session.websocket(`ws://127.0.0.1:${server.port}/`).catch(() => {});
    const names = (server.received[0] ?? '').trimEnd().split('\r\n').slice(1);
    expect(names.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      ...['Host', 'User-Agent', 'Accept', 'Accept-Language', 'Accept-Encoding', 'Sec-WebSocket-Version'],
      ...['Origin', 'Sec-WebSocket-Extensions', 'Sec-WebSocket-Key', 'Connection'],
      ...['Sec-Fetch-Dest', 'Sec-Fetch-Mode', 'Sec-Fetch-Site', 'Pragma', 'Cache-Control', 'Upgrade'],
    ]);
  });

  it('looks like that of OkHttp', async () => {
    const server = await startRawServer((socket) =>
      socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'),
    );
    await using session = await createSession({ browser: 'okhttp', os: 'android' });
    await session
      .websocket(`ws://127.0.0.1:${server.port}/`, { headers: { 'X-Own': 'yes' } })
      .catch(() => {});
    const names = (server.received[0] ?? '').trimEnd().split('\r\n').slice(1);
    expect(names.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      ...['X-Own', 'Upgrade', 'Connection'],
      ...['Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Sec-WebSocket-Extensions'],
      ...['Host', 'Accept-Encoding', 'User-Agent'],
    ]);
  });

  it.each([
    ['chrome', 'permessage-deflate; client_max_window_bits'],
    ['firefox', 'permessage-deflate'],
    ['safari', 'permessage-deflate'],
    ['okhttp', 'permessage-deflate'],
    ['okhttp_3.14', undefined],
    [null, 'permessage-deflate; client_max_window_bits'],
  ] as const)('offers the extensions of %s', async (browser, offer) => {
    const server = await startWebSocketServer();
    await using session = await createSession({ browser });
    await session.websocket(server.url);
    expect(server.peers[0]?.request.headers['sec-websocket-extensions']).toBe(offer);
  });

  it("has only the protocol's and the caller's headers without a preset", async () => {
    const server = await startRawServer((socket) =>
      socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'),
    );
    await using session = await createSession({ browser: null, defaultHeaders: { 'X-Own': 'yes' } });
    await session.websocket(`ws://127.0.0.1:${server.port}/`).catch(() => {});
    expect(server.received[0]).toMatch(
      /^GET \/ HTTP\/1\.1\r\nHost: .*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: .*\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: .*\r\nX-Own: yes\r\n\r\n$/,
    );
  });

  it('resolves a path against baseUrl', async () => {
    const server = await startWebSocketServer();
    await using session = await createSession({ baseUrl: server.url.replace('ws:', 'http:') });
    await session.websocket('/live');
    expect(server.peers[0]?.request.url).toBe('/live');
  });
});

describe('the handshake of session.websocket, as a request', () => {
  it("V1: sends and stores cookies by SameSite, for the page's site", async () => {
    const lines = ['Set-Cookie: new=1; SameSite=Strict', 'Set-Cookie: plain=1'];
    const server = await startWebSocketServer({ headers: () => lines });
    const site = server.url.replace('ws:', 'http:');
    await using session = await createSession();
    for (const sameSite of ['strict', 'lax', undefined] as const) {
      session.setCookie(String(sameSite), '1', site, sameSite === undefined ? {} : { sameSite });
    }
    const before = { ...session.getCookies(site) };
    await session.websocket(server.url, { referrer: 'https://other.test/page' });
    expect(server.peers[0]?.request.headers.cookie).toBeUndefined();
    expect({ ...session.getCookies(site) }).toEqual(before);
    await session.websocket(server.url, { referrer: `${site}/page` });
    expect(server.peers[1]?.request.headers.cookie).toBe('strict=1; lax=1; undefined=1');
    expect(session.getCookies(site)).toMatchObject({ new: '1', plain: '1' });
  });

  it.each([
    ['connect', 'proxy'],
    ['headers', 'headers'],
  ])('has the limit of timeout.%s', async (limit, phase) => {
    const peer = await startRawServer(() => {});
    await using session = await createSession(limit === 'connect' ? { proxy: peer.url } : {});
    const url = limit === 'connect' ? 'ws://shop.test/' : `ws://127.0.0.1:${peer.port}/`;
    await expect(session.websocket(url, { timeout: { [limit]: 30 } })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      timeout: 30,
      phase,
    });
    await whenClosed(peer.sockets[0]);
  });

  it("has the session's limits", async () => {
    const peer = await startRawServer(() => {});
    await using session = await createSession({ timeout: { headers: 30 } });
    const failed = session.websocket(`ws://127.0.0.1:${peer.port}/`);
    await expect(failed).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'headers', timeout: 30 });
  });

  it('reports its events', async () => {
    const server = await startWebSocketServer();
    await using session = await createSession();
    const types: string[] = [];
    const done = Promise.withResolvers<void>();
    const onRequestEvent = ({ type }: RequestEvent): void => {
      types.push(type);
      if (type === 'done') done.resolve();
    };
    const socket = await session.websocket(server.url, { onRequestEvent });
    expect([types[0], types.at(-1)]).toEqual(['request_start', 'response_headers']);
    socket.close();
    await done.promise;
    const refusing = await startRawServer((socket) => socket.end(httpHead(['Content-Length: 0'], '403 No')));
    types.length = 0;
    const url = `ws://127.0.0.1:${refusing.port}/`;
    await session.websocket(url, { onRequestEvent: ({ type }) => void types.push(type) }).catch(() => {});
    expect([types[0], types.at(-1)]).toEqual(['request_start', 'error']);
  });

  it('is sent again where `retry` says so, each time with a new key', async () => {
    const keys: unknown[] = [];
    const server = await startWebSocketServer({
      onUpgrade: ({ headers }, socket) => {
        keys.push(headers['sec-websocket-key']);
        socket.end(httpHead(['Content-Length: 0', 'Connection: close'], '503 Later'));
      },
    });
    await using session = await createSession({ retry: { limit: 2, backoff: () => 1 } });
    await expect(session.websocket(server.url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL', status: 503 });
    expect([keys.length, new Set(keys).size]).toEqual([3, 3]);
  });

  it('releases the connection of a refused handshake', async () => {
    const server = await startServer((_, response) => void response.writeHead(403).end('no'));
    await using session = await createSession();
    for (let call = 0; call < 3; call++) {
      await expect(session.websocket(server.url)).rejects.toMatchObject({ status: 403 });
      await (await session.fetch(server.url)).text();
    }
    expect(server.connections).toBe(1);
  });
});

describe('F11: connections of WebSockets', () => {
  const accept = (request: { headers: Record<string, unknown> }, changed: Record<string, string>): string => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const fields = {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Accept': createHash('sha1').update(key).digest('base64'),
      ...changed,
    };
    return String(
      httpHead(
        Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
        '101 Ok',
      ),
    );
  };

  it.each<[what: string, changed: Record<string, string>]>([
    ['another key', { 'Sec-WebSocket-Accept': 'x' }],
    ['another protocol to upgrade to', { Upgrade: 'h2c' }],
    ['an extension that was not offered', { 'Sec-WebSocket-Extensions': 'x-own' }],
    ['a subprotocol that was not offered', { 'Sec-WebSocket-Protocol': 'x-own' }],
  ])('end when the server agrees to %s', async (_what, changed) => {
    let ended: Promise<unknown> | undefined;
    const server = await startWebSocketServer({
      onUpgrade: (request, socket) => {
        ended = once(socket.resume(), 'end');
        socket.write(accept(request, changed));
      },
    });
    await using session = await createSession();
    await expect(session.websocket(server.url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    await ended;
  });

  it.each<[what: string, limit: number, begin: (socket: WebSocket, peer: Duplex) => void]>([
    ['2 s after a close frame of a server that stays', 2000, (_, peer) => void peer.write(frame('', 8))],
    ['30 s after our own, which the server ignores', 30_000, (socket) => socket.close()],
  ])('end %s', async (_what, limit, begin) => {
    const server = await startWebSocketServer({ onFrame: () => {} });
    await using session = await createSession();
    const socket = await session.websocket(server.url);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const closed = nextClose(socket);
      begin(socket, server.peers[0]?.socket as Duplex);
      while (socket.readyState !== 2) await turns(1);
      vi.advanceTimersByTime(limit - 1);
      await turns(5);
      expect(socket.readyState).toBe(2);
      vi.advanceTimersByTime(1);
      await closed;
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a handshake that fails', () => {
  it.each([
    ['refused', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', { code: 'ERR_PROTOCOL', status: 403 }],
    ['redirected', 'HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n', { code: 'ERR_PROTOCOL', status: 302 }],
    ['dropped', '', { code: 'ERR_CONNECTION_LOST' }],
    [
      'accepted by another key',
      'HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
      { code: 'ERR_PROTOCOL' },
    ],
  ])('rejects when it is %s', async (_how, answer, expected) => {
    const server = await startWebSocketServer({ onUpgrade: (_, socket) => void socket.end(answer) });
    await using session = await createSession();
    await expect(session.websocket(server.url)).rejects.toMatchObject(expected);
  });

  it('rejects when no server listens, and when a proxy refuses the credentials', async () => {
    const proxy = await startHttpProxy({ onConnect: (socket) => socket.write('HTTP/1.1 407 No\r\n\r\n') });
    const gone = await startServer(() => {});
    await gone.close();
    await using direct = await createSession();
    await expect(direct.websocket(gone.url)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
    await using proxied = await createSession({ proxy: `http://${proxy.host}` });
    await expect(proxied.websocket('ws://shop.test/')).rejects.toMatchObject({ code: 'ERR_PROXY_AUTH' });
  });

  it('times out when the server never answers, and closes the connection', async () => {
    const server = await startRawServer(() => {});
    await using session = await createSession();
    const failed = session.websocket(server.url, { timeout: 30 });
    await expect(failed).rejects.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 30 });
    await whenClosed(server.sockets[0]);
  });

  it('sends nothing when it is aborted already', async () => {
    const server = await startRawServer(() => {});
    await using session = await createSession();
    const signal = AbortSignal.abort('enough');
    await expect(session.websocket(server.url, { signal })).rejects.toBe('enough');
    await turns(20);
    expect(server.sockets).toHaveLength(0);
  });

  it('rejects with the reason of an abort, also while a proxy does not answer', async () => {
    const proxy = await startRawServer(() => {});
    await using session = await createSession({ proxy: proxy.url });
    const controller = new AbortController();
    const outcome = expect(session.websocket('ws://shop.test/', { signal: controller.signal })).rejects.toBe(
      'enough',
    );
    while (proxy.sockets.length === 0) await turns(1);
    controller.abort('enough');
    await outcome;
    await whenClosed(proxy.sockets[0]);
  });

  it.each<[url: string, options: object, code: string, message: RegExp]>([
    ['ftp://host/', {}, 'ERR_INVALID_URL', /expected a ws: or wss: url/],
    ['ws://host/#top', {}, 'ERR_INVALID_URL', /must not include a hash fragment/],
    ['ws://host/', { protocols: ['a', 'A'] }, 'ERR_INVALID_OPTION', /twice/],
    ['ws://host/', { protocols: 'a b' }, 'ERR_INVALID_OPTION', /protocols must be a token/],
    ['ws://host/', { maxMessageSize: 0 }, 'ERR_INVALID_OPTION', /maxMessageSize must be greater than 0/],
    ['ws://host/', { binaryType: 'nodebuffer' }, 'ERR_INVALID_OPTION', /binaryType/],
    ['ws://host/', { proxy: null }, 'ERR_INVALID_OPTION', /`proxy` is not supported in session\.websocket/],
    ['ws://host/', { unknown: 1 }, 'ERR_INVALID_OPTION', /unknown option/],
    ['ws://host/', { emulation: {} }, 'ERR_INVALID_OPTION', /write browser and os/],
    ['ws://host/', { maxFrameSize: 1 }, 'ERR_INVALID_OPTION', /write maxMessageSize/],
    ['ws://host/', { onMessage() {} }, 'ERR_INVALID_OPTION', /write addEventListener\('message'/],
    ['ws://host/', { onclose() {} }, 'ERR_INVALID_OPTION', /write addEventListener\('close'/],
    [
      { url: 'ws://host/' } as never,
      {},
      'ERR_INVALID_URL',
      /got an object: write websocket\(url, options\)$/,
    ],
    ['ws://host/', { header: {} }, 'ERR_INVALID_OPTION', /did you mean headers\?/],
    [
      'ws://host/',
      { headers: { 'Sec-WebSocket-Protocol': 'a' } },
      'ERR_INVALID_HEADER',
      /Sec-WebSocket-Protocol/,
    ],
  ])('refuses %s with %o before any I/O', async (url, options, code, message) => {
    await using session = await createSession();
    await expect(session.websocket(url, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe('session.close', () => {
  it('closes its sockets with a close frame', async () => {
    const server = await startWebSocketServer();
    const session = await createSession();
    const socket = await session.websocket(server.url);
    const closed = nextClose(socket);
    await session.close();
    expect(await closed).toMatchObject({ code: 1000, wasClean: true });
    await expect(session.websocket(server.url)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  });

  it('cuts the connection of a server that does not answer the close frame', async () => {
    const server = await startWebSocketServer({ onFrame: () => {} });
    const session = await createSession();
    const socket = await session.websocket(server.url);
    await session.close();
    expect(socket.readyState).toBe(3);
  });
});
