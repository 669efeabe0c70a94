/** axios on the connections of a transport: its proxy, its TLS settings, its pins. */
import axios from 'axios';
import { createTransport } from 'jarfetch';
import { nodeAgents } from 'jarfetch/interop';
import { startSite } from '../site.ts';

const site = await startSite();
const transport = await createTransport({ proxy: process.env.PROXY_URL ?? null });
const agents = nodeAgents(transport);

const client = axios.create({
  httpAgent: agents.http,
  httpsAgent: agents.https,
  // The agents know the proxy; axios must not look for one of its own.
  proxy: false,
});
const { status, data } = await client.get<string>(site.url);
console.log(status, data);

agents.http.destroy();
agents.https.destroy();
await transport.close();
await site.close();
