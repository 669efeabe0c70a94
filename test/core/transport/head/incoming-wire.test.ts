import { expect, it } from 'vitest';
import { createSession } from '../../../../src/index.ts';
import { httpHead, httpResponse, turns } from '../../../helpers/raw.ts';
import { startRawServer, startServer } from '../../../helpers/servers.ts';

it.each<[name: string, answer: string]>([
  [
    'F12 a 100 Continue that nobody asked for',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  ],
  [
    'F12 two of them, and a 102',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 x\r\n\r\nHTTP/1.1 100 C\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  ],
  ['F20 a folded field', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX: a\r\n b\r\n\r\nok'],
  ['F20 a folded length', 'HTTP/1.1 200 OK\r\ncontent-length:\r\n 2\r\n\r\nok'],
  ['a blank behind the length', 'HTTP/1.1 200 OK\r\ncontent-length: 2 \t\r\n\r\nok'],
])('%s is taken, in pieces too', async (_, answer) => {
  const server = await startRawServer(async (socket, head) => {
    if (head.startsWith('GET /whole')) return void socket.write(answer);
    socket.setNoDelay();
    for (const byte of answer) {
      socket.write(byte);
      await turns(1);
    }
  });
  await using session = await createSession();
  for (const path of ['/whole', '/pieces', '/whole']) {
    expect(await (await session.fetch(server.url + path)).text()).toBe('ok');
  }
  expect(server.sockets).toHaveLength(1);
});

it('F20 joins a folded field by one space', async () => {
  const fields = ['X: a ', '\t b', 'Set-Cookie: a=1;', ' Path=/', 'Content-Length: 0'];
  const server = await startRawServer((socket) => socket.write(httpHead(fields)));
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect([response.headers.get('x'), session.getCookies(server.url)]).toMatchObject(['a b', { a: '1' }]);
});

it('F12 reads the answer to a POST after a 100 Continue', async () => {
  const server = await startServer((_request, response, body) => {
    response.writeContinue();
    response.end(body);
  });
  await using session = await createSession();
  const response = await session.fetch(server.url, { method: 'POST', body: 'asked' });
  expect(await response.text()).toBe('asked');
});

it('does not send a request again when bytes of its answer were buffered', async () => {
  let requests = 0;
  const server = await startRawServer((socket) => {
    if (requests++ === 0) socket.write(httpResponse('ok'));
    else socket.write('HTTP/1.1 200 OK\r\nConte', () => setImmediate(() => socket.destroy()));
  });
  await using session = await createSession();
  await (await session.fetch(server.url)).text();
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(requests).toBe(2);
});
