import { request } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { cookieDispatcher } from '../../../src/interop/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { httpResponse } from '../../helpers/raw.ts';
import { startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

const polluted: string[] = [];

/** Puts a property where every plain object inherits it, as an assignment to an object's `__proto__` does. */
function pollute(name: string, value: unknown): void {
  polluted.push(name);
  Reflect.set(Object.prototype, name, value);
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
});

describe('A19 a polluted Object.prototype', () => {
  // Must be the first test: a later session may share a transport that was created before.
  it('sets no option of the first connections', async () => {
    const server = await startServer((_request, response) => void response.end('direct'));
    pollute('proxy', 'http://127.0.0.1:1');
    pollute('certOrigins', ['https://127.0.0.1']);
    pollute('trustStore', 'unknown');
    await using session = await createSession();
    expect(await (await session.fetch(server.url)).text()).toBe('direct');
  });

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
      response.end(`${request.url} ${request.socket.remoteAddress} ${request.headers.connection}`);
    });
    await using session = await createSession();
    pollute(name, value);
    const texts = [];
    for (let call = 0; call < 2; call++) texts.push(await (await session.fetch(`${server.url}/path`)).text());
    Reflect.deleteProperty(Object.prototype, name);
    const expected = '/path 127.0.0.1 keep-alive';
    expect([texts, server.connections]).toEqual([[expected, expected], 1]);
  });

  it('changes no request through a proxy that forwards', async () => {
    const server = await startServer((_request, response) => void response.end('forwarded'));
    const proxy = await startHttpProxy();
    await using session = await createSession({ proxy: `http://${proxy.host}` });
    pollute('upgrade', 'echo');
    expect(await (await session.fetch(server.url)).text()).toBe('forwarded');
  });

  it.each([
    ['set-cookie', 'b=2'],
    ['set-cookie', ['b=2']],
    ['clear-site-data', '"cookies"'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'gzip'],
    ['location', '/elsewhere'],
    ['referrer-policy', 'no-referrer'],
  ])('changes no response: %s', async (name, value) => {
    const server = await startRawServer((socket) => void socket.write(httpResponse('ok', [], '302 Found')));
    await using session = await createSession();
    session.setCookie('a', '1', server.url);
    pollute(name, value);
    const response = await session.fetch(server.url);
    expect([response.status, await response.text(), response.url]).toEqual([302, 'ok', `${server.url}/`]);
    const answer = await request(server.url, { dispatcher: cookieDispatcher(session) });
    expect(await answer.body.text()).toBe('ok');
    Reflect.deleteProperty(Object.prototype, name);
    expect(session.getCookies(server.url)).toEqual({ a: '1' });
  });

  it.each(['GET', 'POST', 'DELETE'])('changes no %s request over HTTP/2', async (method) => {
    const seen: string[][] = [];
    const server = await startHttp2Server((request, response) => {
      seen.push(request.rawHeaders);
      response.end('ok');
    });
    await using session = await createSession({ ca: certificate().cert, http2: true });
    const init = method === 'POST' ? { method, body: 'abc' } : { method };
    for (const name of [null, 'content-length', 'upgrade', ':path', 'cookie']) {
      if (name !== null) pollute(name, '9');
      expect(await (await session.fetch(server.url, init)).text()).toBe('ok');
      if (name !== null) Reflect.deleteProperty(Object.prototype, name);
      expect(seen.at(-1)).toEqual(seen[0]);
    }
    expect(server.seen.every((line) => line === '2.0 /')).toBe(true);
  });
});
