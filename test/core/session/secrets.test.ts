import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createSession,
  createTransport,
  type RequestEvent,
  type RequestInit,
  type SessionOptions,
} from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { startRawServer, startServer, startTlsServer } from '../../helpers/servers.ts';

/** Stands for every secret: none of its places may show it. */
const canary = 'c4n4ry';
const encoded = Buffer.from(`ada:${canary}`).toString('base64');

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Everything a log could show of a value. */
function shown(value: unknown): string {
  const deep = { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, getters: false };
  const parts = [inspect(value, deep), inspect(value), String(value)];
  try {
    parts.push(JSON.stringify(value) ?? '');
  } catch {
    // A value that cannot be written as JSON is not shown by it.
  }
  for (let error = value; error instanceof Error; error = error.cause) {
    const own = Object.getOwnPropertyNames(error).map((key) =>
      inspect(Reflect.get(error as Error, key), deep),
    );
    parts.push(error.message, error.stack ?? '', ...own);
  }
  return parts.join('\n');
}

function expectNoSecret(value: unknown): void {
  const text = shown(value);
  for (const secret of [canary, encoded]) expect(text).not.toContain(secret);
}

/** A call that carries a secret in every place that may hold one. */
function secretCall(origin: string, init: RequestInit = {}): [url: string, init: RequestInit] {
  const url = origin.replace('://', `://ada:${canary}@`);
  const headers = { 'X-Api-Key': canary, Cookie: `mine=${canary}` };
  return [`${url}/path?token=${canary}#${canary}`, { headers, ...init }];
}

/** A session with secrets of its own. */
function secretSession(origin: string, options: SessionOptions = {}) {
  return createSession({ defaultHeaders: { authorization: `Bearer ${canary}` }, ...options }).then(
    (session) => {
      session.setCookie('sid', canary, origin);
      return session;
    },
  );
}

