import { CookieJar } from 'tough-cookie';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CookieRejection,
  createSession,
  createTransport,
  type RequestInit,
  type Session,
  type Transport,
} from '../../../src/index.ts';
import { startServer, startTlsServer, type TestServer } from '../../helpers/servers.ts';

const hosts = ['www.shop.example', 'shop.co.uk'];
let transport: Transport;
beforeAll(async () => {
  const resolve = Object.fromEntries(hosts.map((host) => [host, '127.0.0.1']));
  transport = await createTransport({ resolve, insecure: true });
  return () => transport.close();
});

/** The other reasons are those of setCookies, imports, tough-cookie's own methods, and a registry's login. */
type ServersReason = Exclude<
  CookieRejection,
  'invalid-name' | 'invalid-value' | 'invalid-path' | 'unsupported-url' | 'http-only' | 'superseded'
>;

interface Row {
  readonly line: string;
  readonly scheme?: 'http';
  readonly host?: string;
  readonly init?: RequestInit;
}

const rows: Record<ServersReason, Row> = {
  empty: { line: '=; Path=/' },
  'control-character': { line: 'a=1\t2' },
  'ambiguous-nameless': { line: '=a=b' },
  'too-large': { line: `a=${'v'.repeat(4096)}` },
  'invalid-domain': { line: 'a=1; Domain=.' },
  'domain-mismatch': { line: 'a=1; Domain=other.example' },
  'public-suffix': { line: 'a=1; Domain=co.uk', host: 'shop.co.uk' },
  'insecure-origin': { line: 'a=1; Secure', scheme: 'http' },
  'overwrites-secure': { line: 'kept=2', scheme: 'http' },
  prefix: { line: '__Secure-a=1' },
  'same-site-none-insecure': { line: 'a=1; SameSite=None' },
  'partitioned-insecure': { line: 'a=1; Partitioned' },
  'cross-site': { line: 'a=1', init: { mode: 'cors', referrer: 'https://evil.example/' } },
  expired: { line: 'a=1; Max-Age=0' },
};

/** A session with a Secure cookie, and a server that sets one line, or several. */
async function visit(
  lines: string | string[],
  { scheme, host = 'www.shop.example', init = {} }: Omit<Row, 'line'> = {},
) {
  const start = scheme === 'http' ? startServer : startTlsServer;
  const server: TestServer = await start((request, response) => {
    if (request.url === '/set') response.setHeader('set-cookie', lines);
    response.end();
  });
  const session: Session = await createSession({ transport });
  session.setCookie('kept', '1', 'https://www.shop.example/', { secure: true });
  const response = await session.fetch(`${scheme ?? 'https'}://${host}:${server.port}/set`, init);
  return { session, results: response.hops[0]?.setCookies ?? [] };
}

describe('the reason of a hop is', () => {
  it.each(Object.entries(rows))('%s', async (reason, { line, ...where }) => {
    const { session, results } = await visit(line, where);
    const name = /^[^=;]*/.exec(line)?.[0];
    expect(results).toEqual([{ name, stored: false, reason }]);
    expect(session.getAllCookies()).toMatchObject([{ name: 'kept', value: '1' }]);
  });

  it('too-many for the 181st line of a response and all after it', async () => {
    const lines = Array.from({ length: 183 }, (_, at) => `c${at}=1`);
    const { session, results } = await visit(lines);
    expect(results.slice(0, 180).every(({ stored }) => stored)).toBe(true);
    expect(results.slice(180)).toEqual(
      ['c180', 'c181', 'c182'].map((name) => ({ name, stored: false, reason: 'too-many' })),
    );
    expect(session.getAllCookies().some(({ name }) => name === 'c180')).toBe(false);
  });

  it("refused-by-jar when the caller's jar gives no reason", async () => {
    const server = await startServer((_request, response) => {
      response.setHeader('set-cookie', ['a=1; Domain=other.example', 'b=1']).end();
    });
    await using session = await createSession({ cookieJar: new CookieJar() });
    const { hops } = await session.fetch(server.url);
    expect(hops[0]?.setCookies).toEqual([
      { name: 'a', stored: false, reason: 'refused-by-jar' },
      { name: 'b', stored: true },
    ]);
  });

  it('absent for a cookie that was stored, and never a value', async () => {
    const { results } = await visit(['good=hunter2', 'bad=hunter2; Domain=com']);
    expect(results).toEqual([
      { name: 'good', stored: true },
      { name: 'bad', stored: false, reason: 'domain-mismatch' },
    ]);
    expect(JSON.stringify(results)).not.toContain('hunter2');
  });
});
