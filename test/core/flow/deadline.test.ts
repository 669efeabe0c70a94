import { getEventListeners, once } from 'node:events';
import { Agent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startDeadline } from '../../../src/core/flow/deadline.ts';
import type { TimeoutLimits } from '../../../src/core/request/settings.ts';
import { createSession, createTransport, isRequestError, type RequestInit } from '../../../src/index.ts';
import { httpHead, httpResponse, turns, whenClosed, writeEndlessly } from '../../helpers/raw.ts';
import { type RawServer, startRawServer, startServer } from '../../helpers/servers.ts';

/** Does `step` again and again until the other end hangs up. */
function drip(socket: RawServer['sockets'][number], step: () => void): void {
  const next = (): void => {
    if (socket.destroyed) return;
    step();
    setTimeout(next, 1);
  };
  next();
}

const page = httpHead(['Content-Length: 100000']);

const faults: [string, (socket: RawServer['sockets'][number]) => void][] = [
  ['T01 ends a server that never answers at the total', () => {}],
  [
    'T07 ends a body that drips at the total',
    (socket) => {
      socket.write(page);
      drip(socket, () => socket.write('x'));
    },
  ],
  [
    'T08 ends informational responses without end at the total',
    (socket) => drip(socket, () => socket.write(httpHead([], '103 Early Hints'))),
  ],
  [
    'T09 ends headers that drip at the total',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(socket, () => socket.write('X: 1\r\n'));
    },
  ],
  [
    'R11 ends redirects without end at the total',
    (socket) => socket.write(httpResponse('', ['Location: /again'], '302 Found')),
  ],
];

it.each(faults)('%s', async (_label, fault) => {
  const server = await startRawServer(fault);
  await using session = await createSession({ maxRedirects: 1_000_000 });
  const read = async (): Promise<string> => (await session.fetch(server.url, { timeout: 60 })).text();
  await expect(read()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 60 });
  await Promise.all(server.sockets.map(whenClosed));
});

it('ends an unread body at the total', async () => {
  const server = await startRawServer((socket) => {
    socket.write(httpHead(['Content-Length: 100000000']));
    writeEndlessly(socket, Buffer.alloc(65_536));
  });
  await using session = await createSession();
  // Enough to have the headers on a busy machine.
  const response = await session.fetch(server.url, { timeout: 1000 });
  await whenClosed(server.sockets[0]);
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'body' });
});

const phases: [string, RequestInit['timeout'], Buffer | null][] = [
  ['headers', { total: false, headers: 30 }, null],
  ['body', { total: false, idle: 30 }, page],
];

it.each(phases)('says that it waited for the %s', async (phase, timeout, answer) => {
  const server = await startRawServer((socket) => answer !== null && socket.write(answer));
  await using session = await createSession();
  const read = async (): Promise<string> =>
    (await session.fetch(`${server.url}/?q=canary`, { timeout })).text();
  const error = await read().catch((reason: unknown) => reason);
  if (!isRequestError(error, 'ERR_TIMEOUT')) throw error;
  expect(error).toMatchObject({ phase, timeout: 30, request: { method: 'GET', url: `${server.url}/?q=…` } });
  expect(error.message).toContain('30 ms');
});

it('T03 says that it waited for the TLS handshake, and closes the socket', async () => {
  const server = await startRawServer(() => {});
  await using session = await createSession();
  const failed = session.fetch(`https://127.0.0.1:${server.ownPort}`, { timeout: { connect: 200 } });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'tls', timeout: 200 });
  await whenClosed(server.sockets[0]);
});

it('limits the time to make a connection by connectTimeout', async () => {
  const server = await startRawServer(() => {});
  await using transport = await createTransport({ connectTimeout: 200 });
  await using session = await createSession({ transport, timeout: false });
  const failed = session.fetch(`https://127.0.0.1:${server.ownPort}`);
  await expect(failed).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'tls', timeout: 200 });
  await whenClosed(server.sockets[0]);
});

it('sets no limit with timeout: false', async () => {
  const server = await startServer(async (_request, response) => {
    await turns(50);
    response.end('late');
  });
  await using session = await createSession({ timeout: 1 });
  expect(await (await session.fetch(server.url, { timeout: false })).text()).toBe('late');
});

it('does not treat a slow reader as a silent server', async () => {
  const server = await startServer((_request, response) => {
    response.end(Buffer.alloc(1_000_000));
  });
  await using session = await createSession();
  const response = await session.fetch(server.url, { timeout: { idle: 100 } });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await response.bytes()).length).toBe(1_000_000);
});

