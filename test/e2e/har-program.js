/**
 * Records a login with Debian's Chromium and replays it with the built package, and the other way round. What it is told
 * to do is its first argument, the file the second; it prints "passed". SITE_URL is that of examples/site.ts, LIVE_URL
 * that of a server with an event stream and a WebSocket.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSession } from 'jarfetch';
import { readHar, recordHar, replayHar } from 'jarfetch/har';
import { logIn } from 'jarfetch/page';
import { chromium } from 'playwright-core';

const site = process.env.SITE_URL;
const credentials = { username: 'alice', password: 'white-rabbit' };
const folder = import.meta.dirname;

async function withBrowser(action) {
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  try {
    await action(browser);
  } finally {
    await browser.close();
  }
}

/** Records a login in Chromium. Playwright keeps bodies in the file, or in files beside it. */
async function recordInBrowser(path, content) {
  await withBrowser(async (browser) => {
    const context = await browser.newContext({ recordHar: { path, content } });
    const page = await context.newPage();
    await page.goto(`${site}/login`);
    await page.fill('[name=user]', credentials.username);
    await page.fill('[name=password]', credentials.password);
    await page.click('button');
    await page.waitForURL(`${site}/members`);
    await context.close();
  });
}

/** The same login by a session, from the recording alone. */
async function replays(path) {
  const har = await readHar(path);
  const transport = replayHar(har);
  const session = await createSession({ transport });
  const page = await logIn(session, `${site}/login`, credentials);
  assert.match(page.html(), /Hello, alice/);
  if (har.log.entries.some(({ request }) => request.url.endsWith('/echo'))) await asksMore(session);
  // A browser asks for an icon by itself.
  const unused = transport.unused().map(({ request }) => new URL(request.url).pathname);
  assert.deepEqual(
    unused.filter((each) => each !== '/favicon.ico'),
    [],
  );
  await session.close();
}

/** What the scripts of a page have asked for. */
async function asksMore(session) {
  const note = { method: 'POST', json: { list: [1, 2], text: 'grün' } };
  assert.deepEqual(await (await session.fetch(`${site}/api/notes`, note)).json(), {
    author: 'alice',
    text: 'grün',
  });
  const body = new FormData();
  body.set('note', new File(['grün'], 'n.txt', { type: 'text/plain' }));
  assert.match(await (await session.fetch(`${site}/echo`, { method: 'POST', body })).text(), /grün/);
}

/** Everything that a recording can have: redirects, cookies, a failure, a retry, an event stream, a WebSocket. */
async function recordAll(path) {
  const live = process.env.LIVE_URL;
  const session = await createSession({ browser: 'firefox' });
  const recording = recordHar(session, { path });
  await logIn(session, `${site}/login`, credentials);
  await session.fetch(`${site}/echo?token=canary`, { method: 'POST', json: { text: 'grün' } }).then(read);
  await session.fetch(`${live}/flaky`, { retry: { backoff: () => 1 } }).then(read);
  await session.fetch('http://127.0.0.1:1/').catch(() => {});
  for await (const { data } of session.eventSource(`${live}/events`)) if (data === 'two') break;
  const socket = await session.websocket(`${live.replace('http', 'ws')}/socket`);
  await new Promise((resolve) => {
    socket.addEventListener('message', resolve, { once: true });
    socket.send('hello');
  });
  await recording.stop();
  await session.close();
}

const read = (response) => response.text();

async function recordBySession(path) {
  const session = await createSession({ browser: 'chrome' });
  const recording = recordHar(session, { path, redact: false });
  const page = await logIn(session, `${site}/login`, credentials);
  assert.match(page.html(), /Hello, alice/);
  await recording.stop();
  await session.close();
}

/** Chromium shows what a session has recorded, without a server. */
async function isPlayedByBrowser(path) {
  const har = JSON.parse(await readFile(path, 'utf8'));
  // A host that is nowhere: what is shown comes from the recording.
  const moved = path.replace('.har', '-moved.har');
  await writeFile(moved, JSON.stringify(har).replaceAll(site, 'http://recorded.test'));
  await withBrowser(async (browser) => {
    const context = await browser.newContext();
    await context.routeFromHAR(moved, { notFound: 'abort' });
    const page = await context.newPage();
    const opened = await page.goto('http://recorded.test/login');
    assert.equal(opened.status(), 200);
    const recorded = har.log.entries.find(({ request }) => request.method === 'POST');
    const token = new URLSearchParams(recorded.request.postData.text);
    await page.fill('[name=user]', token.get('user'));
    await page.fill('[name=password]', token.get('password'));
    await page.click('button');
    await page.waitForURL('http://recorded.test/members');
    assert.match(await page.content(), /Hello, alice/);
  });
}

const scenarios = {
  'Chromium by Playwright': async () => {
    const path = join(folder, 'embedded.har');
    await recordInBrowser(path, 'embed');
    await replays(path);
  },
  'Chromium by Playwright, with bodies in files': async () => {
    const path = join(folder, 'attached', 'attached.har');
    await mkdir(join(folder, 'attached'), { recursive: true });
    await recordInBrowser(path, 'attach');
    await replays(path);
  },
  'a session, in Chromium': async () => {
    const path = join(folder, 'ours.har');
    await recordBySession(path);
    await isPlayedByBrowser(path);
    await replays(path);
  },
};

const commands = { replay: replays, 'record all': recordAll };

const [name, file] = process.argv.slice(2);
if (name === undefined) console.log(Object.keys(scenarios).join('\n'));
else {
  await (commands[name] ?? scenarios[name])(file);
  console.log('passed');
}
