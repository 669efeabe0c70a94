/** The OpenAI SDK with a session for its fetch: a gateway that wants a login as well as a key. */
import { createSession } from 'jarfetch';
import OpenAI from 'openai';
import { startSite } from '../site.ts';

const site = await startSite();
const session = await createSession({ browser: null });
await session.fetch(`${site.url}/api/login`, {
  method: 'POST',
  json: { user: 'alice', password: 'white-rabbit' },
});

const client = new OpenAI({ apiKey: 'a key', baseURL: site.url, fetch: session.fetch });
console.log(await client.get('/api/me'));

await session.close();
await site.close();
