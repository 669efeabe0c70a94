/** What SameSite allows is the same on every way that a session's cookies take. */
import { request as undiciRequest } from 'undici';
import { describe, expect, it } from 'vitest';
import { createSession, type RequestInit, type Session } from '../../src/index.ts';
import { cookieDispatcher, cookieFetch } from '../../src/interop/index.ts';
import { headerOf, type SeenRequest, startServer, type TestServer } from '../helpers/servers.ts';
import { startWebSocketServer } from '../helpers/websockets.ts';

/** A site whose every answer sets a cookie of each kind, for which `new` stands in front of the name. */
const lines = [
  'newStrict=1; Secure; SameSite=Strict',
  'newLax=1; Secure; SameSite=Lax',
  'newUnsaid=1; Secure',
  'newNone=1; Secure; SameSite=None',
];

const startSite = (): Promise<TestServer> =>
  startServer((_, response) => void response.setHeader('set-cookie', lines).end());

async function visitor(site: TestServer): Promise<Session> {
  const session = await createSession({ browser: 'chrome' });
  for (const sameSite of ['strict', 'lax', 'none'] as const) {
    session.setCookie(sameSite, '1', site.url, { sameSite, secure: true });
  }
  session.setCookie('unsaid', '1', site.url, { secure: true });
  return session;
}

const pages = ['no page', 'no-referrer', 'its own page', 'a page of another site'] as const;
const destinations = [undefined, 'document', 'iframe', 'image', 'script', ''] as const;
const bodies: readonly RequestInit[] = [
  { method: 'GET' },
  { method: 'HEAD' },
  { method: 'POST', form: { a: '1' } },
  { method: 'POST', json: { a: 1 } },
];

function referrerOf(page: (typeof pages)[number], site: TestServer): Pick<RequestInit, 'referrer'> {
  if (page === 'no page') return {};
  if (page === 'no-referrer') return { referrer: page };
  return { referrer: page === 'its own page' ? `${site.url}/page` : 'https://other.test/page' };
}

/** The Cookie header that was sent, and the names of the cookies that the answer could set. */
interface Outcome {
  readonly sent: string | null;
  readonly stored: readonly string[];
}

const storedIn = (session: Session, site: TestServer): string[] =>
  Object.keys(session.getCookies(site.url)).filter((name) => name.startsWith('new'));

async function bySession(site: TestServer, init: RequestInit): Promise<Outcome & { seen: SeenRequest }> {
  await using session = await visitor(site);
  await session.fetch(site.url, init);
  const seen = site.seen.at(-1) as SeenRequest;
  return { sent: headerOf(seen, 'cookie') ?? null, stored: storedIn(session, site), seen };
}

/** By a fetch of another package, which is only looked at. */
async function byCookieFetch(site: TestServer, init: RequestInit, seen: SeenRequest): Promise<Outcome> {
  await using session = await visitor(site);
  let sent: string | null = null;
  const other = async (_: string, { headers }: { headers: [string, string][] }): Promise<Response> => {
    sent = headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1] ?? null;
    return new Response(null, { headers: lines.map((line) => ['set-cookie', line]) });
  };
  const { form, json, ...rest } = init;
  const type = headerOf(seen, 'content-type');
  const body = form === undefined && json === undefined ? {} : { body: seen.body };
  await cookieFetch(session, other as unknown as typeof fetch)(site.url, {
    ...(rest as object),
    ...body,
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  });
  return { sent, stored: storedIn(session, site) };
}

/** By undici, with what the browser's headers say of the page. */
async function byDispatcher(site: TestServer, _: RequestInit, seen: SeenRequest): Promise<Outcome> {
  await using session = await visitor(site);
  const headers = saidOfThePage.flatMap((name): [string, string][] => {
    const value = headerOf(seen, name);
    return value === undefined ? [] : [[name, value]];
  });
  const { body } = await undiciRequest(site.url, {
    dispatcher: cookieDispatcher(session),
    method: seen.method as 'GET',
    headers: Object.fromEntries(headers),
    ...(seen.body.length === 0 ? {} : { body: seen.body }),
  });
  await body.dump();
  return {
    sent: headerOf(site.seen.at(-1) as SeenRequest, 'cookie') ?? null,
    stored: storedIn(session, site),
  };
}

const saidOfThePage = [
  ...['accept', 'content-type', 'origin', 'referer'],
  ...['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'],
];

describe('SameSite on every way', () => {
  it.each([
    ['cookieFetch', byCookieFetch],
    ['cookieDispatcher', byDispatcher],
  ])('%s sends and stores what session.fetch does, whatever the request', async (_, send) => {
    const site = await startSite();
    const kinds = new Set<string>();
    for (const page of pages) {
      for (const destination of destinations) {
        for (const body of bodies) {
          const init = {
            ...body,
            ...referrerOf(page, site),
            ...(destination === undefined ? {} : { destination }),
          };
          const { seen, ...expected } = await bySession(site, init);
          const what = `${body.method} ${Object.keys(body)[1] ?? ''} for ${destination} of ${page}`;
          expect([what, await send(site, init, seen)]).toEqual([what, expected]);
          kinds.add(JSON.stringify(expected));
        }
      }
    }
    // All, without the strict ones, and none but SameSite=None ones; of the last two stored all or some.
    expect(kinds.size).toBe(4);
  });

  it.each([
    ['its own page', 'strict=1; lax=1; none=1; unsaid=1', ['newStrict', 'newLax', 'newUnsaid', 'newNone']],
    ['a page of another site', 'none=1', ['newNone']],
  ] as const)('a WebSocket and an event stream of %s are as a fetch of data', async (page, sent, stored) => {
    const sockets = await startWebSocketServer({ headers: () => lines.map((line) => `Set-Cookie: ${line}`) });
    const site = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'set-cookie': lines });
      response.end('data: x\n\n');
    });
    const init = { ...referrerOf(page, site) };
    const { seen: _, ...fetched } = await bySession(site, { ...init, mode: 'cors' });
    expect(fetched).toEqual({ sent, stored });

    await using listener = await visitor(site);
    for await (const event of listener.eventSource(site.url, { ...init, reconnect: false })) {
      expect(event.data).toBe('x');
    }
    expect([headerOf(site.seen.at(-1), 'cookie'), storedIn(listener, site)]).toEqual([sent, stored]);

    await using talker = await visitor(site);
    (await talker.websocket(sockets.url, init)).close();
    expect(sockets.peers[0]?.request.headers.cookie).toBe(sent);
    expect(storedIn(talker, site)).toEqual(stored);
  });
});
