import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { ExchangeTimings } from '../../../src/core/transport/timings.ts';
import { createSession, createTransport, type RequestEvent, type RequestInit } from '../../../src/index.ts';
import { type RawServer, startRawServer } from '../../helpers/servers.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** Answers the first request of a connection and ends it under the second, as a server whose idle time is over. */
function startRacingServer(end: (socket: Socket) => void = (socket) => socket.destroy()): Promise<RawServer> {
  const answered = new Set<Socket>();
  return startRawServer((socket) => {
    if (answered.has(socket)) {
      end(socket);
      return;
    }
    answered.add(socket);
    socket.write(ok);
  });
}

it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
  'N02 sends a %s once more when its reused connection ends before an answer',
  async (method) => {
    const answered = new Set<Socket>();
    const server = await startRawServer((socket, head) => {
      if (answered.has(socket)) socket.destroy();
      else socket.write(head.startsWith('HEAD') ? ok.slice(0, -2) : ok);
      answered.add(socket);
    });
    await using session = await createSession();
    await (await session.fetch(server.url)).text();
    const init: RequestInit = method === 'PUT' ? { method, body: 'again' } : { method };
    expect((await session.fetch(server.url, init)).status).toBe(200);
    expect(server.sockets).toHaveLength(2);
    const repeated = server.received.map((text) => text.includes(`${method} / `));
    expect(repeated).toEqual([true, true]);
  },
);

it('N02 sends it once more also where no more connections may be opened', async () => {
  const server = await startRacingServer();
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  await (await session.fetch(server.url)).text();
  expect((await session.fetch(server.url)).status).toBe(200);
});

it('N02 does not send it a third time', async () => {
  let requests = 0;
  const server = await startRawServer((socket) => {
    requests++;
    if (requests === 1) socket.write(ok);
    else socket.destroy();
  });
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(requests).toBe(3);
});

it('N02 does not send again on a connection that was fresh', async () => {
  const server = await startRawServer((socket) => socket.destroy());
  await using session = await createSession();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(server.sockets).toHaveLength(1);
});

it('N02 does not send again once a byte of the answer has come', async () => {
  const server = await startRacingServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n', () => socket.destroy());
  });
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(server.sockets).toHaveLength(1);
});

it.each(['POST', 'PATCH'])('N03 does not send a %s again', async (method) => {
  const server = await startRacingServer();
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  const call = session.fetch(server.url, { method, body: 'pay' });
  await expect(call).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(server.sockets).toHaveLength(1);
});

it('N05 does not send a PUT of a stream again', async () => {
  const server = await startRacingServer();
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('once');
  }
  const call = session.fetch(server.url, { method: 'PUT', body: body() });
  await expect(call).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(server.sockets).toHaveLength(1);
});

it('N02 counts the bytes of each time it is sent from the beginning', async () => {
  const server = await startRacingServer();
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  const sent: unknown[] = [];
  const onRequestEvent = ({ uploadedBytes, total }: RequestEvent): void => {
    if (uploadedBytes !== undefined) sent.push([uploadedBytes, total]);
  };
  await (await session.fetch(server.url, { method: 'PUT', body: 'again', onRequestEvent })).text();
  expect(sent).toEqual([
    [5, 5],
    [5, 5],
  ]);
});

it('N02 measures the second sending separately from the first', () => {
  const times = new ExchangeTimings();
  times.markStarted(1, null);
  times.markSent();
  // The answer comes before all is sent again.
  times.markStarted(performance.now() + 1000, null);
  expect(times.sent).toBeNull();
});
