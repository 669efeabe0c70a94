/** got with a session's cookies, on the connections of its transport: its proxy, its TLS settings, its pins. */
import got from 'got';
import { createSession, createTransport } from 'jarfetch';
import { nodeAgents } from 'jarfetch/interop';
import { startSite } from '../site.ts';

const site = await startSite();
const transport = await createTransport({ proxy: process.env.PROXY_URL ?? null });
const session = await createSession({ transport });
const agents = nodeAgents(transport);

const client = got.extend({ prefixUrl: site.url, cookieJar: session.cookieJar, agent: agents });
await client.post('api/login', { json: { user: 'alice', password: 'white-rabbit' } });
console.log(await client.get('api/me').json());
// What got's requests set is in the session, too.
const response = await session.fetch(`${site.url}/api/me`);
console.log(response.status);

await session.close();
agents.http.destroy();
agents.https.destroy();
await transport.close();
await site.close();
