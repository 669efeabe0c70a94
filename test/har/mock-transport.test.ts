import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type MockHandler, mockTransport } from '../../src/har/index.ts';
import { createSession, isRequestError, type RequestError, type Session } from '../../src/index.ts';

const url = 'https://shop.example/';

function sessionOver(handler: MockHandler, options: object = {}): Promise<Session> {
  return createSession({ transport: mockTransport(handler), ...options });
}

async function failureOf(call: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  assert(isRequestError(error), String(error));
  return error;
}

describe('what the handler is given', () => {
  it('is each request as it would be sent, and its number', async () => {
    const seen: unknown[] = [];
    await using session = await sessionOver(
      async (request, n) => {
        seen.push([n, request.method, request.url, await request.text(), request.headers.get('x-a')]);
        return new Response();
      },
      { defaultHeaders: { 'x-a': 'grün' } },
    );
    await session.fetch(`${url}a?b=c#d`);
    await session.fetch(url, { method: 'PUT', json: { tea: 'grün' } });
    expect(seen).toEqual([
      [1, 'GET', `${url}a?b=c`, '', 'grün'],
      [2, 'PUT', url, '{"tea":"grün"}', 'grün'],
    ]);
  });

  it('has the headers of the browser for this request, and the cookies of the jar', async () => {
    const heads: [string, string][][] = [];
    await using session = await sessionOver(
      ({ headers }) => {
        heads.push([...headers]);
        return Response.json({});
      },
      { browser: 'chrome_156', os: 'windows' },
    );
    session.setCookie('sid', 'canary', url);
    await session.fetch(url, { headers: { accept: 'application/json' } });
    const head = Object.fromEntries(heads[0] ?? []);
    expect(head).toMatchObject({ accept: 'application/json', cookie: 'sid=canary' });
    expect(head['user-agent']).toContain('Chrome/156');
    expect(head['sec-ch-ua-platform']).toBe('"Windows"');
  });

  it('has a copy of the body, and the bytes of the caller are not changed', async () => {
    await using session = await sessionOver(async (request) => {
      new Uint8Array(await request.arrayBuffer()).fill(0);
      return new Response();
    });
    const body = new Uint8Array([1, 2, 3]);
    await session.fetch(url, { method: 'POST', body });
    expect([...body]).toEqual([1, 2, 3]);
  });

  it('has a stream for a stream body, piece by piece', async () => {
    const made: string[] = [];
    await using session = await sessionOver(async (request) => {
      const reader = request.body?.getReader();
      const first = await reader?.read();
      made.push('read');
      await reader?.cancel();
      return new Response(Buffer.from(first?.value ?? []).toString());
    });
    async function* pieces(): AsyncGenerator<string> {
      try {
        yield 'one';
        made.push('asked for more');
        yield 'two';
      } finally {
        made.push('ended');
      }
    }
    const response = await session.fetch(url, { method: 'POST', body: pieces() });
    expect(await response.text()).toBe('one');
    expect(made).toContain('ended');
  });
});

