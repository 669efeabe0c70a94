import net, { type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, type RequestInit } from '../../../src/index.ts';
import { turns, whenClosed } from '../../helpers/raw.ts';
import { startTlsServer } from '../../helpers/servers.ts';

/** Passes TLS connections on, until it is told to answer the next bytes of the first one by bytes of its own. */
async function startGate() {
  const site = await startTlsServer((request, response) => {
    if (request.url === '/half') response.writeHead(200, { 'content-length': 9 }).write('half');
    else response.end(request.url);
  });
  const sockets: Socket[] = [];
  let answer: Buffer | null = null;
  const gate = net.createServer((socket) => {
    const isFirst = sockets.push(socket) === 1;
    const upstream = net.connect(site.port, '127.0.0.1');
    upstream.on('data', (bytes) => socket.write(bytes)).on('error', () => {});
    socket.on('data', (bytes) => {
      if (isFirst && answer !== null) socket.write(answer);
      else upstream.write(bytes);
    });
    socket.on('error', () => {}).on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    gate.close();
  });
  return {
    site,
    sockets,
    url: `https://127.0.0.1:${(gate.address() as AddressInfo).port}`,
    answerWith: (bytes: Buffer) => {
      answer = bytes;
    },
  };
}

// Node.js tells of each by an error of the socket, and does not end it.
const damaged: [string, Buffer][] = [
  ['a damaged record', Buffer.from([0x17, 3, 3, 0, 5, 1, 2, 3, 4, 5])],
  ['what is no record', Buffer.from('EVIL EVIL EVIL')],
];

describe.each(damaged)('%s of TLS', (_label, bytes) => {
  it('ends an idle connection', async () => {
    const gate = await startGate();
    await using session = await createSession({ insecure: true });
    await (await session.fetch(gate.url)).text();
    gate.sockets[0]?.write(bytes);
    await whenClosed(gate.sockets[0]);
    expect(await (await session.fetch(`${gate.url}/next`, { method: 'POST' })).text()).toBe('/next');
  });

  it.each([0, 1, 2, 5])('on an idle connection fails no GET that comes %i turns later', async (count) => {
    const gate = await startGate();
    await using session = await createSession({ insecure: true });
    await (await session.fetch(gate.url)).text();
    gate.answerWith(bytes);
    gate.sockets[0]?.write(bytes);
    await turns(count);
    expect(await (await session.fetch(`${gate.url}/next`)).text()).toBe('/next');
  });

  const later: [string, RequestInit, string][] = [
    ['GET', {}, '200 2'],
    ['PUT', { method: 'PUT', body: 'again' }, '200 2'],
    ['POST', { method: 'POST', body: 'pay' }, 'ERR_TLS 1'],
  ];

  it.each(later)('in the place of an answer on a kept connection: %s', async (_method, init, expected) => {
    const gate = await startGate();
    await using session = await createSession({ insecure: true });
    await (await session.fetch(gate.url)).text();
    gate.answerWith(bytes);
    const outcome = await session.fetch(gate.url, init).then(
      ({ status }) => status,
      ({ code }) => code,
    );
    expect(`${outcome} ${gate.sockets.length}`).toBe(expected);
    await whenClosed(gate.sockets[0]);
  });

  it('in a body is ERR_BODY_TRUNCATED', async () => {
    const gate = await startGate();
    await using session = await createSession({ insecure: true });
    const response = await session.fetch(`${gate.url}/half`);
    gate.sockets[0]?.write(bytes);
    await expect(response.text()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
    await whenClosed(gate.sockets[0]);
  });
});
