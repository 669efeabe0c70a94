/** Sessions that log in to DokuWiki, read, edit and log out: one alone, then five at once over one transport. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PACKAGES, startWiki, type WikiUser } from './dokuwiki-server.ts';
import { runShellScript } from './shell-script.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';
import { type Visit, type WayStep, walk } from './visits.ts';

/** Passwords with what urlencoding gets wrong when it gets something wrong. */
const users: readonly [WikiUser, ...WikiUser[]] = [
  { username: 'alice', name: 'Alice Ampersand', password: 'tea & "scones" = 100%' },
  { username: 'bob', name: 'Bob Backslash', password: 'c:\\wiki;2?' },
  { username: 'carol', name: 'Carol Caret', password: 'été à la plage' },
  { username: 'dave', name: 'Dave Dollar', password: '+1 $5 #3' },
  { username: 'erin', name: 'Erin Equals', password: 'a=b&c=d' },
];

const MEMBERS_PAGE = 'members:start';
const MEMBERS_TEXT = 'The treasure is buried under the old oak.';
/** Each user has one page that nobody else may see. */
const deskOf = (user: WikiUser): string => `desk:${user.username}`;
const at = (id: string, action = 'show'): string => `/doku.php?id=${id}&do=${action}`;

const settings = {
  users,
  acl: [
    '*         @ALL  1',
    'members:* @ALL  0',
    'members:* @user 1',
    'desk:*    @ALL  0',
    ...users.flatMap((user) => [`${deskOf(user)} @ALL 0`, `${deskOf(user)} ${user.username} 2`]),
  ],
  pages: {
    start: 'Welcome, everybody.',
    [MEMBERS_PAGE]: MEMBERS_TEXT,
    ...Object.fromEntries(users.map((user) => [deskOf(user), `The desk of ${user.name}.`])),
  },
};

/** What each user is going to write. */
const texts = new Map(
  users.map((user) => [user, `${user.username} was here & "saved" <b>this</b>, été: ${randomUUID()}`]),
);

export const suite: Suite = {
  name: 'dokuwiki',
  run: async (context) => {
    const { step, signal } = context;
    await step(`${PACKAGES.join(', ')} are installed`, () => installPackages(PACKAGES, signal));
    const { url } = await step('the wiki runs on 127.0.0.1', () => startWiki(context, settings));
    await walk(context, { url, people: users, way, sessionCookies: /^DokuWiki$/ });
    await step('a script of bash logs in, edits a page, reads it and logs out', async () => {
      const [{ username: NAME, password: PASSWORD }] = users;
      const TEXT = `from a shell & "saved" été ${randomUUID()}`;
      const env = { SITE: url, NAME, PASSWORD, PAGE: `desk:${NAME}`, TEXT };
      const output = await runShellScript(context, 'dokuwiki', env);
      assert.equal(output.replace(/\n+/g, '\n'), `${TEXT}\nPermission Denied\n`);
    });
  },
};

/** Who the page says is logged in. */
function isLoggedIn(visit: Visit<WikiUser>): boolean {
  return visit.text().includes(`Logged in as: ${visit.person.name}`);
}

async function expectClosed(visit: Visit<WikiUser>, id: string): Promise<void> {
  await visit.open(at(id));
  visit.reads('Permission Denied');
}

/** A user's whole way through the wiki. */
const way: readonly WayStep<WikiUser>[] = [
  ["finds the members' page closed", (visit) => expectClosed(visit, MEMBERS_PAGE)],
  [
    'does not get in with a wrong password',
    (visit) => visit.failsToLogIn(at('start', 'login'), /username or password was wrong/),
  ],
  [
    'logs in',
    async (visit) => {
      await visit.logIn(at('start', 'login'));
      assert.ok(isLoggedIn(visit), visit.text());
    },
  ],
  [
    "reads the members' page",
    async (visit) => {
      await visit.open(at(MEMBERS_PAGE));
      assert.ok(isLoggedIn(visit));
      visit.reads(MEMBERS_TEXT);
    },
  ],
  [
    'cannot save with a wrong security token',
    async (visit) => {
      await visit.open(at(deskOf(visit.person), 'edit'));
      const form = visit.page.form('#dw__editform').set('sectok', '0'.repeat(32));
      await visit.goTo(form.fill({ wikitext: 'forged' }).submit({ text: 'Save' }));
      visit.reads('Security Token did not match');
    },
  ],
  [
    'looks at a preview, saves the page, and is sent back to it',
    async (visit) => {
      const text = texts.get(visit.person) ?? '';
      await visit.open(at(deskOf(visit.person)));
      // What could not be saved was kept as a draft, and is not wanted.
      await visit.follow({ text: 'Edit draft' });
      await visit.goTo(visit.page.form('#dw__editform').submit({ text: 'Delete draft' }));
      await visit.follow({ text: 'Edit this page' });
      await visit.goTo(visit.page.form('#dw__editform').fill({ wikitext: text }).submit({ text: 'Preview' }));
      visit.reads('This is a preview');
      await visit.goTo(visit.page.form('#dw__editform').submit({ text: 'Save' }));
      assert.equal(visit.page.response?.redirected, true);
      assert.equal(new URL(visit.page.url).searchParams.get('id'), deskOf(visit.person));
      assert.ok(isLoggedIn(visit));
    },
  ],
  [
    'reads back what was saved',
    async (visit) => {
      const response = await visit.session.fetch(at(deskOf(visit.person), 'export_raw'));
      assert.equal((await response.text()).trim(), texts.get(visit.person));
    },
  ],
  [
    "sees nobody else's page",
    async (visit) => {
      for (const other of users) if (other !== visit.person) await expectClosed(visit, deskOf(other));
    },
  ],
  [
    'logs out',
    async (visit) => {
      await visit.open(at(deskOf(visit.person)));
      await visit.follow({ text: 'Log Out', nth: 0 });
      assert.ok(!isLoggedIn(visit));
    },
  ],
  [
    'finds both pages closed again',
    async (visit) => {
      await expectClosed(visit, MEMBERS_PAGE);
      await expectClosed(visit, deskOf(visit.person));
    },
  ],
];
