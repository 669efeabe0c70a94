/** got on the connections of a transport: its proxy, its TLS settings, its pins. */
import got from 'got';
import { createTransport } from 'jarfetch';
import { nodeAgents } from 'jarfetch/interop';
import { startSite } from '../site.ts';

const site = await startSite();
const transport = await createTransport({ proxy: process.env.PROXY_URL ?? null });
const agents = nodeAgents(transport);

const client = got.extend({ agent: agents });
const { statusCode, body } = await client.get(site.url);
console.log(statusCode, body);

agents.http.destroy();
agents.https.destroy();
await transport.close();
await site.close();
