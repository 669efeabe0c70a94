/** Octokit with a session for its fetch: a GitHub Enterprise behind a login. */
import { Octokit } from '@octokit/core';
import { createSession } from 'jarfetch';
import { startSite } from '../site.ts';

const site = await startSite();
const session = await createSession({ browser: null });
await session.fetch(`${site.url}/api/login`, {
  method: 'POST',
  json: { user: 'alice', password: 'white-rabbit' },
});

const octokit = new Octokit({ baseUrl: site.url, request: { fetch: session.fetch } });
const { data } = await octokit.request('GET /api/me');
console.log(data);

await session.close();
await site.close();
