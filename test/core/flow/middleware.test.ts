import { describe, expect, it } from 'vitest';
import {
  createSession,
  fetch,
  isRequestError,
  type Middleware,
  type RequestEvent,
  withSession,
} from '../../../src/index.ts';
import { httpResponse, whenClosed } from '../../helpers/raw.ts';
import { headerOf, startRawServer, startServer } from '../../helpers/servers.ts';

const echo = () =>
  startServer((request, response, body) => {
    response.end(JSON.stringify({ method: request.method, url: request.url, body: body.toString() }));
  });

describe('a middleware', () => {
  it('runs once per call, the first listed outermost, around retries and redirects', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
      else response.writeHead(server.seen.length < 4 ? 503 : 200).end('done');
    });
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      async (request, next) => {
        order.push(`${name} in`);
        const response = await next(request);
        order.push(`${name} out ${response.status}`);
        return response;
      };
    await using session = await createSession({
      middleware: [named('outer'), named('inner')],
      retry: { limit: 2, backoff: () => 1 },
    });
    const response = await session.fetch(`${server.url}/old`);
    expect(await response.text()).toBe('done');
    expect(order).toEqual(['outer in', 'inner in', 'inner out 200', 'outer out 200']);
    expect(server.seen.map(({ url }) => url)).toEqual(['/old', '/new', '/old', '/new']);
    expect(response.redirected).toBe(true);
  });

  it('sees the request as it is resolved: method, URL, headers in order and spelling, body', async () => {
    const server = await echo();
    const seen: unknown[] = [];
    await using session = await createSession({
      baseUrl: server.url,
      defaultHeaders: { 'X-Default': 'd' },
      middleware: [
        async (request, next) => {
          seen.push(request.method, request.url.href, [...request.headers]);
          seen.push(request.headers.get('x-default'), request.headers.has('X-none'));
          seen.push(request.body?.length, Buffer.from((await request.body?.bytes()) ?? []).toString());
          seen.push(request.destination, request.mode, request.redirect, request.credentials);
          return next(request);
        },
      ],
    });
    await session.fetch('/a?b=c', {
      method: 'post',
      json: { x: 1 },
      headers: { 'x-Own': 'o', Cookie: 'a=b' },
    });
    expect(seen).toEqual([
      'POST',
      `${server.url}/a?b=c`,
      [
        ['X-Default', 'd'],
        ['x-Own', 'o'],
        ['Content-Type', 'application/json'],
        ['Cookie', 'a=b'],
      ],
      'd',
      false,
      7,
      '{"x":1}',
      '',
      'cors',
      'follow',
      'include',
    ]);
  });

  it('changes the request by passing another to next, and the first stays as it was', async () => {
    const server = await echo();
    await using session = await createSession({
      middleware: [
        (request, next) => {
          const changed = request.with({
            method: 'PUT',
            url: '/changed?x=1',
            headers: { 'X-New': 'n', 'x-gone': null, 'X-KEPT': 'k2' },
            body: 'new body',
          });
          expect([request.method, request.url.pathname]).toEqual(['POST', '/first']);
          return next(changed);
        },
      ],
    });
    const response = await session.fetch(`${server.url}/first`, {
      method: 'POST',
      body: 'old',
      headers: { 'x-gone': '1', 'x-kept': 'k1', 'content-type': 'text/x-own' },
    });
    expect(await response.json()).toEqual({ method: 'PUT', url: '/changed?x=1', body: 'new body' });
    const [seen] = server.seen;
    expect(seen?.headers.filter(([name]) => name.toLowerCase().startsWith('x-'))).toEqual([
      ['X-KEPT', 'k2'],
      ['X-New', 'n'],
    ]);
    expect(headerOf(seen, 'content-type')).toBe('text/x-own');
    expect(headerOf(seen, 'content-length')).toBe('8');
  });

  it.each([
    ['json', { json: { a: 1 } }, 'application/json', '{"a":1}'],
    ['form', { form: { a: 'b c' } }, 'application/x-www-form-urlencoded', 'a=b+c'],
    ['bytes', { body: new Uint8Array([104, 105]) }, 'text/x-own', 'hi'],
    ['nothing', { body: null }, undefined, ''],
  ])('replaces a body by %s with the headers that go with it', async (_, changes, type, body) => {
    const server = await echo();
    await using session = await createSession({
      middleware: [(request, next) => next(request.with(changes))],
    });
    const headers = { 'content-type': 'text/x-own' };
    const response = await session.fetch(server.url, { method: 'POST', body: 'old', headers });
    expect(await response.json()).toMatchObject({ body });
    expect(headerOf(server.seen[0], 'content-type')).toBe(type);
  });

  it("does not send the caller's headers to another origin, but sends those that it adds itself", async () => {
    const [home, other] = [await echo(), await echo()];
    await using session = await createSession({
      middleware: [
        (request, next) => next(request.with({ url: `${other.url}/moved`, headers: { 'X-Mine': 'm' } })),
      ],
    });
    const headers = {
      authorization: 'Bearer canary',
      cookie: 'sid=canary',
      'x-key': 'canary',
      accept: 'a/b',
    };
    await session.fetch(home.url, { headers });
    expect(home.seen).toEqual([]);
    const [seen] = other.seen;
    expect(JSON.stringify(seen?.headers)).not.toContain('canary');
    expect([headerOf(seen, 'accept'), headerOf(seen, 'x-mine')]).toEqual(['a/b', 'm']);
  });

  it('answers without next with any Response, which becomes one of a session', async () => {
    await using session = await createSession({
      middleware: [
        () => new Response('made here', { status: 203, headers: { 'X-A': 'b', 'set-cookie': 'a=b' } }),
      ],
    });
    const response = await session.fetch('http://nowhere.invalid/page#f');
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.headers.get('x-a')]).toEqual([203, 'b']);
    expect([response.url, response.redirected]).toEqual(['http://nowhere.invalid/page', false]);
    expect(response.hops).toMatchObject([{ url: 'http://nowhere.invalid/page', status: 203 }]);
    expect(response.cookies).toEqual({ a: 'b' });
    expect(await response.text()).toBe('made here');
    // What no server said is in no jar.
    expect(session.getAllCookies()).toEqual([]);
  });

  it('gives a Response made of the answer the URL and the hops of that answer', async () => {
    const server = await echo();
    await using session = await createSession({
      middleware: [
        async (request, next) => {
          const response = await next(request);
          return new Response((await response.text()).toUpperCase(), response);
        },
      ],
    });
    const response = await session.fetch(`${server.url}/a`);
    expect(await response.json()).toMatchObject({ METHOD: 'GET', URL: '/A' });
    expect(response.url).toBe(`${server.url}/a`);
    expect(response.hops).toHaveLength(1);
  });

  it('returns the same response that next gave, and a clone of it', async () => {
    const server = await echo();
    const seen: unknown[] = [];
    await using session = await createSession({
      middleware: [
        async (request, next) => {
          const response = await next(request);
          seen.push(response);
          void response
            .clone()
            .text()
            .then((text) => seen.push(text));
          return response;
        },
      ],
    });
    const response = await session.fetch(server.url);
    expect(response).toBe(seen[0]);
    const text = await response.text();
    await expect.poll(() => seen[1]).toBe(text);
  });

  it('may call next again; the answer that is not returned is discarded and its connection is used again', async () => {
    const server = await startServer((_request, response, body) => {
      response.writeHead(server.seen.length === 1 ? 401 : 200).end(body);
    });
    await using session = await createSession({
      middleware: [
        async (request, next) => {
          const response = await next(request);
          return response.status === 401 ? next(request.with({ headers: { 'x-again': '1' } })) : response;
        },
      ],
    });
    const response = await session.fetch(server.url, { method: 'POST', body: 'twice' });
    expect([response.status, await response.text()]).toEqual([200, 'twice']);
    expect(server.seen.map((seen) => headerOf(seen, 'x-again'))).toEqual([undefined, '1']);
    expect(await (await session.fetch(server.url)).text()).toBe('');
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('cannot send a stream twice', async () => {
    const server = await echo();
    async function* body(): AsyncGenerator<string> {
      yield 'once';
    }
    const errors: unknown[] = [];
    await using session = await createSession({
      middleware: [
        async (request, next) => {
          expect([request.body?.length, request.body?.isReplayable]).toEqual([null, false]);
          await request.body?.bytes().catch((error) => errors.push(error));
          const response = await next(request);
          await next(request).catch((error) => errors.push(error));
          return response;
        },
      ],
    });
    const response = await session.fetch(server.url, { method: 'POST', body: body() });
    expect(await response.json()).toMatchObject({ body: 'once' });
    expect(errors.map((error) => isRequestError(error, 'ERR_BODY_NOT_REPLAYABLE'))).toEqual([true, true]);
  });

  it('may call next twice in parallel and return the first answer; the other is aborted', async () => {
    const server = await startRawServer((socket, head) => {
      if (head.includes('x-try: 2')) socket.write(httpResponse('second'));
    });
    await using session = await createSession({
      middleware: [
        (request, next) => Promise.race([next(request), next(request.with({ headers: { 'x-try': '2' } }))]),
      ],
    });
    expect(await (await session.fetch(server.url)).text()).toBe('second');
    const slow = server.sockets[server.received.findIndex((text) => !text.includes('x-try: 2'))];
    await whenClosed(slow);
  });

  it('cannot call next after it has answered', async () => {
    const server = await echo();
    const late = Promise.withResolvers<unknown>();
    await using session = await createSession({
      middleware: [
        (request, next) => {
          setImmediate(() => next(request).catch(late.resolve));
          return new Response('early');
        },
      ],
    });
    expect(await (await session.fetch(server.url)).text()).toBe('early');
    expect(await late.promise).toMatchObject({ code: 'ERR_INVALID_OPTION' });
    expect(server.seen).toEqual([]);
  });
});

