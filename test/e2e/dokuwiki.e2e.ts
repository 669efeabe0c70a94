/** Sessions that log in to DokuWiki, read, edit and log out: one alone, then five at once over one transport. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSession, createTransport, type SessionOptions } from 'jarfetch';
import { PACKAGES, startWiki, type WikiUser } from './dokuwiki-server.ts';
import { WikiVisitor, whoIsLoggedIn } from './dokuwiki-visitor.ts';
import { allDone, type Suite, type SuiteContext } from './suite.ts';
import { installPackages } from './system.ts';

/** Passwords with what urlencoding gets wrong when it gets something wrong. */
const alice: WikiUser = { login: 'alice', name: 'Alice Ampersand', password: 'tea & "scones" = 100%' };
const users: readonly WikiUser[] = [
  alice,
  { login: 'bob', name: 'Bob Backslash', password: 'c:\\wiki;2?' },
  { login: 'carol', name: 'Carol Caret', password: 'été à la plage' },
  { login: 'dave', name: 'Dave Dollar', password: '+1 $5 #3' },
  { login: 'erin', name: 'Erin Equals', password: 'a=b&c=d' },
];

const MEMBERS_PAGE = 'members:start';
const MEMBERS_TEXT = 'The treasure is buried under the old oak.';
/** Each user has one page that nobody else may see. */
const pageOf = (user: WikiUser): string => `desk:${user.login}`;

const settings = {
  users,
  acl: [
    '*         @ALL  1',
    'members:* @ALL  0',
    'members:* @user 1',
    'desk:*    @ALL  0',
    ...users.flatMap((user) => [`${pageOf(user)} @ALL 0`, `${pageOf(user)} ${user.login} 2`]),
  ],
  pages: {
    start: 'Welcome, everybody.',
    [MEMBERS_PAGE]: MEMBERS_TEXT,
    ...Object.fromEntries(users.map((user) => [pageOf(user), `The desk of ${user.name}.`])),
  },
};

/** One user's visit, in a session of its own. */
interface Visit {
  readonly user: WikiUser;
  readonly wiki: WikiVisitor;
  /** What the user is going to write. */
  readonly text: string;
}

export const suite: Suite = {
  name: 'dokuwiki',
  run: async (context) => {
    const { step, signal, defer } = context;
    await step(`${PACKAGES.join(', ')} are installed`, () => installPackages(PACKAGES, signal));
    const { url } = await step('the wiki runs on 127.0.0.1', async () => {
      const server = await startWiki(settings, signal);
      defer(() => server.stop());
      return server;
    });

    await walk(context, 'alone', [await startVisit(context, alice, { baseUrl: url })]);

    const transport = await createTransport();
    defer(() => transport.close());
    const visits = await allDone(users.map((user) => startVisit(context, user, { baseUrl: url, transport })));
    await walk(context, 'beside four others', visits);
    await step('five sessions at once have five different cookies', () => {
      const values = visits.flatMap(({ wiki }) => wiki.cookieValues());
      assert.equal(new Set(values).size, 5, values.join());
    });
  },
};

async function startVisit({ defer }: SuiteContext, user: WikiUser, options: SessionOptions): Promise<Visit> {
  const session = await createSession(options);
  defer(() => session.close());
  const text = `${user.login} was here & "saved" <b>this</b>, été: ${randomUUID()}`;
  return { user, text, wiki: new WikiVisitor(session) };
}

async function walk({ step }: SuiteContext, company: string, visits: readonly Visit[]): Promise<void> {
  for (const [title, action] of way) {
    // Nobody goes on before all have had their answers: so a cookie in another's jar would be sent next.
    await allDone(
      visits.map((visit) => step(`${visit.user.login} ${company} ${title}`, () => action(visit))),
    );
  }
}

/** A user's whole way through the wiki. */
const way: readonly (readonly [title: string, action: (visit: Visit) => Promise<void>])[] = [
  ["finds the members' page closed", ({ wiki }) => wiki.expectClosed(MEMBERS_PAGE)],
  [
    'does not get in with a wrong password',
    async ({ wiki, user }) => {
      assert.equal(whoIsLoggedIn(await wiki.logIn({ ...user, password: 'wrong' })), null);
    },
  ],
  [
    'logs in with the form',
    async ({ wiki, user }) => {
      assert.equal(whoIsLoggedIn(await wiki.logIn(user)), user.name);
    },
  ],
  [
    "reads the members' page",
    async ({ wiki, user }) => {
      const html = await wiki.open({ id: MEMBERS_PAGE });
      assert.equal(whoIsLoggedIn(html), user.name);
      assert.ok(html.includes(MEMBERS_TEXT), 'the text of the page is missing');
    },
  ],
  [
    'cannot save with a wrong security token',
    async ({ wiki, user }) => {
      const response = await wiki.save(pageOf(user), { wikitext: 'forged', sectok: '0'.repeat(32) });
      assert.match(await response.text(), /Security Token did not match/);
    },
  ],
  [
    'edits and saves a page, and is sent back to it',
    async ({ wiki, user, text }) => {
      const response = await wiki.save(pageOf(user), { wikitext: text });
      assert.equal(response.redirected, true);
      assert.equal(new URL(response.url).searchParams.get('id'), pageOf(user));
      assert.equal(whoIsLoggedIn(await response.text()), user.name);
    },
  ],
  [
    'reads back what was saved',
    async ({ wiki, user, text }) => {
      assert.equal((await wiki.open({ id: pageOf(user), do: 'export_raw' })).trim(), text);
    },
  ],
  [
    "sees nobody else's page",
    async ({ wiki, user }) => {
      for (const other of users) if (other !== user) await wiki.expectClosed(pageOf(other));
    },
  ],
  [
    'logs out',
    async ({ wiki, user }) => {
      assert.equal(whoIsLoggedIn(await wiki.logOut(pageOf(user))), null);
    },
  ],
  [
    'finds both pages closed again',
    async ({ wiki, user }) => {
      await wiki.expectClosed(MEMBERS_PAGE);
      await wiki.expectClosed(pageOf(user));
    },
  ],
];
