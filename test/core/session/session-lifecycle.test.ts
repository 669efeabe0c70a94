import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, type Session, type SessionOptions, withSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { startServer, startTlsServer, type TestServer } from '../../helpers/servers.ts';

const run = promisify(execFile);

/** A server that never closes an idle connection of its own accord, and its connections. */
async function patientServer(): Promise<{ url: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
    response.end(request.url === '/large' ? Buffer.alloc(5_000_000) : 'ok');
  });
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

/** A server that holds its answer back, and how far a call to it is. */
async function slowServer(): Promise<{ server: TestServer; arrived: Promise<void>; answer: () => void }> {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const server = await startServer(async (_, response) => {
    arrived.resolve();
    await answer.promise;
    response.end('late');
  });
  return { server, arrived: arrived.promise, answer: answer.resolve };
}

async function get(session: Session, url: string): Promise<string> {
  return (await session.fetch(url)).text();
}

describe('close()', () => {
  it('happens once, with any number of calls', async () => {
    const session = await createSession();
    expect(session.close()).toBe(session.close());
    await Promise.all([session.close(), session.close()]);
    await session.close();
    expect(session.closed).toBe(true);
  });

  it('marks the session closed at once', async () => {
    const session = await createSession();
    expect(session.closed).toBe(false);
    const closing = session.close();
    expect(session.closed).toBe(true);
    await closing;
  });

  it('lets a call in flight finish, and refuses a new one meanwhile', async () => {
    const { server, arrived, answer } = await slowServer();
    const session = await createSession();
    const call = session.fetch(server.url);
    await arrived;
    const closing = session.close();
    expect((await refusalOf(() => session.fetch(server.url))).code).toBe('ERR_SESSION_CLOSED');
    answer();
    expect(await (await call).text()).toBe('late');
    await closing;
  });

  it('does not resolve before a call in flight has its response', async () => {
    const { server, arrived, answer } = await slowServer();
    const session = await createSession();
    const order: string[] = [];
    const call = session.fetch(server.url).then(() => order.push('response'));
    await arrived;
    const closing = session.close().then(() => order.push('closed'));
    answer();
    await Promise.all([call, closing]);
    expect(order).toEqual(['response', 'closed']);
  });

  it.each([
    ['a URL', (url: string) => url],
    ['a Request', (url: string) => new Request(url)],
    ['a Request with a body', (url: string) => new Request(url, { method: 'POST', body: 'a=1' })],
  ])('lets a call finish that has just begun, with %s, and closes its connection', async (_, input) => {
    const { url, sockets } = await patientServer();
    const session = await createSession();
    const call = session.fetch(input(url));
    const closing = session.close();
    expect(await (await call).text()).toBe('ok');
    await closing;
    const [socket] = sockets;
    if (socket?.destroyed === false) await once(socket, 'close');
    expect(sockets.length).toBe(1);
  });

  it('does not wait for a call that has failed', async () => {
    const { server, arrived } = await slowServer();
    const session = await createSession();
    const controller = new AbortController();
    const call = session.fetch(server.url, { signal: controller.signal }).catch((reason) => reason);
    await arrived;
    const closing = session.close();
    controller.abort('enough');
    expect(await call).toBe('enough');
    await closing;
  });

  it('does not wait for a call that cannot begin', async () => {
    const session = await createSession();
    const addEventListener = (): never => {
      throw new Error('no listeners here');
    };
    const signal = { aborted: false, addEventListener } as unknown as AbortSignal;
    await expect(session.fetch('http://127.0.0.1/', { signal })).rejects.toThrow('no listeners here');
    await session.close();
  });

  it('returns with 5 MB unread, which can be read afterwards', async () => {
    const server = await startServer((_, response) => void response.end(Buffer.alloc(5_000_000)));
    const session = await createSession();
    const response = await session.fetch(server.url);
    await session.close();
    expect((await response.arrayBuffer()).byteLength).toBe(5_000_000);
  });

  it('ends the scope of await using', async () => {
    let seen: Session;
    {
      await using session = await createSession();
      seen = session;
      expect(seen.closed).toBe(false);
    }
    expect(seen.closed).toBe(true);
  });

  it('leaves a jar and a response usable', async () => {
    const server = await startServer((_, response) => void response.setHeader('set-cookie', 'a=1').end('ok'));
    const session = await createSession();
    const response = await session.fetch(server.url);
    await session.close();
    expect([await response.text(), await session.cookieJar.getCookieString(server.url)]).toEqual([
      'ok',
      'a=1',
    ]);
  });
});

describe('withSession', () => {
  it.each<[kind: string, fn: () => Promise<number> | number]>([
    ['a value', () => 5],
    ['a promise', async () => 5],
  ])('returns %s of its function', async (_, fn) => {
    expect(await withSession(fn)).toBe(5);
  });

  it.each<[how: string, fn: (session: Session) => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new RangeError('mine');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('mine'))],
  ])('closes the session and passes the error on when its function %s', async (_, fn) => {
    let seen: Session | undefined;
    const work = withSession((session) => {
      seen = session;
      return fn(session);
    });
    await expect(work).rejects.toThrow(new RangeError('mine'));
    expect(seen?.closed).toBe(true);
  });

  it('gives the function a session with the options', async () => {
    expect(await withSession((session) => session.browser, { browser: null })).toBeNull();
  });

  it.each([undefined, null, {}, 'fn'])('refuses %j in place of a function', async (fn) => {
    const { code, message } = await refusalOf(() => withSession(fn as unknown as () => void));
    expect([code, message]).toEqual(['ERR_INVALID_OPTION', expect.stringMatching(/^fn must be a function/)]);
  });

  it('does not run its function with invalid options', async () => {
    let ran = false;
    const error = await refusalOf(() =>
      withSession(
        () => {
          ran = true;
        },
        { timeout: 0 },
      ),
    );
    expect([error.code, ran]).toEqual(['ERR_INVALID_OPTION', false]);
  });
});

