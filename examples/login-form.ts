/** Logs in by the page's own form, whatever its fields are called, and reads a page for members. */
import { createSession } from 'jarfetch';
import { logIn, openPage } from 'jarfetch/page';
import { startSite } from './site.ts';

const site = await startSite();
const session = await createSession({ baseUrl: site.url });

const home = await logIn(session, '/login', { username: 'alice', password: 'white-rabbit' });
console.log(home.status, new URL(home.url).pathname);

const members = await openPage(session, '/members');
console.log(members.query('h1')?.text);

await session.close();
await site.close();
