import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession, type Session } from '../../src/index.ts';
import { type FormControl, openPage, type Page } from '../../src/page/index.ts';
import { type AnyHost, type HostAnswer, type HostRequest, startAnyHost } from '../helpers/any-host.ts';
import { comparable, differences } from './differences.ts';
import { answersOf, type Browser, type FormCase, formCases } from './form-cases.ts';
import { Player } from './player.ts';

/**
 * Every captured case once more, as a caller would do it, against servers that note what comes: method, URL, body and
 * the whole head in its order, of every request that follows the page's own.
 */
const profiles = { chromium: 'chrome_156', firefox: 'firefox_153' } as const;
const browsers: readonly Browser[] = ['chromium', 'firefox'];

let hosts: AnyHost;
let answers: (request: HostRequest) => HostAnswer;
const sessions = new Map<Browser, Session>();

beforeAll(async () => {
  hosts = await startAnyHost((request) => answers(request));
  for (const browser of browsers) {
    const options = { browser: profiles[browser], os: 'linux', proxy: hosts.proxy, insecure: true } as const;
    sessions.set(browser, await createSession(options));
  }
});

afterAll(async () => {
  for (const session of sessions.values()) await session.close();
  await hosts.close();
});

/** The `type` that a script sees. */
function domTypeOf({ type, element }: FormControl): string {
  if (type === 'select') return element.attribute('multiple') === null ? 'select-one' : 'select-multiple';
  return type === 'object' ? (element.attribute('type') ?? '') : type;
}

/** `form.elements` of the form that the case is about, as the capture wrote them. */
function elementsOf(page: Page, one: FormCase): string[][] {
  const [step] = one.action.filter(({ click, submit, requestSubmit }) => click ?? submit ?? requestSubmit);
  const selector = one.form ?? step?.submit ?? '#f';
  const clicked = step?.click ?? step?.requestSubmit;
  const element = clicked == null ? null : page.query(clicked);
  const byButton = page
    .forms()
    .find((form) => form.controls().some((control) => control.element === element));
  const form = byButton ?? page.forms().find((each) => each.element === page.query(selector));
  const controls = form?.controls().filter(({ type }) => type !== 'image') ?? [];
  return controls.map((control) => [control.element.name, domTypeOf(control), control.name]);
}

async function play(
  one: FormCase,
  browser: Browser,
): Promise<{ sent: HostRequest[]; finalUrl: string | null; opened: Page }> {
  const session = sessions.get(browser);
  if (session === undefined) throw new Error('no session');
  await session.clearCookies();
  answers = answersOf(one);
  const page = await openPage(session, one.page.url, { refresh: false });
  hosts.seen.length = 0;
  const player = new Player(page, one);
  try {
    await player.play();
  } finally {
    player.close();
  }
  const { refusal, page: last } = player;
  return { sent: [...hosts.seen], finalUrl: refusal === undefined ? last.url : null, opened: page };
}

const counts = { matched: 0, excused: 0, notCaptured: 0 };

describe.each(browsers)('as %s', (browser) => {
  it.each(formCases.map((one) => [one.id, one] as const))('%s', async (id, one) => {
    const wanted = one.expect[browser];
    if (wanted == null) {
      counts.notCaptured++;
      return;
    }
    const { sent, finalUrl, opened } = await play(one, browser);
    const dom = one.dom[browser];
    if (dom != null && !(id in differences[browser])) {
      expect(opened.charset).toBe(dom.characterSet);
      expect(opened.baseUrl).toBe(dom.baseURI);
      if (dom.elements !== undefined) expect(elementsOf(opened, one)).toEqual(dom.elements);
    }
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
    // A new window or a frame leaves the page where it was.
    const hasMoved = shown != null && shown !== one.page.url && wanted.length > 0;
    if (hasMoved && finalUrl !== null) expect(finalUrl).toBe(shown);
  });

  afterAll(() => console.info(`${browser}: ${JSON.stringify(counts)}`));
});
