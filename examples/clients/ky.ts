/** ky with a session for its fetch: logged in, with the browser's headers. */
import { createSession } from 'jarfetch';
import ky from 'ky';
import { startSite } from '../site.ts';

const site = await startSite();
const session = await createSession();

const client = ky.create({ fetch: session.fetch });
await client.post(`${site.url}/api/login`, { json: { user: 'alice', password: 'white-rabbit' } });
console.log(await client.get(`${site.url}/api/me`).json());

await session.close();
await site.close();