describe('sessions with the same connection options', () => {
  it.each<[what: string, options: SessionOptions, others: SessionOptions]>([
    ['none', {}, { browser: 'firefox', timeout: 5000 }],
    ['the same as the defaults', {}, { insecure: false, proxy: null, http2: false }],
    ['insecure', { insecure: true }, { insecure: true }],
    ['a trust store', { trustStore: 'mozilla' }, { trustStore: 'mozilla' }],
  ])('share connections: %s', async (_, options, others) => {
    const server = await startServer((_, response) => void response.end('ok'));
    await using one = await createSession(options);
    await using two = await createSession(others);
    await get(one, server.url);
    await get(two, server.url);
    expect(server.connections).toBe(1);
  });

  it('share them until the last one closes', async () => {
    const { url, sockets } = await patientServer();
    const one = await createSession();
    const two = await createSession();
    await get(one, url);
    await one.close();
    await get(two, url);
    expect([sockets.length, sockets[0]?.destroyed]).toEqual([1, false]);
    const ended = once(sockets[0] as Socket, 'close');
    await two.close();
    await ended;
  });

  it('close them with the last one, also where a session before it made none', async () => {
    const { url, sockets } = await patientServer();
    await (await createSession()).close();
    await withSession((session) => get(session, url));
    if (sockets[0]?.destroyed === false) await once(sockets[0], 'close');
    await (await createSession()).close();
    await withSession((session) => get(session, url));
    if (sockets[1]?.destroyed === false) await once(sockets[1], 'close');
    expect(sockets.length).toBe(2);
  });

  it('make new ones after the last one closed', async () => {
    const { url, sockets } = await patientServer();
    await withSession((session) => get(session, url));
    await withSession((session) => get(session, url));
    expect(sockets.length).toBe(2);
  });

  it('keep cookies separate', async () => {
    const server = await startServer((request, response) => {
      response.setHeader('set-cookie', `user=${request.url?.slice(1)}`).end();
    });
    const users = ['ada', 'bob', 'eve'];
    const cookies = await Promise.all(
      users.map((user) =>
        withSession(async (session) => {
          await get(session, `${server.url}/${user}`);
          return session.getCookies(server.url).user;
        }),
      ),
    );
    expect(cookies).toEqual(users);
  });
});

describe('sessions with other connection options', () => {
  it('do not share: insecure', async () => {
    const server = await startTlsServer((_, response) => void response.end('ok'));
    await using insecure = await createSession({ insecure: true });
    await using secure = await createSession();
    expect(await get(insecure, server.url)).toBe('ok');
    expect((await refusalOf(() => secure.fetch(server.url))).code).toBe('ERR_TLS');
  });

  it('do not share: ca', async () => {
    const server = await startTlsServer((_, response) => void response.end('ok'));
    await using trusting = await createSession({ ca: certificate().cert });
    await using plain = await createSession();
    expect(await get(trusting, server.url)).toBe('ok');
    expect((await refusalOf(() => plain.fetch(server.url))).code).toBe('ERR_TLS');
  });

  it('do not share: proxy, nor the password for it', async () => {
    const proxy = await startServer((_, response) => void response.end('ok'));
    for (const user of ['ada', 'bob']) {
      await using session = await createSession({ proxy: `http://${user}:x@127.0.0.1:${proxy.port}` });
      await using _other = await createSession({ proxy: `http://eve:x@127.0.0.1:${proxy.port}` });
      await get(session, 'http://shop.test/');
    }
    const sent = proxy.seen.map(({ headers }) => new Map(headers).get('Proxy-Authorization'));
    expect(sent).toEqual(['ada:x', 'bob:x'].map((pair) => `Basic ${Buffer.from(pair).toString('base64')}`));
  });
});

describe('many sessions', () => {
  it('leave nothing behind: after 10,000 the last one still closes the connections', async () => {
    const { url, sockets } = await patientServer();
    for (let count = 0; count < 10_000; count++) await (await createSession()).close();
    await withSession((session) => get(session, url));
    const [socket] = sockets;
    if (socket?.destroyed === false) await once(socket, 'close');
    expect(sockets.length).toBe(1);
  });

  it('that are open together use one connection in turn', async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const sessions = await Promise.all(Array.from({ length: 1000 }, () => createSession()));
    for (const session of sessions.slice(0, 10)) await get(session, server.url);
    await Promise.all(sessions.map((session) => session.close()));
    expect(server.connections).toBe(1);
  });
});

describe('an open session', () => {
  const source = new URL('../../../src/index.ts', import.meta.url).href;

  it.each<[state: string, use: string]>([
    ['that did nothing', ''],
    ['with a warm connection', 'await (await session.fetch(url)).text();'],
    ['with a small body unread', 'await session.fetch(url);'],
    ['with 5 MB unread', "await session.fetch(url + '/large');"],
  ])('%s does not keep the process alive', async (_, use) => {
    const { url } = await patientServer();
    // Longer than any test: were the idle connection to hold the process, this would hang.
    const script = `
      import { createSession, createTransport } from ${JSON.stringify(source)};
      const url = ${JSON.stringify(url)};
      const transport = await createTransport({ poolIdleTimeout: 3_600_000 });
      const session = await createSession({ transport, timeout: 3_600_000 });
      ${use}
      console.log('end');`;
    const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', script]);
    expect(stdout).toBe('end\n');
  });
});
