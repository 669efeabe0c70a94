import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createSession,
  createTransport,
  type RequestInit,
  type Session,
  type Transport,
} from '../../../src/index.ts';
import { selfSigned } from '../../helpers/certificates.ts';
import { startWireServers, type WireHead, type WireServers } from '../../helpers/wire.ts';
import { type Ask, askOf, type Capture, captures, urlOf, valueIn } from './captures.ts';
import { exceptions, normalised, webSocketOnHttp2 } from './differences.ts';

/**
 * Every captured request once more, as a caller would make it: by session.fetch and session.websocket, against
 * servers that note the exact bytes. The whole head is compared, Host, Connection, Content-Length and Cookie included.
 */
let servers: WireServers;
let transports: Readonly<Record<'http1' | 'http2', Transport>>;
const sessions = new Map<string, Session>();

beforeAll(async () => {
  const hosts = ['a.test', 'b.test', 'localhost'];
  const certificate = selfSigned('a.test', hosts.map((host) => `DNS:${host}`).join());
  servers = await startWireServers(certificate);
  const resolve = Object.fromEntries(hosts.map((host) => [host, '127.0.0.1']));
  const { cert } = certificate;
  transports = {
    http1: await createTransport({ resolve, ca: cert }),
    http2: await createTransport({ resolve, ca: cert, http2: true }),
  };
  for (const [browser, profile] of Object.entries(profiles)) {
    for (const [protocol, transport] of Object.entries(transports)) {
      const session = await createSession({ browser: profile, os: 'linux', transport });
      sessions.set(`${browser} ${protocol}`, session);
    }
  }
});

afterAll(async () => {
  for (const session of sessions.values()) await session.close();
  await Promise.all([transports.http1.close(), transports.http2.close()]);
  await servers.close();
});

const profiles = { chromium: 'chrome_156', firefox: 'firefox_153' } as const;

/** Captured apart from the fields. */
const pseudoFields = {
  chromium: [':method', ':authority', ':scheme', ':path'],
  firefox: [':method', ':path', ':authority', ':scheme'],
} as const;

/** What no call of the library sends, with the reason. */
const notSent: Record<string, (capture: Capture) => string | false> = {
  'l12-redirect-fetch-auth-cross': ({ method }) =>
    method === 'OPTIONS' &&
    'a browser asks by a preflight before it follows this redirect, the library does not',
};

/** Our ports in place of those of the capture. */
function here(text: string): string {
  const { plain, tls, http2, otherHttp2 } = servers.ports;
  return text
    .replaceAll(/:(18080|20080)\b/g, `:${plain}`)
    .replaceAll(/:(18443|20443)\b/g, `:${tls}`)
    .replaceAll(/:18444\b/g, `:${http2}`)
    .replaceAll(/:18445\b/g, `:${otherHttp2}`);
}

/** Sends the captured request, the redirects that led to it included, and returns its head. */
async function send(capture: Capture): Promise<WireHead | undefined> {
  const ask = askOf(capture);
  if (ask === undefined) return undefined;
  const hops = [...ask.chain, capture];
  const [first = capture] = hops;
  const session = sessions.get(`${capture.browser} ${capture.transport === 'https-h2' ? 'http2' : 'http1'}`);
  if (session === undefined) throw new Error('no session');
  await session.clearCookies();
  for (const hop of hops) fillJar(session, hop);
  servers.answers.splice(
    0,
    Number.POSITIVE_INFINITY,
    ...hops.slice(1).map((hop, index) => redirectTo(hop, hops[index] ?? hop)),
  );
  servers.heads.length = 0;
  if (isSocket(capture)) return sendHandshake(session, capture, ask);
  const { headers, say, page } = askOf(first) ?? ask;
  const length = Number(valueIn(first, 'content-length') ?? 0);
  const init: RequestInit = {
    ...say,
    method: first.method,
    headers,
    ...(length > 0 && { body: Buffer.alloc(length, 'x') }),
    ...(page !== undefined && { referrer: here(String(page)) }),
  };
  const response = await session.fetch(here(urlOf(first).href), init);
  await response.arrayBuffer();
  expect(servers.heads).toHaveLength(hops.length);
  return servers.heads.at(-1);
}

const isSocket = ({ kind }: Capture) => kind.includes('websocket');

