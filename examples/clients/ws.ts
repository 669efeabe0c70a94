/** ws with a session's cookies on the connections of its transport. */
import { once } from 'node:events';
import { createSession, createTransport } from 'jarfetch';
import { nodeAgents } from 'jarfetch/interop';
import { WebSocket } from 'ws';
import { startMembersSite } from './members.ts';

const site = await startMembersSite();
const transport = await createTransport({ proxy: process.env.PROXY_URL ?? null });
const session = await createSession({ transport });
await session.fetch(`${site.url}/login`);
const agents = nodeAgents(transport);

const cookie = await session.cookieJar.getCookieString(site.url);
const socket = new WebSocket(site.url.replace('http:', 'ws:'), { agent: agents.http, headers: { cookie } });
await once(socket, 'open');
socket.send('hello');
const [data] = await once(socket, 'message');
console.log(String(data));
socket.terminate();

agents.http.destroy();
agents.https.destroy();
await session.close();
await transport.close();
site.close();
