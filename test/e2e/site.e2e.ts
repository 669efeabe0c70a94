/**
 * The site of the documentation as its readers get it: built, served from a folder, and each page opened in Debian's
 * Chromium. `SITE_PICTURES=<folder>` keeps a picture of each page of the guide, narrow and wide, light and dark.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { axePath, type Browser, type BrowserPage, docsFolder, launchBrowser } from './site-browser.ts';
import { serveFolder } from './site-server.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages, run } from './system.ts';

const built = join(docsFolder, '.vitepress/dist');
const narrow = { width: 360, height: 740 };
const wide = { width: 1280, height: 900 };

/** What a page says of itself in the browser. */
interface Look {
  readonly ids: readonly string[];
  readonly links: readonly string[];
  /** Width that its content needs, in pixels. */
  readonly needs: number;
}

const look = `({
  ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
  links: [...document.querySelectorAll('a[href]')].map((link) => link.href),
  needs: document.documentElement.scrollWidth,
})`;

const readText = `(document.querySelector('main') ?? document.body).innerText`;

export const suite: Suite = {
  name: 'site',
  async run(context) {
    const { step, defer, signal } = context;
    await step('chromium is installed', () => installPackages(['chromium'], signal));
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
    const server = await serveFolder(built);
    defer(() => server.close());
    const browser = await launchBrowser();
    defer(() => browser.close());
    const site: Site = { url: server.url, browser, paths };
    await step(`each of ${paths.length} pages loads without an error, and fits 360 px`, () =>
      checkEach(site, context),
    );
    // The pages of the reference are made by one program: one of each kind stands for all.
    const guide = [
      ...paths.filter((path) => !path.startsWith('api/')),
      ...paths.filter((path) =>
        /^api\/jarfetch\/(index|classes\/Session|functions\/createSession|interfaces\/RequestInit|type-aliases\/BodyInput)\./.test(
          path,
        ),
      ),
    ];
    await step('text has contrast, light and dark', () => checkContrast({ ...site, paths: guide }));
    await step('each page reads the same without JavaScript', () =>
      checkWithoutScript({ ...site, paths: guide }),
    );
    const folder = process.env.SITE_PICTURES;
    if (folder !== undefined)
      await step('pictures are kept', () => takePictures({ ...site, paths: guide }, folder));
  },
};

interface Site {
  readonly url: string;
  readonly browser: Browser;
  readonly paths: readonly string[];
}

async function checkEach(site: Site, { signal }: SuiteContext): Promise<void> {
  const looks = new Map<string, Look>();
  const waiting = [...site.paths];
  const found = await Promise.all([
    visitAll(site, waiting, looks, signal),
    visitAll(site, waiting, looks, signal),
  ]);
  assert.deepEqual([...found.flat(), ...deadLinks(site.url, looks)], []);
}

/** Takes pages from those that wait until none is left, and returns what is wrong with them. */
async function visitAll(
  { url, browser }: Site,
  waiting: string[],
  looks: Map<string, Look>,
  signal: AbortSignal,
): Promise<string[]> {
  const faults: string[] = [];
  let path: string | undefined;
  const page = await browser.newPage({ viewport: narrow });
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
    await page.goto(`${url}/${path}`, { waitUntil: 'load' });
    const seen = await page.evaluate<Look>(look);
    looks.set(`/${path}`, seen);
    if (seen.needs > narrow.width) faults.push(`${path}: needs ${seen.needs} px`);
  }
  await page.close();
  return faults;
}

function deadLinks(url: string, looks: ReadonlyMap<string, Look>): string[] {
  const dead = new Set<string>();
  for (const [path, { links }] of looks) {
    for (const link of links.filter((each) => each.startsWith(`${url}/`))) {
      const { pathname, hash } = new URL(link);
      const target = looks.get(pathname.replace(/\/$/, '/index.html'));
      const isFile =
        /\.(txt|svg|json)$/.test(pathname) && globSync(`.${pathname}`, { cwd: built }).length > 0;
      const isThere = hash === '' || target?.ids.includes(decodeURIComponent(hash.slice(1)));
      if (!isFile && (target === undefined || !isThere)) dead.add(`${path}: dead link ${pathname}${hash}`);
    }
  }
  return [...dead];
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const rules = ['color-contrast', 'document-title', 'html-has-lang', 'image-alt', 'link-name', 'button-name'];

async function checkContrast({ url, browser, paths }: Site): Promise<void> {
  const axe = await readFile(axePath(), 'utf8');
  const faults = new Map<string, string>();
  const check = async (scheme: 'light' | 'dark'): Promise<void> => {
    const page = await browser.newPage({ viewport: wide, colorScheme: scheme, reducedMotion: 'reduce' });
    for (const path of paths) {
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

async function checkWithoutScript({ url, browser, paths }: Site): Promise<void> {
  const withScript = await browser.newPage({ viewport: narrow });
  const without = await browser.newPage({ viewport: narrow, javaScriptEnabled: false });
  const faults: string[] = [];
  for (const path of paths) {
    const [expected, got] = await Promise.all([
      textOf(withScript, `${url}/${path}`),
      textOf(without, `${url}/${path}`),
    ]);
    if (expected.length < 40 || got !== expected) {
      faults.push(`${path}: ${got.length} characters of ${expected.length} can be read`);
    }
  }
  await Promise.all([withScript.close(), without.close()]);
  assert.deepEqual(faults, []);
}

async function textOf(page: BrowserPage, url: string): Promise<string> {
  await page.goto(url, { waitUntil: 'load' });
  return page.evaluate<string>(readText);
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