describe('what works as usual above it', () => {
  it('follows redirects with the cookies of every hop', async () => {
    await using session = await sessionOver((request) => {
      const { pathname } = new URL(request.url);
      if (pathname !== '/login') return Response.json({ cookie: request.headers.get('cookie') });
      const headers = new Headers({ location: '/members' });
      headers.append('set-cookie', 'sid=1; Path=/');
      headers.append('set-cookie', 'lang=de; Path=/; Expires=Wed, 09 Jun 2100 10:18:14 GMT');
      return new Response(null, { status: 302, headers });
    });
    const response = await session.fetch(`${url}login`, { method: 'POST', form: { user: 'ada' } });
    expect(await response.json()).toEqual({ cookie: 'sid=1; lang=de' });
    expect(response.hops.map((hop) => [hop.status, hop.setCookies])).toEqual([
      [
        302,
        [
          { name: 'sid', stored: true },
          { name: 'lang', stored: true },
        ],
      ],
      [200, []],
    ]);
  });

  it('decodes', async () => {
    await using session = await sessionOver(
      () => new Response(gzipSync('unpacked'), { headers: { 'content-encoding': 'gzip' } }),
    );
    expect(await (await session.fetch(url)).text()).toBe('unpacked');
  });

  it('tries again after a temporary answer and a temporary failure', async () => {
    await using session = await sessionOver((_request, n) => {
      if (n === 1) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      return new Response(`${n}`, { status: n === 2 ? 503 : 200 });
    });
    const response = await session.fetch(url, { retry: { backoff: () => 1 } });
    expect([await response.text(), response.attempts]).toEqual(['3', 3]);
  });

  it('ends a call that times out, and aborts the signal of the request', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using session = await sessionOver(({ signal }) => {
      signal.addEventListener('abort', () => resolve());
      return new Promise(() => {});
    });
    const error = await failureOf(session.fetch(url, { timeout: 20 }));
    expect([error.code, error.phase]).toEqual(['ERR_TIMEOUT', 'headers']);
    await promise;
  });

  it('rejects with the reason of an abort, before the head and while the body is read', async () => {
    await using session = await sessionOver(({ url: target }) =>
      target.endsWith('/slow') ? new Promise(() => {}) : new Response(new ReadableStream({})),
    );
    for (const path of ['slow', 'body']) {
      const controller = new AbortController();
      const reason = { why: path };
      const call = session.fetch(url + path, { signal: controller.signal });
      const read = path === 'slow' ? call : call.then((response) => response.text());
      if (path === 'body') await call;
      setImmediate(() => controller.abort(reason));
      await expect(read).rejects.toBe(reason);
    }
  });

  it('reads no more of the body of an answer than the caller reads', async () => {
    let pulled = 0;
    let cancelled = false;
    await using session = await sessionOver(() => {
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled++;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
        cancel: () => {
          cancelled = true;
        },
      });
      return new Response(body);
    });
    const response = await session.fetch(url);
    const reader = response.body?.getReader();
    await reader?.read();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBeLessThan(40);
    await reader?.cancel();
    await new Promise((resolve) => setImmediate(resolve));
    expect(cancelled).toBe(true);
  });

  it.each([
    ['HEAD', 200, 'the body of another method'],
    ['GET', 204, null],
  ])('has no body for %s and %s', async (method, status, body) => {
    await using session = await sessionOver(
      () => new Response(body, { status, headers: { 'x-a': 'b', 'content-length': '5' } }),
    );
    const response = await session.fetch(url, { method });
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([status, 'b', '']);
  });

  it('has observers like any transport', async () => {
    const told: unknown[] = [];
    await using session = await sessionOver(() => new Response('four', { statusText: 'Fine' }), {
      observers: [
        {
          onRequest: ({ request }: { request: { bodyLength: number } }) => told.push(request.bodyLength),
          onRequestEnd: ({ sentBytes }: { sentBytes: number }) => told.push(sentBytes),
          onResponse: ({ response }: { response: { statusText: string } }) => told.push(response.statusText),
          onExchangeEnd: ({ receivedBytes }: { receivedBytes: number }) => told.push(receivedBytes),
        },
      ],
    });
    await (await session.fetch(url, { method: 'POST', body: 'body' })).text();
    expect(told).toEqual([4, 4, 'Fine', 4]);
  });
});

