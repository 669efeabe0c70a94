/** Listens, says on which port, and answers every request with its process id; with an argument, accepts one at a time. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const server = http.createServer((_request, response) => void response.end(String(process.pid)));
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
