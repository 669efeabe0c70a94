/** undici's own request, WebSocket and EventSource on a session that has logged in before. */
import { once } from 'node:events';
import { createSession } from 'jarfetch';
import { cookieDispatcher } from 'jarfetch/interop';
import { EventSource, request, WebSocket } from 'undici';
import { startMembersSite } from './members.ts';

const site = await startMembersSite();
const session = await createSession();
await session.fetch(`${site.url}/login`);
const dispatcher = cookieDispatcher(session);

const { statusCode, body } = await request(site.url, { dispatcher });
console.log(statusCode, await body.text());

const socket = new WebSocket(site.url.replace('http:', 'ws:'), { dispatcher });
await once(socket, 'open');
socket.send('hello');
const [message] = await once(socket, 'message');
console.log(message.data);
socket.close();

const events = new EventSource(`${site.url}/events`, { dispatcher });
events.onmessage = ({ data }) => {
  console.log(data);
  events.close();
  void session.close();
  site.close();
};