describe('an error shows no secret', () => {
  it.each<[what: string, code: string, answer: string]>([
    ['a connection that is cut', 'ERR_CONNECTION_LOST', ''],
    ['an answer that is no HTTP', 'ERR_PROTOCOL', `${canary}\r\n\r\n`],
    [
      'a header that is none',
      'ERR_PROTOCOL',
      `HTTP/1.1 200 OK\r\nSet-Cookie: a=${canary}\r\nBad Header ${canary}\r\n\r\n${canary}`,
    ],
    [
      'headers that are too large',
      'ERR_HEADERS_TOO_LARGE',
      `HTTP/1.1 200 OK\r\n${`Set-Cookie: a=${canary}${'x'.repeat(1000)}\r\n`.repeat(80)}\r\n`,
    ],
    [
      'a redirect to nowhere',
      'ERR_INVALID_REDIRECT',
      `HTTP/1.1 302 Found\r\nLocation: http://:${canary}@/?${canary}\r\nContent-Length: 0\r\n\r\n`,
    ],
    [
      'a redirect to another scheme',
      'ERR_INVALID_REDIRECT',
      `HTTP/1.1 302 Found\r\nLocation: ftp://ada:${canary}@host/\r\nContent-Length: 0\r\n\r\n`,
    ],
    [
      'too many redirects',
      'ERR_TOO_MANY_REDIRECTS',
      `HTTP/1.1 302 Found\r\nLocation: /next?token=${canary}\r\nContent-Length: 0\r\n\r\n`,
    ],
  ])('L03 after %s', async (_, code, answer) => {
    const server = await startRawServer((socket) => {
      if (answer === '') socket.destroy();
      else socket.write(answer, 'latin1');
    });
    await using session = await secretSession(server.url, { maxRedirects: 2 });
    const error = await refusalOf(() => session.fetch(...secretCall(server.url)));
    expect(error.code).toBe(code);
    expectNoSecret(error);
  });

  it('L03 after a refused redirect', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(302, { location: `/next?token=${canary}`, 'set-cookie': `a=${canary}` }).end();
    });
    await using session = await secretSession(server.url, { redirect: 'error' });
    const error = await refusalOf(() => session.fetch(...secretCall(server.url)));
    expect(error.code).toBe('ERR_REDIRECT');
    expectNoSecret(error);
  });

  it.each<[what: string, code: string, head: string]>([
    ['a body that is cut', 'ERR_BODY_TRUNCATED', `Content-Length: 100\r\n\r\n${canary}`],
    ['a body that is too large', 'ERR_BODY_TOO_LARGE', `Content-Length: 18\r\n\r\n${canary.repeat(3)}`],
    ['a body that cannot be decoded', 'ERR_DECODE', `Content-Encoding: gzip\r\n\r\n${canary}`],
  ])('L03 after %s', async (_, code, head) => {
    const server = await startRawServer((socket) => socket.end(`HTTP/1.1 200 OK\r\n${head}`, 'latin1'));
    await using session = await secretSession(server.url, { maxBodyBytes: 16 });
    const error = await refusalOf(async () => {
      const response = await session.fetch(...secretCall(server.url));
      return response.text();
    });
    expect(error.code).toBe(code);
    expectNoSecret(error);
  });

  it('L03 when no server listens', async () => {
    const server = await startServer(() => {});
    await server.close();
    await using session = await secretSession(server.url);
    const error = await refusalOf(() => session.fetch(...secretCall(server.url)));
    expect(error.code).toBe('ERR_CONNECT');
    expectNoSecret(error);
  });

  it('L03 when a certificate is not accepted', async () => {
    const server = await startTlsServer((_, response) => void response.end());
    await using session = await secretSession(server.url);
    const error = await refusalOf(() => session.fetch(...secretCall(server.url)));
    expect(error.code).toBe('ERR_TLS');
    expectNoSecret(error);
  });

  it('L03 after a timeout', async () => {
    const server = await startServer(() => {});
    await using session = await secretSession(server.url, { timeout: 1 });
    const error = await refusalOf(() => session.fetch(...secretCall(server.url)));
    expect(error.code).toBe('ERR_TIMEOUT');
    expectNoSecret(error);
  });

  it.each([403, 407])('L03 when a proxy answers %i', async (status) => {
    const proxy = await startRawServer((socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nX-Echo: ${canary}\r\n\r\n${canary}`);
    });
    const options = { proxy: `http://ada:${canary}@127.0.0.1:${proxy.port}` };
    await using session = await secretSession('https://shop.test/', options);
    const error = await refusalOf(() => session.fetch(...secretCall('https://shop.test')));
    expect(error.status).toBe(status);
    expectNoSecret(error);
  });

  it('L03 when no proxy listens', async () => {
    const proxy = await startServer(() => {});
    await proxy.close();
    await using session = await createSession({ proxy: `http://ada:${canary}@127.0.0.1:${proxy.port}` });
    const error = await refusalOf(() => session.fetch(...secretCall('http://shop.test')));
    expect(error.code).toBe('ERR_PROXY');
    expectNoSecret(error);
  });

  it.each<[what: string, init: RequestInit]>([
    ['a header value', { headers: { authorization: `${canary}\r\n` } }],
    ['a cookie header', { headers: { cookie: `sid=${canary}\0` } }],
    ['a form field', { method: 'POST', form: { password: canary, other: {} as string } }],
    ['a body that is an object', { method: 'POST', body: { password: canary } as unknown as string }],
    ['a body and json', { method: 'POST', body: canary, json: canary }],
    ['another proxy', { proxy: `http://ada:${canary}@host` }],
    ['a referrer', { referrer: `ada:${canary}@` }],
  ])('L03 when it refuses %s', async (_, init) => {
    await using session = await createSession();
    expectNoSecret(await refusalOf(() => session.fetch('http://127.0.0.1:1/', init)));
  });

  it.each<[what: string, options: object]>([
    ['a proxy with a bad scheme', { proxy: `ftp://ada:${canary}@host` }],
    ['a proxy with a bad port', { proxy: `http://ada:${canary}@host:99999` }],
    ['a proxy with a bad escape', { proxy: `http://ada:${canary}%@host` }],
    ['a default header', { defaultHeaders: { authorization: `${canary}\n.` } }],
    ['a base URL', { baseUrl: `ftp://ada:${canary}@host` }],
    ['a private key', { cert: canary, key: canary }],
  ])('L03 when a session is refused for %s', async (_, options) => {
    expectNoSecret(await refusalOf(() => createSession(options)));
  });

  it('L03 when the proxy of the environment is refused', async () => {
    vi.stubEnv('https_proxy', `ftp://ada:${canary}@host`);
    expectNoSecret(await refusalOf(() => createSession({ proxy: 'env' })));
  });

  it.each<[what: string, name: string, value: unknown]>([
    ['a value', 'sid', `${canary};`],
    ['a value with a line break', 'sid', `${canary}\r\n`],
    ['a value that is no string', 'sid', { toString: () => canary, canary }],
    ['a value for a bad prefix', '__Host-sid', canary],
    ['a value that is too long', 'sid', canary.repeat(1000)],
  ])('L03 when a cookie is refused for %s', async (_, name, value) => {
    await using session = await createSession();
    expectNoSecret(await refusalOf(() => session.setCookie(name, value as string, 'http://shop.test/')));
    expectNoSecret(
      await refusalOf(() => session.setCookies([{ name, value: value as string, domain: 'shop.test' }])),
    );
  });
});

