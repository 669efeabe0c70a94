/**
 * A site for members with what a plain site has not: server-sent events and a WebSocket, both for those who logged in.
 * It runs inside the process that uses it, on 127.0.0.1.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface MembersSite {
  readonly url: string;
  close(): void;
}

const isMember = ({ headers }: IncomingMessage): boolean => headers.cookie?.includes('member=ada') === true;

export async function startMembersSite(): Promise<MembersSite> {
  const server = createServer((request, response) => {
    if (request.url === '/login') {
      response.writeHead(302, { 'Set-Cookie': 'member=ada; HttpOnly', Location: '/' }).end();
    } else if (!isMember(request)) response.writeHead(401).end();
    else if (request.url === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: news for members\n\n');
    } else response.end('hello, member');
  });
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req }: { req: IncomingMessage }) => isMember(req),
  });
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(`you said ${data}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}
