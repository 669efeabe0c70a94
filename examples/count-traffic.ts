/** An observer that counts bytes, connections and retries, and a server that is busy at first. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, type ObservedExchange, type Observer } from 'jarfetch';

class Traffic implements Observer {
  requests = 0;
  connections = 0;
  retries = 0;
  sentBytes = 0;
  receivedBytes = 0;

  onRequest({ connection }: ObservedExchange): void {
    this.requests++;
    if (connection?.isReused === false) this.connections++;
  }

  onRetry(): void {
    this.retries++;
  }

  onExchangeEnd({ sentBytes, receivedBytes }: ObservedExchange): void {
    this.sentBytes += sentBytes;
    this.receivedBytes += receivedBytes;
  }
}

let requests = 0;
const server = createServer((request, response) => {
  request.resume();
  if (++requests < 3) response.writeHead(503).end('busy');
  else response.end('x'.repeat(1000));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const traffic = new Traffic();
const session = await createSession({ baseUrl, observers: [traffic], retry: { backoff: () => 1 } });
const response = await session.fetch('/report', { method: 'PUT', body: 'x'.repeat(100) });
await response.text();
console.log(`${response.status} after ${response.attempts} tries`);
const { retries, sentBytes, receivedBytes } = traffic;
console.log(`${traffic.requests} requests, ${retries} retries, ${sentBytes} bytes out, ${receivedBytes} in`);

await session.close();
server.close();
