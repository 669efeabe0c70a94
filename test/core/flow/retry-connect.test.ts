import { getEventListeners } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startDeadline } from '../../../src/core/flow/deadline.ts';
import {
  createSession,
  createTransport,
  type RequestInit,
  type SessionOptions,
  type Transport,
  type TransportOptions,
} from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { startHttpProxy, startSocksProxy } from '../../helpers/proxies.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';
import { startWebSocketServer } from '../../helpers/websockets.ts';

const ca = certificate().cert;
/** More than is needed: on a busy machine a try may take longer than the limit. */
const again = { limit: 5, backoff: () => 0 };

/** Stands before a server: passes connections on, but for some on which it says nothing, by default the first. */
async function startGate(
  target: number | string,
  isSilent: (connection: number) => boolean = (connection) => connection === 0,
): Promise<{ host: string; sockets: Socket[] }> {
  const port = Number(String(target).split(':').at(-1));
  const sockets: Socket[] = [];
  const gate = net.createServer((socket) => {
    socket.on('error', () => {});
    if (isSilent(sockets.push(socket) - 1)) return void socket.resume();
    const upstream = net.connect(port, '127.0.0.1');
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    gate.close();
  });
  return { host: `127.0.0.1:${(gate.address() as AddressInfo).port}`, sockets };
}

interface Way {
  readonly url: string;
  readonly gate: { readonly sockets: readonly Socket[] };
  readonly options: TransportOptions;
}

const secureSite = () => startTlsServer((request, response) => void response.end(request.url));

const ways: readonly [string, string, () => Promise<Way>][] = [
  [
    'a TLS handshake that hangs',
    'tls',
    async () => {
      const gate = await startGate((await secureSite()).port);
      return { url: `https://${gate.host}`, gate, options: {} };
    },
  ],
  [
    'the TLS handshake of HTTP/2 that hangs',
    'tls',
    async () => {
      const site = await startHttp2Server((request, response) => void response.end(request.url));
      const gate = await startGate(new URL(site.url).port);
      return { url: `https://${gate.host}`, gate, options: { http2: true } };
    },
  ],
  [
    'a proxy that does not answer CONNECT',
    'proxy',
    async () => {
      const gate = await startGate((await startHttpProxy()).host);
      return { url: (await secureSite()).url, gate, options: { proxy: `http://${gate.host}` } };
    },
  ],
  [
    'an https proxy whose TLS handshake hangs',
    'proxy',
    async () => {
      const gate = await startGate((await startHttpProxy({ tls: true })).host);
      return { url: (await secureSite()).url, gate, options: { proxy: `https://${gate.host}` } };
    },
  ],
  [
    'an https proxy whose TLS handshake hangs, before it forwards',
    'tls',
    async () => {
      const site = await startServer(
        (request, response) => void response.end(new URL(request.url ?? '', 'http://x').pathname),
      );
      const gate = await startGate((await startHttpProxy({ tls: true })).host);
      return { url: site.url, gate, options: { proxy: `https://${gate.host}` } };
    },
  ],
  [
    'a SOCKS proxy that says nothing',
    'proxy',
    async () => {
      const gate = await startGate((await startSocksProxy()).host);
      return { url: (await secureSite()).url, gate, options: { proxy: `socks5://${gate.host}` } };
    },
  ],
];

const limits: readonly [string, TransportOptions, RequestInit][] = [
  ['connectTimeout', { connectTimeout: 250 }, {}],
  ['timeout.connect', {}, { timeout: { connect: 250 } }],
];