describe('the limits of a call', () => {
  it('end a middleware that waits, with the time limit', async () => {
    const seen = Promise.withResolvers<unknown>();
    await using session = await createSession({
      timeout: 20,
      middleware: [
        (request) => {
          request.signal.addEventListener('abort', () => seen.resolve(request.signal.reason));
          return new Promise<Response>(() => {});
        },
      ],
    });
    const error = await session.fetch('http://nowhere.invalid/').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 20 });
    expect(await seen.promise).toBe(error);
  });

  it('end it with the reason of an abort itself', async () => {
    const controller = new AbortController();
    const reason = { why: 'stop' };
    await using session = await createSession({
      middleware: [
        () => {
          controller.abort(reason);
          return new Promise<Response>(() => {});
        },
      ],
    });
    const call = session.fetch('http://nowhere.invalid/', { signal: controller.signal });
    await expect(call).rejects.toBe(reason);
  });

  it('include the time before next, and say what the call waited for', async () => {
    const server = await startRawServer(() => {});
    await using session = await createSession({
      timeout: 50,
      middleware: [
        async (request, next) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return next(request);
        },
      ],
    });
    const call = session.fetch(server.url);
    await expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'headers', timeout: 50 });
    await whenClosed(server.sockets[0]);
  });

  it('apply to the body of the answer', async () => {
    const server = await startServer((_request, response) => {
      response.write('half');
    });
    await using session = await createSession({
      timeout: 50,
      middleware: [(request, next) => next(request), (request, next) => next(request)],
    });
    const response = await session.fetch(server.url);
    await expect(response.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'body' });
  });

  it('apply to the body of a Response that a middleware made', async () => {
    const cancelled = Promise.withResolvers<unknown>();
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      cancel: (reason) => cancelled.resolve(reason),
    });
    await using session = await createSession({ timeout: 30, middleware: [() => new Response(endless)] });
    const response = await session.fetch('http://nowhere.invalid/');
    await expect(response.bytes()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(await cancelled.promise).toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('are reported by onRequestEvent as one start and one end', async () => {
    const server = await echo();
    await using session = await createSession({
      middleware: [
        async (request, next) => {
          await (await next(request)).text();
          return next(request);
        },
      ],
    });
    const types: string[] = [];
    const onRequestEvent = ({ type }: RequestEvent): void => void types.push(type);
    await (await session.fetch(server.url, { onRequestEvent })).text();
    expect(types.filter((type) => type === 'request_sent')).toHaveLength(2);
    expect([types[0], types.at(-1)]).toEqual(['request_start', 'done']);
    expect(types.filter((type) => ['request_start', 'done', 'error'].includes(type))).toHaveLength(2);
  });
});

