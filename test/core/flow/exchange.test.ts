import { once } from 'node:events';
import tls from 'node:tls';
import { Agent } from 'undici';
import { describe, expect, it } from 'vitest';
import { createSession, createTransport, type Session } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { httpHead, httpResponse, turns, whenClosed } from '../../helpers/raw.ts';
import { asHost } from '../../helpers/redirects.ts';
import { headerOf, startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

it.each([204, 205, 304])('treats %i as a response without a body', async (status) => {
  const length = status === 205 ? ['Content-Length: 0'] : [];
  const server = await startRawServer((socket) => socket.write(httpHead(length, `${status} Nothing`)));
  await using session = await createSession();
  for (let call = 0; call < 3; call++) {
    const response = await session.fetch(server.url);
    expect([response.status, response.body, await response.text()]).toEqual([status, null, '']);
  }
  expect(server.sockets).toHaveLength(1);
});

it.each([204, 304])('F15 ends a %i at its headers, whatever its Content-Length', async (status) => {
  const server = await startRawServer((socket) =>
    socket.write(httpResponse('EVIL', ['ETag: "1"'], `${status} Nothing`)),
  );
  await using session = await createSession();
  for (let call = 0; call < 2; call++) {
    const response = await session.fetch(server.url);
    expect([response.status, await response.text()]).toEqual([status, '']);
  }
});

it('treats a response to HEAD as one without a body, whatever its length', async () => {
  const server = await startRawServer((socket) => socket.write(httpHead(['Content-Length: 1000'])));
  await using session = await createSession();
  for (let call = 0; call < 3; call++) {
    const response = await session.fetch(server.url, { method: 'HEAD' });
    expect([response.body, response.contentLength]).toEqual([null, 1000]);
  }
  expect(server.sockets).toHaveLength(1);
});

it('waits for the answer after informational responses', async () => {
  const server = await startRawServer((socket) => {
    socket.write(httpHead(['Link: </style.css>'], '103 Early Hints'));
    socket.write(Buffer.concat([httpHead([], '102 Processing'), httpResponse('final')]));
  });
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect([response.status, response.headers.has('link'), await response.text()]).toEqual([
    200,
    false,
    'final',
  ]);
});

it('F13 waits for the answer after ten thousand of them', async () => {
  const server = await startRawServer((socket) => {
    socket.write(Buffer.concat(Array<Buffer>(10_000).fill(httpHead([], '103 Early Hints'))));
    socket.write(httpResponse('final'));
  });
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('final');
});

it('F15 fails where a server upgrades a connection without a request', async () => {
  const server = await startRawServer((socket) =>
    socket.write(httpHead(['Upgrade: websocket', 'Connection: upgrade'], '101 Switching Protocols')),
  );
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({
    code: 'ERR_CONNECTION_LOST',
    phase: 'headers',
  });
  await whenClosed(server.sockets[0]);
});

it.each(['FIN', 'RST'])('N01 tells that the connection was lost before the headers came: %s', async (end) => {
  const server = await startRawServer((socket) => {
    if (end === 'FIN') socket.end();
    else socket.resetAndDestroy();
  });
  await using session = await createSession();
  await expect(session.fetch(`${server.url}/page?token=canary`)).rejects.toMatchObject({
    code: 'ERR_CONNECTION_LOST',
    phase: 'headers',
    request: { method: 'GET', url: `${server.url}/page?token=…` },
    cause: expect.any(Error),
  });
});

it('N03 sends a POST once, although its connection is lost', async () => {
  const server = await startRawServer((socket) => socket.destroy());
  await using session = await createSession();
  const failed = session.fetch(server.url, { method: 'POST', body: 'order' });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  await turns(20);
  expect(server.sockets).toHaveLength(1);
});

it('fails when the connection ends within the headers', async () => {
  const server = await startRawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'));
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
});

const chunked = 'Transfer-Encoding: chunked';
const garbage: [string, string | Buffer][] = [
  ['something that is no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
  ['HTTP/0.9', '<html></html>\r\n\r\n'],
  ['a header without a name', httpHead([': x'])],
  ['a space before the colon', httpHead(['Name : x'])],
  ['blanks before the first header', httpHead([' X-One: a'])],
  ['lines that end in LF alone', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a bare CR in a header', httpHead(['X-One: a\rb'])],
  ['a NUL in a header', httpHead(['X-One: a\0b'])],
  ['two lengths', httpHead(['Content-Length: 1', 'Content-Length: 2'])],
  ['a list of lengths', httpHead(['Content-Length: 2, 2'])],
  ['a length with a sign', httpHead(['Content-Length: +2'])],
];

it.each(garbage)('F11 refuses %s', async (_label, bytes) => {
  const server = await startRawServer((socket) => socket.write(bytes));
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  await whenClosed(server.sockets[0]);
});

it('F12 refuses a response with a length and chunks', async () => {
  const server = await startRawServer((socket) =>
    socket.write(
      Buffer.concat([httpHead(['Content-Length: 5', chunked]), Buffer.from('5\r\nhello\r\n0\r\n\r\n')]),
    ),
  );
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  await whenClosed(server.sockets[0]);
});

it('F11 fails to read a chunk whose size is not a number', async () => {
  const server = await startRawServer((socket) =>
    socket.write(Buffer.concat([httpHead([chunked]), Buffer.from('2\r\nok\r\nZZ\r\n')])),
  );
  await using session = await createSession();
  const read = async (): Promise<string> => (await session.fetch(server.url)).text();
  await expect(read()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
});

it('F05 accepts headers of 60 KB', async () => {
  const lines = Array.from({ length: 60 }, (_, index) => `X-${index}: ${'v'.repeat(1000)}`);
  const server = await startRawServer((socket) => socket.write(httpResponse('ok', lines)));
  await using session = await createSession();
  expect((await session.fetch(server.url)).headers.get('x-59')).toHaveLength(1000);
});

it.each([
  ['one long header', [`X-Long: ${'v'.repeat(70_000)}`]],
  ['many headers', Array.from({ length: 5000 }, (_, index) => `X-${index}: value of a header`)],
])('F05 refuses headers past 64 KB: %s', async (_label, lines) => {
  const server = await startRawServer((socket) => socket.write(httpResponse('', lines)));
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({
    code: 'ERR_HEADERS_TOO_LARGE',
    message: expect.stringContaining('65536'),
  });
  await whenClosed(server.sockets[0]);
});

it('F05 refuses headers that never end', async () => {
  const server = await startRawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const write = (): void => {
      while (!socket.destroyed && socket.write('X-More: and more\r\n'));
    };
    socket.on('drain', write);
    write();
  });
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_HEADERS_TOO_LARGE' });
});

it('N06 does not use an unsolicited response as the next answer', async () => {
  const server = await startRawServer((socket, head) => {
    const path = head.split(' ')[1] ?? '';
    socket.write(Buffer.concat([httpResponse(path), path === '/1' ? httpResponse('EVIL') : Buffer.alloc(0)]));
  });
  await using session = await createSession();
  expect(await (await session.fetch(`${server.url}/1`)).text()).toBe('/1');
  expect(await (await session.fetch(`${server.url}/2`)).text()).toBe('/2');
});

it('N06 does not use a response that comes while the connection is idle as the next answer', async () => {
  const server = await startRawServer((socket, head) => socket.write(httpResponse(head.split(' ')[1] ?? '')));
  await using session = await createSession();
  expect(await (await session.fetch(`${server.url}/1`)).text()).toBe('/1');
  server.sockets[0]?.write(httpResponse('EVIL'));
  await whenClosed(server.sockets[0]);
  expect(await (await session.fetch(`${server.url}/2`)).text()).toBe('/2');
});

it('N07 never uses a connection again after a body that was cut off', async () => {
  const server = await startRawServer((socket, head) => {
    if (head.startsWith('GET /1'))
      socket.write(Buffer.concat([httpHead(['Content-Length: 100000000']), Buffer.alloc(200_000)]));
    else socket.write(httpResponse('second'));
  });
  await using session = await createSession();
  await (await session.fetch(`${server.url}/1`)).body?.cancel();
  expect(await (await session.fetch(`${server.url}/2`)).text()).toBe('second');
  expect(server.sockets).toHaveLength(2);
});

it('N12 uses nothing of one request in the next', async () => {
  const server = await startServer((_request, response) => {
    response.end();
  });
  await using session = await createSession();
  const body = new Blob(['streamed']).stream();
  await session.fetch(server.url, { method: 'PUT', body, duplex: 'half', headers: { 'X-First': '1' } });
  await session.fetch(server.url, { method: 'POST', body: 'text' });
  const [, second] = server.seen;
  expect([second?.method, second?.body.toString(), headerOf(second, 'x-first')]).toEqual([
    'POST',
    'text',
    undefined,
  ]);
  expect(headerOf(second, 'transfer-encoding')).toBeUndefined();
});

it('says that no server listens', async () => {
  const server = await startServer(() => {});
  await server.close();
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECT', phase: 'connect' });
});

it('N13 tries the next address when the first refuses', async () => {
  const server = await startServer((_request, response) => {
    response.end('reached');
  });
  await using transport = await createTransport({ resolve: { 'two.test': ['::1', '127.0.0.1'] } });
  await using session = await createSession({ transport });
  expect(await (await session.fetch(asHost(server.url, 'two.test'))).text()).toBe('reached');
});

it('N13 keeps every cause when all addresses refuse', async () => {
  const server = await startServer(() => {});
  await server.close();
  await using transport = await createTransport({ resolve: { 'two.test': ['::1', '127.0.0.1'] } });
  await using session = await createSession({ transport });
  const error = await session.fetch(asHost(server.url, 'two.test')).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'ERR_CONNECT',
    cause: { errors: [expect.any(Error), expect.any(Error)] },
  });
});

