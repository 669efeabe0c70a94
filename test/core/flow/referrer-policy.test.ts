import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { headerOf, startServer } from '../../helpers/servers.ts';

const page = (origin: string): string => `${origin}/page?secret=1`;

/** What each hop of a chain shows as Referer, when each answer brings the next of the policies. */
async function referersOf(
  policies: readonly (string | string[] | null)[],
  {
    browser = 'chrome',
    referrerPolicy,
  }: { browser?: 'chrome' | 'firefox'; referrerPolicy?: 'unsafe-url' } = {},
): Promise<(string | undefined)[]> {
  let hop = 0;
  const server = await startServer((_, response) => {
    const policy = policies[hop++];
    if (policy !== null && policy !== undefined) response.setHeader('referrer-policy', policy);
    if (hop <= policies.length) response.writeHead(302, { location: `/hop${hop}` });
    response.end();
  });
  await using session = await createSession({ browser });
  const referrer = page(server.url);
  await session.fetch(`${server.url}/`, { referrer, ...(referrerPolicy ? { referrerPolicy } : {}) });
  return server.seen.map((request) => headerOf(request, 'referer')?.replace(server.url, ''));
}

const full = '/page?secret=1';
const origin = '/';

it.each<[what: string, policies: (string | string[] | null)[], referers: (string | undefined)[]]>([
  ['holds from the next hop on', ['no-referrer', null], [full, undefined, undefined]],
  ['holds until another one comes', ['origin', null], [full, origin, origin]],
  ['shows no more than an earlier hop showed', ['no-referrer', 'unsafe-url'], [full, undefined, undefined]],
  ['is not undone by one that shows more', ['origin', 'unsafe-url'], [full, origin, origin]],
  ['is the last token that is known', ['no-referrer, origin, new-policy'], [full, origin]],
  ['may be in more than one line', [['no-referrer', 'origin']], [full, origin]],
  ['may be in any letter case', ['No-Referrer'], [full, undefined]],
  ['says nothing when no token is known', ['new-policy, '], [full, full]],
  ['says nothing when it is empty', [''], [full, full]],
])('the Referrer-Policy of a redirect %s', async (_, policies, referers) => {
  expect(await referersOf(policies)).toEqual(referers);
  expect(await referersOf(policies, { browser: 'firefox' })).toEqual(referers);
});

it("the Referrer-Policy of a redirect takes precedence over the request's own", async () => {
  expect(await referersOf(['origin'], { referrerPolicy: 'unsafe-url' })).toEqual([full, origin]);
});