it('has no effect after the body was read', async () => {
  const server = await startServer((_request, response) => {
    response.end('done');
  });
  await using session = await createSession();
  const controller = new AbortController();
  const response = await session.fetch(server.url, { signal: controller.signal });
  expect(await response.text()).toBe('done');
  controller.abort();
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

describe('an abort', () => {
  it('T06 before the call sends nothing and rejects with the reason itself', async () => {
    const server = await startRawServer(() => {});
    await using session = await createSession();
    const reason = { why: 'own object' };
    await expect(session.fetch(server.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await turns(20);
    expect(server.sockets).toEqual([]);
  });

  it('T06 while the headers are awaited rejects with the reason itself and closes the socket', async () => {
    const asked = Promise.withResolvers<void>();
    const server = await startRawServer(() => asked.resolve());
    await using session = await createSession();
    const controller = new AbortController();
    const reason = new Error('own error');
    const outcome = expect(session.fetch(server.url, { signal: controller.signal })).rejects.toBe(reason);
    await asked.promise;
    controller.abort(reason);
    await outcome;
    await whenClosed(server.sockets[0]);
  });

  it('T03 while a name is looked up rejects at once', async () => {
    const asked = Promise.withResolvers<void>();
    const agent = new Agent({ connect: { lookup: () => asked.resolve() } });
    await using transport = await createTransport({ dispatcher: agent });
    await using session = await createSession({ transport });
    const controller = new AbortController();
    const outcome = expect(session.fetch('http://hanging.test/', { signal: controller.signal })).rejects.toBe(
      'now',
    );
    await asked.promise;
    controller.abort('now');
    await outcome;
    void agent.destroy();
  });

  it('T03 during the TLS handshake rejects at once and closes the socket', async () => {
    const server = await startRawServer(() => {});
    await using session = await createSession({ timeout: false });
    const controller = new AbortController();
    const call = session.fetch(`https://127.0.0.1:${server.ownPort}`, { signal: controller.signal });
    const outcome = expect(call).rejects.toBe('now');
    while (server.received[0] === undefined || server.received[0] === '') await turns(1);
    controller.abort('now');
    await outcome;
    await whenClosed(server.sockets[0]);
  });

  it('T02 of one call does not affect the connection of another', async () => {
    const server = await startRawServer(() => {});
    await using session = await createSession({ timeout: false });
    const controller = new AbortController();
    const url = `https://127.0.0.1:${server.ownPort}`;
    const first = expect(session.fetch(url, { signal: controller.signal })).rejects.toBe('now');
    const second = expect(session.fetch(url)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    while ((server.received[1] ?? '') === '') await turns(1);
    controller.abort('now');
    await first;
    await Promise.race(server.sockets.map(whenClosed));
    await turns(20);
    expect(server.sockets.filter((socket) => !socket.closed)).toHaveLength(1);
    for (const socket of server.sockets) socket.destroy();
    await second;
  });

  const readers: [string, (response: Response) => Promise<unknown>][] = [
    ['text()', (response) => response.text()],
    ['a stream', (response) => response.body?.getReader().read() ?? Promise.resolve()],
    ['a clone', (response) => response.clone().text()],
  ];

  it.each(readers)(
    'T06 within the body rejects %s with the reason itself and closes the socket',
    async (_label, read) => {
      const server = await startRawServer((socket) => socket.write(page));
      await using session = await createSession();
      const controller = new AbortController();
      const response = await session.fetch(server.url, { signal: controller.signal });
      const outcome = expect(read(response)).rejects.toBe('enough');
      await turns(2);
      controller.abort('enough');
      await outcome;
      await whenClosed(server.sockets[0]);
    },
  );

  it('T06 within the body destroys readable() with the reason', async () => {
    const server = await startRawServer((socket) => socket.write(page));
    await using session = await createSession();
    const controller = new AbortController();
    const readable = (await session.fetch(server.url, { signal: controller.signal })).readable();
    const reason = new Error('own error');
    const failed = once(readable, 'error');
    controller.abort(reason);
    expect(await failed).toEqual([reason]);
  });

  it('T06 before the body is read rejects the read', async () => {
    const server = await startRawServer((socket) => socket.write(page));
    await using session = await createSession();
    const controller = new AbortController();
    const response = await session.fetch(server.url, { signal: controller.signal });
    controller.abort('enough');
    await expect(response.text()).rejects.toBe('enough');
  });

  it('T06 between two hops ends the chain', async () => {
    const controller = new AbortController();
    const server = await startServer((request, response) => {
      if (request.url === '/1') response.writeHead(302, { location: '/2' });
      response.end();
    });
    await using session = await createSession();
    const call = session.fetch(`${server.url}/1`, {
      signal: controller.signal,
      onRequestEvent: ({ type }) => type === 'redirect' && controller.abort('here'),
    });
    await expect(call).rejects.toBe('here');
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['the default reason', (controller: AbortController) => controller.abort(), 'AbortError'],
    ['null', (controller: AbortController) => controller.abort(null), undefined],
  ])('rejects with %s', async (_label, abort, name) => {
    const server = await startRawServer(() => {});
    await using session = await createSession();
    const controller = new AbortController();
    const call = session.fetch(server.url, { signal: controller.signal }).catch((reason: unknown) => reason);
    abort(controller);
    const reason = await call;
    expect(reason).toBe(controller.signal.reason);
    expect(Object(reason).name).toBe(name);
  });

  it('distinguishes the timeout of a signal from our own', async () => {
    const server = await startRawServer(() => {});
    await using session = await createSession();
    const signal = AbortSignal.timeout(20);
    const error = await session.fetch(server.url, { signal }).catch((reason: unknown) => reason);
    expect(error).toBe(signal.reason);
    expect(isRequestError(error)).toBe(false);
  });

  it('T15 leaves no listener on a signal after a thousand calls', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/to' });
      response.end('short');
    });
    await using session = await createSession();
    const { signal } = new AbortController();
    for (let call = 0; call < 1000; call++) {
      const response = await session.fetch(`${server.url}/${call % 2 === 0 ? 'moved' : 'plain'}`, { signal });
      if (call % 3 === 0) await response.text();
    }
    await session.fetch('http://127.0.0.1:1/', { signal }).catch(() => {});
    while (getEventListeners(signal, 'abort').length > 0) await turns(1);
  });
});

describe('the limits', () => {
  const none: TimeoutLimits = { total: false, connect: false, headers: false, idle: false };
  const start = (limits: Partial<TimeoutLimits>) =>
    startDeadline({ ...none, ...limits }, null, { method: 'GET', url: new URL('http://host.test/') });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('T10 fire within a millisecond of what was asked', () => {
    vi.useFakeTimers();
    const deadline = start({ total: 50 });
    deadline.enter('headers');
    vi.advanceTimersByTime(49);
    expect(deadline.failure).toBeUndefined();
    vi.advanceTimersByTime(2);
    expect(deadline.failure?.reason).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 50, phase: 'headers' });
  });

  it('Y03 do not depend on the time of the system', () => {
    vi.useFakeTimers({ now: 1_000_000_000_000 });
    const deadline = start({ total: 100 });
    deadline.enter('headers');
    vi.setSystemTime(1_086_400_000_000);
    vi.advanceTimersByTime(50);
    vi.setSystemTime(0);
    vi.advanceTimersByTime(49);
    expect(deadline.failure).toBeUndefined();
    expect(deadline.remaining()).toBeLessThanOrEqual(1.5);
    vi.advanceTimersByTime(2);
    expect(deadline.failure?.reason).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 100 });
  });

  it('measure the pause between two pieces, not the whole body', () => {
    vi.useFakeTimers();
    const deadline = start({ idle: 100 });
    deadline.enter('body');
    for (let piece = 0; piece < 5; piece++) {
      vi.advanceTimersByTime(80);
      deadline.touch();
    }
    expect(deadline.failure).toBeUndefined();
    vi.advanceTimersByTime(101);
    expect(deadline.failure?.reason).toMatchObject({ timeout: 100, phase: 'body' });
  });

  it('do not run while the body waits for its reader', () => {
    vi.useFakeTimers();
    const deadline = start({ idle: 100 });
    deadline.enter('body');
    deadline.hold(true);
    vi.advanceTimersByTime(1000);
    deadline.hold(false);
    vi.advanceTimersByTime(99);
    expect(deadline.failure).toBeUndefined();
    vi.advanceTimersByTime(2);
    expect(deadline.failure?.reason).toMatchObject({ timeout: 100, phase: 'body' });
  });

  it('count the connection, not the headers, as connecting', () => {
    vi.useFakeTimers();
    const deadline = start({ connect: 100 });
    deadline.enter('queue');
    vi.advanceTimersByTime(90);
    deadline.enter('headers');
    vi.advanceTimersByTime(1000);
    expect(deadline.failure).toBeUndefined();
  });

  it('keep the total although a phase would allow more', () => {
    vi.useFakeTimers();
    const deadline = start({ total: 100, headers: 80 });
    deadline.enter('queue');
    vi.advanceTimersByTime(60);
    deadline.enter('headers');
    vi.advanceTimersByTime(41);
    expect(deadline.failure?.reason).toMatchObject({ timeout: 100 });
  });

  it('leave no timer after the end', () => {
    vi.useFakeTimers();
    const deadline = start({ total: 100 });
    deadline.enter('queue');
    deadline.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
