import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { certificate, selfSigned } from '../../helpers/certificates.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { httpHead, httpResponse, turns, whenClosed } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

const { cert: ca } = certificate();

async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('cuts the connection of a redirect whose short body does not end', async () => {
  const site = await startRawServer((socket, head) => {
    if (!head.startsWith('GET /from')) return socket.write(httpResponse('arrived'));
    socket.write(httpHead(['Location: /to', 'Content-Length: 100'], '302 Found'));
    socket.write('a little');
  });
  await using session = await createSession();
  expect(await (await session.fetch(`${site.url}/from`)).text()).toBe('arrived');
  await whenClosed(site.sockets[0]);
});

it('F07 leaves out zeros behind gzip data, as curl does', async () => {
  const site = await startRawServer((socket) => {
    const body = Buffer.concat([gzipSync('whole'), Buffer.alloc(1000)]);
    socket.write(httpResponse(body, ['Content-Encoding: gzip']));
  });
  await using session = await createSession();
  expect(await (await session.fetch(site.url)).text()).toBe('whole');
  expect(Buffer.concat(await (await session.fetch(site.url)).readable().toArray()).toString()).toBe('whole');
});

it('F12 refuses two equal Content-Lengths', async () => {
  const site = await startRawServer((socket) => socket.write(httpResponse('x', ['Content-Length: 1'])));
  await using session = await createSession();
  await expect(session.fetch(site.url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
});

it.each([
  ['chunked', {}],
  ['with a Content-Length', { 'Content-Length': '100' }],
])('an upload %s that fails does not look whole to the server', async (_, headers) => {
  const site = await startRawServer(() => {});
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('part of it');
    while (!site.received[0]?.includes('part of it')) await turns(1);
    throw new Error('the disk is gone');
  }
  await using session = await createSession();
  const call = session.fetch(site.url, { method: 'POST', body: failing(), headers });
  await expect(call).rejects.toMatchObject({
    code: 'ERR_INVALID_BODY',
    cause: { message: 'the disk is gone' },
  });
  await whenClosed(site.sockets[0]);
  expect(site.received[0]?.split('\r\n\r\n').slice(1).join('\r\n\r\n')).toMatch(
    /^(a\r\n)?part of it(\r\n)?$/,
  );
});

it('S08 treats a body without a length as complete when the connection ends regularly without a close_notify', async () => {
  const behind = await listen(
    tls.createServer(certificate(), (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it'));
    }),
  );
  const fronts: net.Socket[] = [];
  // Beneath TLS, so that the connection ends without a close_notify.
  const port = await listen(
    net.createServer((front) => {
      const back = net.connect(behind, '127.0.0.1');
      for (const socket of [front, back]) socket.on('error', () => {});
      front.pipe(back);
      back.on('data', (bytes) => front.write(bytes));
      front.on('close', () => back.destroy());
      fronts.push(front);
    }),
  );
  await using session = await createSession({ ca });
  const response = await session.fetch(`https://127.0.0.1:${port}/`);
  fronts[0]?.end();
  expect(await response.text()).toBe('all of it');
});

it('A09 a session without a client certificate resumes no TLS session of one with it', async () => {
  const ada = selfSigned('ada', 'DNS:ada.test');
  const seen: [name: string, isResumed: boolean][] = [];
  const server = tls.createServer(
    { ...certificate(), requestCert: true, rejectUnauthorized: false, ca: ada.cert },
    (socket: TLSSocket) => {
      seen.push([String(socket.getPeerCertificate().subject?.CN ?? 'nobody'), socket.isSessionReused()]);
      socket.on('error', () => {});
      socket.once('data', () => socket.end(httpResponse('ok', ['Connection: close'])));
    },
  );
  const url = `https://127.0.0.1:${await listen(server)}`;
  await using withIt = await createSession({ ca, cert: ada.cert, key: ada.key, certOrigins: url });
  await using without = await createSession({ ca });
  for (const session of [withIt, withIt, without, without, withIt]) await (await session.fetch(url)).text();
  expect(seen.map(([name]) => name)).toEqual(['ada', 'ada', 'nobody', 'nobody', 'ada']);
  expect(seen[2]).toEqual(['nobody', false]);
});

it('A15 does not check a kept connection again', async () => {
  let isAllowed = true;
  const site = await startServer((_request, response) => void response.end('ok'));
  await using transport = await createTransport({ allowAddress: () => isAllowed });
  await using session = await createSession({ transport });
  expect(await (await session.fetch(site.url)).text()).toBe('ok');
  isAllowed = false;
  expect(await (await session.fetch(site.url)).text()).toBe('ok');
  expect(site.connections).toBe(1);
});

it('A15 does not check the address of a proxy', async () => {
  const proxy = await startHttpProxy();
  const site = await startServer((_request, response) => void response.end('ok'));
  await using transport = await createTransport({
    proxy: `http://${proxy.host}`,
    allowAddress: () => false,
    allowHost: () => true,
  });
  await using session = await createSession({ transport });
  expect(await (await session.fetch(`http://good.test:${site.port}/`)).text()).toBe('ok');
});