describe('a mistake of a middleware', () => {
  it('fails the call with its own error', async () => {
    const broken = new Error('broken');
    await using session = await createSession({
      middleware: [
        () => {
          throw broken;
        },
      ],
    });
    await expect(session.fetch('http://nowhere.invalid/')).rejects.toBe(broken);
  });

  it('leaves no answer on its connection when it throws after next', async () => {
    const server = await startServer((_request, response) => {
      response.end('x'.repeat(10_000));
    });
    let throws = true;
    await using session = await createSession({
      middleware: [
        async (request, next) => {
          const response = await next(request);
          if (throws) throw new Error('after');
          return response;
        },
      ],
    });
    await expect(session.fetch(server.url)).rejects.toThrow('after');
    throws = false;
    expect((await (await session.fetch(server.url)).text()).length).toBe(10_000);
  });

  it.each([
    ['nothing', undefined],
    ['a string', 'text'],
    ['an object', { status: 200 }],
  ])('is told when it answers %s', async (_, answer) => {
    await using session = await createSession({ middleware: [() => answer as never] });
    const call = session.fetch('http://nowhere.invalid/');
    await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(call).rejects.toThrow(/middleware\[0\] must return a Response, got /);
  });

  it('is an error when next gets something else than its request', async () => {
    await using session = await createSession({
      middleware: [(request, next) => next({ ...request } as never)],
    });
    const call = session.fetch('http://nowhere.invalid/');
    await expect(call).rejects.toThrow(/next must be given the request, or one that its with\(\) made/);
  });

  it.each([
    [{ metod: 'GET' }, 'ERR_INVALID_OPTION', /"metod"/],
    [{ method: 'CONNECT' }, 'ERR_INVALID_OPTION', /Unsupported HTTP method/],
    [{ url: 'ftp://x/' }, 'ERR_INVALID_URL', /Unsupported URL scheme/],
    [{ headers: { 'x\n': 'a' } }, 'ERR_INVALID_HEADER', /header/],
    [{ method: 'GET', body: 'x' }, 'ERR_INVALID_BODY', /cannot have a body/],
    [{ redirect: 'maybe' }, 'ERR_INVALID_OPTION', /redirect must be one of/],
    [{ destination: 'PAGE' }, 'ERR_INVALID_OPTION', /destination must be/],
    [{ json: 1, form: {} }, 'ERR_INVALID_OPTION', /cannot be combined/],
  ])('is told when with() gets %j', async (changes, code, message) => {
    await using session = await createSession({
      middleware: [(request, next) => next(request.with(changes as never))],
    });
    const call = session.fetch('http://nowhere.invalid/', { method: 'POST' });
    await expect(call).rejects.toMatchObject({ code });
    await expect(call).rejects.toThrow(message);
  });

  it.each([['x'], [{}], [[1]], [[null]], [() => {}]])('is refused as an option: %j', async (middleware) => {
    const made = createSession({ middleware: middleware as never });
    await expect(made).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(made).rejects.toThrow(/middleware/);
  });
});

describe('middleware can be given', () => {
  const mark: Middleware = (request, next) => next(request.with({ headers: { 'x-mark': 'm' } }));

  it('to withSession and to one-shot fetch, and a fork has it', async () => {
    const server = await echo();
    await withSession((session) => session.fetch(server.url), { middleware: [mark] });
    await fetch(server.url, { middleware: [mark] });
    await using session = await createSession({ middleware: [mark] });
    await using fork = await session.fork();
    await fork.fetch(server.url);
    await using bare = await session.fork({ middleware: [] });
    await bare.fetch(server.url);
    expect(server.seen.map((seen) => headerOf(seen, 'x-mark'))).toEqual(['m', 'm', 'm', undefined]);
  });

  it('but not to a one-shot fetch in a session', async () => {
    await using session = await createSession();
    const call = fetch('http://nowhere.invalid/', { session, middleware: [mark] });
    await expect(call).rejects.toThrow(/middleware.*cannot be combined with .*session/);
  });

  it('as a list that is copied', async () => {
    const server = await echo();
    const list: Middleware[] = [];
    await using session = await createSession({ middleware: list });
    list.push(mark);
    await session.fetch(server.url);
    expect(headerOf(server.seen[0], 'x-mark')).toBeUndefined();
  });
});
