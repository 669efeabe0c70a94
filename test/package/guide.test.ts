/** The programs of docs/guide run as they stand against the demo site on 127.0.0.1, and print what is expected. */
import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { root } from '../../tools/entries.ts';
import { startHttpProxy } from '../helpers/proxies.ts';
import { prepareSnippet } from './run-snippet.ts';
import { type Snippet, snippetsOf } from './snippets.ts';

interface Run {
  /** What each run prints, one after the other in one folder; `SITE` stands for the site's URL. */
  readonly prints: readonly (string | RegExp)[];
  /** Files that are there before the first run. */
  readonly files?: Readonly<Record<string, string>>;
  /** What else than the site is exchanged in the program. */
  readonly changes?: () => Promise<Readonly<Record<string, string>>>;
  /** Looks at what the program has left. */
  readonly leaves?: Readonly<Record<string, string | RegExp>>;
}

const hello = '<h1>Hello, alice</h1><p id="secret">the tea is at six</p>';
const me = "{ user: 'alice', secret: 'the tea is at six' }\n";

/** By page and heading. */
const runs: Readonly<Record<string, Run>> = {
  'getting-started: Log in and read a page': { prints: [`200 ${hello}\n`] },
  'getting-started: See what happened': {
    prints: [
      /^303 SITE\/members \[\]\n200 SITE\/login \[ 'visitor' \]\nSITE\/login true\n\[Object: null prototype\] \{\s+visitor: '\w+'\s+\}\n$/,
    ],
  },
  'getting-started: Call an API': { prints: ["{ user: 'alice', secret: 'the tea is at six' }\n"] },
  'log-in: By a form': { prints: ['SITE/members Hello, alice\n'] },
  'log-in: By JSON': { prints: ['{"user":"alice","secret":"the tea is at six"}\n'] },
  'log-in: By single sign-on': {
    prints: ["200 Hello, alice\n[ 'idp of localhost', 'session of 127.0.0.1' ]\n"],
  },
  'stay-logged-in: Over a restart': { prints: ['200 SITE/members\n', '200 SITE/members\n'] },
  'stay-logged-in: Without a registry': { prints: ['SITE/members\n', 'SITE/members\n'] },
  'stay-logged-in: Several processes of one machine': { prints: [`${hello}\n`, `${hello}\n`] },
  'accounts-and-proxies: A job for each account': { prints: ["[ 'Hello, alice', 'Hello, bob' ]\n"] },
  'accounts-and-proxies: Many jobs over a few accounts': { prints: ['9 alice bob carol\n'] },
  'accounts-and-proxies: A proxy for each session': {
    prints: ['200\n'],
    changes: async () => ({ 'proxy.example:8080': (await startHttpProxy()).host }),
  },
  'browser-cookies: From a browser': {
    prints: ['1 []\n200\n'],
    files: { 'cookies.txt': '127.0.0.1\tFALSE\t/\tFALSE\t0\tdevice\t1\n' },
  },
  'browser-cookies: By hand': { prints: ["[Object: null prototype] { theme: 'dark' }\n[]\n"] },
  'pages-and-forms: Follow a link, send a form': {
    prints: ['Order 1 item=Tea+7&cups=2&gift=on\n'],
  },
  'pages-and-forms: Take rows out of a page': {
    prints: ["10 { name: 'Tea 1', url: 'SITE/catalog/1', price: 1.5 }\n"],
  },
  'pages-and-forms: Go through a list': { prints: ['30 30\n'] },
  'downloads-and-uploads: A file that is whole or not there': {
    prints: ['55011 of 55011 bytes\n55011\n', /55011\n$/],
    leaves: { 'report.csv': /^month,cups\n2026-11,42\n/ },
  },
  'downloads-and-uploads: A small file, in memory': {
    prints: ['text/csv\n'],
    leaves: { 'report.csv': /2026-11,42\n$/ },
  },
  'downloads-and-uploads: Upload a form with a file': {
    prints: [/^sent\n\{"file":"photo.jpg","length":(10\d\d\d),"received":\1\}\n$/],
    files: { 'photo.jpg': 'x'.repeat(10_000) },
  },
  'downloads-and-uploads: Upload a stream': { prints: ['200\n'], files: { 'photo.jpg': 'x'.repeat(10_000) } },
  'retries-and-limits: Try again': { prints: ['200 after 2 attempts\n'] },
  'retries-and-limits: One limit for a whole call': { prints: ['nobody waits any more\n'] },
  'typescript: What an answer is': { prints: ['alice\n'] },
  'runtimes: CommonJS': { prints: ['Hello, alice\n'] },
  'security: URLs from strangers': { prints: ['ERR_ADDRESS_FORBIDDEN\n'] },
  'migrating: got': { prints: [me] },
  'migrating: axios': { prints: [me] },
  'migrating: node-fetch with fetch-cookie': { prints: [me] },
  'migrating: request': { prints: [me] },
  'migrating: requests (Python)': { prints: [me] },
  'migrating: mechanize and MechanicalSoup (Python)': { prints: ['Order 1\n'] },
};

/** Programs that need more than the site; the reason stands here. */
const notRun: Readonly<Record<string, string>> = {
  'runtimes: AWS Lambda and other functions':
    'needs a Redis; the suites redis and bullmq of npm run test:e2e run its parts',
  'typescript: Functions that take a session': 'defines functions and calls none',
};

const pages = globSync('docs/guide/*.md', { cwd: root }).sort();
const programs = new Map<string, Snippet>();
for (const page of pages) {
  for (const snippet of snippetsOf(page)) {
    if (!isProgram(snippet)) continue;
    const key = `${basename(page, '.md')}: ${snippet.heading}`;
    // A second program under a heading would hide the first.
    programs.set(programs.has(key) ? `${key} (${snippet.line})` : key, snippet);
  }
}

/** A program that does I/O has its imports and the site's URL; a fragment is type-checked only. */
function isProgram({ code }: Snippet): boolean {
  return /(from |require\()'jarfetch/.test(code) && code.includes('https://shop.example');
}

describe('the guide', () => {
  it('has a line here for each of its programs', () => {
    expect(Object.keys({ ...runs, ...notRun }).sort()).toEqual([...programs.keys()].sort());
  });

  it.each(Object.entries(runs))('%s', async (key, { prints, files = {}, changes, leaves = {} }) => {
    const site = await startSite();
    onTestFinished(() => site.close());
    const { run, folder } = await prepareSnippet(programs.get(key), site.url, await changes?.());
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    for (const printed of prints) {
      const output = (await run()).replaceAll(site.url, 'SITE');
      if (typeof printed === 'string') expect(output).toBe(printed);
      else expect(output).toMatch(printed);
    }
    for (const [name, text] of Object.entries(leaves)) {
      expect(await readFile(join(folder, name), 'utf8')).toEqual(expect.stringMatching(text));
    }
  });
});
