import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Agent, request as undiciRequest } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport, fetch, type SessionOptions } from '../../../src/index.ts';
import { cookieDispatcher, nodeAgents } from '../../../src/interop/index.ts';
import { certificate, selfSigned } from '../../helpers/certificates.ts';
import { refusalOf } from '../../helpers/refusals.ts';

const { cert: ca } = certificate();
const ada = selfSigned('ada', 'DNS:ada.test');
const porter = selfSigned('porter', 'DNS:porter.test');

interface Witness {
  readonly url: string;
  /** Who each TLS connection said it was, in the order in which they came. */
  readonly names: string[];
}

/** A server for HTTP/1.1 and HTTP/2 that asks every client for its certificate, and is a proxy to this machine. */
async function witness(location = ''): Promise<Witness> {
  const names: string[] = [];
  const options = { ...certificate(), requestCert: true, rejectUnauthorized: false, allowHTTP1: true };
  const server = http2.createSecureServer({ ...options, ca: [ada.cert, porter.cert] });
  const sockets = new Set<Duplex>();
  server.on('secureConnection', (socket: TLSSocket) => {
    names.push(String(socket.getPeerCertificate().subject?.CN ?? 'nobody'));
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/away') response.writeHead(307, { location });
    response.end();
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const upstream = net.connect(Number(request.url?.split(':').at(-1)), '127.0.0.1');
    for (const each of [socket, upstream]) each.on('error', () => {}).on('close', () => upstream.destroy());
    upstream.on('connect', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, names };
}

const identity = { ca, cert: ada.cert, key: ada.key };

describe.each([false, true])('A09 a client certificate, http2: %s', (isHttp2) => {
  const sessionOf = (options: SessionOptions) => createSession({ ...identity, http2: isHttp2, ...options });

  it('is shown to the origins that are named, and to no other', async () => {
    const [home, second, other] = [await witness(), await witness(), await witness()];
    await using session = await sessionOf({ certOrigins: [home.url, second.url] });
    for (const { url } of [home, other, second]) await session.fetch(url);
    expect([home.names, second.names, other.names]).toEqual([['ada'], ['ada'], ['nobody']]);
  });

  it('is shown to the origin of baseUrl, by default', async () => {
    const [home, other] = [await witness(), await witness()];
    await using session = await sessionOf({ baseUrl: `${home.url}/api/` });
    await session.fetch('x');
    await session.fetch(new URL(other.url));
    expect([home.names, other.names]).toEqual([['ada'], ['nobody']]);
  });

  it('is not shown where a redirect leads', async () => {
    const other = await witness();
    const home = await witness(other.url);
    await using session = await sessionOf({ certOrigins: home.url });
    await session.fetch(`${home.url}/away`);
    expect([home.names, other.names]).toEqual([['ada'], ['nobody']]);
  });

  it('is not shown to an https proxy, in front of which the target sees it', async () => {
    const [home, other, proxy] = [await witness(), await witness(), await witness()];
    await using session = await sessionOf({ certOrigins: home.url, proxy: proxy.url });
    for (const { url } of [home, other]) await session.fetch(url);
    expect([home.names, other.names, proxy.names]).toEqual([['ada'], ['nobody'], ['nobody', 'nobody']]);
  });

  it('is not shown to an https proxy that is also named as origin', async () => {
    const [home, proxy] = [await witness(), await witness()];
    await using session = await sessionOf({ certOrigins: [home.url, proxy.url], proxy: proxy.url });
    await session.fetch(home.url);
    // By a plain target it is asked to forward.
    await session.fetch('http://plain.test/');
    expect([home.names, proxy.names]).toEqual([['ada'], ['nobody', 'nobody']]);
  });

  it('is shown by the same rule in WebSockets and other clients', async () => {
    const [home, other] = [await witness(), await witness()];
    const transport = await createTransport({ ...identity, http2: isHttp2, certOrigins: home.url });
    const session = await createSession({ transport });
    const { https: agent } = nodeAgents(transport);
    onTestFinished(() => agent.destroy());
    for (const { url } of [home, other]) {
      // It does not speak the protocol; its TLS is what counts.
      await expect(session.websocket(url.replace('https:', 'wss:'))).rejects.toMatchObject({
        code: 'ERR_PROTOCOL',
      });
      await (await undiciRequest(url, { dispatcher: cookieDispatcher(session) })).body.dump();
      await once(https.get(url, { agent }), 'response');
    }
    expect(new Set(home.names)).toEqual(new Set(['ada']));
    expect(new Set(other.names)).toEqual(new Set(['nobody']));
    expect(home.names.length).toBe(other.names.length);
  });
});

describe('A09 origins of a client certificate', () => {
  it('are that of the URL, for a one-shot fetch', async () => {
    const other = await witness();
    const home = await witness(other.url);
    await fetch(`${home.url}/away`, identity);
    expect([home.names, other.names]).toEqual([['ada'], ['nobody']]);
    for (const inputOf of [(url: string) => new URL(url), (url: string) => new Request(url)]) {
      const { url, names } = await witness();
      await fetch(inputOf(url), identity);
      expect(names).toEqual(['ada']);
    }
  });

  it('are those of a fork with another baseUrl', async () => {
    const [home, second] = [await witness(), await witness()];
    await using session = await createSession({ ...identity, baseUrl: home.url });
    await using fork = await session.fork({ baseUrl: second.url });
    await fork.fetch('/');
    await fork.fetch(new URL(home.url));
    expect([home.names, second.names]).toEqual([['nobody'], ['ada']]);
  });

  it('decide whether sessions share connections', async () => {
    const home = await witness();
    const [first, second] = [{ certOrigins: home.url }, { certOrigins: 'https://other.test' }];
    for (const options of [first, second, first]) {
      const session = await createSession({ ...identity, ...options });
      onTestFinished(() => session.close());
      await session.fetch(home.url);
    }
    expect(home.names).toEqual(['ada', 'nobody']);
  });

  it.each([
    ['a port of its own', 'https://a.test:8443/', 'https://a.test:8443'],
    ['the default port', ['https://A.test:443', 'https://a.test'], 'https://a.test'],
  ])('may have %s', async (_what, certOrigins, origin) => {
    await using session = await createSession({ ...identity, certOrigins });
    expect(origin).toBe(new URL([certOrigins].flat()[0] ?? '').origin);
    expect(session.closed).toBe(false);
  });

  it.each<[options: object, said: string]>([
    [{ certOrigins: 'http://a.test' }, 'certOrigins must be https origins'],
    [{ certOrigins: 'https://a.test/path' }, 'certOrigins must be https origins'],
    [{ certOrigins: 'https://ada:secret@a.test' }, 'got another string'],
    [{ certOrigins: 'a.test' }, 'certOrigins must be https origins'],
    [{ certOrigins: 5 }, 'got 5'],
    [{ certOrigins: [] }, 'got an empty array'],
    [{}, '`cert` needs `certOrigins`'],
    [{ baseUrl: 'http://a.test' }, '`cert` needs `certOrigins`'],
  ])('are refused: %o', async (options, said) => {
    const error = await refusalOf(() => createSession({ ...identity, ...options } as SessionOptions));
    expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(said)]);
    expect(error.message).not.toContain('secret');
  });

  it('are refused without a certificate, and with a transport or a dispatcher', async () => {
    const certOrigins = 'https://a.test';
    await using transport = await createTransport();
    for (const refused of [
      () => createSession({ certOrigins }),
      () => createTransport({ certOrigins }),
      () => createTransport(identity),
      () => createSession({ transport, certOrigins }),
      () => createTransport({ dispatcher: new Agent(), certOrigins }),
      () => fetch('http://127.0.0.1:9/', identity),
    ]) {
      expect((await refusalOf(refused)).message).toMatch(/certOrigins/);
    }
  });
});

