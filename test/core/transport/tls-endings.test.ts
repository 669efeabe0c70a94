import net, { type AddressInfo, type Server } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startTlsServer } from '../../helpers/servers.ts';

const ca = certificate().cert;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('F13 a connection that ends in the TLS handshake', () => {
  it.each(['end', 'resetAndDestroy'] as const)('is lost, and sent again by retry: %s', async (how) => {
    const site = await startTlsServer((_request, response) => void response.end('second'));
    let connections = 0;
    const front = net.createServer((socket) => {
      socket.on('error', () => {});
      if (connections++ === 0) {
        socket.once('data', () => void socket[how]());
        return;
      }
      const upstream = net.connect(site.port, '127.0.0.1').on('error', () => {});
      socket.pipe(upstream).pipe(socket);
    });
    const url = await listen(front);
    await using session = await createSession({ ca, retry: { limit: 1, backoff: () => 1 } });
    expect(await (await session.fetch(url)).text()).toBe('second');
    expect(connections).toBe(2);
  });

  it('says in which phase', async () => {
    const url = await listen(net.createServer((socket) => void socket.once('data', () => socket.end())));
    await using session = await createSession({ ca });
    await expect(session.fetch(url)).rejects.toMatchObject({
      code: 'ERR_CONNECTION_LOST',
      phase: 'tls',
      message: expect.stringContaining('during the TLS handshake'),
    });
  });
});

describe('F14 a server that demands a client certificate', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('ends the call with its alert over %s', async (version) => {
    const server = tls.createServer(
      {
        ...certificate(),
        requestCert: true,
        rejectUnauthorized: true,
        ca,
        minVersion: version,
        maxVersion: version,
      },
      (socket: TLSSocket) => void socket.on('error', () => {}),
    );
    server.on('tlsClientError', () => {});
    const url = await listen(server);
    await using session = await createSession({ ca });
    for (let call = 0; call < 10; call++) {
      await expect(session.fetch(url)).rejects.toMatchObject({
        code: 'ERR_TLS',
        message: expect.stringMatching(/ended the TLS connection: (certificate required|handshake failure)/),
      });
    }
  });
});
