/** Twenty pages of DokuWiki, MediaWiki, WordPress and phpMyAdmin, as somebody sees them who is logged in. */
import assert from 'node:assert/strict';
import { createSession, type Session } from 'jarfetch';
import { logIn, openPage, type Page } from 'jarfetch/page';
import { startWiki } from './dokuwiki-server.ts';
import { startMediaWiki } from './mediawiki-server.ts';
import { startPhpMyAdmin } from './phpmyadmin-server.ts';
import type { SuiteContext } from './suite.ts';
import type { Server } from './system.ts';
import type { Person } from './visits.ts';
import { startWordPress } from './wordpress-server.ts';

const person: Person = { username: 'Alice', password: 'tea and scones, please' };

const wikiText = `====== Tea ======
Two  kinds,\\\\ and //more//: **black**, __green__.

  * first
    * under it
  * second

^ Name ^ Price ^
| Assam | 3,50 |
| Sencha | 4 |

<code>
  kept   as it is
</code>

----
> quoted

((a note)) and [[other|a link]]`;

interface Application {
  readonly name: string;
  readonly start: (context: SuiteContext) => Promise<Server>;
  readonly login: string;
  /** Paths, or what leads from the page after the login to one. */
  readonly pages: readonly (string | ((home: Page) => Promise<Page>))[];
}

const applications: readonly Application[] = [
  {
    name: 'DokuWiki',
    start: (context) =>
      startWiki(context, {
        users: [{ ...person, username: person.username.toLowerCase(), name: person.username }],
        acl: ['* @ALL 8'],
        pages: { start: wikiText, other: 'Another one.' },
      }),
    login: '/doku.php?id=start&do=login',
    pages: [
      'id=start',
      'id=start&do=edit',
      'id=start&do=recent',
      'id=start&do=index',
      'id=start&do=profile',
    ].map((query) => `/doku.php?${query}`),
  },
  {
    name: 'MediaWiki',
    start: (context) => startMediaWiki(context, [person]),
    login: '/index.php?title=Special:UserLogin',
    pages: [
      'Main_Page',
      'Special:RecentChanges',
      'Special:SpecialPages',
      'Special:Version',
      'Special:Preferences',
    ].map((title) => `/index.php?title=${title}`),
  },
  {
    name: 'WordPress',
    start: (context) => startWordPress(context, [person]),
    login: '/wp-login.php',
    pages: ['/', '/?p=1', '/wp-admin/', '/wp-admin/profile.php', '/wp-admin/media-new.php'],
  },
  {
    name: 'phpMyAdmin',
    start: (context) => startPhpMyAdmin(context, [person]),
    login: '/index.php',
    pages: [
      '/index.php?route=/',
      ...[
        '/database/structure&db=desk_Alice',
        '/database/sql&db=desk_Alice',
        '/server/variables',
        '/table/create&db=desk_Alice',
      ].map((route) => `/index.php?route=${route}`),
    ],
  },
];

export interface ApplicationPage {
  readonly name: string;
  readonly page: Page;
  readonly session: Session;
}

/** Starts the applications one after the other, and opens the pages. They run until the suite's end. */
export async function openApplicationPages(context: SuiteContext): Promise<ApplicationPage[]> {
  const opened: ApplicationPage[] = [];
  for (const { name, start, login, pages } of applications) {
    const { url: baseUrl } = await context.step(`${name} runs on 127.0.0.1`, () => start(context));
    const session = await createSession({ baseUrl, browser: 'chrome' });
    context.defer(() => session.close());
    const username = name === 'DokuWiki' ? person.username.toLowerCase() : person.username;
    const home = await logIn(session, login, { username, password: person.password });
    for (const [at, way] of pages.entries()) {
      const page = typeof way === 'string' ? await openPage(session, way) : await way(home);
      assert.equal(page.status, 200, page.url);
      opened.push({ name: `${name} ${at + 1}`, page, session });
    }
  }
  return opened;
}