describe('A09 proxyTls', () => {
  const mine = { cert: porter.cert, key: porter.key };

  it.each([false, true])('is used for the connection to the proxy, tunnel: %s', async (isTunnel) => {
    const [home, proxy] = [await witness(), await witness()];
    await using session = await createSession({
      ...identity,
      certOrigins: home.url,
      proxy: proxy.url,
      proxyTls: { ca, ...mine },
    });
    await session.fetch(isTunnel ? home.url : 'http://plain.test/');
    expect([home.names, proxy.names]).toEqual([isTunnel ? ['ada'] : [], ['porter']]);
  });

  it('applies to agents', async () => {
    const [home, proxy] = [await witness(), await witness()];
    const transport = await createTransport({ ca, proxy: proxy.url, proxyTls: mine });
    const { https: agent } = nodeAgents(transport);
    onTestFinished(() => agent.destroy());
    await once(https.get(home.url, { agent }), 'response');
    expect([home.names, proxy.names]).toEqual([['nobody'], ['porter']]);
  });

  it('sets the trust for the proxy separately from the targets', async () => {
    const [home, proxy] = [await witness(), await witness()];
    const stranger = selfSigned('stranger', 'DNS:stranger.test').cert;
    const call = async (options: SessionOptions): Promise<unknown> => {
      await using session = await createSession({ proxy: proxy.url, ...options });
      return session.fetch(home.url).then(
        ({ status }) => status,
        ({ code, phase }) => `${code} ${phase}`,
      );
    };
    expect(await call({ ca })).toBe(200);
    expect(await call({ ca, proxyTls: { ca: stranger } })).toBe('ERR_PROXY proxy');
    expect(await call({ ca, proxyTls: { trustStore: 'mozilla' } })).toBe('ERR_PROXY proxy');
    expect(await call({ ca: stranger, proxyTls: { ca } })).toBe('ERR_TLS tls');
    expect(await call({ ca: stranger, insecure: true, proxyTls: { insecure: false } })).toBe(
      'ERR_PROXY proxy',
    );
    expect(await call({ ca, proxyTls: { ca: stranger, insecure: true } })).toBe(200);
  });

  it.each<[proxyTls: unknown, said: string]>([
    ['yes', 'proxyTls must be an object'],
    [{ insecure: 1 }, 'proxyTls.insecure must be true or false'],
    [{ ca: 'nothing' }, 'proxyTls.ca must hold a certificate'],
    [{ cert: porter.cert }, '`proxyTls.cert` and `proxyTls.key` belong together'],
    [{ ca, trustStore: 'mozilla' }, '`proxyTls.ca` cannot be combined with trustStore'],
    [{ http2: true }, 'proxyTls has an unknown option: "http2"'],
  ])('is refused: %o', async (proxyTls, said) => {
    const { code, message } = await refusalOf(() => createSession({ proxyTls } as SessionOptions));
    expect([code, message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(said)]);
  });
});
