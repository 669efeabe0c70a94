import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import {
  type Har,
  type HarEntry,
  type HarResponse,
  mockTransport,
  recordHar,
  replayHar,
} from '../../src/har/index.ts';
import { createSession, isRequestError, type RequestError } from '../../src/index.ts';
import { failureOf, harOf, type SmallEntry } from '../helpers/hars.ts';
import { startServer } from '../helpers/servers.ts';

const shop = 'https://shop.example';

describe('what works as usual above a replay', () => {
  it('follows recorded redirects with the cookies that they set', async () => {
    const transport = replayHar(
      harOf(
        {
          method: 'POST',
          url: `${shop}/login`,
          body: 'user=ada',
          status: 302,
          headers: [
            ['Location', '/'],
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
          ],
        },
        { url: `${shop}/`, text: 'hello' },
      ),
    );
    await using session = await createSession({ transport });
    const response = await session.fetch(`${shop}/login`, { method: 'POST', form: { user: 'ada' } });
    expect([await response.text(), response.url]).toEqual(['hello', `${shop}/`]);
    expect(session.getCookies(shop)).toEqual({ a: '1', b: '2' });
    expect(transport.unused()).toEqual([]);
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, br'])(
    'decodes %s, which a recording has decoded',
    async (coding) => {
      const headers: [string, string][] = [
        ['Content-Encoding', coding],
        ['Content-Length', '7'],
      ];
      await using session = await createSession({
        transport: replayHar(harOf({ url: shop, text: 'grün', headers })),
      });
      const response = await session.fetch(shop);
      expect(await response.text()).toBe('grün');
      await using plain = await createSession({
        transport: replayHar(harOf({ url: shop, text: 'grün', headers })),
      });
      const raw = await plain.fetch(shop, { decompress: false });
      const bytes = await raw.arrayBuffer();
      expect([raw.headers.get('content-encoding'), raw.headers.get('content-length')]).toEqual([
        coding,
        `${bytes.byteLength}`,
      ]);
    },
  );

  it('leaves out a coding that cannot be decoded', async () => {
    const headers: [string, string][] = [['Content-Encoding', 'sdch']];
    await using session = await createSession({
      transport: replayHar(harOf({ url: shop, text: 'plain', headers })),
    });
    const response = await session.fetch(shop);
    expect([await response.text(), response.headers.get('content-encoding')]).toEqual(['plain', null]);
  });

  it('tries again as it did when it was recorded', async () => {
    const transport = replayHar(
      harOf(
        { url: shop, status: 0, error: 'ERR_CONNECT' },
        { url: shop, status: 503, text: 'later' },
        { url: shop, text: 'now' },
      ),
    );
    await using session = await createSession({ transport });
    const response = await session.fetch(shop, { retry: { backoff: () => 1 } });
    expect([await response.text(), response.attempts]).toEqual(['now', 3]);
  });

  it('does not fail when a request was sent again on a new connection', async () => {
    const har = harOf({ url: shop, status: 0, error: 'ERR_CONNECTION_LOST' }, { url: shop, text: 'here' });
    const [lost, again] = har.log.entries;
    Object.assign(lost ?? {}, { _call: 1, _attempt: 1, _hop: 1 });
    Object.assign(again ?? {}, { _call: 1, _attempt: 1, _hop: 1, _resent: true });
    const transport = replayHar(har);
    await using session = await createSession({ transport });
    expect(await (await session.fetch(shop)).text()).toBe('here');
    expect(transport.unused()).toEqual([]);
  });

  it('has bytes that are not text, and an empty body where there is none', async () => {
    const entries: SmallEntry[] = [
      { url: `${shop}/bytes`, base64: Buffer.from([0xff, 0]).toString('base64') },
      { url: `${shop}/none`, status: 204 },
      { method: 'HEAD', url: `${shop}/head`, headers: [['Content-Length', '5']] },
    ];
    await using session = await createSession({ transport: replayHar(harOf(...entries)) });
    expect([...(await (await session.fetch(`${shop}/bytes`)).bytes())]).toEqual([255, 0]);
    expect((await session.fetch(`${shop}/none`)).body).toBeNull();
    const head = await session.fetch(`${shop}/head`, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['5', '']);
  });
});

describe('failures', () => {
  it.each([
    ['ERR_DNS', 'ERR_DNS'],
    ['ERR_CONNECT', 'ERR_CONNECT'],
    ['ERR_TLS', 'ERR_TLS'],
    ['ERR_TIMEOUT', 'ERR_TIMEOUT'],
    ['ERR_CONNECTION_LOST', 'ERR_CONNECTION_LOST'],
    ['aborted', 'ERR_CONNECTION_LOST'],
    ['net::ERR_NAME_NOT_RESOLVED', 'ERR_DNS'],
    ['net::ERR_CONNECTION_REFUSED', 'ERR_CONNECT'],
    ['net::ERR_CERT_DATE_INVALID', 'ERR_TLS'],
    ['net::ERR_CONNECTION_TIMED_OUT', 'ERR_CONNECT'],
    ['NS_ERROR_UNKNOWN_HOST', 'ERR_DNS'],
    ['net::ERR_EMPTY_RESPONSE', 'ERR_CONNECTION_LOST'],
    [undefined, 'ERR_CONNECTION_LOST'],
  ])('recorded as %s are %s', async (error, code) => {
    await using session = await createSession({
      transport: replayHar(harOf({ url: shop, status: 0, error })),
    });
    const failure = await failureOf(session.fetch(shop));
    expect([failure.code, failure.request]).toEqual([code, { method: 'GET', url: `${shop}/` }]);
  });

  it('of Playwright, with a status of -1, fail', async () => {
    const har = harOf({ url: shop, status: -1 });
    Object.assign(har.log.entries[0]?.response ?? {}, { _failureText: 'net::ERR_CONNECTION_REFUSED' });
    await using session = await createSession({ transport: replayHar(har) });
    expect((await failureOf(session.fetch(shop))).code).toBe('ERR_CONNECT');
  });

  it('of a body come after the received part', async () => {
    const har = harOf({ url: shop, text: 'half', error: 'ERR_BODY_TRUNCATED' });
    await using session = await createSession({ transport: replayHar(har) });
    const response = await session.fetch(shop);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('half');
    await expect(reader?.read()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
  });

  it('are the result of reading a body that the recording left out', async () => {
    await using session = await createSession({ transport: replayHar(harOf({ url: shop, size: 9 })) });
    const response = await session.fetch(shop);
    expect(response.status).toBe(200);
    const failure = await failureOf(response.text());
    expect([failure.code, String(failure.cause)]).toEqual([
      'ERR_BODY_TRUNCATED',
      'Error: The recording has no body for this response',
    ]);
  });
});

describe('times', () => {
  const day = 86_400_000;
  const recorded = Date.UTC(2020, 0, 10);
  const entry: SmallEntry = {
    url: shop,
    startedAt: new Date(recorded).toISOString(),
    headers: [
      ['Date', new Date(recorded).toUTCString()],
      ['Set-Cookie', `kept=1; Expires=${new Date(recorded + day).toUTCString()}`],
      ['Set-Cookie', `gone=; expires=${new Date(0).toUTCString()}`],
      ['Set-Cookie', 'far=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT'],
      ['Last-Modified', new Date(recorded).toUTCString()],
    ],
  };

  it('are moved to now, except validators and dates of the past', async () => {
    await using session = await createSession({ transport: replayHar(harOf(entry)) });
    const response = await session.fetch(shop);
    const moved = Date.parse(response.headers.get('date') ?? '');
    expect(Math.abs(moved - Date.now())).toBeLessThan(60_000);
    expect(response.headers.get('last-modified')).toBe(new Date(recorded).toUTCString());
    const cookies = session.getAllCookies();
    expect(cookies.map(({ name }) => name)).toEqual(['kept', 'far']);
    expect(Math.abs((cookies[0]?.expiresAtMs ?? 0) - Date.now() - day)).toBeLessThan(60_000);
  });

  it("delay an answer by latency, or by the server's time", async () => {
    vi.useFakeTimers();
    try {
      for (const latency of [250, 'recorded'] as const) {
        const har = harOf({ url: shop, text: 'x', time: 300, receive: 50 });
        await using session = await createSession({ transport: replayHar(har, { latency }) });
        let isHere = false;
        const call = session.fetch(shop).then(() => {
          isHere = true;
        });
        await vi.advanceTimersByTimeAsync(249);
        expect(isHere).toBe(false);
        await vi.advanceTimersByTimeAsync(1);
        await call;
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('of a wait end with the call', async () => {
    const har = harOf({ url: shop, text: 'x' });
    await using session = await createSession({ transport: replayHar(har, { latency: 2 ** 30 }) });
    const controller = new AbortController();
    const call = session.fetch(shop, { signal: controller.signal });
    setImmediate(() => controller.abort('enough'));
    await expect(call).rejects.toBe('enough');
  });
});

describe('a request without a matching exchange', () => {
  it('fails, and is not tried again', async () => {
    await using session = await createSession({ transport: replayHar(harOf({ url: `${shop}/a` })) });
    const failure = await failureOf(session.fetch(`${shop}/b?token=canary`, { retry: true }));
    expect([failure.code, failure.message]).toEqual([
      'ERR_REPLAY_NO_MATCH',
      `No recorded exchange answers GET ${shop}/b?token=…: the nearest is exchange 1 of 1, GET ${shop}/a, which differs in the path ("/b", recorded "/a") and in the query parameter "token", which the recording has not`,
    ]);
  });

  it("is sent to its server with notFound: 'pass'", async () => {
    const server = await startServer((request, response) => {
      response.writeHead(201, 'Made', { 'x-odd': request.headers['x-odd'] ?? '' });
      response.end('answer');
    });
    const transport = replayHar(harOf({ url: `${server.url}/recorded`, text: 'recorded' }), {
      notFound: 'pass',
    });
    await using session = await createSession({ transport });
    expect(await (await session.fetch(`${server.url}/recorded`)).text()).toBe('recorded');
    const init = { method: 'POST', body: 'real', headers: { 'X-Odd': 'grün' } };
    const response = await session.fetch(`${server.url}/other`, init);
    expect([response.status, response.statusText, await response.text()]).toEqual([201, 'Made', 'answer']);
    expect(server.seen.map(({ url, body }) => [url, `${body}`])).toEqual([['/other', 'real']]);
    await transport.close();
    const late: RequestError = await failureOf(session.fetch(`${server.url}/other`));
    expect(late.code).toBe('ERR_TRANSPORT_CLOSED');
  });

  it('is every WebSocket', async () => {
    const har = harOf({ url: 'wss://shop.example/chat', status: 101 });
    const transport = replayHar(har, { notFound: 'pass' });
    await using session = await createSession({ transport });
    const failure = await failureOf(session.websocket('wss://shop.example/chat'));
    expect(failure.message).toContain('WebSockets cannot be replayed');
    expect(transport.unused()).toEqual([]);
  });
});

describe('a round trip', () => {
  /** Without what is the connection's own: times, addresses, and what undici writes. */
  const comparable = (entries: readonly HarEntry[]): unknown[] =>
    entries.map(({ request, response, ...rest }) => ({
      place: [rest._call, rest._attempt, rest._hop, rest._resourceType],
      method: request.method,
      url: request.url,
      cookies: request.cookies,
      query: request.queryString,
      headers: request.headers.filter(({ name }) => !/^(host|connection|content-length)$/i.test(name)),
      // A boundary of Firefox has no fixed length.
      postData: [request.postData, Math.sign(request.bodySize)],
      answer: [response.status, response.statusText, response.cookies, response.redirectURL, response._error],
      fields: response.headers.filter(({ name }) => !/^(date|content-length)$/i.test(name)),
      content: [response.content.text, response.content.mimeType, response.content.encoding],
    }));

  async function visit(base: string, har: Har | null, redact: boolean): Promise<Har> {
    const given = har === null ? {} : { transport: replayHar(har) };
    await using session = await createSession({ browser: 'firefox', ...given });
    const recording = recordHar(session, { redact });
    const body = new FormData();
    body.set('note', new File(['grün'], 'n.txt'));
    await (
      await session.fetch(`${base}/login`, { method: 'POST', form: { user: 'ada', password: 'canary-pass' } })
    ).text();
    await (await session.fetch(`${base}/flaky`, { retry: { backoff: () => 1 } })).text();
    await (await session.fetch(`${base}/upload`, { method: 'POST', body })).text();
    await session.fetch(`${base}/lost`, { method: 'POST' }).catch(() => {});
    await (await session.fetch(`${base}/bytes?token=canary-token&page=2`)).bytes();
    const events: string[] = [];
    for await (const { data } of session.eventSource(`${base}/events`)) events.push(data);
    expect(events).toEqual(['one', 'two']);
    return recording.stop();
  }

  it.each([false, true])(
    'of recording, replaying and recording is equal, with redact: %s',
    async (redact) => {
      let flaky = 0;
      let streams = 0;
      const stream = (response: ServerResponse): void => {
        // 204 ends the stream at its reconnect.
        if (streams++ > 0) return void response.writeHead(204).end();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('retry: 1\ndata: one\n\nid: 2\ndata: two\n\n');
      };
      const answers: Record<string, (response: ServerResponse) => void> = {
        '/events': stream,
        '/bytes?token=canary-token&page=2': (response) => void response.end(new Uint8Array([255])),
      };
      const server = await startServer((request, response) => {
        if (request.url === '/login') {
          const cookies = ['sid=canary-sid; Path=/; HttpOnly', 'x=y'];
          return void response.writeHead(303, { location: '/', 'set-cookie': cookies }).end();
        }
        if (request.url === '/flaky' && flaky++ === 0) return void response.writeHead(503).end('later');
        if (request.url === '/lost') return void request.socket.destroy();
        const answer = answers[request.url ?? ''];
        if (answer !== undefined) return answer(response);
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
        response.end(gzipSync(`grün ${request.headers.cookie}`));
      });
      const first = await visit(server.url, null, redact);
      const seen = server.seen.length;
      const second = await visit(server.url, JSON.parse(JSON.stringify(first)), redact);
      expect(server.seen.length).toBe(seen);
      expect(first.log.entries).toHaveLength(9);
      // A new recording has a new key: the secrets that are given again have other marks, equal where they were equal.
      const numbered = (har: Har): unknown => {
        const marks: string[] = [];
        const text = JSON.stringify(comparable(har.log.entries)).replaceAll(
          /redacted-[0-9a-f]{16}/g,
          (mark) => {
            if (!marks.includes(mark)) marks.push(mark);
            return `mark ${marks.indexOf(mark)}`;
          },
        );
        return JSON.parse(text.replaceAll(/----geckoformboundary\w+/g, 'boundary'));
      };
      expect(numbered(second)).toEqual(numbered(first));
      expect(JSON.stringify(second).includes('canary')).toBe(!redact);
    },
  );
});

it('replays a recording of a mock, a stream of events included', async () => {
  const events = mockTransport(
    () => new Response('data: one\n\ndata: two\n\n', { headers: { 'content-type': 'text/event-stream' } }),
  );
  await using recorded = await createSession({ transport: events });
  const recording = recordHar(recorded);
  for await (const { data } of recorded.eventSource(shop)) if (data === 'two') break;
  await using session = await createSession({ transport: replayHar(await recording.stop()) });
  const came: string[] = [];
  for await (const { data } of session.eventSource(shop)) {
    came.push(data);
    if (data === 'two') break;
  }
  expect(came).toEqual(['one', 'two']);
});

describe('recordings of other programs', () => {
  it('have text in any encoding, which is sent as UTF-8', async () => {
    const entry: SmallEntry = {
      url: shop,
      text: 'grün',
      headers: [['Content-Type', 'text/html; charset="iso-8859-1"; x=y']],
    };
    for (const [creator, type] of [
      ['WebInspector', 'text/html; x=y; charset=utf-8'],
      ['jarfetch', 'text/html; charset="iso-8859-1"; x=y'],
    ]) {
      const har = harOf(entry);
      const made = { log: { ...har.log, creator: { name: creator, version: '1' } } };
      await using session = await createSession({ transport: replayHar(made) });
      expect((await session.fetch(shop)).headers.get('content-type')).toBe(type);
    }
  });

  it('may join Set-Cookie lines, have fields of HTTP/2, and name a redirect outside the head', async () => {
    const har = harOf(
      {
        url: shop,
        status: 302,
        headers: [
          ['set-cookie', 'a=1\nb=2'],
          [':status', '302'],
        ],
      },
      { url: `${shop}/next`, text: 'here', headers: [['x-note', 'one\ntwo']] },
    );
    const response: Partial<HarResponse> = { redirectURL: '/next' };
    Object.assign(har.log.entries[0]?.response ?? {}, response);
    await using session = await createSession({ transport: replayHar(har) });
    const answer = await session.fetch(shop);
    expect([await answer.text(), answer.headers.get('x-note')]).toEqual(['here', 'one, two']);
    expect(session.getCookies(shop)).toEqual({ a: '1', b: '2' });
  });
});

it.each<[object, string]>([
  [{ mode: 'all' }, 'mode must be one of "sequence", "any"'],
  [{ notFound: 'fail' }, 'notFound must be one of "error", "pass"'],
  [{ latency: -1 }, 'latency must be'],
  [{ match: 'url' }, 'match must be an object'],
  [{ match: { ignoreQuerry: true } }, 'did you mean ignoreQuery?'],
  [{ match: { ignoreQuery: 'page' } }, 'match.ignoreQuery must be an array of names'],
  [{ match: { headers: [1] } }, 'match.headers must be an array of names'],
  [{ strict: true }, 'unknown option: "strict"'],
])('refuses %j', (options, message) => {
  expect(() => replayHar(harOf(), options)).toThrow(message);
});

it('refuses a path, which readHar accepts', () => {
  assert.throws(
    () => replayHar('login.har' as unknown as object),
    (error) => isRequestError(error, 'ERR_INVALID_OPTION') && error.message.includes('readHar(path)'),
  );
});
