import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession, type Session } from '../../src/index.ts';
import { openPage } from '../../src/page/index.ts';
import { type AnyHost, type HostAnswer, type HostRequest, startAnyHost } from '../helpers/any-host.ts';
import { comparable, differences } from './differences.ts';
import { type Browser, type FormCase, formCases } from './form-cases.ts';
import { Player } from './player.ts';

/**
 * Every captured case once more, as a caller would do it, against servers that note what comes: method, URL, body and
 * the whole head in its order, of every request that follows the page's own.
 */
const profiles = { chromium: 'chrome_156', firefox: 'firefox_153' } as const;
const browsers: readonly Browser[] = ['chromium', 'firefox'];

let hosts: AnyHost;
let played: FormCase;
let served = 0;
const sessions = new Map<Browser, Session>();

beforeAll(async () => {
  hosts = await startAnyHost(answer);
  for (const browser of browsers) {
    const options = { browser: profiles[browser], os: 'linux', proxy: hosts.proxy, insecure: true } as const;
    sessions.set(browser, await createSession(options));
  }
});

afterAll(async () => {
  for (const session of sessions.values()) await session.close();
  await hosts.close();
});

function answer({ scheme, url, headers }: HostRequest): HostAnswer {
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  const { page, responses = [] } = played;
  const own = new URL(page.url);
  const always: [string, string][] = [['Cache-Control', 'no-store']];
  const isPage = own.host === host && `${own.pathname}${own.search}` === url && `${scheme}:` === own.protocol;
  if (isPage && !(page.once === true && served > 0)) {
    served++;
    const body = page.html ?? Buffer.from(page.bytesBase64 ?? '', 'base64');
    return { status: page.status ?? 200, headers: [...page.headers, ...always], body };
  }
  const response = responses.find((each) => each.url === url || each.url === `${scheme}://${host}${url}`);
  if (response === undefined) {
    return { headers: [['Content-Type', 'text/html'], ...always], body: '<!doctype html><title>ok</title>' };
  }
  const { status = 200, html } = response;
  return { status, headers: [...response.headers, ...always], body: html };
}

async function play(one: FormCase, browser: Browser): Promise<{ sent: HostRequest[]; finalUrl: string }> {
  const session = sessions.get(browser);
  if (session === undefined) throw new Error('no session');
  await session.clearCookies();
  played = one;
  served = 0;
  const page = await openPage(session, one.page.url, { refresh: false });
  hosts.seen.length = 0;
  const player = new Player(page, one);
  try {
    await player.play();
  } finally {
    player.close();
  }
  return { sent: [...hosts.seen], finalUrl: player.page.url };
}

const counts = { matched: 0, excused: 0, notCaptured: 0 };

describe.each(browsers)('as %s', (browser) => {
  it.each(formCases.map((one) => [one.id, one] as const))('%s', async (id, one) => {
    const wanted = one.expect[browser];
    if (wanted == null) {
      counts.notCaptured++;
      return;
    }
    const { sent, finalUrl } = await play(one, browser);
    const ours = sent.map((request) => comparable(browser, request));
    const theirs = wanted.map((request) =>
      comparable(browser, {
        ...request,
        scheme: request.scheme as 'http' | 'https',
        body: Buffer.from(request.bodyBase64 ?? '', 'base64'),
      }),
    );
    const reason = differences[browser][id];
    if (reason !== undefined) {
      counts.excused++;
      expect(ours, `no difference any more: ${reason}`).not.toEqual(theirs);
      return;
    }
    expect(ours).toEqual(theirs);
    counts.matched++;
    const shown = one.finalUrl[browser];
    if (shown != null && wanted.length > 0) expect(finalUrl).toBe(shown);
  });

  afterAll(() => console.info(`${browser}: ${JSON.stringify(counts)}`));
});
