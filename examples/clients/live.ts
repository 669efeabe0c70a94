/** What a session has of its own: a WebSocket and server-sent events, no other client needed. */
import { once } from 'node:events';
import { createSession } from 'jarfetch';
import { startMembersSite } from './members.ts';

const site = await startMembersSite();
const session = await createSession({ browser: 'chrome', baseUrl: site.url });
await session.fetch('/login');

const socket = await session.websocket('/');
socket.send('hello');
const [message] = await once(socket, 'message');
console.log(message.data);

for await (const event of session.eventSource('/events')) {
  console.log(event.data);
  break;
}

await session.close();
site.close();
