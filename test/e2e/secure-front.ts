/** TLS in front of a site: https on 127.0.0.1 with a certificate of the tests, passed on to plain http. */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificate } from '../helpers/certificates.ts';

export interface SecureFront {
  readonly url: string;
  /** The certificate, to be trusted. */
  readonly ca: string;
  close(): Promise<void>;
}

/** `/endless` it answers itself, with a body that never ends. */
export async function startSecureFront(site: string): Promise<SecureFront> {
  const server = https.createServer(certificate(), (request, response) => {
    if (request.url === '/endless') {
      const timer = setInterval(() => response.write('x'.repeat(1000)), 10);
      response.once('close', () => clearInterval(timer));
      return;
    }
    const { method, headers } = request;
    const onward = http.request(site + request.url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: certificate().cert,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
