import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startDeadline } from '../../../src/core/flow/deadline.ts';
import { exchange } from '../../../src/core/flow/exchange.ts';
import type { CallRequest } from '../../../src/core/flow/pipeline.ts';
import { readInit } from '../../../src/core/request/init.ts';
import { resolveRequest } from '../../../src/core/request/resolve.ts';
import { resolveSession } from '../../../src/core/session/options.ts';
import { createTransport } from '../../../src/index.ts';
import { httpHead, httpResponse } from '../../helpers/raw.ts';
import { type RawServer, startRawServer } from '../../helpers/servers.ts';

const looksLikeHead = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: b\r\n\r\n';
const granted = httpHead(['Connection: Upgrade', 'Upgrade: echo'], '101 Switching Protocols');

function upgradeRequest(url: string): CallRequest {
  const init = readInit({ headers: { 'X-Own': '1' } });
  const resolved = resolveRequest(url, init, resolveSession({}));
  const { host } = resolved.url;
  const headers = [
    ['Host', host],
    ['Connection', 'Upgrade'],
    ['X-Own', '1'],
    ['Upgrade', 'echo'],
  ] as const;
  const deadline = startDeadline(resolved.settings.timeout, null, { method: 'GET', url: new URL(url) });
  return { ...resolved, headers, cookie: 'sid=1', deadline, watch: null, attempt: 1, upgrade: 'echo' };
}

it('resolves with the socket, the status, the headers and the bytes after the head', async () => {
  const server: RawServer = await startRawServer((socket) => {
    // The helper calls for each text that ends like a head: the echo of the test's own is none of it.
    if (server.received[0]?.endsWith('sid=1\r\n\r\n'))
      socket.write(Buffer.concat([granted, Buffer.from('early ')]));
    else socket.write(looksLikeHead);
  });
  await using transport = await createTransport({ poolMaxSize: 1 });
  const response = await exchange(transport)(upgradeRequest(server.url));
  expect([response.status, response.headers.upgrade, response.body]).toEqual([101, 'echo', null]);
  const socket = response.socket as Socket;
  // A text that looks like a head is the caller's own here.
  socket.write(looksLikeHead, 'latin1');
  let echoed = '';
  while (!echoed.endsWith('\r\n\r\n')) echoed += (await once(socket, 'data'))[0];
  expect(echoed).toBe(`early ${looksLikeHead}`);
  socket.destroy();
});

it('writes the head of the handshake unchanged, with the cookie at its position', async () => {
  const server = await startRawServer((socket) => socket.write(granted));
  await using transport = await createTransport();
  const { socket } = await exchange(transport)(upgradeRequest(server.url));
  socket?.destroy();
  expect(server.received[0]).toBe(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nX-Own: 1\r\nUpgrade: echo\r\nCookie: sid=1\r\n\r\n`,
  );
});

it('frees the place of the connection in the pool', async () => {
  const server = await startRawServer((socket) => socket.write(granted));
  await using transport = await createTransport({ poolMaxSize: 1 });
  const first = await exchange(transport)(upgradeRequest(server.url));
  const second = await exchange(transport)(upgradeRequest(server.url));
  expect(server.sockets).toHaveLength(2);
  first.socket?.destroy();
  second.socket?.destroy();
});

it('resolves with the response of a server that refuses it', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('no', [], '403 Forbidden')));
  await using transport = await createTransport();
  const response = await exchange(transport)(upgradeRequest(server.url));
  expect([response.status, response.socket, String(await response.body?.read())]).toEqual([
    403,
    undefined,
    'no',
  ]);
});
