/**
 * page.text() beside Chromium's innerText on twenty pages of real applications: the same where style sheets and scripts
 * are off, and how much of it is the same where they are on. With JARFETCH_KEEP=FOLDER the pages are written there, and
 * those of test/fixtures/application-texts.json.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApplicationPage, openApplicationPages } from './application-pages.ts';
import { PACKAGES as dokuwiki } from './dokuwiki-server.ts';
import { PACKAGES as mediawiki } from './mediawiki-server.ts';
import { PACKAGES as phpmyadmin } from './phpmyadmin-server.ts';
import { type ReadingBrowser, startReadingBrowser } from './reading-browser.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';
import { PACKAGES as wordpress } from './wordpress-server.ts';

const packages = [...new Set(['chromium', ...dokuwiki, ...mediawiki, ...wordpress, ...phpmyadmin])];
const folder = process.env.JARFETCH_KEEP;

export const suite: Suite = {
  name: 'inner-text',
  run: async (context) => {
    const { step, signal } = context;
    await step('the applications and Chromium are installed', () => installPackages(packages, signal));
    const pages = await openApplicationPages(context);
    const browser = await step('Chromium starts', () => startReadingBrowser(context));
    // Before anything is judged, so that it can be looked at.
    if (folder !== undefined) await step('the pages are kept', () => keep(folder, browser, pages));
    for (const shown of pages) {
      await step(`text() of ${shown.name} is what Chromium reads without style sheets`, async () =>
        assert.equal(shown.page.text(), await browser.readPlain(shown.page.html())),
      ).catch(() => {});
    }
    for (const shown of pages) {
      const styled = await browser.readStyled(shown);
      const { common, theirs, ours } = compared(styled, shown.page.text());
      const title = `${common} of ${theirs} lines that Chromium shows of ${shown.name} are in its text(), of ${ours} lines`;
      await step(title, () => assert.ok(common >= theirs / 2, differing(styled, shown.page.text())));
    }
  },
};

const linesOf = (text: string): string[] =>
  text
    .split(/[\n\t]+/)
    .map((line) => line.trim().toLowerCase())
    .filter((line) => line !== '');

function compared(styled: string, text: string): { common: number; theirs: number; ours: number } {
  const ours = new Set(linesOf(text));
  const theirs = new Set(linesOf(styled));
  return {
    common: [...theirs].filter((line) => ours.has(line)).length,
    theirs: theirs.size,
    ours: ours.size,
  };
}

function differing(styled: string, text: string): string {
  const ours = new Set(linesOf(text));
  return linesOf(styled)
    .filter((line) => !ours.has(line))
    .join('\n');
}

/** The pages as they came, what Chromium shows of them, and the fixture. */
async function keep(into: string, browser: ReadingBrowser, pages: readonly ApplicationPage[]): Promise<void> {
  await mkdir(into, { recursive: true });
  const reduced: { name: string; html: string; text: string }[] = [];
  for (const { name, page, session } of pages) {
    const file = join(into, name.replaceAll(' ', '-'));
    await writeFile(`${file}.html`, page.html());
    await writeFile(`${file}.text.txt`, page.text());
    await writeFile(`${file}.styled.txt`, await browser.readStyled({ name, page, session }));
    const html = `<!doctype html>${await browser.reduce(page.html())}`;
    const text = await browser.readPlain(html);
    reduced.push({ name, html, text });
  }
  const lines = reduced.map((each) => JSON.stringify(each)).join(',\n');
  await writeFile(join(into, 'application-texts.json'), `[\n${lines}\n]\n`);
}