async function sendHandshake(
  session: Session,
  capture: Capture,
  { page }: Ask,
): Promise<WireHead | undefined> {
  const protocols = valueIn(capture, 'sec-websocket-protocol')?.split(', ');
  const socket = await session.websocket(here(urlOf(capture).href), {
    protocols,
    ...(page !== undefined && { referrer: here(String(page)) }),
  });
  socket.close();
  await once(socket, 'close');
  const [head, ...more] = servers.heads;
  expect(more).toEqual([]);
  expect(head?.line).toBe(`GET ${capture.target}`);
  return head && { ...head, headers: head.headers.map(withoutNonce) };
}

/** Only that the key is 16 bytes of Base64 can be compared. */
function withoutNonce([name, value]: readonly [string, string]): readonly [string, string] {
  const isKey = name === 'Sec-WebSocket-Key' && /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(value);
  return [name, isKey ? '16 bytes' : value];
}

/** A handshake as the browser has it on HTTP/1.1, with the port of the one it has on HTTP/2. */
function overHttp1(capture: Capture): Capture {
  const twin = captures.find(
    ({ browser, kind, transport }) =>
      browser === capture.browser && kind === capture.kind && transport === 'https-h1',
  );
  if (twin === undefined) throw new Error(`no capture of ${capture.kind} on HTTP/1.1`);
  const headers = twin.headers.map(([name, value]): [string, string] => [
    name,
    value.replace(/:18443$/, ':18444'),
  ]);
  return { ...twin, headers };
}

function fillJar(session: Session, hop: Capture): void {
  const url = here(urlOf(hop).href).replace(/^ws/, 'http');
  for (const [name, value] of hop.headers) {
    if (name.toLowerCase() !== 'cookie') continue;
    for (const pair of value.split('; ')) {
      const [key = '', text = ''] = pair.split('=');
      session.setCookie(key, text, url, { path: '/' });
    }
  }
}

function redirectTo(hop: Capture, from: Capture): { status: number; location: string } {
  return { status: hop.method === from.method ? 307 : 303, location: here(urlOf(hop).href) };
}

function expected(capture: Capture): [string, string][] {
  return capture.headers.map((entry) => {
    const [name, value] = withoutNonce(normalised(capture, entry));
    return [name, here(value)];
  });
}

const label = ({ browser, transport, kind, n }: Capture) => `${browser} ${transport} ${kind} ${n}`;
const excused = new Map<string, number>();
const excuse = (reason: string) => excused.set(reason, (excused.get(reason) ?? 0) + 1);
const counts = new Map<string, { matched: number; total: number }>();

describe('captured requests over the wire', () => {
  it.each(captures.map((capture) => [label(capture), capture] as const))('%s', async (_, capture) => {
    const count = counts.get(`${capture.browser} ${capture.transport}`) ?? { matched: 0, total: 0 };
    counts.set(`${capture.browser} ${capture.transport}`, count);
    count.total++;
    const missing = notSent[capture.kind]?.(capture) ?? false;
    if (missing !== false) {
      excuse(missing);
      return;
    }
    const head = await send(capture);
    const carrier = webSocketOnHttp2(capture);
    if (carrier !== false) {
      excuse(carrier);
      expect(head?.headers).toEqual(expected(overHttp1(capture)));
      return;
    }
    const reason = exceptions[capture.kind]?.(capture) ?? false;
    const isHttp2 = capture.transport === 'https-h2' && !isSocket(capture);
    expect(head?.pseudo).toEqual(isHttp2 ? pseudoFields[capture.browser] : []);
    if (reason === false) expect(head?.headers).toEqual(expected(capture));
    else {
      excuse(reason);
      expect(head?.headers, `no exception any more: ${reason}`).not.toEqual(expected(capture));
      // Only the place differs, or one value.
      const names = ([name]: readonly [string, string]) => name;
      expect(head?.headers.map(names).sort()).toEqual(expected(capture).map(names).sort());
      return;
    }
    count.matched++;
  });

  afterAll(() => {
    const rows = [...counts].sort().map(([name, { matched, total }]) => `${name}: ${matched}/${total}`);
    const reasons = [...excused].map(([reason, count]) => `${count} not: ${reason}`);
    console.info(`matched captures over the wire\n${[...rows, ...reasons].join('\n')}`);
  });
});
