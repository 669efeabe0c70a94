/** Two users share connections, at most four of them, and nothing else. */
import { createSession, createTransport } from 'jarfetch';
import { startSite } from './site.ts';

const site = await startSite();
const transport = await createTransport({ poolMaxSize: 4 });
const alice = await createSession({ baseUrl: site.url, transport });
const bob = await createSession({ baseUrl: site.url, transport });

await alice.fetch('/api/login', { method: 'POST', json: { user: 'alice', password: 'white-rabbit' } });
await bob.fetch('/api/login', { method: 'POST', json: { user: 'bob', password: 'hard-hat' } });
for (const session of [alice, bob]) console.log(await (await session.fetch('/api/me')).json());

await Promise.all([alice.close(), bob.close()]);
await transport.close();
await site.close();
