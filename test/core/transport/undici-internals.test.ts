import diagnostics from 'node:diagnostics_channel';
import http2 from 'node:http2';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { HeadAuthor } from '../../../src/core/transport/head/author.ts';
import { HeadSlot } from '../../../src/core/transport/head/slot.ts';
import { createSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import {
  codes,
  endHeaders,
  endStream,
  frame,
  frames,
  number,
  startFrameServer,
  status200,
} from '../../helpers/http2-frames.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { httpHead, httpResponse, turns } from '../../helpers/raw.ts';
import { startRawServer, startTlsServer } from '../../helpers/servers.ts';

/**
 * What this package relies upon in undici and Node.js without their promise (transport/head/README.md). Each test
 * looks at undici alone and says what changed. The tests below show that a change is an error and not silent.
 */
const ca = certificate().cert;

interface Told {
  readonly events: string[];
  readonly done: Promise<Error | null>;
}

/** Sends a request by a Client of undici and notes what its handler is told, among `events` of the caller's. */
function send(client: Dispatcher, options: Partial<Dispatcher.DispatchOptions>, events: string[] = []): Told {
  const { promise: done, resolve } = Promise.withResolvers<Error | null>();
  client.dispatch(
    { path: '/path', method: 'GET', ...options },
    {
      onRequestStart: () => void events.push('onRequestStart'),
      onBodySent: () => void events.push('onBodySent'),
      onRequestSent: () => void events.push('onRequestSent'),
      onResponseStarted: () => void events.push('onResponseStarted'),
      onResponseStart: () => void events.push('onResponseStart'),
      onResponseData: () => void events.push('onResponseData'),
      onResponseEnd: () => {
        events.push('onResponseEnd');
        resolve(null);
      },
      onResponseError: (_controller, error) => {
        events.push('onResponseError');
        resolve(error);
      },
    },
  );
  return { events, done };
}

type Connected = (socket: Socket) => void;

/** A Client on our own connector, as OrderedClient is one. */
function clientOf(url: string, onSocket: Connected = () => {}, allowH2 = false): Client {
  const connect = buildConnector({ allowH2, timeout: 0, rejectUnauthorized: false });
  const client = new Client(url, {
    allowH2,
    pipelining: 1,
    connect: (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error === null) onSocket(socket);
        callback(...([error, socket] as Parameters<buildConnector.Callback>));
      }),
  });
  onTestFinished(() => client.destroy());
  return client;
}

function noteWrites(events: string[]): Connected {
  return (socket) => {
    const { write } = socket;
    socket.write = (...written: unknown[]) => {
      const [chunk] = written;
      events.push(typeof chunk === 'string' ? `text ${JSON.stringify(chunk)}` : 'bytes');
      return Reflect.apply(write, socket, written);
    };
  };
}

