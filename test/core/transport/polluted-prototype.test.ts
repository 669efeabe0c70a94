import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';

const polluted: string[] = [];

/** Puts an option where every plain object inherits it. */
function pollute(name: string, value: unknown): void {
  polluted.push(name);
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
});

describe('A19 a polluted Object.prototype', () => {
  it('trusts no additional certificate', async () => {
    const server = await startTlsServer((_request, response) => void response.end('trusted'));
    // Where they are set, the trust is not Node's own default.
    for (const name of ['SSL_CERT_FILE', 'SSL_CERT_DIR']) vi.stubEnv(name, '');
    await using session = await createSession();
    pollute('ca', certificate().cert);
    const call = session.fetch(server.url);
    await expect(call).rejects.toMatchObject({ code: 'ERR_TLS' });
  });

  it.each([
    ['upgrade', 'echo'],
    ['query', { a: '1' }],
    ['expectContinue', true],
    ['headersTimeout', 'soon'],
    ['localAddress', '127.0.0.9'],
    ['socketPath', '/nowhere'],
    ['maxRequestsPerClient', 1],
    ['maxResponseSize', 1],
    ['httpSocket', {}],
  ])('changes no request: %s', async (name, value) => {
    const server = await startServer((request, response) => {
      response.end(`${request.url} ${request.socket.remoteAddress}`);
    });
    await using session = await createSession();
    pollute(name, value);
    const texts = [];
    for (let call = 0; call < 2; call++) texts.push(await (await session.fetch(`${server.url}/path`)).text());
    Reflect.deleteProperty(Object.prototype, name);
    expect([texts, server.connections]).toEqual([['/path 127.0.0.1', '/path 127.0.0.1'], 1]);
  });

  it('changes no request through a proxy that forwards', async () => {
    const server = await startServer((_request, response) => void response.end('forwarded'));
    const proxy = await startHttpProxy();
    await using session = await createSession({ proxy: `http://${proxy.host}` });
    pollute('upgrade', 'echo');
    expect(await (await session.fetch(server.url)).text()).toBe('forwarded');
  });
});