describe('failures', () => {
  it.each([
    ['ECONNREFUSED', 'ERR_CONNECT'],
    ['ENOTFOUND', 'ERR_DNS'],
    ['CERT_HAS_EXPIRED', 'ERR_TLS'],
    ['UND_ERR_SOCKET', 'ERR_CONNECTION_LOST'],
    ['UND_ERR_HEADERS_TIMEOUT', 'ERR_TIMEOUT'],
  ])('of the network, thrown with the code %s, are %s', async (code, expected) => {
    const cause = Object.assign(new Error('thrown'), { code });
    await using session = await sessionOver(() => Promise.reject(cause));
    const error = await failureOf(session.fetch(url));
    expect([error.code, error.cause]).toEqual([expected, cause]);
    expect(error.request).toEqual({ method: 'GET', url });
  });

  it('of the handler are ERR_MOCK_FAILED with its error, and are not tried again', async () => {
    let calls = 0;
    const cause = new assert.AssertionError({ message: 'expected tea' });
    await using session = await sessionOver(() => {
      calls++;
      throw cause;
    });
    const error = await failureOf(session.fetch(url, { retry: { backoff: () => 1 } }));
    expect([error.code, error.message]).toEqual([
      'ERR_MOCK_FAILED',
      'The handler of mockTransport threw: expected tea',
    ]);
    expect([error.cause, calls]).toEqual([cause, 1]);
  });

  it('of a handler that returns no Response say what it returned', async () => {
    await using session = await sessionOver((() => ({ status: 200 })) as unknown as MockHandler);
    const error = await failureOf(session.fetch(url));
    expect([error.code, error.message]).toEqual([
      'ERR_MOCK_FAILED',
      'The handler of mockTransport must return a Response, got an object',
    ]);
  });

  it('of a Response that is given twice say so', async () => {
    const response = new Response('once');
    await using session = await sessionOver(() => response);
    await (await session.fetch(url)).text();
    const error = await failureOf(session.fetch(url));
    expect([error.code, error.message]).toEqual([
      'ERR_MOCK_FAILED',
      'The Response that answers request 2 was used before: make a new one for each request',
    ]);
  });

  it('of Response.error() are a lost connection', async () => {
    await using session = await sessionOver(() => Response.error());
    expect((await failureOf(session.fetch(url))).code).toBe('ERR_CONNECTION_LOST');
  });

  it('of the body of an answer are a truncated body', async () => {
    await using session = await sessionOver(() => {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(3);
        throw new Error('cut');
      }
      return new Response(ReadableStream.from(pieces()));
    });
    const response = await session.fetch(url);
    expect((await failureOf(response.text())).code).toBe('ERR_BODY_TRUNCATED');
  });

  it('of a WebSocket are a refusal with the status of the answer', async () => {
    await using session = await sessionOver(
      ({ headers }) => new Response(null, { status: headers.get('upgrade') === 'websocket' ? 426 : 200 }),
    );
    const error = await failureOf(session.websocket('wss://shop.example/chat'));
    expect([error.code, error.status]).toEqual(['ERR_PROTOCOL', 426]);
  });

  it('refuses a handler that is not a function', () => {
    expect(() => mockTransport({} as MockHandler)).toThrow('handler must be a function of a Request');
  });
});

describe('as a dispatcher', () => {
  it('answers the fetch of Node.js, whose handlers are older', async () => {
    const transport = mockTransport(async (request) => new Response(await request.text(), { status: 201 }));
    const { dispatcher } = transport;
    const init: object = { method: 'POST', body: 'tea', dispatcher };
    const response = await fetch(url, init);
    expect([response.status, await response.text()]).toEqual([201, 'tea']);
    await transport.close();
    await dispatcher.close();
    await new Promise<void>((resolve) => dispatcher.destroy(resolve));
  });

  it('answers request of undici, with headers in any of its forms', async () => {
    const { request } = await import('undici');
    const transport = mockTransport(({ headers }) => Response.json([...headers]));
    for (const headers of [{ 'x-a': ['1', '2'] }, ['x-a', '1', 'x-a', '2'], new Map([['x-a', ['1', '2']]])]) {
      const { body } = await request(url, { dispatcher: transport.dispatcher, headers });
      expect(await body.json()).toContainEqual(['x-a', '1, 2']);
    }
  });
});
