import net, { type AddressInfo } from 'node:net';
import { BrowserCookieJar, createSession, isRequestError, type Session } from '../../src/index.ts';
import { type SeededRandom, seededRandom } from '../helpers/random.ts';
import { mutate, seeds } from './mutate.ts';

/** What a run came to. */
export interface FuzzResult {
  readonly rounds: number;
  /** Each names its round, so that the seed brings it back. */
  readonly findings: readonly string[];
}

/** Longest a call may take past its limit of a fifth of a second, in milliseconds. */
const hangs = 10_000;

/**
 * Throws mutated bytes at everything that reads what others wrote, until `isOver` says so.
 * Whatever a call does, it settles with a response or an error of a kind that is known, and the jar holds no cookie
 * that breaks a rule.
 */
export async function fuzz(seed: number, isOver: (rounds: number) => boolean): Promise<FuzzResult> {
  const random = seededRandom(seed);
  const findings: string[] = [];
  const server = await startMutant(random);
  let rounds = 0;
  const trouble = (error: unknown): void => void findings.push(`round ${rounds}: unhandled ${String(error)}`);
  process.on('unhandledRejection', trouble).on('uncaughtException', trouble);
  let session = await createSession({ timeout: 200, maxBodyBytes: 1_000_000 });
  try {
    for (; !isOver(rounds); rounds++) {
      if (rounds % 50 === 0) {
        await session.close();
        session = await createSession({ timeout: 200, maxBodyBytes: 1_000_000 });
      }
      for (const finding of [
        await fuzzCall(session, server.url, random),
        fuzzCookie(random),
        fuzzLines(session),
      ]) {
        if (finding !== null) findings.push(`round ${rounds}: ${finding}`);
      }
    }
    await session.close();
    // What is still on its way gets its turn.
    await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    process.off('unhandledRejection', trouble).off('uncaughtException', trouble);
    server.close();
  }
  return { rounds, findings };
}

/** A server whose every answer is a mutated response. */
async function startMutant(random: SeededRandom): Promise<{ url: string; close(): void }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      let answer = mutate(seeds.responses, random);
      if (random.below(3) === 0)
        answer = withHeader(answer, `Set-Cookie: ${mutate(seeds.setCookies, random)}`);
      if (random.below(3) === 0) answer = withHeader(answer, `Location: ${mutate(seeds.locations, random)}`);
      socket.write(Buffer.from(answer, 'latin1'));
      if (random.below(2) === 0) socket.end();
      else if (random.below(4) === 0) socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function withHeader(response: string, header: string): string {
  return response.replace('\r\n', () => `\r\n${header}\r\n`);
}

async function fuzzCall(session: Session, server: string, random: SeededRandom): Promise<string | null> {
  const headers = Array.from({ length: random.below(3) }, () =>
    mutate(seeds.headers, random).split(/:(.*)/s).slice(0, 2),
  );
  const isOwn = random.below(4) !== 0;
  const url = isOwn ? `${server}/${random.below(3)}` : localOnly(mutate(seeds.urls, random), server);
  const call = session
    .fetch(url, {
      headers: headers as [string, string][],
      redirect: random.pick(['follow', 'manual', 'error']),
    })
    .then((response) => random.pick([() => response.text(), () => response.bytes(), () => response.json()])())
    .then(() => null, checkError);
  const timer = Promise.withResolvers<string>();
  const id = setTimeout(() => timer.resolve(`hangs: ${JSON.stringify(url)}`), hangs);
  const outcome = await Promise.race([call, timer.promise]);
  clearTimeout(id);
  return outcome;
}

/** Nothing is asked of other machines. */
function localOnly(url: string, server: string): string {
  if (!URL.canParse(url)) return url;
  return /^(127\.|\[::1\]|localhost)/.test(new URL(url).hostname) ? url : server;
}

function checkError(error: unknown): string | null {
  const isKnown = isRequestError(error) || (error instanceof SyntaxError && 'status' in error);
  return isKnown ? null : `an error of no kind: ${error instanceof Error ? error.stack : String(error)}`;
}

/** Hands one mutated Set-Cookie line to a jar, and looks at what it then sends. */
function fuzzCookie(random: SeededRandom): string | null {
  const line = mutate(seeds.setCookies, random);
  const jar = new BrowserCookieJar();
  const url = new URL(
    random.pick([
      'https://www.shop.example/a/b',
      'http://shop.example/',
      'https://co.uk/',
      'http://127.0.0.1/',
    ]),
  );
  try {
    jar.receive(line, url);
    return checkHeader(jar.cookieHeader(url)) ?? checkScope(jar, url);
  } catch (error) {
    return `a Set-Cookie line throws ${String(error)}: ${JSON.stringify(line)}`;
  }
}

function checkHeader(header: string): string | null {
  for (const character of header) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f)
      return `a Cookie header with a control character: ${JSON.stringify(header)}`;
  }
  return null;
}

/** No cookie leaves the host that set it, unless it named a parent that is no public suffix. */
function checkScope(jar: BrowserCookieJar, url: URL): string | null {
  for (const { name, domain, hostOnly, secure, path } of jar.allCookies()) {
    const covers = url.hostname === domain || (!hostOnly && url.hostname.endsWith(`.${domain}`));
    if (!covers) return `a cookie of ${url.hostname} for ${domain}`;
    if (!hostOnly && !domain.includes('.')) return `a cookie for the suffix ${domain}`;
    if (secure && url.protocol === 'http:' && url.hostname !== '127.0.0.1')
      return 'a Secure cookie from plain http';
    if (/^__host-/i.test(name) && (!hostOnly || !secure || path !== '/'))
      return `${name} without what it promises`;
  }
  return null;
}

/** The jar of the session, with all that the mutant set. */
function fuzzLines(session: Session): string | null {
  for (const { name, value, domain } of session.getAllCookies()) {
    if (domain !== '127.0.0.1' && domain !== '[::1]' && domain !== 'localhost')
      return `a cookie for ${domain}`;
    const finding = checkHeader(name + value);
    if (finding !== null) return finding;
  }
  return null;
}
