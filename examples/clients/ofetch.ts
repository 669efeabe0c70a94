/** ofetch with a session for its fetch: logged in, with the browser's headers. */
import { createSession } from 'jarfetch';
import { createFetch } from 'ofetch';
import { startSite } from '../site.ts';

const site = await startSite();
const session = await createSession();

const client = createFetch({ fetch: session.fetch });
await client(`${site.url}/api/login`, { method: 'POST', body: { user: 'alice', password: 'white-rabbit' } });
console.log(await client(`${site.url}/api/me`));

await session.close();
await site.close();
