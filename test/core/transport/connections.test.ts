import type { LookupFunction } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { startListener } from '../../helpers/children.ts';
import { httpHead, httpResponse, whenClosed } from '../../helpers/raw.ts';
import { headerOf, startRawServer, startServer } from '../../helpers/servers.ts';

const lookup = vi.hoisted(() => ({ now: undefined as LookupFunction | undefined }));

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const replaced = (...question: Parameters<LookupFunction>): void => {
    if (lookup.now === undefined) Reflect.apply(dns.lookup, dns, question);
    else lookup.now(...question);
  };
  return { ...dns, lookup: replaced };
});

afterEach(() => {
  lookup.now = undefined;
});

const failures: [string, LookupFunction][] = [
  ['a name that does not exist', (_name, _options, callback) => callback(dnsError('ENOTFOUND'), [])],
  ['a server that fails', (_name, _options, callback) => callback(dnsError('EAI_AGAIN'), [])],
  ['a server that refuses', (_name, _options, callback) => callback(dnsError('ESERVFAIL'), [])],
  ['an answer without addresses', (_name, _options, callback) => callback(null, [])],
];

function dnsError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code });
}

it.each(failures)('N10 is ERR_DNS for %s', async (_label, answer) => {
  lookup.now = answer;
  await using transport = await createTransport({ resolve: {} });
  await using session = await createSession({ transport });
  await expect(session.fetch('http://nowhere.test/')).rejects.toMatchObject({
    code: 'ERR_DNS',
    phase: 'connect',
  });
});

it('N10 ends a lookup without an answer at connectTimeout', async () => {
  lookup.now = () => {};
  await using transport = await createTransport({ resolve: {}, connectTimeout: 30 });
  await using session = await createSession({ transport, timeout: false });
  const failed = session.fetch('http://nowhere.test/');
  await expect(failed).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'connect', timeout: 30 });
});

const ranges: [string, string, string[]][] = [
  ['a range that was not asked for', '206 Partial Content', ['Content-Range: bytes 0-4/10']],
  ['all where a part was asked for', '200 OK', []],
  ['a part of another version', '206 Partial Content', ['Content-Range: bytes 5-9/10', 'ETag: "other"']],
  ['a range that makes no sense', '206 Partial Content', ['Content-Range: bytes 9-5/*']],
];

it.each(ranges)('N08 returns %s unchanged, and combines nothing', async (_label, status, headers) => {
  const server = await startRawServer((socket) => socket.write(httpResponse('other', headers, status)));
  await using session = await createSession({ retry: true });
  const response = await session.fetch(server.url, { headers: { range: 'bytes=5-', 'if-range': '"one"' } });
  expect(response.status).toBe(Number.parseInt(status, 10));
  expect(await response.text()).toBe('other');
  expect(server.received.join('').match(/GET /g)).toHaveLength(1);
});

it('N08 does not continue a truncated body, although it may send the request again', async () => {
  const server = await startRawServer((socket) => {
    socket.end(
      Buffer.concat([httpHead(['Content-Length: 10', 'Accept-Ranges: bytes']), Buffer.from('half')]),
    );
  });
  await using session = await createSession({ retry: { limit: 2, backoff: () => 0 } });
  const response = await session.fetch(server.url);
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
  expect(server.sockets).toHaveLength(1);
});

it.each(['Negotiate', 'NTLM', 'Basic realm="x"', 'Digest realm="x", nonce="y"'])(
  'N09 answers no challenge by itself: %s',
  async (challenge) => {
    const server = await startServer((_request, response) => {
      response.writeHead(401, { 'www-authenticate': challenge }).end('who are you?');
    });
    await using session = await createSession();
    const response = await session.fetch(server.url);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, challenge]);
    expect(await response.text()).toBe('who are you?');
    expect(server.seen).toHaveLength(1);
  },
);

it('N11 sends each call to the server, whatever may be cached', async () => {
  const server = await startServer((_request, response) => {
    const { length } = server.seen;
    response
      .setHeader('cache-control', 'public, max-age=3600, immutable')
      .setHeader('etag', '"one"')
      .end(String(length));
  });
  await using first = await createSession();
  await using second = await createSession();
  const calls = [first, first, first, second, second].map(async (session) =>
    (await session.fetch(server.url)).text(),
  );
  expect((await Promise.all(calls)).toSorted()).toEqual(['1', '2', '3', '4', '5']);
  expect(await (await first.fetch(server.url)).text()).toBe('6');
  expect(server.seen.map((request) => headerOf(request, 'if-none-match'))).toEqual(Array(6).fill(undefined));
});

it('N15 ends a call to a server that stops, and uses its connection for no other', async () => {
  const listener = await startListener();
  await using session = await createSession();
  const ask = async (): Promise<string[]> => (await (await session.fetch(listener.url)).text()).split(' ');
  const [first] = await ask();
  listener.process.kill('SIGSTOP');
  const timeout = { headers: 100, connect: 100 };
  // On the idle connection, then on none: its queue of connections is all that answers.
  await expect(session.fetch(listener.url, { timeout })).rejects.toMatchObject({
    code: 'ERR_TIMEOUT',
    phase: 'headers',
  });
  await expect(session.fetch(listener.url, { timeout })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  listener.process.kill('SIGCONT');
  // Until the listener knows that it was cut; more at once each time, so that one that idles would be taken.
  for (let [open, count] = [await ask(), 2]; open.includes(String(first)); count++) {
    const answers = await Promise.all(Array.from({ length: count }, ask));
    expect(answers.map(([own]) => own)).not.toContain(first);
    open = answers.flat();
  }
});

it('N15 ends a body whose server stops', async () => {
  const server = await startRawServer((socket) =>
    socket.write(Buffer.concat([httpHead(['Content-Length: 9']), Buffer.from('half')])),
  );
  await using session = await createSession();
  const response = await session.fetch(server.url, { timeout: { total: false, idle: 50 } });
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'body', timeout: 50 });
  await whenClosed(server.sockets[0]);
});
