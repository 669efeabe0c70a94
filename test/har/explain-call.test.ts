import { describe, expect, it } from 'vitest';
import { callLog, explainCall, mockTransport } from '../../src/har/index.ts';
import { createSession, type Middleware, type ObservedCall } from '../../src/index.ts';
import { startServer } from '../helpers/servers.ts';
import { startWebSocketServer } from '../helpers/websockets.ts';

const plain = { color: false } as const;

/** Without what differs from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/\d+(\.\d+)? ms/g, 'N ms')
    .replaceAll(/(waited|name|connect|TLS|sent|answer|body) [\d.]+/g, '$1 N');
}

describe('a call as text', () => {
  it('has each request, its answer, its cookies, redirects and times', async () => {
    const server = await startServer((request, response) => {
      if (request.url?.startsWith('/login') === true) {
        response.writeHead(302, 'Found', {
          ...{ location: '/home?ticket=canary-1', 'content-length': '0', date: 'today' },
          'set-cookie': ['sid=canary-2; Path=/; HttpOnly', 'track=1; Domain=other.example'],
        });
        response.end();
      } else response.writeHead(200, 'OK', { 'content-length': '5', date: 'today' }).end('hello');
    });
    await using session = await createSession({ browser: null, observers: [callLog()] });
    session.setCookie('cart', 'canary-3', server.url, { path: '/cart' });
    const response = await session.fetch(`${server.url}/login?next=canary-4`, {
      method: 'POST',
      form: { password: 'canary-5' },
      headers: { authorization: 'Bearer canary-6' },
    });
    await response.text();
    const text = explainCall(response, plain);
    expect(text).not.toContain('canary');
    expect(steady(text).split('\n')).toEqual([
      'POST http://HOST/login?next=…: 200 OK (2 requests, N ms)',
      '',
      '* Try 1, request 1 of its redirects: http/1.1 to HOST, a new connection',
      '* withheld: cookie cart of 127.0.0.1/cart: it is for another path (path)',
      '> POST http://HOST/login?next=…',
      '> host: HOST',
      ...['> connection: keep-alive', '> authorization: Bearer …'],
      ...[
        '> Content-Type: application/x-www-form-urlencoded',
        '> content-length: 17',
        '> (17 bytes of body)',
      ],
      '< 302 Found',
      ...['< location: /home?ticket=…', '< content-length: 0', '< date: today'],
      ...['< set-cookie: sid=…; Path=/; HttpOnly', '< set-cookie: track=…; Domain=other.example'],
      ...['< Connection: keep-alive', '< Keep-Alive: timeout=5'],
      '* stored: cookie sid',
      '* not stored: cookie track: its Domain is neither the host nor a parent of it (domain-mismatch)',
      expect.stringMatching(/^\* Times: waited N, connect N, sent N, until the answer N/),
      '* 302 is followed to http://HOST/home?ticket=…',
      '',
      '* Try 1, request 2 of its redirects: http/1.1 to HOST, a reused connection',
      '* withheld: cookie cart of 127.0.0.1/cart: it is for another path (path)',
      '* sent: cookie sid of 127.0.0.1/',
      '> GET http://HOST/home?ticket=…',
      '> host: HOST',
      ...['> connection: keep-alive', '> authorization: Bearer …', '> Cookie: sid=…'],
      '< 200 OK',
      ...['< content-length: 5', '< date: today', '< Connection: keep-alive', '< Keep-Alive: timeout=5'],
      '< (5 bytes of body)',
      expect.stringMatching(
        /^\* Times: waited N, sent N, until the answer N, body N N ms|^\* Times: waited N/,
      ),
    ]);
  });

  it('has retries, and the failure of the call', async () => {
    let calls = 0;
    const transport = mockTransport(() => {
      if (++calls === 1) return new Response('later', { status: 503 });
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    });
    await using session = await createSession({ transport, observers: [callLog()] });
    const call = session.fetch('https://shop.example/', { retry: { limit: 1, backoff: () => 1 } });
    const error: unknown = await call.catch((reason: unknown) => reason);
    const lines = steady(explainCall(error, plain)).split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'GET https://shop.example/: failed (2 requests, N ms)',
      expect.stringMatching(/^ {2}ERR_CONNECT: No connection could be made/),
    ]);
    expect(lines).toContain('* It is tried again after status 503, in N ms');
    expect(lines).toContain("* Try 2, request 1 of its redirects: over a dispatcher of the caller's");
    expect(lines.filter((line) => line.startsWith('* Failed: ERR_CONNECT'))).toHaveLength(1);
  });

  it('says that it has not ended, and that its caller aborted it', async () => {
    const transport = mockTransport(() => new Response(new ReadableStream({})));
    await using session = await createSession({ transport, observers: [callLog()] });
    const controller = new AbortController();
    const response = await session.fetch('https://shop.example/', { signal: controller.signal });
    expect(explainCall(response, plain)).toContain('200 (1 request, it is not over)');
    controller.abort();
    await response.text().catch(() => {});
    expect(explainCall(response, plain)).toContain('  its caller aborted it (AbortError)');
  });

  it('escapes terminal sequences of a server', async () => {
    const transport = mockTransport(() => new Response('', { headers: { 'x-title': 'a\u009b31m' } }));
    await using session = await createSession({ transport, observers: [callLog()] });
    expect(explainCall(await session.fetch('https://shop.example/'), plain)).toContain(
      '< x-title: a\\x9b31m',
    );
  });

  it('has colours when they are requested', async () => {
    await using session = await createSession({
      transport: mockTransport(() => new Response()),
      observers: [callLog()],
    });
    const response = await session.fetch('https://shop.example/');
    const escaping = String.fromCharCode(27);
    const colored = explainCall(response, { color: true });
    expect(colored).toContain(`${escaping}[32m< 200`);
    expect(explainCall(response, plain)).not.toContain(escaping);
    // The output of a test is no terminal.
    expect([colored, explainCall(response, plain)]).toContain(explainCall(response));
  });
});

describe('the call of', () => {
  it('a response that middleware returned is known', async () => {
    const later: Middleware = async (_request, next) => {
      await next();
      return new Response('made', { status: 202 });
    };
    const transport = mockTransport(() => new Response('sent'));
    await using session = await createSession({ transport, middleware: [later], observers: [callLog()] });
    const response = await session.fetch('https://shop.example/');
    expect([await response.text(), explainCall(response, plain).includes('< 200')]).toEqual(['made', true]);
  });

  it('a session with two logs is described once', async () => {
    const transport = mockTransport(() => new Response('sent'));
    await using session = await createSession({ transport, observers: [callLog(), callLog()] });
    const text = explainCall(await session.fetch('https://shop.example/'), plain);
    expect(text.match(/< 200/g)).toHaveLength(1);
  });

  it('a socket is found by the call that observers are given', async () => {
    const server = await startWebSocketServer();
    const calls: ObservedCall[] = [];
    const keeping = { onCallStart: (call: ObservedCall) => void calls.push(call) };
    await using session = await createSession({ observers: [callLog(), keeping] });
    const socket = await session.websocket(server.url);
    expect(explainCall(calls[0], plain)).toContain('< 101');
    socket.close();
  });

  it.each([undefined, null, 'text', {}, new Error('another'), new Response()])('%o is not', (subject) => {
    expect(() => explainCall(subject)).toThrow('explainCall has no record of this');
  });

  it('a session without a log is not', async () => {
    await using session = await createSession({
      transport: mockTransport(() => new Response()),
      observers: [{}],
    });
    const response = await session.fetch('https://shop.example/');
    expect(() => explainCall(response)).toThrow('observers: [callLog()]');
    expect(() => explainCall(response, { colour: true } as object)).toThrow('did you mean color?');
    expect(() => explainCall(response, { color: 'yes' } as object)).toThrow('color must be true or false');
  });
});

it('keeps the first and the last steps of a long call', async () => {
  const log = callLog();
  const call = { id: 1, sessionId: 's', kind: 'eventsource', method: 'GET', url: 'https://a.test/' } as const;
  const watched: ObservedCall = { ...call, startedAt: 0, failure: null };
  log.onCallStart?.(watched);
  for (let attempt = 2; attempt < 1000; attempt++) {
    log.onRetry?.(watched, { attempt, wait: attempt, status: null, error: null });
  }
  const lines = explainCall(watched, plain).split('\n');
  expect(lines.length).toBe(201);
  expect([lines[1], lines.at(-1)]).toEqual([
    '* It is tried again after the end of its stream, in 2 ms',
    '* It is tried again after the end of its stream, in 999 ms',
  ]);
});
