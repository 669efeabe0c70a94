/** Listens, says on which port, and answers every request with the ports of its open connections, the asking one first. */
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

const open = new Set<number | undefined>();
const server = http.createServer(({ socket }, response) => {
  response.end([...new Set([socket.remotePort, ...open])].join(' '));
});
server.on('connection', (socket: Socket) => {
  const { remotePort } = socket;
  open.add(remotePort);
  socket.on('close', () => open.delete(remotePort));
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
