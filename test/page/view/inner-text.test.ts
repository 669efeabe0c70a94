import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePage } from '../../../src/page/index.ts';

const url = 'https://a.test/';
/** What Chromium's `innerText` was of a div with this HTML. */
const cases: [html: string, text: string][] = JSON.parse(
  readFileSync(new URL('../../fixtures/inner-text-cases.json', import.meta.url), 'utf8'),
);

/** Pages of DokuWiki, MediaWiki, WordPress and phpMyAdmin, by `npm run test:e2e -- inner-text`: letters are `x`. */
const applicationPages: { name: string; html: string; text: string }[] = JSON.parse(
  readFileSync(new URL('../../fixtures/application-texts.json', import.meta.url), 'utf8'),
);

/** Where text() differs on purpose. */
const differences: Readonly<Record<string, readonly [reason: string, text: string]>> = {
  '<math><mi>x</mi><mo>=</mo></math>': ['formulas are text in one line, with their letters as written', 'x='],
};

describe('text()', () => {
  it.each(cases)('of %j is that of Chromium', (html, expected) => {
    const page = parsePage(`<!doctype html><body><div>${html}</div>`, { url });
    expect(page.text()).toBe(differences[html]?.[1] ?? expected);
  });

  it.each(applicationPages)('of $name is that of Chromium', ({ html, text }) => {
    expect(parsePage(html, { url }).text()).toBe(text);
  });

  it('has the content of noscript when the page is read as without scripts', () => {
    const html = 'a<noscript>b</noscript>';
    expect(parsePage(html, { url }).text()).toBe('a');
    expect(parsePage(html, { url, noscript: true }).text()).toBe('ab');
  });

  it('leaves out the head', () => {
    expect(parsePage('<title>T</title><body>b', { url }).text()).toBe('b');
  });
});