async function open(options: TransportOptions): Promise<Transport> {
  const transport = await createTransport({ ca, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

describe.each(limits)('%s', (_name, transportOptions, init) => {
  it.each(ways)('is retried: %s', async (_label, _phase, start) => {
    const { url, gate, options } = await start();
    const transport = await open({ ...options, ...transportOptions });
    await using session = await createSession({ transport, retry: again });
    const response = await session.fetch(`${url}/page`, init);
    expect(await response.text()).toBe('/page');
    expect(response.attempts).toBeGreaterThan(1);
    expect(gate.sockets.length).toBeGreaterThan(1);
  });

  it.each(ways)(
    'is ERR_TIMEOUT with its phase without the retry option: %s',
    async (_label, phase, start) => {
      const { url, gate, options } = await start();
      const transport = await open({ ...options, ...transportOptions });
      await using session = await createSession({ transport });
      const failed = { code: 'ERR_TIMEOUT', phase, timeout: 250 };
      await expect(session.fetch(url, init)).rejects.toMatchObject(failed);
      expect(gate.sockets).toHaveLength(1);
    },
  );

  it('is not retried for a POST', async () => {
    const gate = await startGate((await secureSite()).port);
    const transport = await open(transportOptions);
    await using session = await createSession({ transport, retry: again });
    const call = session.fetch(`https://${gate.host}`, { ...init, method: 'POST', body: 'pay' });
    await expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'tls' });
    expect(gate.sockets).toHaveLength(1);
  });

  it('fails the call when the last attempt times out too', async () => {
    const gate = await startGate((await secureSite()).port, () => true);
    const transport = await open(transportOptions);
    await using session = await createSession({ transport, retry: { limit: 2, backoff: () => 0 } });
    const call = session.fetch(`https://${gate.host}`, init);
    await expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'tls', timeout: 250 });
    expect(gate.sockets).toHaveLength(3);
  });

  it('is not retried when the total would be over before', async () => {
    const gate = await startGate((await secureSite()).port);
    const transport = await open(transportOptions);
    await using session = await createSession({ transport, retry: { limit: 2, backoff: () => 3_600_000 } });
    const call = session.fetch(`https://${gate.host}`, init);
    await expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'tls', timeout: 250 });
    expect(gate.sockets).toHaveLength(1);
  });

  it('is retried from the first URL when it ended a redirect', async () => {
    const gate = await startGate((await secureSite()).port);
    const site = await startServer((_request, response) => {
      response.writeHead(302, { location: `https://${gate.host}/there` }).end();
    });
    const transport = await open(transportOptions);
    await using session = await createSession({ transport, retry: again });
    const response = await session.fetch(site.url, init);
    expect([await response.text(), response.redirected]).toEqual(['/there', true]);
    expect([site.seen.length, response.attempts]).toEqual([gate.sockets.length, gate.sockets.length]);
    expect(site.seen.length).toBeGreaterThan(1);
  });

  it('is retried within one next() of a middleware', async () => {
    const gate = await startGate((await secureSite()).port);
    const transport = await open(transportOptions);
    const passed: string[] = [];
    const middleware: SessionOptions['middleware'] = [
      (request, next) => {
        passed.push(String(request.url));
        return next(request);
      },
    ];
    await using session = await createSession({ transport, retry: again, middleware });
    expect(await (await session.fetch(`https://${gate.host}/m`, init)).text()).toBe('/m');
    expect(passed).toHaveLength(1);
    expect(gate.sockets.length).toBeGreaterThan(1);
  });

  it('is retried in the handshake of a WebSocket', async () => {
    const site = await startWebSocketServer({ tls: true });
    const gate = await startGate(new URL(site.url).port);
    const transport = await open(transportOptions);
    await using session = await createSession({ transport, retry: again });
    const socket = await session.websocket(`wss://${gate.host}/`, init);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect(gate.sockets.length).toBeGreaterThan(1);
    socket.close();
  });

  it('is retried before the first event of a stream', async () => {
    const site = await startTlsServer((_request, response) => {
      response.setHeader('content-type', 'text/event-stream').end('data: one\n\n');
    });
    const gate = await startGate(site.port);
    const transport = await open(transportOptions);
    await using session = await createSession({ transport, retry: again });
    const events: string[] = [];
    const stream = session.eventSource(`https://${gate.host}`, { ...init, reconnect: false });
    for await (const { data } of stream) events.push(data);
    expect(events).toEqual(['one']);
    expect(gate.sockets.length).toBeGreaterThan(1);
  });
});

