/** axios with a session for its fetch: logged in, with the browser's headers, by the session's proxy. */
import axios from 'axios';
import { createSession } from 'jarfetch';
import { startSite } from '../site.ts';

const site = await startSite();
const session = await createSession({ proxy: process.env.PROXY_URL ?? null });

const client = axios.create({ adapter: 'fetch', env: { fetch: session.fetch }, baseURL: site.url });
await client.post('/api/login', { user: 'alice', password: 'white-rabbit' });
const { data } = await client.get('/api/me');
console.log(data);

await session.close();
await site.close();
