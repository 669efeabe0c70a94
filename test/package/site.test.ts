/** The site: its sidebar has every page, and links that are written for the repository lead to its pages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorOf, movedToProject, siteTarget, topLevelPages } from '../../docs/.vitepress/links.ts';
import { sidebar } from '../../docs/.vitepress/sidebar.ts';
import { root } from '../../tools/entries.ts';
import { pages } from './pages.ts';

describe('the sidebar', () => {
  it('has one row for each page, and no other', () => {
    const rows = sidebar.flatMap((group) => group.rows).map(({ page }) => page);
    const wanted = [...pages, ...Object.keys(topLevelPages).map((page) => `project/${page}`)];
    // The first page of the site is where its name leads.
    expect(rows.sort()).toEqual(wanted.filter((page) => page !== 'index').sort());
  });

  it('gives no two pages the same name', () => {
    const texts = sidebar.flatMap((group) => group.rows).map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('a link of a document', () => {
  it.each([
    ['cookies.md', 'sessions.md', '/cookies.md'],
    ['cookies.md#files', 'sessions.md', '/cookies.md#files'],
    ['../cookies.md', 'guide/install.md', '/cookies.md'],
    ['log-in.md', 'guide/install.md', '/guide/log-in.md'],
    ['../README.md', 'recipes.md', '/index.md'],
    ['../../ARCHITECTURE.md#rooms', 'guide/install.md', '/project/architecture.md#rooms'],
    ['../SECURITY.md', 'cookies.md', '/project/security.md'],
    ['../examples/login.ts', 'recipes.md', 'https://git.example/jarfetch/blob/main/examples/login.ts'],
    ['../../examples/', 'guide/install.md', 'https://git.example/jarfetch/blob/main/examples'],
    ['https://example.com/a.md', 'recipes.md', 'https://example.com/a.md'],
    ['mailto:a@example.com', 'recipes.md', 'mailto:a@example.com'],
    ['#here', 'recipes.md', '#here'],
    ['/api/', 'recipes.md', '/api/'],
  ])('%s of %s leads to %s', (target, page, expected) => {
    expect(siteTarget(target, page, 'https://git.example/jarfetch')).toBe(expected);
  });

  it('has the same target when a document of the top level becomes a page', () => {
    const text = '[a](docs/cookies.md#x), [b](#here), [c](https://example.com/), [d](SECURITY.md)';
    const moved = movedToProject(text);
    expect(moved).toBe(
      '[a](../../docs/cookies.md#x), [b](#here), [c](https://example.com/), [d](../../SECURITY.md)',
    );
    expect(siteTarget('../../docs/cookies.md', 'project/security.md', '')).toBe('/cookies.md');
    expect(siteTarget('../../SECURITY.md', 'project/architecture.md', '')).toBe('/project/security.md');
  });
});

describe('the anchor of a heading', () => {
  it.each([
    ['429 and Retry-After', '429-and-retry-after'],
    ['Why is my cookie not sent?', 'why-is-my-cookie-not-sent'],
    ['`session.fetch(url, init)`', 'sessionfetchurl-init'],
    ['Jars & stores', 'jars--stores'],
    ['snake_case über alles', 'snake_case-über-alles'],
  ])('%s is #%s, as on GitHub', (heading, anchor) => {
    expect(anchorOf(heading)).toBe(anchor);
  });
});

it('each document of the top level begins with its title', () => {
  for (const file of Object.values(topLevelPages)) {
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^# \S/);
  }
});
