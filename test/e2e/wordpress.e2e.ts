/** Sessions that log in to WordPress, comment, upload a file and log out: one alone, then five at once. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createSession } from 'jarfetch';
import { openPage, paginate } from 'jarfetch/page';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';
import { type Person, type Visit, type WayStep, walk } from './visits.ts';
import { PACKAGES, startWordPress } from './wordpress-server.ts';

const people: readonly Person[] = [
  // Alone before the others: WordPress takes one comment of a user in 15 seconds.
  { username: 'zoe', password: '"first" & alone' },
  { username: 'alice', password: 'tea & "scones" = 100%' },
  { username: 'bob', password: "c:\\press;2? it's" },
  { username: 'carol', password: 'été à la plage' },
  { username: 'dave', password: '+1 $5 #3' },
  { username: 'erin', password: 'a=b&c=d' },
];

const login = '/wp-login.php';
let comments = 0;

export const suite: Suite = {
  name: 'wordpress',
  run: async (context) => {
    const { step, signal } = context;
    await step(`${PACKAGES.join(', ')} are installed`, () => installPackages(PACKAGES, signal));
    const { url } = await step('the site runs on 127.0.0.1', () => startWordPress(context, people));
    await walk(context, { url, people, way, sessionCookies: /^wordpress_logged_in_/ });
    await step('ten posts are read over three pages by a schema', () => readPosts(url));
  },
};

const way: readonly WayStep<Person>[] = [
  [
    'does not get in with a wrong password',
    (visit) => visit.failsToLogIn(login, /The password you entered for the username \w+ is incorrect/),
  ],
  [
    'logs in, and is led to the dashboard',
    async (visit) => {
      await visit.logIn(login);
      assert.equal(new URL(visit.page.url).pathname, '/wp-admin/');
      visit.reads(`Howdy, ${visit.person.username}`);
    },
  ],
  [
    'goes to a post by links and comments on it',
    async (visit) => {
      await visit.follow({ text: 'Visit Site' });
      await visit.follow('.wp-block-post-title a[href$="?p=1"]');
      const comment = `${visit.person.username}: tea & <em>scones</em>, été € ${++comments}`;
      await visit.goTo(visit.page.form('#commentform').fill({ comment }).submit({ name: 'submit' }));
      assert.equal(visit.page.response?.redirected, true);
      assert.match(visit.page.url, /#comment-\d+$/);
      visit.reads(comment.replace(/<\/?em>/g, ''));
    },
  ],
  [
    'uploads a file to the media library by its form',
    async (visit) => {
      await visit.open('/wp-admin/');
      await visit.follow({ href: 'media-new.php' });
      const bytes = randomBytes(200_000);
      const name = `${visit.person.username} été.txt`;
      const text = new File([bytes.toString('base64')], name, { type: 'text/plain' });
      const form = visit.page.form('#file-form').fill({ 'async-upload': text });
      await visit.goTo(form.submit({ name: 'html-upload' }));
      assert.equal(new URL(visit.page.url).pathname, '/wp-admin/upload.php');
      assert.equal(await uploaded(visit), sha256(await text.text()));
    },
  ],
  [
    'logs out by the link with the token',
    async (visit) => {
      await visit.open('/wp-admin/');
      await visit.follow({ text: 'Log Out', nth: 0 });
      visit.reads('You are now logged out.');
      await visit.open('/wp-admin/');
      assert.equal(new URL(visit.page.url).pathname, login);
    },
  ],
];

/** A visitor's way through the list of a category. */
async function readPosts(baseUrl: string): Promise<void> {
  const session = await createSession({ baseUrl, browser: 'firefox' });
  const pages: string[] = [];
  const posts = await paginate(await openPage(session, '/?cat=1'), {
    next: 'a.wp-block-query-pagination-next',
    items: (page) => {
      pages.push(page.url);
      return page.extract({
        baseSelector: 'li.wp-block-post',
        fields: [
          { name: 'title', selector: '.wp-block-post-title', type: 'text', required: true },
          { name: 'url', selector: '.wp-block-post-title a', type: 'attribute', attribute: 'href' },
          { name: 'date', selector: 'time', type: 'regex', attribute: 'datetime', pattern: '^[\\d-]+' },
        ],
      });
    },
  }).all();
  assert.equal(pages.length, 3);
  const [first, ...others] = posts;
  assert.equal(first?.title, 'Hello world!');
  const numbers = [9, 8, 7, 6, 5, 4, 3, 2, 1];
  assert.deepEqual(
    others.map(({ title, date }) => [title, date]),
    numbers.map((number) => [`Post & number ${number}`, `2020-01-0${number}`]),
  );
  assert.equal(new Set(posts.map(({ url }) => url)).size, 10);
  await session.close();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The sum of the author's file in the media library, which is found by the links of its list. */
async function uploaded(visit: Visit<Person>): Promise<string> {
  await visit.open('/wp-admin/upload.php?mode=list');
  // The newest may be another's, which has no link for this author.
  await visit.follow(`#the-list .column-title strong a[aria-label*="${visit.person.username}"]`);
  const url = visit.page.form('#post').control({ name: 'attachment_url' }).value;
  return sha256(await (await visit.session.fetch(url)).text());
}
