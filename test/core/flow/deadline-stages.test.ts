import type { LookupFunction } from 'node:net';
import * as zlib from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSession, createTransport, type RequestInit, type Session } from '../../../src/index.ts';
import { startBlackHole } from '../../helpers/children.ts';
import { httpHead, turns, whenClosed } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

const lookup = vi.hoisted(() => ({ now: undefined as LookupFunction | undefined }));

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const replaced: LookupFunction = (...question) => Reflect.apply(lookup.now ?? dns.lookup, dns, question);
  return { ...dns, lookup: replaced };
});

afterEach(() => {
  lookup.now = undefined;
});

/** Where a call hangs: what to ask for, and in which session. */
interface Hanging {
  readonly url: string;
  readonly session: Session;
  readonly init?: RequestInit;
  /** Resolves once the call hangs there. */
  readonly hangs: () => Promise<unknown>;
  /** Resolves when the connection is gone. */
  readonly closed?: () => Promise<void>;
}

/** A server that takes connections and says `greeting`, or nothing. */
async function silent(greeting = '') {
  const server = await startRawServer((socket) => greeting !== '' && socket.write(greeting));
  return {
    url: server.url,
    port: server.ownPort,
    hangs: async () => {
      while ((server.received[0] ?? '') === '') await turns(1);
    },
    closed: () => whenClosed(server.sockets[0]),
  };
}

async function behindProxy(scheme: string, greeting = ''): Promise<Hanging> {
  const { port, ...proxy } = await silent(greeting);
  return {
    ...proxy,
    url: 'https://shop.test/',
    session: await createSession({ proxy: `${scheme}://127.0.0.1:${port}` }),
  };
}

interface StageCase {
  /** The title of the abort's test. */
  readonly abort: string;
  readonly stage: string;
  /** `null` where the call is answered in time. */
  readonly phase: string | null;
  readonly start: () => Promise<Hanging>;
}

const stages: readonly StageCase[] = [
  {
    abort: 'T03 while a name is looked up, for ever',
    stage: 'a name that is looked up for ever',
    phase: 'connect',
    start: async () => {
      const asked = Promise.withResolvers<void>();
      lookup.now = () => asked.resolve();
      const transport = await createTransport({ resolve: {} });
      return {
        url: 'http://x.test/',
        session: await createSession({ transport }),
        hangs: () => asked.promise,
      };
    },
  },
  {
    abort: 'T04 while another call has the only connection',
    stage: 'the queue for a connection',
    phase: 'queue',
    start: async () => {
      const server = await silent();
      const transport = await createTransport({ poolMaxSize: 1 });
      const session = await createSession({ transport });
      const caller = new AbortController();
      session.fetch(server.url, { signal: caller.signal }).catch(() => {});
      const closed = (): Promise<void> => {
        caller.abort();
        return server.closed();
      };
      return { url: server.url, session, hangs: server.hangs, closed };
    },
  },
  {
    abort: 'T02 while a TCP connection is made',
    stage: 'a port that answers no SYN',
    phase: 'connect',
    start: async () => {
      const { url } = await startBlackHole();
      return { url, session: await createSession(), hangs: () => turns(50) };
    },
  },
  {
    abort: 'T03 while TLS is agreed on',
    stage: 'a TLS server that says nothing',
    phase: 'tls',
    start: async () => {
      const { port, ...server } = await silent();
      return { ...server, url: `https://127.0.0.1:${port}`, session: await createSession() };
    },
  },
  {
    abort: 'T05 while a proxy is asked to connect',
    stage: 'a proxy that does not answer CONNECT',
    phase: 'proxy',
    start: () => behindProxy('http'),
  },
  {
    abort: 'T05 while a SOCKS proxy is greeted',
    stage: 'a SOCKS proxy that does not answer',
    phase: 'proxy',
    start: () => behindProxy('socks5'),
  },
  {
    abort: 'T05 while TLS is agreed on in a tunnel',
    stage: 'a server that says nothing behind a proxy',
    phase: 'tls',
    start: () => behindProxy('http', 'HTTP/1.1 200 OK\r\n\r\n'),
  },
  {
    abort: 'T05 while a forwarding proxy is waited for',
    stage: 'a proxy that forwards nothing',
    phase: 'headers',
    start: async () => ({ ...(await behindProxy('http')), url: 'http://shop.test/' }),
  },
  {
    abort: 'T06 while the headers are waited for',
    stage: 'a server that never answers',
    phase: 'headers',
    start: async () => ({ ...(await silent()), session: await createSession() }),
  },
  {
    abort: 'T06 while it waits to try again',
    stage: 'a server that is always busy',
    phase: null,
    start: async () => {
      const server = await startServer((_request, response) => void response.writeHead(503).end());
      const waiting = Promise.withResolvers<void>();
      const backoff = (): number => {
        waiting.resolve();
        return 3_600_000;
      };
      const retry = { limit: 1, backoff };
      const hangs = (): Promise<void> => waiting.promise.then(() => turns(1));
      return { url: server.url, session: await createSession(), init: { retry }, hangs };
    },
  },
  {
    abort: 'T06 while a coding is undone',
    stage: 'an encoded body that drips',
    phase: 'body',
    start: async () => {
      const pieces = zlib.gzipSync(Buffer.alloc(100_000)).subarray(0, 50).toString('latin1');
      const server = await silent(`${httpHead(['Content-Length: 1000', 'Content-Encoding: gzip'])}${pieces}`);
      return { ...server, session: await createSession() };
    },
  },
];

function read({ session, url, init }: Hanging, more: RequestInit): Promise<string> {
  return session.fetch(url, { timeout: false, ...init, ...more }).then((response) => response.text());
}

describe('the total', () => {
  it.each(stages.filter(({ phase }) => phase !== null))('T01 ends $stage', async ({ phase, start }) => {
    const hanging = await start();
    const startedAt = performance.now();
    await expect(read(hanging, { timeout: 200 })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      timeout: 200,
      phase,
    });
    expect(performance.now() - startedAt).toBeGreaterThan(199);
    await hanging.closed?.();
    await hanging.session.close();
  });
});

it('T01 does not retry past the total, and returns the present answer', async () => {
  const server = await startServer((_request, response) => void response.writeHead(503).end());
  await using session = await createSession();
  // The first wait fits into the total, the second doesn't.
  const retry = { limit: 1_000_000, backoff: (n: number) => (n === 1 ? 20 : 300_000) };
  expect((await session.fetch(server.url, { retry, timeout: 60_000 })).status).toBe(503);
  expect(server.seen.length).toBe(2);
});

describe('an abort ends the call at once', () => {
  it.each(stages)('$abort', async ({ start }) => {
    const hanging = await start();
    const caller = new AbortController();
    const outcome = expect(read(hanging, { signal: caller.signal })).rejects.toBe('enough');
    await hanging.hangs();
    caller.abort('enough');
    await outcome;
    await hanging.closed?.();
    await hanging.session.close();
  });

  it('T06 while a received body is decoded', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(400_000_000));
    const server = await startServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb);
    });
    await using session = await createSession({ maxBodyBytes: 1_000_000_000 });
    const caller = new AbortController();
    const onRequestEvent: RequestInit['onRequestEvent'] = ({ type }) => {
      if (type === 'body_complete') setImmediate(() => caller.abort('enough'));
    };
    const response = await session.fetch(server.url, { signal: caller.signal, onRequestEvent });
    await expect(response.bytes()).rejects.toBe('enough');
  });
});
