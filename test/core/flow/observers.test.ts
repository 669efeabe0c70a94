import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import * as zlib from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createSession,
  createTransport,
  fetch,
  type ObservedExchange,
  type Observer,
  withSession,
} from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { httpHead, httpResponse } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

/** An observer that notes the name of everything it is told, and the exchanges in the order of their start. */
function noting(): { told: string[]; exchanges: ObservedExchange[]; observer: Observer } {
  const told: string[] = [];
  const exchanges: ObservedExchange[] = [];
  const observer: Observer = {
    onCallStart: ({ kind }) => told.push(`call ${kind}`),
    onRetry: (_call, { attempt, status }) => told.push(`retry ${attempt} of ${status}`),
    onRedirect: (_call, { status }) => told.push(`redirect ${status}`),
    onCallEnd: ({ failure }) => told.push(failure === null ? 'call end' : 'call failed'),
    onExchangeStart: (exchange) => {
      exchanges.push(exchange);
      told.push(`exchange ${exchange.attempt}.${exchange.hop}`);
    },
    onRequest: () => told.push('request'),
    onRequestEnd: () => told.push('request end'),
    onInformation: (_exchange, { status }) => told.push(`information ${status}`),
    onResponse: ({ response }) => told.push(`response ${response?.status}`),
    onExchangeEnd: ({ failure }) => told.push(failure === null ? 'exchange end' : 'exchange failed'),
  };
  return { told, exchanges, observer };
}