it('does not end an event stream that reconnects, without a retry', async () => {
  const site = await startTlsServer((_request, response) => {
    response.setHeader('content-type', 'text/event-stream').end(`retry: 1\ndata: ${site.seen.length}\n\n`);
  });
  const gate = await startGate(site.port, (connection) => connection === 1);
  const transport = await open({ connectTimeout: 250, poolMaxIdlePerHost: 0 });
  await using session = await createSession({ transport });
  const events: string[] = [];
  for await (const { data } of session.eventSource(`https://${gate.host}`, { reconnectDelay: 1 })) {
    if (events.push(data) === 2) break;
  }
  expect(events).toEqual(['1', '2']);
  expect(gate.sockets.length).toBeGreaterThan(2);
});

it('timeout.connect is retried when it ran out in the queue for a connection', async () => {
  const held = Promise.withResolvers<() => void>();
  const site = await startServer((request, response) => {
    if (request.url === '/first') held.resolve(() => response.end('first'));
    else response.end(request.url);
  });
  const transport = await open({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const first = session.fetch(`${site.url}/first`);
  const release = await held.promise;
  const retry = {
    limit: 1,
    backoff: () => {
      release();
      return 0;
    },
  };
  const second = session.fetch(`${site.url}/second`, { retry, timeout: { connect: 50 } });
  expect(await (await first).text()).toBe('first');
  const response = await second;
  expect([await response.text(), response.attempts]).toEqual(['/second', 2]);
});

describe('after a retry of timeout.connect', () => {
  const timeout = { connect: 250 };

  it('the total counts from the start of the call', async () => {
    const site = await startTlsServer(() => {});
    const gate = await startGate(site.port);
    await using session = await createSession({ ca, retry: again });
    const call = session.fetch(`https://${gate.host}`, { timeout: { ...timeout, total: 1500 } });
    await expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'headers', timeout: 1500 });
    expect(gate.sockets.length).toBeGreaterThan(1);
  });

  it('an abort ends the call, and the listener on its signal is removed', async () => {
    const asked = Promise.withResolvers<void>();
    const site = await startTlsServer(() => asked.resolve());
    const gate = await startGate(site.port);
    await using session = await createSession({ ca, retry: again });
    const caller = new AbortController();
    const { signal } = caller;
    const call = expect(session.fetch(`https://${gate.host}`, { timeout, signal })).rejects.toBe('enough');
    await asked.promise;
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    caller.abort('enough');
    await call;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('an abort in the wait for the retry ends the call', async () => {
    const gate = await startGate((await secureSite()).port);
    await using session = await createSession({ ca });
    const caller = new AbortController();
    const backoff = (): number => {
      caller.abort('no more');
      return 0;
    };
    const call = session.fetch(`https://${gate.host}`, {
      timeout,
      signal: caller.signal,
      retry: { backoff },
    });
    await expect(call).rejects.toBe('no more');
    expect(gate.sockets).toHaveLength(1);
  });
});

describe('a deadline', () => {
  const limits = { total: 100, connect: 30, headers: 20, idle: false } as const;

  function start() {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    return startDeadline(limits, null, { method: 'GET', url: new URL('http://host.test/') });
  }

  it('continues after a limit of the connect phase, up to its total', () => {
    const deadline = start();
    deadline.enter('queue');
    vi.advanceTimersByTime(31);
    expect(deadline.failure?.reason).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 30, phase: 'queue' });
    expect([deadline.recover(), deadline.failure]).toEqual([true, undefined]);
    vi.advanceTimersByTime(68);
    expect(deadline.failure).toBeUndefined();
    vi.advanceTimersByTime(2);
    expect(deadline.failure?.reason).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 100 });
    expect(deadline.recover()).toBe(false);
  });

  it('does not continue after another limit', () => {
    const deadline = start();
    deadline.enter('headers');
    vi.advanceTimersByTime(21);
    expect(deadline.failure?.reason).toMatchObject({ timeout: 20, phase: 'headers' });
    expect(deadline.recover()).toBe(false);
  });
});