describe('a dispatcher of the caller', () => {
  it('makes the connections and stays open', async () => {
    const server = await startServer((_request, response) => {
      response.end('ok');
    });
    const agent = new Agent({ allowH2: false });
    const transport = await createTransport({ dispatcher: agent });
    expect(transport.dispatcher).toBe(agent);
    await using session = await createSession({ transport });
    expect(await (await session.fetch(server.url)).text()).toBe('ok');
    await session.close();
    await transport.close();
    expect(await (await agent.request({ origin: server.url, path: '/', method: 'GET' })).body.text()).toBe(
      'ok',
    );
    await agent.close();
  });

  it('reports its failures with our codes', async () => {
    const lookup = (_host: string, _options: unknown, callback: (error: Error) => void): void =>
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }));
    const agent = new Agent({ connect: { lookup: lookup as never } });
    await using transport = await createTransport({ dispatcher: agent });
    await using session = await createSession({ transport });
    await expect(session.fetch('http://nowhere.test/')).rejects.toMatchObject({ code: 'ERR_DNS' });
    await agent.close();
  });
});

describe('HTTP/2', () => {
  /** What the client offered in its TLS handshake. */
  async function offeredBy(session: Session): Promise<readonly string[]> {
    const offered: (readonly string[])[] = [];
    const server = tls.createServer({
      ...certificate(),
      ALPNCallback: ({ protocols }) => {
        offered.push(protocols);
        return undefined;
      },
    });
    server.on('secureConnection', (socket) => socket.on('error', () => {}).end(httpResponse('')));
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await session.fetch(`https://127.0.0.1:${port}/`).catch(() => {});
    server.close();
    return offered[0] ?? [];
  }

  it('is not offered unless asked for', async () => {
    await using session = await createSession({ insecure: true });
    expect(await offeredBy(session)).not.toContain('h2');
  });

  it('is offered where it is asked for', async () => {
    await using session = await createSession({ insecure: true, http2: true });
    expect(await offeredBy(session)).toContain('h2');
  });
});

it('speaks TLS on the connections it keeps', async () => {
  const server = await startTlsServer((_request, response) => {
    response.end('secret');
  });
  await using session = await createSession({ ca: certificate().cert });
  const first = await session.fetch(server.url);
  await first.text();
  expect(await (await session.fetch(server.url)).text()).toBe('secret');
  expect(server.connections).toBe(1);
  expect(first.timings.tls).toBeGreaterThan(0);
});

it.each([
  ['/s?', 'GET /s? HTTP/1.1'],
  ['/s?#f', 'GET /s? HTTP/1.1'],
  ['/s#f?', 'GET /s HTTP/1.1'],
  ['/?', 'GET /? HTTP/1.1'],
])('asks for %s with the question mark that it has', async (path, line) => {
  const server = await startRawServer((socket) => socket.write(httpResponse('ok')));
  await using session = await createSession();
  await session.fetch(server.url + path);
  expect(server.received[0]?.split('\r\n')[0]).toBe(line);
});
