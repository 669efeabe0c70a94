import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { request } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import {
  codes,
  endHeaders,
  endStream,
  frame,
  frames,
  number,
  startFrameServer,
  status200,
} from '../../helpers/http2-frames.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { turns, whenClosed } from '../../helpers/raw.ts';
import { startServer } from '../../helpers/servers.ts';

const options = { ca: certificate().cert, http2: true } as const;

/** A server that keeps its half of a connection open, and learns by writing whether the other half is still there. */
function keepOpen(socket: TLSSocket): void {
  socket.allowHalfOpen = true;
  socket.once('end', () => {
    const probe = setInterval(() => socket.write(frame(frames.ping, 0, 0, Buffer.alloc(8))), 5);
    socket.once('close', () => clearInterval(probe));
    onTestFinished(() => clearInterval(probe));
  });
}

function goAway(lastStream: number): Buffer {
  return frame(frames.goaway, 0, 0, Buffer.concat([number(lastStream), number(codes.none)]));
}

it('H09 closes a connection after GOAWAY and its last stream, although the server does not close it', async () => {
  const server = await startFrameServer((socket, stream) => {
    keepOpen(socket);
    socket.write(goAway(stream));
    socket.write(frame(frames.headers, endHeaders, stream, status200));
    socket.write(frame(frames.data, endStream, stream, Buffer.from('last')));
  });
  await using session = await createSession(options);
  expect(await (await session.fetch(server.url)).text()).toBe('last');
  await whenClosed(server.sockets[0]);
});

it('closes an idle connection after GOAWAY, although the server does not close it', async () => {
  const server = await startFrameServer((socket, stream) => {
    keepOpen(socket);
    socket.write(frame(frames.headers, endHeaders | endStream, stream, status200));
  });
  await using session = await createSession(options);
  await (await session.fetch(server.url)).text();
  server.sockets[0]?.write(goAway(1));
  await whenClosed(server.sockets[0]);
});

/** A way to a server: the first connection gets there, no later one is answered. */
async function startWay(port: number): Promise<{ readonly host: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const way = net.createServer((socket) => {
    const count = sockets.push(socket);
    socket.on('error', () => {});
    // What is not read has no end.
    if (count > 1) socket.resume();
    else socket.pipe(net.connect(port, '127.0.0.1').on('error', () => {})).pipe(socket);
  });
  await once(way.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => way.close(() => resolve()));
  });
  return { host: `127.0.0.1:${(way.address() as AddressInfo).port}`, sockets };
}

it('ends a connection that was begun for requests that a GOAWAY gave back, with the last of them', async () => {
  const server = await startFrameServer((socket, _stream, seen) => {
    if (seen === 1) socket.write(goAway(0));
  });
  const way = await startWay(Number(new URL(server.url).port));
  await using session = await createSession({ ...options, timeout: false });
  const caller = new AbortController();
  const calls = [1, 2].map((index) =>
    expect(session.fetch(`https://${way.host}/${index}`, { signal: caller.signal })).rejects.toBe('enough'),
  );
  while (way.sockets.length < 2) await turns(1);
  caller.abort('enough');
  await Promise.all(calls);
  await whenClosed(way.sockets[1]);
});

it('ends the connections that are being opened when its dispatcher is destroyed', async () => {
  const silent = await startHttp2Server(() => {}, { isSilent: () => true });
  const proxy = await startHttpProxy({ onConnect: () => {} });
  for (const proxyUrl of [null, `http://${proxy.host}`]) {
    const transport = await createTransport({ ...options, proxy: proxyUrl });
    const { dispatcher } = transport;
    const answer = expect(request(silent.url, { dispatcher })).rejects.toMatchObject({ message: 'enough' });
    const { sockets } = proxyUrl === null ? silent : proxy;
    while (sockets.length === 0) await turns(1);
    await dispatcher.destroy(new Error('enough'));
    await answer;
    await whenClosed(sockets[0]);
  }
});

it('opens no connection for a call that is aborted before its connection begins', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const caller = new AbortController();
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x');
  }
  const call = session.fetch(server.url, { method: 'POST', body: body(), signal: caller.signal });
  caller.abort('enough');
  await expect(call).rejects.toBe('enough');
  await turns(20);
  expect(server.connections).toBe(0);
});

it('refuses requests of a dispatcher that is taken from a closed transport', async () => {
  const server = await startServer((_request, response) => void response.end());
  const transport = await createTransport();
  await transport.close();
  const answer = request(server.url, { dispatcher: transport.dispatcher });
  await expect(answer).rejects.toMatchObject({ code: 'UND_ERR_CLOSED' });
  expect(server.connections).toBe(0);
});
