/** Logs in with a form that has a hidden token, then fetches a page for members. */
import { createSession } from 'jarfetch';
import { startSite } from './site.ts';

const site = await startSite();
const session = await createSession({ baseUrl: site.url });

const form = await (await session.fetch('/login')).text();
const csrf = /name="csrf" value="(.*?)"/.exec(form)?.[1] ?? '';
await session.fetch('/login', { method: 'POST', form: { user: 'alice', password: 'white-rabbit', csrf } });

const page = await session.fetch('/members');
console.log(page.status, await page.text());

await session.close();
await site.close();
