import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { type Certificate, certificate, selfSigned, validBetween } from '../../helpers/certificates.ts';
import { startTlsServer } from '../../helpers/servers.ts';

async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A TLS server that answers every request with `answer` and then does `afterwards` to the socket. */
function tlsServer(
  pair: Certificate,
  answer: string,
  afterwards: (socket: tls.TLSSocket) => void,
): Promise<number> {
  const server = tls.createServer(pair, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(answer, () => afterwards(socket)));
  });
  return listen(server);
}

const dates: [string, string, string, string][] = [
  ['expired', '20200101000000Z', '20200201000000Z', 'it has expired'],
  ['not valid yet', '20900101000000Z', '20900201000000Z', 'it is not valid yet'],
];

it.each(dates)('S02 refuses a certificate that is %s, and says so', async (_, from, to, reason) => {
  const pair = validBetween(from, to);
  const port = await tlsServer(pair, '', (socket) => socket.end());
  await using session = await createSession({ ca: pair.cert });
  await expect(session.fetch(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'ERR_TLS',
    message: expect.stringContaining(reason),
  });
});

it('S04 a thousand failing handshakes leave no connection and try no more often than asked', async () => {
  let accepted = 0;
  let open = 0;
  const pair = selfSigned('other.test', 'DNS:other.test');
  const server = tls.createServer(pair);
  server.on('connection', (socket) => {
    accepted++;
    open++;
    socket.on('close', () => open--);
  });
  server.on('tlsClientError', () => {});
  const port = await listen(server);
  await using session = await createSession();
  const codes = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const calls = Array.from({ length: 50 }, () => session.fetch(`https://127.0.0.1:${port}/`));
    for (const outcome of await Promise.allSettled(calls)) {
      codes.add(outcome.status === 'rejected' ? outcome.reason.code : 'accepted');
    }
  }
  expect([...codes]).toEqual(['ERR_TLS']);
  expect(accepted).toBe(1000);
  await expect.poll(() => open).toBe(0);
});

it('S06 never uses a connection of https for http on the same host and port', async () => {
  const site = await startTlsServer((_request, response) => void response.end('secure'));
  await using session = await createSession({ ca: certificate().cert });
  expect(await (await session.fetch(site.url)).text()).toBe('secure');
  const plain = session.fetch(site.url.replace('https:', 'http:'));
  await expect(plain).rejects.toMatchObject({ name: 'RequestError' });
  expect(site.seen).toHaveLength(1);
  expect(await (await session.fetch(site.url)).text()).toBe('secure');
});

it('S07 stores no Strict-Transport-Security: http stays http, on every call', async () => {
  const port = await listen(
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.end(
          'HTTP/1.1 200 OK\r\nstrict-transport-security: max-age=999\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
        );
      });
    }),
  );
  await using session = await createSession();
  for (let call = 0; call < 2; call++) {
    expect((await session.fetch(`http://127.0.0.1:${port}/`)).url).toBe(`http://127.0.0.1:${port}/`);
  }
});

it('S08 reports a body without a length as truncated when TLS ends by a reset', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf of i';
  const behind = await tlsServer(certificate(), answer, () => {});
  const fronts: net.Socket[] = [];
  // Beneath TLS, so that the connection ends without a close_notify.
  const port = await listen(
    net.createServer((front) => {
      const back = net.connect(behind, '127.0.0.1');
      for (const socket of [front, back]) socket.on('error', () => {});
      front.pipe(back).pipe(front);
      front.on('close', () => back.destroy());
      fronts.push(front);
    }),
  );
  await using session = await createSession({ ca: certificate().cert });
  const response = await session.fetch(`https://127.0.0.1:${port}/`);
  fronts[0]?.resetAndDestroy();
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});
