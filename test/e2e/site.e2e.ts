/**
 * The site of the documentation as its readers get it: built, the links of all its pages followed in their HTML, and
 * the guide and samples of the reference opened in Chromium or Chrome. `DOCS_BASE=/path/` checks the site as it is
 * published below that path. `SITE_PICTURES=<folder>` keeps a picture of each page of the guide, narrow and wide, light
 * and dark.
 */
import assert from 'node:assert/strict';
import { globSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  axePath,
  type Browser,
  type BrowserPage,
  docsFolder,
  installedBrowser,
  launchBrowser,
} from './site-browser.ts';
import { deadLinks } from './site-links.ts';
import { serveFolder } from './site-server.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages, run } from './system.ts';

const built = join(docsFolder, '.vitepress/dist');
/** Path of the site on its host. docs/.vitepress/config.ts reads the same variable. */
const base = process.env.DOCS_BASE ?? '/';
const narrow = { width: 360, height: 740 };
const wide = { width: 1280, height: 900 };

/** What a page says of itself in the browser. */
interface Look {
  readonly text: string;
  /** Width that its content needs, in pixels. */
  readonly needs: number;
}

const look = `({
  text: (document.querySelector('main') ?? document.body).innerText,
  needs: document.documentElement.scrollWidth,
})`;

export const suite: Suite = {
  name: 'site',
  async run(context) {
    const { step, defer, signal } = context;
    await step('chromium is installed', async () => {
      if (installedBrowser() === undefined) await installPackages(['chromium'], signal);
    });
    await step('npm run docs builds the site', () => run('npm', ['run', 'docs'], signal));
    await step('the site has its pages as plain text', async () => {
      const [short, full] = await Promise.all(
        ['llms.txt', 'llms-full.txt'].map((name) => readFile(join(built, name), 'utf8')),
      );
      assert.match(short ?? '', /^- \[Log in\]\(guide\/log-in\.md\): /m);
      assert.match(full ?? '', /^Page: guide\/log-in\.md$/m);
      for (const [, page = ''] of (short ?? '').matchAll(/\]\(([^)]+\.md)\):/g))
        await readFile(join(built, page));
    });
    const paths = globSync('**/*.html', { cwd: built }).filter((path) => path !== '404.html');
    await step(`no link of ${paths.length} pages is dead`, async () => {
      assert.deepEqual(await deadLinks(built, paths, base), []);
    });
    const server = await serveFolder(built, base);
    defer(() => server.close());
    const browser = await launchBrowser();
    defer(() => browser.close());
    const guide = paths.filter((path) => !path.startsWith('api/'));
    const reference = samplesOf(paths);
    const site: Site = { url: server.url, browser, paths: [...guide, ...reference] };
    await step(
      `${site.paths.length} pages load without an error, fit 360 px and read the same without JavaScript`,
      () => checkEach(site, context),
    );
    const looked = [...guide, ...reference.slice(0, 5)];
    await step('text has contrast, light and dark', () => checkContrast({ ...site, paths: looked }));
    const folder = process.env.SITE_PICTURES;
    if (folder !== undefined)
      await step('pictures are kept', () => takePictures({ ...site, paths: looked }, folder));
  },
};

interface Site {
  readonly url: string;
  readonly browser: Browser;
  readonly paths: readonly string[];
}

/**
 * The pages of the reference are made by one program: the overviews, and the longest page of each kind of each entry,
 * stand for all. The longest come first.
 */
function samplesOf(paths: readonly string[]): string[] {
  const longest = new Map<string, { readonly path: string; readonly size: number }>();
  for (const path of paths.filter((each) => each.startsWith('api/'))) {
    const kind = path.endsWith('/index.html') ? path : dirname(path);
    const { size } = statSync(join(built, path));
    if (size > (longest.get(kind)?.size ?? 0)) longest.set(kind, { path, size });
  }
  return [...longest.values()].sort((a, b) => b.size - a.size).map(({ path }) => path);
}

async function checkEach(site: Site, { signal }: SuiteContext): Promise<void> {
  const waiting = [...site.paths];
  const found = await Promise.all([visitAll(site, waiting, signal), visitAll(site, waiting, signal)]);
  assert.deepEqual(found.flat(), []);
}

/** Takes pages from those that wait until none is left, and returns what is wrong with them. */
async function visitAll({ url, browser }: Site, waiting: string[], signal: AbortSignal): Promise<string[]> {
  const faults: string[] = [];
  let path: string | undefined;
  const page = await browser.newPage({ viewport: narrow });
  const without = await browser.newPage({ viewport: narrow, javaScriptEnabled: false });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${path}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`${path}: ${error.message}`));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url)) {
      faults.push(`${path}: asks for ${request.url()}`);
    }
  });
  for (path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    signal.throwIfAborted();
    const [seen, read] = await Promise.all(
      [page, without].map((each) => lookAt(each, `${url}/${path}`)) as [Promise<Look>, Promise<Look>],
    );
    if (seen.needs > narrow.width) faults.push(`${path}: needs ${seen.needs} px`);
    if (seen.text.length < 40 || read.text !== seen.text) {
      faults.push(`${path}: ${read.text.length} of ${seen.text.length} characters without JavaScript`);
    }
  }
  await Promise.all([page.close(), without.close()]);
  return faults;
}

async function lookAt(page: BrowserPage, address: string): Promise<Look> {
  await page.goto(address, { waitUntil: 'load' });
  return page.evaluate<Look>(look);
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const rules = ['color-contrast', 'document-title', 'html-has-lang', 'image-alt', 'link-name', 'button-name'];

/** Each page in one of the schemes, its neighbour in the other: all have the colours of one style. */
async function checkContrast({ url, browser, paths }: Site): Promise<void> {
  const axe = await readFile(axePath(), 'utf8');
  const faults = new Map<string, string>();
  const check = async (scheme: 'light' | 'dark'): Promise<void> => {
    const page = await browser.newPage({ viewport: wide, colorScheme: scheme, reducedMotion: 'reduce' });
    const own = scheme === 'light' ? 0 : 1;
    for (const path of paths.filter((_, index) => index % 2 === own)) {
      await page.goto(`${url}/${path}`, { waitUntil: 'load' });
      await page.addStyleTag({ content: '*, *::before, *::after { transition: none !important }' });
      await page.evaluate(`${axe}; 0`);
      const found = await page.evaluate<Violation[]>(
        `axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations }) => violations)`,
      );
      for (const { id, nodes } of found) {
        // A colour is wrong on many pages: it is told once.
        for (const { html, failureSummary } of nodes) {
          faults.set(
            `${scheme} ${id} ${failureSummary}`,
            `${path} (${scheme}): ${id}: ${html} ${failureSummary}`,
          );
        }
      }
    }
    await page.close();
  };
  await Promise.all([check('light'), check('dark')]);
  assert.deepEqual([...faults.values()], []);
}

async function takePictures({ url, browser, paths }: Site, folder: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: wide, colorScheme });
    for (const path of paths) {
      for (const viewport of [narrow, wide]) {
        await page.setViewportSize(viewport);
        await page.goto(`${url}/${path}`, { waitUntil: 'load' });
        const name = `${path.replace(/\.html$/, '').replaceAll('/', '-')}-${viewport.width}-${colorScheme}.png`;
        await page.screenshot({ path: join(folder, name) });
      }
    }
    await page.close();
  }
}
