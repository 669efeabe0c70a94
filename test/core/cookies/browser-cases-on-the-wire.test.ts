import { isIP } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { expect, it } from 'vitest';
import { createSession, createTransport, type Transport } from '../../../src/index.ts';
import {
  type BrowserCase,
  browserCases,
  type CookieResponse,
  responsesOf,
} from '../../helpers/browser-cases.ts';
import { headerOf, startServer, startTlsServer } from '../../helpers/servers.ts';

/** No HTTP parser lets them through in a header: the jar's own tests have these cases. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unsendable = /[\x00-\x08\x0a-\x1f\x7f]/;

const sendable = browserCases.filter((entry) =>
  responsesOf(entry).every(({ setCookie }) => !setCookie.some((line) => unsendable.test(line))),
);

/** As many lines as are read of one response; browsers read the 181st as well, from the next response here. */
const LINES = 180;

/** One server for each scheme, whatever the host: sets what it is told, and notes what it is asked with. */
async function startHosts() {
  let lines: readonly string[] = [];
  const answer: Parameters<typeof startServer>[0] = (_request, response) => {
    if (lines.length > 0) response.setHeader('set-cookie', lines);
    response.writeHead(204).end();
  };
  const servers = { 'http:': await startServer(answer), 'https:': await startTlsServer(answer) };
  const serverOf = (url: URL) => servers[url.protocol === 'https:' ? 'https:' : 'http:'];
  return {
    /** The same URL at the port of the server that plays its host. Cookies know no ports. */
    place(text: string): URL {
      const url = new URL(text);
      url.port = String(serverOf(url).port);
      return url;
    },
    /** What the next responses set, as the bytes that a server writes. */
    set(next: readonly string[]): void {
      lines = next.map((line) => Buffer.from(line).toString('latin1'));
    },
    /** The bytes of the last request's Cookie header as the server received them. */
    received(url: URL): Buffer {
      return Buffer.from(headerOf(serverOf(url).seen.at(-1), 'cookie') ?? '', 'latin1');
    },
  };
}

const hostsOf = (entry: BrowserCase): string[] =>
  [...responsesOf(entry), { url: entry.requestUrl }].map(({ url }) => new URL(url).hostname);
const isAddress = (host: string): boolean => host.startsWith('[') || isIP(host) !== 0;

/** Every name is pinned; an address cannot be, so that those cases go out by a dispatcher that connects home. */
async function connections(): Promise<(entry: BrowserCase) => Transport> {
  const names = new Set(sendable.flatMap(hostsOf).filter((host) => !isAddress(host)));
  const resolve = Object.fromEntries([...names].map((host) => [host, '127.0.0.1']));
  const pinned = await createTransport({ resolve, insecure: true });
  const connect = buildConnector({ rejectUnauthorized: false });
  const home = new Agent({
    connect: (options, callback) =>
      connect({ ...options, hostname: '127.0.0.1', host: '127.0.0.1' }, callback),
  });
  const addressed = await createTransport({ dispatcher: home });
  return (entry) => (hostsOf(entry).some(isAddress) ? addressed : pinned);
}

function* chunksOf({ url, setCookie }: CookieResponse): Generator<CookieResponse> {
  for (let at = 0; at === 0 || at < setCookie.length; at += LINES) {
    yield { url, setCookie: setCookie.slice(at, at + LINES) };
  }
}

it('sends the bytes that both browsers sent in each captured case, over HTTP and HTTPS', async () => {
  const hosts = await startHosts();
  const transportOf = await connections();
  const failed: object[] = [];
  for (const entry of sendable) {
    await using session = await createSession({ transport: transportOf(entry) });
    for (const response of responsesOf(entry)) {
      for (const { url, setCookie } of chunksOf(response)) {
        hosts.set(setCookie);
        await session.fetch(hosts.place(url));
      }
    }
    hosts.set([]);
    const request = hosts.place(entry.requestUrl);
    await session.fetch(request);
    const received = hosts.received(request);
    if (!received.equals(Buffer.from(entry.cookie))) {
      failed.push({ id: entry.id, expected: entry.cookie, received: received.toString() });
    }
  }
  const secure = sendable.filter(({ requestUrl }) => requestUrl.startsWith('https:')).length;
  console.log(`${sendable.length} of ${browserCases.length} cases on the wire, ${secure} of them over TLS`);
  expect(failed).toEqual([]);
  expect(sendable.length).toBeGreaterThanOrEqual(1800);
});

it.each([
  ['UTF-8', 'é=voilà €'],
  ['UTF-8 that ends like a blank', 'a=à'],
  ['latin1', Buffer.from('caf\xe9=cr\xe8me br\xfbl\xe9e', 'latin1')],
  ['a latin1 no-break space at the end', Buffer.from('a=b\xa0', 'latin1')],
  [
    'latin1 and UTF-8 in one value',
    Buffer.concat([Buffer.from('a=é '), Buffer.from([0xe9, 0x20, 0xff, 0xfe])]),
  ],
  ['the beginning of a character', Buffer.from([0x61, 0x3d, 0xe2, 0x82])],
  ['an encoded surrogate', Buffer.from([0x61, 0x3d, 0xed, 0xb2, 0x80])],
  ['a byte order mark', Buffer.from('\ufeffa=\ufeffb')],
  ['four-byte characters', '🍪=🍪🍪'],
])('sends back %s byte by byte', async (_what, bytes) => {
  const pair = Buffer.from(bytes as string);
  const server = await startServer((_request, response) => {
    response.setHeader('set-cookie', `${pair.toString('latin1')}; Path=/`).end();
  });
  await using session = await createSession();
  await session.fetch(server.url);
  await session.fetch(server.url);
  expect(Buffer.from(headerOf(server.seen[1], 'cookie') ?? '', 'latin1')).toEqual(pair);
});