describe('undici on HTTP/1.1', () => {
  it('writes the head as one text by socket.write, right after onRequestStart', async () => {
    const server = await startRawServer((socket) => socket.write(httpResponse('ok')));
    const events: string[] = [];
    const { done } = send(clientOf(server.url, noteWrites(events)), { headers: ['X-Own', '1'] }, events);
    expect(await done).toBeNull();
    const head = `GET /path HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: keep-alive\r\nX-Own: 1\r\n\r\n`;
    expect(events.slice(0, 3), 'undici does not write a head as one text after onRequestStart').toEqual([
      'onRequestStart',
      `text ${JSON.stringify(head)}`,
      'onRequestSent',
    ]);
  });

  it('writes the length of a body last in the head, and the body as bytes after it', async () => {
    const server = await startRawServer((socket) => socket.write(httpResponse('ok')));
    const events: string[] = [];
    const body = { method: 'POST', body: Buffer.from('12345') };
    await send(clientOf(server.url, noteWrites(events)), body, events).done;
    expect(events[1], 'undici does not write content-length last').toMatch(/content-length: 5\\r\\n\\r\\n"$/);
    expect(events[2], 'undici does not write the body behind the head').toBe('bytes');
  });

  it('writes only text that begins with a line break after a chunked head', async () => {
    const server = await startRawServer(
      (socket) => void setTimeout(() => socket.write(httpResponse('ok')), 10),
    );
    const events: string[] = [];
    async function* pieces(): AsyncGenerator<Buffer> {
      yield Buffer.from('a');
      yield Buffer.from('b');
    }
    const body = { method: 'POST', body: pieces() as never };
    await send(clientOf(server.url, noteWrites(events)), body, events).done;
    const texts = events.filter((event) => event.startsWith('text '));
    expect(texts[0], 'undici does not end a chunked head with its coding').toMatch(
      /transfer-encoding: chunked\\r\\n"$/,
    );
    expect(texts.slice(1), 'undici writes other texts than the sizes of chunks').toEqual([
      'text "\\r\\n1\\r\\n"',
      'text "\\r\\n1\\r\\n"',
      'text "\\r\\n0\\r\\n\\r\\n"',
    ]);
  });

  it('calls onResponseStarted at the first byte of an answer', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n', () => socket.destroy());
    });
    const { events, done } = send(clientOf(server.url), {});
    expect(await done).not.toBeNull();
    expect(events, 'undici does not tell that an answer began: requests would be sent twice').toContain(
      'onResponseStarted',
    );
  });

  it('treats a reset as the end of a body without length, when the socket has emitted its error before', async () => {
    const half = Buffer.concat([httpHead(), Buffer.from('half')]);
    const server = await startRawServer((socket) => void socket.write(half));
    const events: string[] = [];
    const noteError: Connected = (socket) => void socket.once('error', () => events.push('socket error'));
    const { done } = send(clientOf(server.url, noteError), {}, events);
    while (!events.includes('onResponseData')) await turns(1);
    server.sockets[0]?.resetAndDestroy();
    await done;
    const ended = events.findIndex((event) => event === 'onResponseEnd' || event === 'onResponseError');
    const failed = events.indexOf('socket error');
    expect(
      failed >= 0 && failed < ended,
      'the socket does not tell its failure before undici tells the end: a cut body would look whole',
    ).toBe(true);
  });

  it('gives its own connection to an upgrade, with the bytes after the head still to be read', async () => {
    const server = await startRawServer((socket) => {
      socket.write(
        Buffer.concat([
          httpHead(['Connection: Upgrade', 'Upgrade: echo'], '101 Switching Protocols'),
          Buffer.from('early'),
        ]),
      );
    });
    const client = clientOf(server.url);
    const socket = await new Promise<Socket>((resolve, reject) => {
      client.dispatch(
        { path: '/', method: 'GET', upgrade: 'echo' },
        {
          onRequestStart: () => {},
          onRequestUpgrade: (_controller, _status, _headers, upgraded) => resolve(upgraded as Socket),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
    expect(String(socket.read() ?? (await new Promise((resolve) => socket.once('data', resolve))))).toBe(
      'early',
    );
    socket.destroy();
  });
});

describe('undici on HTTP/2', () => {
  it('stores its session on the socket before the connect event, and opens streams by its method request', async () => {
    const server = await startHttp2Server((_request, response) => response.end('ok'));
    let latest: Socket | null = null;
    const client = clientOf(
      server.url,
      (socket) => {
        latest = socket;
      },
      true,
    );
    const events: string[] = [];
    client.on('connect', () => {
      const sessions = Object.getOwnPropertySymbols(latest ?? {})
        .map((symbol) => Object(Reflect.get(latest ?? {}, symbol)))
        .filter((value) => typeof value.request === 'function' && typeof value.goaway === 'function');
      events.push(`sessions ${sessions.length}`);
      const [session] = sessions;
      if (session === undefined) return;
      const { request } = session;
      session.request = (...asked: unknown[]) => {
        events.push('request');
        return Reflect.apply(request, session, asked);
      };
    });
    await send(client, {}, events).done;
    expect(events.slice(0, 3), 'the HTTP/2 session of undici is not where it was').toEqual([
      'sessions 1',
      'onRequestStart',
      'request',
    ]);
  });

  it('opens a second stream when the settings of the server are received', async () => {
    const server = await startFrameServer((socket, stream) => {
      socket.write(frame(frames.headers, endHeaders | endStream, stream, status200));
    });
    const client = clientOf(server.url, () => {}, true);
    const all = [send(client, {}), send(client, {}), send(client, {})];
    expect(await Promise.all(all.map(({ done }) => done))).toEqual([null, null, null]);
  });

  it('ends the response of a stream that the server cancelled, with rstCode set by then', async () => {
    const server = await startFrameServer((socket, stream) => {
      socket.write(frame(frames.headers, endHeaders, stream, status200));
      socket.write(frame(frames.data, 0, stream, Buffer.from('half')));
      socket.write(frame(frames.reset, 0, stream, number(codes.cancel)));
    });
    const session = http2.connect(server.url, { ca });
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    stream.resume().on('error', () => {});
    await new Promise((resolve) => stream.once('end', resolve).once('close', resolve));
    expect(stream.rstCode, 'node:http2 does not say why a stream ended: cut bodies would look whole').toBe(
      codes.cancel,
    );
  });
});

describe('a connector of undici', () => {
  it('returns its socket, which emits lookup and connect before the callback', async () => {
    const server = await startRawServer(() => {});
    const connect = buildConnector({ timeout: 0 });
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      const options = { hostname: 'localhost', protocol: 'http:', port: String(server.port) };
      const socket = connect(options as buildConnector.Options, () => {
        events.push('callback');
        resolve();
      }) as unknown as Socket;
      expect(
        socket,
        'buildConnector does not return the socket: attempts could not be given up',
      ).toBeInstanceOf(net.Socket);
      socket.once('lookup', () => events.push('lookup'));
      socket.prependOnceListener('connect', () => events.push('connect'));
      onTestFinished(() => void socket.destroy());
    });
    expect(events, 'the steps of a connection are told in another order: timings would be wrong').toEqual([
      'lookup',
      'connect',
      'callback',
    ]);
  });

  it('starts TLS on httpSocket, and connects nowhere else', async () => {
    const server = await startTlsServer((_request, response) => void response.end());
    const connect = buildConnector({ timeout: 0, rejectUnauthorized: false });
    const httpSocket = net.connect(server.port, '127.0.0.1');
    await new Promise((resolve) => httpSocket.once('connect', resolve));
    await new Promise<void>((resolve, reject) => {
      const target = { hostname: 'nowhere.invalid', protocol: 'https:', port: '1', httpSocket };
      const socket = connect(target as buildConnector.Options, (...[error]) =>
        error === null ? resolve() : reject(error),
      );
      expect(
        (socket as unknown as tls.TLSSocket).connecting,
        'the connector does not use httpSocket: TLS would go past the proxy',
      ).toBe(false);
      onTestFinished(() => void (socket as unknown as Socket).destroy());
    });
    while (server.connections === 0) await turns(1);
    expect(server.connections).toBe(1);
  });
});

