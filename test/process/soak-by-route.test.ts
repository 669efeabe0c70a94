import { once } from 'node:events';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { expect, it } from 'vitest';
import { certificate } from '../helpers/certificates.ts';
import { startChild } from '../helpers/children.ts';
import { startHttp2Server } from '../helpers/http2-servers.ts';
import { startHttpProxy, startSocksProxy } from '../helpers/proxies.ts';

/** How many calls are made; each of the 13 faults by each of the 7 routes 33 times. */
const calls = 3003;
const body = Buffer.alloc(70_000, 'x');
const packed = zlib.gzipSync(body);

type Fault = (response: Http2ServerResponse, request: Http2ServerRequest) => void;

const whole: Fault = (response) => void response.end(body);

/** HTTP/1.1 has no stream: there the connection is all that can be reset. */
function reset(response: Http2ServerResponse, request: Http2ServerRequest, code: number): void {
  if (request.httpVersion === '2.0') response.stream.close(code);
  else request.socket.destroy();
}

function goAway(response: Http2ServerResponse, request: Http2ServerRequest, code: number): void {
  const session = request.httpVersion === '2.0' ? response.stream.session : undefined;
  session?.goaway(code);
  if (code === constants.NGHTTP2_NO_ERROR) {
    response.end(body);
    session?.close();
  } else if (session === undefined) request.socket.destroy();
  else session.destroy();
}

/** Faults of one exchange. With HTTP/2 they leave the connection to others. */
const ofExchange: readonly Fault[] = [
  whole,
  (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
  (response) => void response.writeHead(302, { location: '/0' }).end(body),
  (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip!'),
  (response) => void response.writeHead(200, { 'content-length': '99999' }).end(body),
  (response, request) =>
    response.write(body, () => reset(response, request, constants.NGHTTP2_INTERNAL_ERROR)),
  (response, request) => reset(response, request, constants.NGHTTP2_REFUSED_STREAM),
  () => {},
  (response) => void response.write(body),
];

/** Faults of a connection: they end every exchange that is on it. */
function ofConnection(sockets: () => Socket[], tunnels: () => Socket[]): readonly Fault[] {
  const last = (all: Socket[]): Socket | undefined => all.findLast((socket) => !socket.destroyed);
  return [
    (response, request) => goAway(response, request, constants.NGHTTP2_NO_ERROR),
    (response, request) => goAway(response, request, constants.NGHTTP2_ENHANCE_YOUR_CALM),
    (response) => response.write(body, () => last(sockets())?.resetAndDestroy()),
    (response) => response.write(body, () => last(tunnels())?.destroy()),
  ];
}

/** What a broken HTTP proxy answers to CONNECT, in turn. */
const refusals: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'),
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  () => {},
];

async function startSites() {
  let connects = 0;
  const broken = await startHttpProxy({
    onConnect: (socket) => refusals[connects++ % refusals.length]?.(socket),
  });
  const [http, socks, refusing] = [
    await startHttpProxy(),
    await startSocksProxy(),
    await startSocksProxy({ reply: 5 }),
  ];
  const faultOf = (faults: readonly Fault[], request: Http2ServerRequest): Fault =>
    faults[Number(request.url.slice(1))] ?? whole;
  const calm = await startHttp2Server((request, response) => faultOf(ofExchange, request)(response, request));
  const rough = await startHttp2Server((request, response, server) => {
    const tunnels = (): Socket[] => [...http.sockets, ...socks.sockets];
    faultOf(
      ofConnection(() => server.sockets, tunnels),
      request,
    )(response, request);
  });
  const urls = [
    ...ofExchange.map((_, index) => `${calm.url}/${index}`),
    ...[0, 1, 2, 3].map((index) => `${rough.url}/${index}`),
  ];
  const [byHttp, bySocks] = [`http://${http.host}`, `socks5://${socks.host}`];
  const routes = [
    { proxy: null, http2: true },
    { proxy: byHttp, http2: true },
    { proxy: bySocks, http2: true },
    { proxy: byHttp, http2: false },
    { proxy: bySocks, http2: false },
    { proxy: `http://${broken.host}`, http2: true },
    { proxy: `socks5://${refusing.host}`, http2: true },
  ];
  return { servers: [calm, rough], proxies: [http, socks, broken, refusing], urls, routes };
}

it('leaves nothing behind after faults over HTTP/2 and HTTP/1.1, directly and through proxies', async () => {
  const { servers, proxies, urls, routes } = await startSites();
  const child = startChild('faults-by-route', {
    args: [String(calls), JSON.stringify(urls), JSON.stringify(routes), certificate().cert],
    node: ['--expose-gc'],
  });
  child.stderr.pipe(process.stderr);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { outcomes, growth, left, trouble } = JSON.parse(String(line));
  if (process.env.JARFETCH_SOAK !== undefined) console.info(String(line));

  expect(trouble).toEqual([]);
  // No call is stuck: each has its outcome, and each kind of outcome was seen.
  const counts: number[] = Object.values(outcomes);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(calls);
  const kinds = ['ERR_BODY_TRUNCATED', 'ERR_CONNECTION_LOST', 'ERR_DECODE', 'ERR_PROXY', 'ERR_TIMEOUT'];
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining([...kinds, 'TimeoutError', 'read', 'unread']));
  for (const { seen } of servers)
    expect(new Set(seen.map((line) => line.split(' ')[0]))).toEqual(new Set(['2.0', '1.1']));
  for (const { seen } of proxies) expect(seen.length).toBeGreaterThan(0);

  expect(left).toEqual({ timers: 0, sockets: 0, listeners: 0 });
  expect(growth).toBeLessThan(5_000_000);
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
}, 300_000);
