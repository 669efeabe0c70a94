import { CookieJar, MemoryCookieStore } from 'tough-cookie';
import { expect, it } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

/** A store of cookies that never answers. */
class SilentStore extends MemoryCookieStore {
  override synchronous = false;
  override findCookies(): never {
    return new Promise(() => {}) as never;
  }
}

it('T01 the total holds while a store of cookies does not answer', async () => {
  await using session = await createSession({ cookieJar: new CookieJar(new SilentStore()) });
  const call = session.fetch('http://127.0.0.1:1/', { timeout: 50 });
  await expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 50 });
});

it('T06 an abort holds while a store of cookies does not answer', async () => {
  await using session = await createSession({ cookieJar: new CookieJar(new SilentStore()) });
  const caller = new AbortController();
  const call = session.fetch('http://127.0.0.1:1/', { signal: caller.signal, timeout: false });
  setImmediate(() => caller.abort('enough'));
  await expect(call).rejects.toBe('enough');
});

it('N04 does not count the pause before a retry as a delay of the server', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(server.seen.length === 1 ? 503 : 200).end();
  });
  await using session = await createSession();
  const retry = { limit: 1, backoff: () => 400 };
  expect((await session.fetch(server.url, { retry, timeout: { idle: 150 } })).status).toBe(200);
});

it("N04 fails at once when the origin asked for a longer wait than the call's time limit", async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(429, { 'retry-after': '3600' }).end();
  });
  await using session = await createSession({ retry: { limit: 0, maxRetryAfter: 3_600_000 } });
  await session.fetch(server.url);
  const call = session.fetch(server.url, { timeout: 1_000_000 });
  await expect(call).rejects.toMatchObject({
    code: 'ERR_RATE_LIMITED',
    message: expect.stringContaining('Retry-After'),
    retryAfter: expect.toSatisfy((wait: number) => wait > 3_000_000 && wait <= 3_600_000),
  });
  expect(server.seen).toHaveLength(1);
});

it('F15 does not read the endless body of a 205', async () => {
  const closed = Promise.withResolvers<void>();
  const server = await startRawServer((socket) => {
    socket.on('close', () => closed.resolve());
    socket.write('HTTP/1.1 205 Reset Content\r\ntransfer-encoding: chunked\r\n\r\n');
    const more = (): void => {
      while (!socket.destroyed && socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`));
    };
    socket.on('drain', more);
    more();
  });
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect([response.status, response.body]).toEqual([205, null]);
  await closed.promise;
});

it('F15 releases the connection of a 205 that announces a body and sends none', async () => {
  let requests = 0;
  const server = await startRawServer((socket) => {
    requests++;
    const isFirst = requests === 1;
    socket.write(
      `HTTP/1.1 ${isFirst ? '205 Reset' : '200 OK'}\r\ncontent-length: ${isFirst ? 10 : 0}\r\n\r\n`,
    );
  });
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  await session.fetch(server.url);
  expect((await session.fetch(server.url)).status).toBe(200);
});

it('gives each of several parallel calls the timings of its own connection', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const responses = await Promise.all(Array.from({ length: 6 }, () => session.fetch(server.url)));
  expect(responses.map(({ timings }) => typeof timings.connect)).toEqual(Array(6).fill('number'));
  expect((await session.fetch(server.url)).timings.connect).toBeNull();
});

it('R06 does not send a header to another origin because of the beginning of its name', async () => {
  const other = await startServer((_request, response) => void response.end());
  const server = await startServer((_request, response) => {
    response.writeHead(307, { location: other.url }).end();
  });
  await using session = await createSession({ browser: null });
  const headers = { 'sec-token': '1', 'accept-secret': '2', 'content-token': '3', 'accept-language': 'de' };
  await session.fetch(server.url, { method: 'POST', body: 'x', headers });
  const names = other.seen[0]?.headers.map(([name]) => name.toLowerCase());
  expect(names).toContain('accept-language');
  expect(names).toContain('content-type');
  expect(names?.filter((name) => /token|secret/.test(name))).toEqual([]);
});
