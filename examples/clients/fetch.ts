/** The fetch of Node.js with a session's cookies, over every redirect of a login. */
import { createSession } from 'jarfetch';
import { cookieFetch } from 'jarfetch/interop';
import { startMembersSite } from './members.ts';

const site = await startMembersSite();
const session = await createSession();

const fetchWithCookies = cookieFetch(session, globalThis.fetch);
const response = await fetchWithCookies(`${site.url}/login`);
console.log(response.status, response.redirected, await response.text());

await session.close();
site.close();
