import { expect, it } from 'vitest';
import { retryAfter } from '../../../src/core/flow/retry.ts';
import { createSession } from '../../../src/index.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

const at = Date.parse('2026-11-20T10:00:00Z');

it.each([
  ['0', 0],
  ['7', 7000],
  [' 7\t', 7000],
  ['86400', 86_400_000],
  ['Fri, 20 Nov 2026 10:00:05 GMT', 5000],
  ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['', null],
])('N04 reads the Retry-After %j as %j ms', (value, milliseconds) => {
  expect(retryAfter(429, { 'retry-after': value }, at)).toBe(milliseconds);
});

it('N04 reads Retry-After only from 429 and 503', () => {
  expect(retryAfter(200, { 'retry-after': '7' })).toBeNull();
});

it('N04 sends a GET again after a 503 with the retry option, and no more often than its limit', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '0' }).end('later');
  });
  await using session = await createSession({ retry: { limit: 2 } });
  const response = await session.fetch(server.url);
  expect(response.status).toBe(503);
  expect(await response.text()).toBe('later');
  expect(server.seen).toHaveLength(3);
});

it('N04 waits before it sends again, at least half of the backoff', async () => {
  const server = await startServer((_request, response) => void response.writeHead(503).end());
  await using session = await createSession({ retry: { limit: 2, backoff: (retry) => 40 * retry } });
  const startedAt = performance.now();
  expect((await session.fetch(server.url)).status).toBe(503);
  expect(performance.now() - startedAt).toBeGreaterThan(55);
  expect(server.seen).toHaveLength(3);
});

it('N04 returns the answer at once when Retry-After is longer than maxRetryAfter', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(429, { 'retry-after': '86400' }).end();
  });
  await using session = await createSession({ retry: true });
  expect((await session.fetch(server.url)).status).toBe(429);
  expect(server.seen).toHaveLength(1);
});

it('N04 returns the answer at once when the total time would be over before the retry', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '40' }).end();
  });
  await using session = await createSession({ retry: true, timeout: 30_000 });
  expect((await session.fetch(server.url)).status).toBe(503);
  expect(server.seen).toHaveLength(1);
});

it('N04 holds the next request of the session to an origin that asked for it, and no other origin', async () => {
  const answer = { held: true };
  const busy = await startServer((_request, response) => {
    response.writeHead(answer.held ? 429 : 200, { 'retry-after': '3600' }).end();
  });
  const free = await startServer((_request, response) => void response.end());
  await using session = await createSession({ retry: { limit: 0, maxRetryAfter: 3_600_000 } });
  expect((await session.fetch(busy.url)).status).toBe(429);
  answer.held = false;
  const caller = new AbortController();
  const held = session.fetch(busy.url, { signal: caller.signal, timeout: false });
  expect((await session.fetch(free.url)).status).toBe(200);
  caller.abort(new Error('enough'));
  await expect(held).rejects.toThrow('enough');
  expect(busy.seen).toHaveLength(1);
});

it('N03 does not send a POST again, also with the retry option', async () => {
  const server = await startServer((_request, response) => void response.writeHead(503).end());
  await using session = await createSession({ retry: { limit: 2, backoff: () => 0 } });
  expect((await session.fetch(server.url, { method: 'POST', body: 'x' })).status).toBe(503);
  expect(server.seen).toHaveLength(1);
});

it('sends a POST again when its method is named', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(server.seen.length === 1 ? 500 : 200).end();
  });
  await using session = await createSession();
  const retry = { limit: 1, methods: ['POST'], backoff: () => 0 };
  expect((await session.fetch(server.url, { method: 'POST', body: 'x', retry })).status).toBe(200);
  expect(server.seen.map(({ body }) => body.toString())).toEqual(['x', 'x']);
});

it('N05 does not send a stream again', async () => {
  const server = await startServer((_request, response) => void response.writeHead(503).end());
  await using session = await createSession({ retry: { limit: 2, methods: ['PUT'], backoff: () => 0 } });
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('once');
  }
  expect((await session.fetch(server.url, { method: 'PUT', body: body() })).status).toBe(503);
  expect(server.seen).toHaveLength(1);
});

it('tries again when the connection was lost, and fails when it is lost each time', async () => {
  const server = await startRawServer((socket) => socket.destroy());
  await using session = await createSession({ retry: { limit: 1, backoff: () => 0 } });
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(server.sockets).toHaveLength(2);
});

it('T06 an abort while it waits for the retry rejects with the reason', async () => {
  const server = await startServer((_request, response) => void response.writeHead(503).end());
  await using session = await createSession();
  const caller = new AbortController();
  const backoff = (): number => {
    queueMicrotask(() => caller.abort('no more'));
    return 3_600_000;
  };
  const call = session.fetch(server.url, { retry: { backoff }, signal: caller.signal, timeout: false });
  await expect(call).rejects.toBe('no more');
});

it.each([
  [{ limit: -1 }],
  [{ limit: 1.5 }],
  [{ methods: 'GET' }],
  [{ methods: [1] }],
  [{ statusCodes: ['503'] }],
  [{ backoff: 100 }],
  [{ maxRetryAfter: -1 }],
  [{ unknown: 1 }],
  ['yes'],
])('refuses retry: %j', async (retry) => {
  await expect(createSession({ retry: retry as never })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});
