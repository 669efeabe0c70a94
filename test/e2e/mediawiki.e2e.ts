/** Sessions that log in to MediaWiki, edit by preview and save, and log out: one alone, then five at once. */
import assert from 'node:assert/strict';
import { createSession } from 'jarfetch';
import { openPage, paginate, paginateJson } from 'jarfetch/page';
import { PACKAGES, startMediaWiki } from './mediawiki-server.ts';
import { editByTools } from './mediawiki-tools.ts';
import { runShellScript } from './shell-script.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';
import { type Person, type Visit, type WayStep, walk } from './visits.ts';

const people: readonly [Person, ...Person[]] = [
  { username: 'Alice', password: 'tea & "scones" = 100%' },
  { username: 'Bob Backslash', password: 'c:\\wiki;2? and more' },
  { username: 'Éva', password: 'été à la plage +1' },
  { username: 'Dave_Dollar', password: '+1 $5 #3 and more' },
  { username: 'Erin', password: 'a=b&c=d, so to say' },
];

const login = '/index.php?title=Special:UserLogin';
const textOf = ({ person }: Visit<Person>): string =>
  `${person.username} wrote & "saved" été\n\n== Part ==\n€ < 5`;

export const suite: Suite = {
  name: 'mediawiki',
  run: async (context) => {
    const { step, signal } = context;
    await step(`${PACKAGES.join(', ')} are installed`, () => installPackages(PACKAGES, signal));
    const { url } = await step('the wiki runs on 127.0.0.1', () => startMediaWiki(context, people));
    await walk(context, { url, people, way, sessionCookies: /^wiki_session$/ });
    await step('the users are read over pages of two, as a visitor sees them', () => readUsers(url));
    await step('recent changes are read over answers of two, by the API', () => readChanges(url));
    await step('what they wrote is found by the search form', () => search(url));
    const [alice] = people;
    await step('a page is edited by the tools of jarfetch mcp alone', () => editByTools(context, url, alice));
    await step('a script of bash logs in, edits a page, reads it and logs out', async () => {
      const { username: NAME, password: PASSWORD } = alice;
      const TEXT = 'from a shell & "saved" été\n\n== Part ==';
      const env = { SITE: url, NAME, PASSWORD, PAGE: 'Shell', TEXT };
      const output = await runShellScript(context, 'mediawiki', env);
      assert.equal(output, `${TEXT}\nYou are now logged out\n`);
    });
  },
};

const way: readonly WayStep<Person>[] = [
  [
    'does not get in with a wrong password',
    (visit) => visit.failsToLogIn(login, /Incorrect username or password entered/),
  ],
  [
    'logs in, and is led to the main page',
    async (visit) => {
      await visit.logIn(login);
      assert.equal(
        new URL(visit.page.url).searchParams.get('title') ?? '/index.php/Main_Page',
        '/index.php/Main_Page',
      );
      assert.equal(nameOf(visit), visit.person.username.replaceAll('_', ' '));
    },
  ],
  [
    'edits a page: the preview shows the text, and the form keeps it',
    async (visit) => {
      await visit.follow({ text: visit.person.username.replaceAll('_', ' ') });
      // A page that is not there yet leads to its editor.
      if (!visit.page.forms().some((form) => form.name === 'editform')) await visit.follow('#ca-edit a');
      const form = visit.page
        .form({ name: 'editform' })
        .fill({ wpTextbox1: textOf(visit), wpSummary: 'été' });
      await visit.goTo(form.submit({ name: 'wpPreview' }));
      visit.reads('Remember that this is only a preview');
      assert.equal(visit.page.query('#wikiPreview h2 .mw-headline')?.text, 'Part');
    },
  ],
  [
    'saves the page by the button of the preview, and reads it',
    async (visit) => {
      const form = visit.page.form({ name: 'editform' });
      assert.equal(form.control({ name: 'wpTextbox1' }).value.trimEnd(), textOf(visit));
      await visit.goTo(form.submit({ name: 'wpSave' }));
      assert.equal(visit.page.response?.redirected, true);
      visit.reads('wrote & "saved" été');
      visit.reads('€ < 5');
      assert.equal(nameOf(visit), visit.person.username.replaceAll('_', ' '));
    },
  ],
  [
    'finds who wrote it in the history',
    async (visit) => {
      await visit.follow('#ca-history a');
      const authors = new Set(visit.page.queryAll('#pagehistory .mw-userlink').map(({ text }) => text));
      assert.deepEqual([...authors], [visit.person.username.replaceAll('_', ' ')]);
    },
  ],
  [
    'logs out by the form that asks for it',
    async (visit) => {
      await visit.follow('#pt-logout a');
      await visit.goTo(
        visit.page
          .form({ href: visit.page.forms().length > 0 ? '/index.php/Special:UserLogout' : '' })
          .submit(),
      );
      visit.reads('You are now logged out');
      assert.equal(nameOf(visit), undefined);
    },
  ],
];

