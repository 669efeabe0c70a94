import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';

const options = { ca: certificate().cert, http2: true } as const;

interface SeenStream {
  readonly version: string;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: string;
}

/** A server that speaks HTTP/2, and HTTP/1.1 to those who offer nothing else. */
async function startHttp2Server(
  answer: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
) {
  const seen: SeenStream[] = [];
  const sessions: http2.ServerHttp2Session[] = [];
  const server = http2.createSecureServer({ ...certificate(), allowHTTP1: true });
  server.on('session', (session) => sessions.push(session));
  server.on('request', async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ version: request.httpVersion, headers: request.headers, body });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, sessions };
}

it('speaks HTTP/2 where it is asked for and offered', async () => {
  const server = await startHttp2Server((request, response) => response.end(`over ${request.httpVersion}`));
  await using session = await createSession(options);
  const response = await session.fetch(`${server.url}/page`);
  expect([response.status, await response.text()]).toEqual([200, 'over 2.0']);
  expect(server.seen[0]?.headers[':path']).toBe('/page');
});

it('speaks HTTP/1.1 unless HTTP/2 is asked for', async () => {
  const server = await startHttp2Server((request, response) => response.end(`over ${request.httpVersion}`));
  await using session = await createSession({ ca: options.ca });
  expect(await (await session.fetch(server.url)).text()).toBe('over 1.1');
});

it('H07 falls back to HTTP/1.1 when the server has nothing else', async () => {
  const server = await startTlsServer((request, response) => {
    response.end(`over ${request.httpVersion}`);
  });
  await using session = await createSession(options);
  for (let call = 0; call < 3; call++) {
    expect(await (await session.fetch(server.url)).text()).toBe('over 1.1');
  }
});

it('H07 speaks HTTP/1.1 over plain http', async () => {
  const server = await startServer((request, response) => {
    response.end(`over ${request.httpVersion}`);
  });
  await using session = await createSession(options);
  expect(await (await session.fetch(server.url)).text()).toBe('over 1.1');
});

it('H07 speaks HTTP/2 through a tunnel', async () => {
  const server = await startHttp2Server((request, response) => response.end(`over ${request.httpVersion}`));
  const proxy = await startHttpProxy();
  await using session = await createSession({ ...options, proxy: `http://${proxy.host}` });
  expect(await (await session.fetch(server.url)).text()).toBe('over 2.0');
  expect(proxy.seen[0]?.method).toBe('CONNECT');
});

it('sends and stores cookies over HTTP/2', async () => {
  const server = await startHttp2Server((_request, response) => {
    response.setHeader('set-cookie', ['a=1', 'b=2; Secure']);
    response.end();
  });
  await using session = await createSession(options);
  await (await session.fetch(server.url)).text();
  await (await session.fetch(server.url)).text();
  expect(server.seen.map(({ headers }) => headers.cookie)).toEqual([undefined, 'a=1; b=2']);
});

it('sends bodies of every kind over HTTP/2', async () => {
  const server = await startHttp2Server((_request, response) => response.end());
  async function* pieces(): AsyncGenerator<string> {
    yield 'one ';
    yield 'two';
  }
  await using session = await createSession(options);
  for (const body of ['text', new Blob(['blob']), pieces()]) {
    await (await session.fetch(server.url, { method: 'POST', body })).text();
  }
  expect(server.seen.map(({ body }) => body)).toEqual(['text', 'blob', 'one two']);
});

it('runs parallel calls on one connection', async () => {
  const server = await startHttp2Server((request, response) => response.end(request.url));
  await using session = await createSession(options);
  await (await session.fetch(server.url)).text();
  const texts = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => (await session.fetch(`${server.url}/${index}`)).text()),
  );
  expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => `/${index}`));
  expect(server.sessions).toHaveLength(1);
});

it('H02 fails when a stream is reset within the body', async () => {
  const server = await startHttp2Server((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
  });
  await using session = await createSession(options);
  const read = async (): Promise<string> => (await session.fetch(server.url)).text();
  await expect(read()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});

it('H08 ends a stream that is never answered at the limit', async () => {
  const server = await startHttp2Server(() => {});
  await using session = await createSession(options);
  await expect(session.fetch(server.url, { timeout: { total: 500 } })).rejects.toMatchObject({
    code: 'ERR_TIMEOUT',
  });
});

it('rejects with the reason of an abort', async () => {
  const asked = Promise.withResolvers<void>();
  const server = await startHttp2Server(() => asked.resolve());
  await using session = await createSession(options);
  const controller = new AbortController();
  const outcome = expect(session.fetch(server.url, { signal: controller.signal })).rejects.toBe('enough');
  await asked.promise;
  controller.abort('enough');
  await outcome;
});
