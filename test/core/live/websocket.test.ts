import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import type { WebSocket } from 'undici';
import { describe, expect, it } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy, startSocksProxy } from '../../helpers/proxies.ts';
import { turns, whenClosed } from '../../helpers/raw.ts';
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
  it('resolves with an open WebSocket that talks both ways', async () => {
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

  it("lets the caller's cookie win by name and stores none of it", async () => {
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

  it('agrees on a protocol and takes binary messages as asked', async () => {
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

  it('keeps a message that came with the handshake for whoever awaits the socket', async () => {
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

  it('unpacks what a server packs after the shorter offer of Firefox', async () => {
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

  it('closes with the code and reason that are said', async () => {
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

  it("has nothing but the protocol's and the caller's headers without a preset", async () => {
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

  it('rejects when nobody listens, and when a proxy wants other credentials', async () => {
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

  it('rejects with the reason of an abort, also in the midst of a proxy that thinks', async () => {
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
  it('closes its sockets in order', async () => {
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
