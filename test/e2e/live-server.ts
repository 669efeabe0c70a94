/** A server with what a page keeps open: an event stream, and a WebSocket that answers; and a page that fails once. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LiveServer {
  readonly url: string;
  close(): void;
}

/** RFC 6455, section 1.3. */
const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export async function startLiveServer(): Promise<LiveServer> {
  let flaky = 0;
  const server = http.createServer((request, response) => {
    if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\ndata: two\n\n');
    } else response.writeHead(flaky++ === 0 ? 503 : 200, { 'content-type': 'text/plain' }).end('grün');
  });
  server.on('upgrade', ({ headers }, socket) => {
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${magic}`).digest('base64');
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
    socket.on('error', () => {});
    // One text frame for whatever comes first.
    socket.once('data', () => socket.write(Buffer.from([0x81, 5, ...Buffer.from('hello')])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
