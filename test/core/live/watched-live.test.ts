import { expect, it } from 'vitest';
import { createSession, type ObservedExchange, type Observer } from '../../../src/index.ts';
import { httpHead } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';
import { startWebSocketServer } from '../../helpers/websockets.ts';

function noting(): { told: string[]; exchanges: ObservedExchange[]; observer: Observer } {
  const told: string[] = [];
  const exchanges: ObservedExchange[] = [];
  const ending = ({ failure }: { readonly failure: unknown }): string =>
    failure === null ? 'end' : 'failed';
  const observer: Observer = {
    onCallStart: ({ kind }) => told.push(`call ${kind}`),
    onRetry: (_call, { attempt, wait }) => told.push(`retry ${attempt} in ${wait}`),
    onCallEnd: (call) => told.push(`call ${ending(call)}`),
    onExchangeStart: (exchange) => exchanges.push(exchange),
    onResponse: ({ response }) => told.push(`response ${response?.status}`),
    onMessage: (_exchange, { direction, data }) => told.push(`${direction} ${data}`),
    onExchangeEnd: (exchange) => told.push(`exchange ${ending(exchange)}`),
  };
  return { told, exchanges, observer };
}

it('an observer sees the handshake, the messages and the end of a WebSocket', async () => {
  const server = await startWebSocketServer();
  const { told, exchanges, observer } = noting();
  await using session = await createSession({ observers: [observer] });
  session.setCookie('sid', '1', server.url.replace('ws', 'http'));
  const socket = await session.websocket(`${server.url}/chat`);
  const answered = new Promise((resolve) => socket.addEventListener('message', resolve));
  socket.send('hello');
  await answered;
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  socket.close();
  await closed;
  expect(told.slice(0, 4)).toEqual(['call websocket', 'response 101', 'sent hello', 'received hello']);
  await expect.poll(() => told.slice(4).sort()).toEqual(['call end', 'exchange end']);
  const [exchange] = exchanges;
  const raw = server.peers[0]?.request.rawHeaders ?? [];
  expect(exchange?.request?.headers.flat()).toEqual(raw);
  expect(exchange?.request?.target).toBe('/chat');
  expect(exchange?.response?.headers.map(([name]) => name.toLowerCase())).toContain('sec-websocket-accept');
  expect(exchange?.connection?.remote).toEqual({ address: '127.0.0.1', port: server.port });
});

it('an observer gets the failure of a WebSocket that was lost or refused', async () => {
  const server = await startWebSocketServer({ onFrame: (_frame, peer) => peer.socket.destroy() });
  const refusing = await startServer((_request, response) => {
    response.writeHead(403).end();
  });
  const { told, observer } = noting();
  await using session = await createSession({ observers: [observer] });
  const socket = await session.websocket(server.url);
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  socket.send('x');
  await closed;
  await expect.poll(() => told).toContain('call failed');
  told.length = 0;
  await expect(session.websocket(refusing.url)).rejects.toMatchObject({ status: 403 });
  expect(told).toContain('response 403');
  expect(told).toContain('call failed');
});

it('an event stream is one call, with any number of connections', async () => {
  const server = await startRawServer((socket, _head, index) => {
    socket.end(
      Buffer.concat([
        httpHead(['Content-Type: text/event-stream']),
        Buffer.from(`retry: 500\ndata: ${index}\n\n`),
      ]),
    );
  });
  const { told, exchanges, observer } = noting();
  await using session = await createSession({ observers: [observer] });
  const seen: string[] = [];
  for await (const { data } of session.eventSource(server.url, { reconnectDelay: 1 })) {
    seen.push(data);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual(['0', '1']);
  expect(told.slice(0, 5)).toEqual([
    ...['call eventsource', 'response 200', 'exchange end', expect.stringMatching(/^retry 2 in \d+$/)],
    'response 200',
  ]);
  expect(told.at(-1)).toBe('call end');
  expect(told.filter((step) => step.startsWith('call'))).toHaveLength(2);
  expect(exchanges.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

it('an event stream that is refused is a call that failed, with what its loop throws', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(500).end();
  });
  const failures: unknown[] = [];
  const onCallEnd: Observer['onCallEnd'] = ({ failure }) => failures.push(failure?.reason);
  await using session = await createSession({ observers: [{ onCallEnd }] });
  const events = session.eventSource(server.url)[Symbol.asyncIterator]();
  const error = await events.next().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'ERR_PROTOCOL', status: 500 });
  expect(failures).toEqual([error]);
});
