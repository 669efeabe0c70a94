/** Sessions that log in to MediaWiki, edit by preview and save, and log out: one alone, then five at once. */
import assert from 'node:assert/strict';
import { PACKAGES, startMediaWiki } from './mediawiki-server.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';
import { type Person, type Visit, type WayStep, walk } from './visits.ts';

const people: readonly Person[] = [
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

/** Who the page says is logged in. */
function nameOf(visit: Visit<Person>): string | undefined {
  return visit.page.query('#pt-userpage a, #pt-userpage-2 a')?.text;
}
