import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { httpHead } from '../../helpers/raw.ts';
import { startRawServer } from '../../helpers/servers.ts';

const endings: [string, string[], (socket: Socket) => void][] = [
  ['a FIN', [], (socket) => socket.end()],
  ['a reset', [], (socket) => socket.resetAndDestroy()],
  ['a FIN, with Connection: close', ['Connection: close'], (socket) => socket.end()],
  ['a reset, with Connection: close', ['Connection: close'], (socket) => socket.resetAndDestroy()],
];

it.each(endings)('F9 chunks that are cut by %s are ERR_BODY_TRUNCATED', async (_, fields, end) => {
  const server = await startRawServer((socket) => {
    const head = httpHead(['Transfer-Encoding: chunked', ...fields]);
    socket.write(Buffer.concat([head, Buffer.from('5\r\nhello\r\n')]), () => setImmediate(() => end(socket)));
  });
  await using session = await createSession();
  const text = session.fetch(server.url).then((response) => response.text());
  await expect(text).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
  const read = session.fetch(server.url).then((response) => response.readable().toArray());
  await expect(read).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});

it('F9 an event stream whose chunks are cut is connected again', async () => {
  let connections = 0;
  const server = await startRawServer((socket) => {
    const number = ++connections;
    const head = httpHead([
      'Content-Type: text/event-stream',
      'Transfer-Encoding: chunked',
      'Connection: close',
    ]);
    const event = `retry: 1\ndata: ${number}\n\n`;
    socket.write(Buffer.concat([head, Buffer.from(`${event.length.toString(16)}\r\n${event}\r\n`)]), () => {
      setImmediate(() => socket.end());
    });
  });
  await using session = await createSession();
  const seen: string[] = [];
  for await (const { data } of session.eventSource(server.url)) {
    seen.push(data);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual(['1', '2']);
});
