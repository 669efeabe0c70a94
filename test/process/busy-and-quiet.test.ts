import { expect, it } from 'vitest';
import { runChild } from '../helpers/children.ts';
import { httpHead, httpResponse } from '../helpers/raw.ts';
import { startRawServer, startServer } from '../helpers/servers.ts';

it('Y05 does not treat a busy process as a silent server, nor a closed connection as an open one', async () => {
  const server = await startServer((request, response, body) => {
    const answer = `${request.method} ${body}`.trim();
    if (request.url !== '/slowly') {
      response.end(answer);
      // While the client has no time to see it, and long before it said it would.
      setTimeout(() => request.socket.end(), 200);
    } else {
      response.write('GET');
      setTimeout(() => response.end(), 100);
    }
  });
  const { stdout, stderr } = await runChild('busy', { args: [server.url, '5000'] });
  expect(stderr).toBe('');
  const { during, after } = JSON.parse(stdout);
  expect(during).toEqual(['GET', 'GET', 'GET']);
  // What may be sent twice is; what may not fails by its code when the end of its connection was not yet seen.
  expect(after[0]).toBe('GET');
  expect(['POST once', 'ERR_CONNECTION_LOST headers']).toContain(after[1]);
  expect(server.seen.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(1);
});

const canary = 'c4n4ry';

/** A server with a path for each way that a call may end. */
function startMoods() {
  return startRawServer((socket, head) => {
    const path = head.split(' ')[1];
    if (path === '/moved') socket.write(httpResponse('', ['Location: /'], '302 Found'));
    else if (path === '/cut') socket.end(httpHead(['Content-Length: 9', `Set-Cookie: a=${canary}`]));
    else if (path === '/nonsense') socket.end(`${canary}\r\n\r\n`);
    else socket.write(httpResponse(canary));
  });
}

it.each([
  ['Y06 writes nothing to stdout and stderr, whatever happens', {}],
  ['L04 writes nothing for DEBUG', { DEBUG: '*' }],
])('%s', async (_label, env) => {
  const server = await startMoods();
  const { code, stdout, stderr } = await runChild('quiet', { args: [server.url, canary], env });
  expect([code, stdout, stderr]).toEqual([0, '', '']);
});

it('L04 shows no secret with NODE_DEBUG=undici', async () => {
  const server = await startMoods();
  const env = { NODE_DEBUG: 'undici,fetch,websocket' };
  const { code, stdout, stderr } = await runChild('quiet', { args: [server.url, canary], env });
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toContain(`sending request to GET ${server.url}/`);
  expect(stderr).not.toContain(canary);
  expect(stderr).not.toContain(Buffer.from(`ada:${canary}`).toString('base64'));
});