describe('A14 a head that is not written as expected', () => {
  const unsubscribe: (() => void)[] = [];
  afterEach(() => {
    for (const stop of unsubscribe.splice(0)) stop();
  });
  /** Changes every socket between our connector and undici, in the place of a new undici. */
  const onConnected = (change: Connected): void => {
    const listener = (message: unknown): void => change(Reflect.get(Object(message), 'socket'));
    diagnostics.subscribe('undici:client:connected', listener);
    unsubscribe.push(() => diagnostics.unsubscribe('undici:client:connected', listener));
  };
  const changes: [string, Connected][] = [
    [
      'as bytes',
      (socket) => {
        const { write } = socket;
        socket.write = (chunk: unknown, ...rest: unknown[]) =>
          Reflect.apply(write, socket, [typeof chunk === 'string' ? Buffer.from(chunk) : chunk, ...rest]);
      },
    ],
    ['past socket.write', (socket) => void Reflect.deleteProperty(socket, 'write')],
    [
      'in two texts',
      (socket) => {
        const { write } = socket;
        socket.write = (chunk: unknown, ...rest: unknown[]) => {
          if (typeof chunk !== 'string') return Reflect.apply(write, socket, [chunk, ...rest]);
          Reflect.apply(write, socket, [chunk.slice(0, 10), ...rest]);
          return Reflect.apply(write, socket, [chunk.slice(10), ...rest]);
        };
      },
    ],
  ];

  it.each(changes)('%s fails the call with ERR_PROTOCOL and ends its connection', async (_, change) => {
    const server = await startRawServer((socket) => socket.write(httpResponse('ok')));
    onConnected(change);
    await using session = await createSession();
    session.setCookie('sid', '1', server.url);
    const failed = { code: 'ERR_PROTOCOL', message: expect.stringContaining('this version of undici') };
    await expect(session.fetch(server.url)).rejects.toMatchObject(failed);
    await expect(session.fetch(server.url, { method: 'POST', body: 'x' })).rejects.toMatchObject(failed);
    await turns(20);
    expect(server.sockets.every(({ destroyed, readableEnded }) => destroyed || readableEnded)).toBe(true);
  });

  it('on a session that is not found fails the call with ERR_PROTOCOL', async () => {
    const server = await startHttp2Server((_request, response) => response.end('ok'));
    vi.spyOn(HeadSlot.prototype, 'take').mockReturnValue(null);
    onTestFinished(() => void vi.restoreAllMocks());
    await using session = await createSession({ ca, http2: true });
    await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });

  it('of another request is refused', () => {
    const author = new HeadAuthor(null, 'GET', '/ada');
    expect(author.write('GET /ada HTTP/1.1\r\n\r\n')).toBe('GET /ada HTTP/1.1\r\n\r\n');
    for (const head of [
      'GET /bob HTTP/1.1\r\n\r\n',
      'POST /ada HTTP/1.1\r\n\r\n',
      'GET /ada/2 HTTP/1.1\r\n\r\n',
    ]) {
      expect(() => author.write(head)).toThrow(/this version of undici/);
    }
  });

  it('is refused while another one still waits', () => {
    const slot = new HeadSlot();
    const [ada, bob] = [new HeadAuthor(null, 'GET', '/ada'), new HeadAuthor(null, 'GET', '/bob')];
    slot.announce(ada);
    expect(() => slot.announce(bob)).toThrow(/this version of undici/);
    slot.withdraw(ada);
    slot.announce(bob);
    expect(slot.take()).toBe(bob);
  });

  it('TLS past the tunnel of a proxy is refused before anything is sent', async () => {
    const site = await startTlsServer((_request, response) => void response.end('direct'));
    const proxy = await startHttpProxy();
    const connect = tls.connect;
    vi.spyOn(tls, 'connect').mockImplementation(((options: tls.ConnectionOptions) => {
      const { socket: _ignored, ...others } = options;
      return connect(others);
    }) as typeof tls.connect);
    onTestFinished(() => void vi.restoreAllMocks());
    await using session = await createSession({ ca, proxy: `http://${proxy.host}` });
    await expect(session.fetch(site.url)).rejects.toMatchObject({ code: 'ERR_PROXY', phase: 'proxy' });
    await turns(20);
    expect(site.seen).toEqual([]);
  });
});

it('Node.js calls the callback of onread as a method of the socket (socket-reading.ts)', async () => {
  const { ownPort: port } = await startRawServer((socket) => void socket.end('bytes'));
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const onread = {
    buffer: new Uint8Array(16),
    callback(this: unknown): boolean {
      resolve(this);
      return true;
    },
  };
  const socket = net.connect({ port, host: '127.0.0.1', onread: onread as net.OnReadOpts });
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\n\r\n');
  expect(await promise, 'Node.js no longer says which socket is read').toBe(socket);
});
