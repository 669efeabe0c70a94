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
  return /(from|require\()\s*'jarfetch/.test(code) && code.includes('https://shop.example');
}

describe('the guide', () => {
  it('has a line here for each of its programs', () => {
    expect(Object.keys(runs).sort()).toEqual([...programs.keys()].sort());
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
