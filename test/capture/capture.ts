/** Plays the kinds in a browser and in a session, and compares what a raw server received of both. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { brandList } from '../../src/core/presets/brands.ts';
import { createSession, getProfiles } from '../../src/index.ts';
import { readHeads, type WireHead } from '../helpers/wire.ts';
import { type CapturedBrowser, openBrowser } from './browsers.ts';
import { difference } from './difference.ts';
import { type Kind, kinds, pageOf, redirects } from './kinds.ts';

/** One kind of request, by the browser and by us. */
interface Comparison {
  readonly kind: string;
  /** Lines of the head: ` ` as in both, `-` only the browser's, `+` only ours. */
  readonly lines: readonly string[];
  readonly matches: boolean;
}

export interface CaptureReport {
  /** As the user agent says it. */
  readonly version: number;
  /** What it was compared with. */
  readonly profile: string;
  /** The browser is newer than the newest preset: differences are news, not faults. */
  readonly isNewer: boolean;
  readonly comparisons: readonly Comparison[];
}

/** Milliseconds for a browser to start and to play everything, on a slow machine. */
const playLimit = 60_000;

/** Starts the browser, plays every kind, and compares with the preset of its version or the newest before it. */
export async function captureBrowser(browser: CapturedBrowser, signal: AbortSignal): Promise<CaptureReport> {
  const server = await startCapturing();
  try {
    const theirs = await playInBrowser(browser, server, signal);
    const version = versionOf(theirs.get('/'));
    const { profile, newest } = profileFor(browser, version);
    const ours = await playInSession(profile, server);
    const comparisons = kinds.map((kind) =>
      compare(kind, normalised(theirs.get(kind.path), version), normalised(ours.get(kind.path), version)),
    );
    return { version, profile, isNewer: version > newest, comparisons };
  } finally {
    server.close();
  }
}

type Heads = Map<string, WireHead>;

async function playInBrowser(
  browser: CapturedBrowser,
  server: Capturing,
  signal: AbortSignal,
): Promise<Heads> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(playLimit)]);
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const onAbort = (): void => fail(new Error(`not all was played: ${[...server.heads.keys()].join(' ')}`));
  limit.addEventListener('abort', onAbort, { once: true });
  const running = await openBrowser(browser, [`${server.url}/`], {
    onExit: (output) => fail(new Error(output)),
  });
  try {
    await Promise.race([server.whenDone, failed]);
    return new Map(server.heads);
  } finally {
    limit.removeEventListener('abort', onAbort);
    await running.stop();
  }
}

async function playInSession(browser: string, server: Capturing): Promise<Heads> {
  server.heads.clear();
  const session = await createSession({ browser: browser as 'chrome', os: 'linux' });
  try {
    for (const { path, page, say } of kinds) {
      // Where a redirect leads is played with it.
      if (Object.values(redirects).includes(path)) continue;
      const referrer = page === undefined ? undefined : `${server.url}${page}`;
      await (await session.fetch(`${server.url}${path}`, { ...say, referrer })).text();
    }
    return new Map(server.heads);
  } finally {
    await session.close();
  }
}

interface Capturing {
  readonly url: string;
  /** By path; the first of each. */
  readonly heads: Heads;
  readonly whenDone: Promise<void>;
  close(): void;
}

async function startCapturing(): Promise<Capturing> {
  const heads: Heads = new Map();
  const sockets = new Set<Socket>();
  let done = (): void => {};
  const whenDone = new Promise<void>((resolve) => {
    done = resolve;
  });
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    readHeads(socket, (head) => {
      const path = head.line.split(' ')[1] ?? '';
      if (!heads.has(path)) heads.set(path, head);
      socket.write(answerTo(path));
      if (path === '/done') done();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heads, whenDone, close };
}

const types: Readonly<Record<string, string>> = { '/style': 'text/css', '/script': 'text/javascript' };

function answerTo(path: string): string {
  const location = redirects[path];
  if (location !== undefined)
    return `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
  const isPage = path === '/' || path === '/form' || path === '/navigation-hop-end';
  const body = isPage ? pageOf(path) : '';
  const type = isPage ? 'text/html; charset=utf-8' : (types[path] ?? 'text/plain');
  return `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nCache-Control: no-store\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function versionOf(head: WireHead | undefined): number {
  const agent = head?.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? '';
  const version = /(?:Chrome|Firefox)\/(\d+)/.exec(agent)?.[1];
  if (version === undefined) throw new Error(`the user agent tells no version: ${agent}`);
  return Number(version);
}

function profileFor(browser: CapturedBrowser, version: number): { profile: string; newest: number } {
  const family = browser === 'chromium' ? 'chrome' : 'firefox';
  const versions = getProfiles()
    .map((name) => Number(new RegExp(`^${family}_(\\d+)$`).exec(name)?.[1]))
    .filter((each) => !Number.isNaN(each))
    .sort((a, b) => a - b);
  const newest = versions.at(-1) ?? 0;
  const nearest = versions.findLast((each) => each <= version) ?? versions[0];
  return { profile: `${family}_${nearest}`, newest };
}

/** Without what is not the release's: "Headless" in the user agent, and that Debian's build has no brand. */
function normalised(head: WireHead | undefined, version: number): string[] {
  const bare = brandList(version, null);
  const branded = brandList(version, ['Google Chrome', version]);
  return (head?.headers ?? []).map(([name, value]) => {
    const text = value === bare ? branded : value.replace('HeadlessChrome/', 'Chrome/');
    return `${name}: ${text}`;
  });
}

function compare({ name }: Kind, theirs: readonly string[], ours: readonly string[]): Comparison {
  if (theirs.length === 0) return { kind: name, lines: ['- (the browser did not send it)'], matches: false };
  const matches = theirs.length === ours.length && theirs.every((line, index) => line === ours[index]);
  return { kind: name, lines: matches ? [] : difference(theirs, ours), matches };
}