describe('a log shows no secret', () => {
  it('L01 of a session and its jar', async () => {
    await using session = await secretSession('https://shop.test/', {
      proxy: `http://ada:${canary}@127.0.0.1:1`,
      baseUrl: `https://ada:${canary}@shop.test/`,
    });
    expectNoSecret(session);
    expect(inspect(session.cookieJar, { depth: Number.POSITIVE_INFINITY })).not.toContain(canary);
  });

  it('L01 of a transport', async () => {
    await using transport = await createTransport({ proxy: `http://ada:${canary}@127.0.0.1:1` });
    expectNoSecret(transport);
  });

  it('L01 of a transport that was used', async () => {
    const proxy = await startServer((_, response) => void response.end());
    await using transport = await createTransport({ proxy: `http://ada:${canary}@127.0.0.1:${proxy.port}` });
    await using session = await createSession({ transport });
    await session.fetch('http://shop.test/');
    expectNoSecret(transport);
  });

  it('L01 of a response', async () => {
    const server = await startServer((_, response) => {
      response.setHeader('set-cookie', `a=${canary}`).end(canary);
    });
    await using session = await secretSession(server.url);
    const response = await session.fetch(...secretCall(server.url));
    expectNoSecret(response);
    expect(await response.text()).toBe(canary);
    expectNoSecret(response);
  });

  it('L06 of the events of a call', async () => {
    const server = await startServer((request, response) => {
      response.setHeader('set-cookie', `a=${canary}`);
      if (request.url?.startsWith('/path')) response.writeHead(302, { location: `/next?token=${canary}` });
      response.end(canary);
    });
    const events: RequestEvent[] = [];
    await using session = await secretSession(server.url);
    const onRequestEvent = (event: RequestEvent): void => void events.push(event);
    const response = await session.fetch(...secretCall(server.url, { onRequestEvent }));
    await response.text();
    expect(events.map(({ type }) => type)).toContain('redirect');
    expectNoSecret(events);
  });
});

describe('userinfo of a URL', () => {
  it('L06 is sent as credentials and is not in the url of the response', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const response = await session.fetch(server.url.replace('://', `://ada:${canary}@`));
    expect(new Map(server.seen[0]?.headers).get('Authorization')).toBe(`Basic ${encoded}`);
    expect([response.url, response.hops[0]?.url]).toEqual([`${server.url}/`, `${server.url}/`]);
  });
});