describe('an observer', () => {
  it('is called for each step of each exchange of a call, in order', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/old')
        response.writeHead(302, { location: '/new?a=b', 'content-length': 0 }).end();
      else response.end('body');
    });
    const { told, exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    expect(await (await session.fetch(`${server.url}/old`)).text()).toBe('body');
    const exchange = ['request', 'request end'];
    expect(told).toEqual([
      ...['call fetch', 'exchange 1.1', ...exchange, 'response 302', 'exchange end'],
      ...['redirect 302', 'exchange 1.2', ...exchange, 'response 200', 'exchange end', 'call end'],
    ]);
    expect(exchanges.map(({ url }) => url)).toEqual([`${server.url}/old`, `${server.url}/new?a=b`]);
    const [first, second] = exchanges;
    expect(first?.call).toBe(second?.call);
    expect(first?.call).toMatchObject({ sessionId: session.id, kind: 'fetch', method: 'GET', failure: null });
    expect(second?.startedAt).toBeGreaterThanOrEqual(first?.call.startedAt ?? Number.NaN);
  });

  it('sees the head as it was sent: every byte, in its order and spelling', async () => {
    const server = await startRawServer((socket) => socket.write(httpResponse('')));
    const { exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    session.setCookie('name', 'wért', server.url);
    await session.fetch(`${server.url}/path?q=1`, {
      method: 'POST',
      body: 'body',
      headers: { 'X-Own-Header': 'o', cookie: 'mine=m' },
    });
    const [head = ''] = server.received[0]?.split('\r\n\r\n') ?? [];
    const [line, ...fields] = Buffer.from(head, 'latin1').toString('utf8').split('\r\n');
    const request = exchanges[0]?.request;
    expect(`${request?.method} ${request?.target} HTTP/1.1`).toBe(line);
    expect(request?.headers.map(([name, value]) => `${name}: ${value}`)).toEqual(fields);
    expect(request?.bodyLength).toBe(4);
    expect(fields).toContain('Cookie: name=wért; mine=m');
  });

  it('sees the head as it was received: spelling, order, repeated fields, bytes', async () => {
    const lines = ['X-Second: 1', 'x-FIRST: é', 'Set-Cookie: a=b; Path=/', 'X-Second: 2', 'Set-Cookie: c=d'];
    const raw = lines.map((line) => Buffer.from(line).toString('latin1'));
    const server = await startRawServer((socket) =>
      socket.write(httpResponse('x', raw, '299 Such As It Is')),
    );
    const { exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    await session.fetch(server.url);
    expect(exchanges[0]?.response).toMatchObject({ status: 299, statusText: 'Such As It Is' });
    const seen = exchanges[0]?.response?.headers.map(([name, value]) => `${name}: ${value}`);
    expect(seen).toEqual(['Content-Length: 1', ...lines]);
  });

  it('sees the connection: its ends, its protocol and whether it was used before', async () => {
    const server = await startServer((request, response) => {
      response.end(`${request.socket.remoteAddress} ${request.socket.remotePort}`);
    });
    const { exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    const [address, port] = (await (await session.fetch(server.url)).text()).split(' ');
    await (await session.fetch(server.url)).text();
    const local = { address, port: Number(port) };
    const remote = { address: '127.0.0.1', port: server.port };
    expect(exchanges.map(({ connection }) => connection)).toEqual([
      { protocol: 'http/1.1', isReused: false, remote, local },
      { protocol: 'http/1.1', isReused: true, remote, local },
    ]);
    expect(exchanges[0]?.timings).toMatchObject({ connect: expect.any(Number), headers: expect.any(Number) });
    expect(exchanges[1]?.timings.connect).toBeNull();
  });

  it('gets the pieces of both bodies as copies, the response encoded as it came', async () => {
    const packed = zlib.gzipSync('x'.repeat(1000));
    const server = await startServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(packed);
    });
    const pieces: { sent: Uint8Array[]; received: Uint8Array[] } = { sent: [], received: [] };
    const counts: number[] = [];
    const observer: Observer = {
      onRequestData: (_exchange, chunk) => pieces.sent.push(chunk),
      onResponseData: (_exchange, chunk) => {
        pieces.received.push(Uint8Array.from(chunk));
        chunk.fill(0);
      },
      onBytes: ({ sentBytes, receivedBytes }) => counts.push(sentBytes, receivedBytes),
    };
    await using session = await createSession({ observers: [observer] });
    const response = await session.fetch(server.url, { method: 'POST', body: 'sent' });
    expect(await response.text()).toBe('x'.repeat(1000));
    expect(Buffer.concat(pieces.sent).toString()).toBe('sent');
    expect(Buffer.concat(pieces.received)).toEqual(packed);
    expect(counts).toEqual([4, 0, 4, packed.length]);
  });

  it('is called for informational responses and trailers', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      socket.write(httpHead(['Transfer-Encoding: chunked', 'Trailer: X-Sum']));
      socket.write('1\r\nx\r\n0\r\nX-Sum: 7\r\n\r\n');
    });
    const { told, exchanges, observer } = noting();
    const hints: unknown[] = [];
    const onInformation: Observer['onInformation'] = (_exchange, { headers }) => hints.push(headers);
    await using session = await createSession({ observers: [observer, { onInformation }] });
    await (await session.fetch(server.url)).text();
    expect(told).toContain('information 103');
    expect(JSON.stringify(hints)).toBe('[[["Link","</a>"]]]');
    expect(exchanges[0]?.trailers).toEqual([['X-Sum', '7']]);
  });

  it('is called for retries with their wait and reason', async () => {
    const server = await startServer((_request, response) => {
      response.writeHead(server.seen.length === 1 ? 503 : 200).end();
    });
    const { told, exchanges, observer } = noting();
    const waits: number[] = [];
    await using session = await createSession({
      observers: [observer, { onRetry: (_call, { wait }) => waits.push(wait) }],
      retry: { backoff: () => 2 },
    });
    const response = await session.fetch(server.url);
    expect(response.attempts).toBe(2);
    expect(told.filter((step) => /retry|exchange \d/.test(step))).toEqual([
      'exchange 1.1',
      'retry 2 of 503',
      'exchange 2.1',
    ]);
    expect(waits).toEqual([expect.any(Number)]);
    expect(exchanges.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('is called when a request is sent again because its reused connection was closed', async () => {
    const server = await startRawServer((socket, _head, index) => {
      if (index === 1) socket.destroy();
      else socket.write(httpResponse('body'));
    });
    const { told, exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer] });
    await (await session.fetch(server.url)).text();
    told.length = 0;
    await (await session.fetch(server.url)).text();
    expect(told).toEqual([
      ...['call fetch', 'exchange 1.1', 'request', 'request end', 'exchange failed', 'retry 1 of null'],
      ...['exchange 1.1', 'request', 'request end', 'response 200', 'exchange end', 'call end'],
    ]);
    expect(exchanges.map(({ isResent }) => isResent)).toEqual([false, false, true]);
    expect(exchanges[1]?.failure?.reason).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  it("is called for a failure before there is a connection, with the caller's error", async () => {
    const { told, exchanges, observer } = noting();
    const transport = await createTransport({ resolve: { 'gone.test': '127.0.0.1' } });
    await using session = await createSession({ observers: [observer], transport });
    const error = await session.fetch('http://gone.test:1/').catch((reason: unknown) => reason);
    expect(told).toEqual(['call fetch', 'exchange 1.1', 'exchange failed', 'call failed']);
    expect([exchanges[0]?.failure?.reason, exchanges[0]?.call.failure?.reason]).toEqual([error, error]);
    expect([exchanges[0]?.request, exchanges[0]?.connection]).toEqual([null, null]);
    await transport.close();
  });

  it("gets the reason of the caller's abort, and that a body was cut", async () => {
    const server = await startRawServer((socket) => socket.write(httpHead(['Content-Length: 10'])));
    const { exchanges, told, observer } = noting();
    const controller = new AbortController();
    await using session = await createSession({ observers: [observer] });
    const response = await session.fetch(server.url, { signal: controller.signal });
    controller.abort('mine');
    await expect(response.text()).rejects.toBe('mine');
    expect(told.slice(-2)).toEqual(['exchange failed', 'call failed']);
    expect(exchanges[0]?.failure).toEqual({ reason: 'mine' });
  });

  it('sees what HTTP/2 sends and receives, pseudo-header fields included', async () => {
    const server = http2.createSecureServer(certificate());
    const seen: string[] = [];
    server.on(
      'stream',
      (stream: http2.ServerHttp2Stream, _headers: unknown, _flags: unknown, raw: string[]) => {
        seen.push(...raw);
        stream.respond({ ':status': 200, 'x-answer': 'a', 'set-cookie': ['c=d', 'e=f'] });
        stream.end('two');
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { told, exchanges, observer } = noting();
    await using session = await createSession({ observers: [observer], insecure: true, http2: true });
    session.setCookie('a', 'b', `https://127.0.0.1:${port}`);
    const response = await session.fetch(`https://127.0.0.1:${port}/two?q=1`, { method: 'PUT', body: 'b' });
    expect(await response.text()).toBe('two');
    const [exchange] = exchanges;
    expect(exchange?.connection).toMatchObject({ protocol: 'h2', remote: { address: '127.0.0.1', port } });
    expect(exchange?.request?.target).toBe('/two?q=1');
    expect(exchange?.request?.headers.flat()).toEqual(seen);
    expect(exchange?.response?.headers).toEqual(
      expect.arrayContaining([
        ['x-answer', 'a'],
        ['set-cookie', 'c=d'],
        ['set-cookie', 'e=f'],
      ]),
    );
    expect(told.slice(-3)).toEqual(['response 200', 'exchange end', 'call end']);
    expect(exchange).toMatchObject({ sentBytes: 1, receivedBytes: 3 });
  });

  it('does not affect a call when it throws, and the process gets the error', async () => {
    const server = await startServer((_request, response) => {
      response.end('body');
    });
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    try {
      const broken = new Error('broken observer');
      const calls: string[] = [];
      const fail = (): never => {
        throw broken;
      };
      await using session = await createSession({
        observers: [
          { onCallStart: fail, onResponse: fail, onExchangeEnd: fail },
          { onCallStart: () => calls.push('start'), onExchangeEnd: () => calls.push('end') },
        ],
      });
      expect(await (await session.fetch(server.url)).text()).toBe('body');
      expect(calls).toEqual(['start', 'end']);
      await expect.poll(() => thrown).toEqual([broken, broken, broken]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });

  it('may be an object with state: its methods are called on it', async () => {
    class Counter implements Observer {
      #count = 0;
      onResponse(): void {
        this.#count++;
      }
      get count(): number {
        return this.#count;
      }
    }
    const server = await startServer((_request, response) => {
      response.end();
    });
    const counter = new Counter();
    await withSession((session) => session.fetch(server.url), { observers: [counter] });
    await fetch(server.url, { observers: [counter] });
    await using session = await createSession({ observers: [counter] });
    await using fork = await session.fork();
    await fork.fetch(server.url);
    expect(counter.count).toBe(3);
  });

  it.each([
    ['x', /observers must be an array of objects/],
    [{}, /observers must be an array of objects/],
    [[null], /observers\[0\] must be an object/],
    [[{}, { onResponce: () => {} }], /observers\[1\] has an unknown method: "onResponce"/],
    [[{ onResponse: 1 }], /observers\[0\]\.onResponse must be a function/],
  ])('is refused as an option: %j', async (observers, message) => {
    const made = createSession({ observers: observers as never });
    await expect(made).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(made).rejects.toThrow(message);
  });
});

describe('secrets', () => {
  it('are not shown when an exchange is inspected or written as JSON', async () => {
    const server = await startServer((_request, response) => {
      response
        .setHeader('set-cookie', ['sid=canary; HttpOnly', 'canary'])
        .setHeader('x-auth-token', 'canary');
      response.writeHead(302, { location: '/next?token=canary#canary' }).end();
    });
    const { exchanges, observer } = noting();
    const calls: unknown[] = [];
    await using session = await createSession({
      observers: [observer, { onCallStart: (call) => calls.push(call) }],
      maxRedirects: 1,
    });
    const url = `${server.url.replace('//', '//ada:canary@')}/first?token=canary`;
    const headers = { cookie: 'mine=canary', 'x-api-key': 'canary', referer: `${server.url}/?a=canary` };
    await session.fetch(url, { headers }).catch(() => {});
    expect(exchanges).toHaveLength(2);
    const [exchange] = exchanges;
    const real = exchange?.request?.headers.find(([name]) => name === 'Authorization')?.[1];
    expect(real).toBe(`Basic ${Buffer.from('ada:canary').toString('base64')}`);
    const shown = [
      exchange,
      calls,
      exchange?.request,
      exchange?.request?.headers,
      exchange?.response,
    ].flatMap((each) => [inspect(each, { depth: 9 }), JSON.stringify(each)]);
    for (const text of shown) {
      expect(text).not.toContain('canary');
      expect(text).not.toContain('YWRh');
    }
    expect(JSON.stringify(exchange)).toContain('"sid=…; HttpOnly"');
    expect(JSON.stringify(exchange)).toContain('["Authorization","Basic …"]');
    expect(JSON.stringify(exchange?.request?.headers)).toContain('["Cookie","mine=…"]');
  });
});
