/** Every host of the world on one proxy of 127.0.0.1: each page shows the Cookie header that it was asked with. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../helpers/certificates.ts';

export interface CookieHosts {
  /** The proxy by which every host, http or https, is reached. */
  readonly proxy: string;
  stop(): Promise<void>;
}

/**
 * Starts the hosts.
 *
 * @param lines the Set-Cookie lines of each page, by URL
 */
export async function startCookieHosts(
  lines: Readonly<Record<string, readonly string[]>>,
): Promise<CookieHosts> {
  const answer = (url: string, request: IncomingMessage, response: ServerResponse): void => {
    for (const line of lines[url] ?? []) response.appendHeader('set-cookie', latin1(line));
    response.setHeader('connection', 'close');
    response.end(request.headers.cookie ?? '', 'latin1');
  };
  const secure = createTlsServer(selfSigned('localhost', 'DNS:localhost'), (request, response) =>
    answer(`https://${request.headers.host}${request.url}`, request, response),
  );
  // A proxy is asked for the whole URL of a plain http page.
  const proxy = createServer((request, response) => answer(request.url ?? '', request, response));
  proxy.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    secure.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
        secure.closeAllConnections();
      }),
  };
}

/** A header's bytes, one character each. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
