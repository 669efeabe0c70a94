/** Sessions that log in to phpMyAdmin, whose cookies are strict: tables by its forms, SQL, and out again. */
import assert from 'node:assert/strict';
import { pageOf } from 'jarfetch/page';
import { PACKAGES, startPhpMyAdmin } from './phpmyadmin-server.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';
import { type Person, type WayStep, walk } from './visits.ts';

const people: readonly Person[] = [
  { username: 'zoe', password: '"first" & alone' },
  { username: 'alice', password: 'tea & "scones" = 100%' },
  { username: 'bob', password: "c:\\admin;2? it's" },
  { username: 'carol', password: 'été à la plage' },
  { username: 'dave', password: '+1 $5 #3' },
  { username: 'erin', password: 'a=b&c=d' },
];

const login = '/index.php';
const note = '"tea" & <b>scones</b>, été €';
const tableOf = ({ username }: Person): string => `notes & more of ${username}`;

export const suite: Suite = {
  name: 'phpmyadmin',
  run: async (context) => {
    const { step, signal } = context;
    await step(`${PACKAGES.join(', ')} are installed`, () => installPackages(PACKAGES, signal));
    const { url } = await step('it runs on 127.0.0.1', () => startPhpMyAdmin(context, people));
    await walk(context, { url, people, way, sessionCookies: /^(phpMyAdmin|pmaAuth-1)$/ });
  },
};

const way: readonly WayStep<Person>[] = [
  [
    'does not get in with a wrong password',
    (visit) => visit.failsToLogIn(login, /Cannot log in to the MySQL server/),
  ],
  [
    'logs in, and sees its own database alone',
    async (visit) => {
      await visit.logIn(login);
      visit.reads(`User: ${visit.person.username}@localhost`);
      const names = visit.page.queryAll('#pma_navigation_tree a.hover_show_full').map(({ text }) => text);
      assert.deepEqual(names, ['New', `desk_${visit.person.username}`, 'information_schema']);
    },
  ],
  [
    'makes a table by two forms',
    async (visit) => {
      const { username } = visit.person;
      await visit.follow(`#pma_navigation_tree a.hover_show_full[href*="desk_${username}"]`);
      const table = tableOf(visit.person);
      const small = visit.page.form('#createTableMinimalForm').fill({ table, num_fields: 2 });
      await visit.goTo(small.submit());
      const columns = {
        ...{ 'field_name[0]': 'id', 'field_type[0]': 'INT' },
        ...{ 'field_name[1]': 'été', 'field_type[1]': 'VARCHAR', 'field_length[1]': 200 },
      };
      // Required for one kind of table; for the others a script of the page takes it out.
      const form = visit.page.form('form.create_table_form').remove('connection').fill(columns);
      await visit.goTo(form.submit({ name: 'do_save_data' }));
      await visit.follow(`#pma_navigation_tree a.hover_show_full[href*="desk_${username}"]`);
      visit.reads(table);
    },
  ],
  [
    'inserts a row by the form of its table, and reads it by SQL',
    async (visit) => {
      await visit.follow('a[href*="route=/table/change"]');
      const form = visit.page.form('#insertForm');
      const id = form.control('#field_1_3').name;
      const { name } = form.control('#field_2_3');
      await visit.goTo(form.fill({ [id]: 1, [name]: note }).submit('#buttonYes'));
      visit.reads('1 row inserted');
      await visit.follow('#topmenu a[href*="route=/table/sql"]');
      const sql_query = `SELECT UPPER(\`été\`) AS loud FROM \`${tableOf(visit.person)}\``;
      const sql = visit.page.form('#sqlqueryform').fill({ sql_query });
      await visit.goTo(sql.submit({ name: 'SQL' }));
      visit.reads(note.toUpperCase());
    },
  ],
  [
    'logs out by what the script of its link sends',
    async (visit) => {
      const link = visit.page.link('a.logout');
      const token = visit.page.query('input[name=token]')?.attribute('value') ?? '';
      // The link is no navigation: a script makes a form of it, with the token, and sends that.
      const request = {
        method: 'POST',
        form: { token },
        destination: 'document',
        referrer: visit.page.url,
      } as const;
      const response = await visit.session.fetch(link.url ?? '', request);
      await visit.goTo(pageOf(visit.session, response));
      assert.ok(visit.page.query('#login_form'), visit.text());
      await visit.open(login);
      assert.ok(visit.page.query('#login_form'), visit.text());
    },
  ],
];
