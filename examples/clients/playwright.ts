/** A login done in a real browser, gone on with by fetch, and a login done by fetch, gone on with in the browser. */
import { createSession } from 'jarfetch';
import { chromium } from 'playwright-core';
import { startSite } from '../site.ts';

const site = await startSite();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

// alice logs in in the browser, and goes on by fetch.
const aliceContext = await browser.newContext({ baseURL: site.url });
const form = await aliceContext.newPage();
await form.goto('/login');
await form.fill('[name=user]', 'alice');
await form.fill('[name=password]', 'white-rabbit');
await form.click('button');
await form.waitForURL('/members');

const alice = await createSession({ baseUrl: site.url });
alice.importCookies(await aliceContext.storageState());
const response = await alice.fetch('/members');
console.log('by fetch:', response.status, await response.text());

// bob logs in by fetch, and goes on in the browser.
const bob = await createSession({ baseUrl: site.url });
await bob.fetch('/api/login', { method: 'POST', json: { user: 'bob', password: 'hard-hat' } });

const bobContext = await browser.newContext({
  baseURL: site.url,
  storageState: bob.exportCookies('playwright'),
});
const page = await bobContext.newPage();
await page.goto('/members');
console.log('in the browser:', await page.textContent('h1'), await page.textContent('#secret'));

await alice.close();
await bob.close();
await browser.close();
await site.close();
