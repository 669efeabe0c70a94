import { expect, it } from 'vitest';
import { readHar, replayHar } from '../../src/har/index.ts';
import { createSession } from '../../src/index.ts';
import { logIn } from '../../src/page/index.ts';

function upload(text: string): { method: string; body: FormData } {
  const body = new FormData();
  body.set('note', new File([text], 'n.txt', { type: 'text/plain' }));
  return { method: 'POST', body };
}

/** Written by `npm run capture:hars`. The e2e suite `har` makes them anew. */
it.each(['chromium', 'firefox'])('what the network panel of %s has saved is replayed', async (browser) => {
  const har = await readHar(new URL(`../fixtures/hars/${browser}.har`, import.meta.url));
  const { origin } = new URL(har.log.entries[0]?.request.url ?? '');
  const transport = replayHar(har);
  await using session = await createSession({ transport });
  const page = await logIn(session, `${origin}/login`, { username: 'alice', password: 'white-rabbit' });
  expect([page.url, page.text()]).toEqual([`${origin}/members`, 'Hello, alice\n\nthe tea is at six']);
  expect(Object.keys(session.getCookies(origin)).sort()).toEqual(['device', 'session']);
  const note = { method: 'POST', json: { list: [1, 2], text: 'grün' } };
  expect(await (await session.fetch(`${origin}/api/notes`, note)).json()).toEqual({
    author: 'alice',
    text: 'grün',
  });
  await expect(session.fetch(`${origin}/echo`, upload('blau'))).rejects.toMatchObject({
    code: 'ERR_REPLAY_NO_MATCH',
  });
  const echoed = await session.fetch(`${origin}/echo`, upload('grün'));
  expect(await echoed.json()).toMatchObject({ method: 'POST', body: expect.stringContaining('grün') });
  const unused = transport.unused().map(({ request }) => new URL(request.url).pathname);
  // A browser asks for an icon by itself.
  expect(unused.filter((path) => path !== '/favicon.ico')).toEqual([]);
});
