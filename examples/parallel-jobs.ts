/** Runs a job for each user at the same time, each with cookies of its own. */
import { withSession } from 'jarfetch';
import { startSite, users } from './site.ts';

const site = await startSite();

const secrets = await Promise.all(
  users.map((user) =>
    withSession(
      async (session) => {
        const { name, password } = user;
        await session.fetch('/api/login', { method: 'POST', json: { user: name, password } });
        const me = await session.fetch('/api/me');
        return me.json();
      },
      { baseUrl: site.url },
    ),
  ),
);
console.log(secrets);

await site.close();