const titles = ['Main Page', ...people.map(({ username }) => `User:${username.replaceAll('_', ' ')}`)].sort();

async function readUsers(baseUrl: string): Promise<void> {
  const session = await createSession({ baseUrl, browser: 'firefox' });
  const schema = {
    baseSelector: '#mw-content-text li',
    fields: [
      { name: 'name', selector: '.mw-userlink', type: 'text', required: true },
      { name: 'url', selector: 'a.mw-userlink', type: 'attribute', attribute: 'href' },
    ],
  } as const;
  // The wiki has its links to the next part at the top and at the bottom, with rel=next.
  const list = paginate(await openPage(session, '/index.php?title=Special:ListUsers&limit=2'), {
    items: schema,
  });
  const rows = await list.all();
  const names = [
    'Admin',
    'MediaWiki default',
    ...people.map(({ username }) => username.replaceAll('_', ' ')),
  ];
  assert.deepEqual(rows.map(({ name }) => name).sort(), names.sort());
  assert.ok(rows.every(({ url }) => url?.startsWith(baseUrl) === true));
  let pages = 0;
  for await (const page of list) {
    assert.ok(page.extract(schema).length <= 2);
    pages++;
  }
  assert.equal(pages, 4);
  await session.close();
}

interface Change {
  readonly title: string;
}

interface Changes {
  readonly continue?: { readonly rccontinue: string };
  readonly query: { readonly recentchanges: readonly Change[] };
}

async function readChanges(baseUrl: string): Promise<void> {
  const session = await createSession({ baseUrl });
  const query = { action: 'query', list: 'recentchanges', rctype: 'new', rclimit: '2', format: 'json' };
  let answers = 0;
  const changes = await paginateJson<Changes, Change>(session, `/api.php?${new URLSearchParams(query)}`, {
    next: ({ body }) => {
      answers++;
      const from = body.continue?.rccontinue;
      return from === undefined ? null : `/api.php?${new URLSearchParams({ ...query, rccontinue: from })}`;
    },
    items: (body) => body.query.recentchanges,
  }).all();
  assert.equal(answers, 3);
  assert.deepEqual(changes.map(({ title }) => title).sort(), titles);
  await session.close();
}

async function search(baseUrl: string): Promise<void> {
  const session = await createSession({ baseUrl, browser: 'firefox' });
  const start = await openPage(session, '/');
  const form = start.form('#searchform');
  const page = await form.fill({ search: 'User:Erin' }).submit({ name: 'go' });
  assert.match(page.title, /^User:Erin/);
  // Enter is the first button, which searches.
  const found = await form.fill({ search: 'wrote saved' }).submit();
  const everywhere = await found.follow({ text: 'Everything' });
  const results = everywhere.extract({
    baseSelector: '.mw-search-result-heading',
    fields: [{ name: 'title', selector: 'a', type: 'text' }],
  });
  assert.deepEqual(results.map(({ title }) => title).sort(), titles.slice(1));
  await session.close();
}

/** Who the page says is logged in. */
function nameOf(visit: Visit<Person>): string | undefined {
  return visit.page.query('#pt-userpage a, #pt-userpage-2 a')?.text;
}
