/** Cookies of every kind, carried from a real browser to a session and back by Puppeteer. `BROWSER=firefox` takes Firefox. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, type Session } from 'jarfetch';
import { type Browser, launch } from 'puppeteer-core';

const isFirefox = process.env.BROWSER === 'firefox';
const lines = [
  'host=1; Path=/',
  'deep=2; Path=/account; HttpOnly',
  'wide=3; Path=/; Domain=shop.test; Max-Age=1000',
  'strict=4; Path=/; SameSite=Strict; Max-Age=1000',
  'lax=5; Path=/; SameSite=Lax',
];
const server = createServer((_request, response) => {
  response.setHeader('set-cookie', lines).end('hello');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const page = `http://www.shop.test:${(server.address() as AddressInfo).port}/`;

const browser: Browser = await launch(
  isFirefox
    ? {
        browser: 'firefox',
        executablePath: '/usr/bin/firefox-esr',
        extraPrefsFirefox: { 'network.dns.localDomains': 'www.shop.test' },
      }
    : {
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP *.test 127.0.0.1'],
      },
);

// From the browser, which has visited the page, to a session.
const visitor = await browser.createBrowserContext();
await (await visitor.newPage()).goto(page);
const read = await createSession();
show('read', read, read.importCookies(await visitor.cookies()));

// From a session, which has cookies that only TLS brings, to the browser, and back.
const written = await createSession();
const secure = { domain: 'www.shop.test', path: '/', secure: true } as const;
written.setCookies(read.getAllCookies());
written.setCookies([
  { ...secure, name: 'third', value: '6', sameSite: 'none', expiresAtMs: Date.now() + 1_000_500 },
  { ...secure, name: '__Host-id', value: '7' },
  // Firefox keeps partitions behind an interface that Puppeteer has not for one context.
  ...(isFirefox ? [] : [{ ...secure, name: 'chips', value: '8', partitioned: true }]),
]);
const stranger = await browser.createBrowserContext();
await stranger.setCookie(...written.exportCookies('puppeteer'));
const back = await createSession();
show('written', written);
show('back', back, back.importCookies(JSON.stringify(await stranger.cookies())));

await browser.close();
server.close();

/** Prints the cookies without what a second more or less changes. */
function show(what: string, session: Session, imported?: { rejected: readonly unknown[] }): void {
  const cookies = session.getAllCookies().map(({ expiresAtMs, ...cookie }) => ({
    ...cookie,
    ends: expiresAtMs !== undefined,
  }));
  cookies.sort((a, b) => a.name.localeCompare(b.name));
  console.log(JSON.stringify({ what, cookies, rejected: imported?.rejected ?? [] }));
}
