import { describe, expect, it } from 'vitest';
import { type Page, parsePage } from '../../../src/page/index.ts';

const url = 'https://a.test/';
const many = 100_000;

/** How much is written of a page, in each way. */
function sizes(html: string): number[] {
  const page: Page = parsePage(html, { url });
  return [page.text(), page.markdown(), page.snapshot({ maxLength: 1e9 }).text].map(({ length }) => length);
}

describe('a hostile page', () => {
  it.each([
    'div',
    'b',
    'a href=x',
    'ul><li',
    'blockquote',
    'table><tr><td',
    'label',
    'select',
    'form',
    'details',
    'pre',
    'h1',
    'svg',
    'button',
  ])('of 100,000 nested <%s> is written in bounded time', (tag) => {
    for (const size of sizes(`${`<${tag}>x`.repeat(many)}`)) expect(size).toBeLessThan(100 * many);
  });

  it.each([
    [
      'rows with controls',
      `<table>${'<tr><td>a<td><input value=b><td><select><option>c</select>'.repeat(20_000)}</table>`,
    ],
    ['empty rows', `<table>${'<tr>'.repeat(many)}</table>`],
    ['empty sections', `<table>${'<tbody>'.repeat(many)}<tr><td>x</table>`],
    ['cells', `<table><tr>${'<td>x'.repeat(many)}</table>`],
    ['nested tables of rows', '<table><tr><td>x<tr><td>'.repeat(5000)],
    ['options', `<select>${'<option>x'.repeat(many)}</select>`],
    ['labels of one control', `<input id=i>${'<label for=i>x</label>'.repeat(many)}`],
    ['controls of one label', `<p id=l>${'x'.repeat(1e6)}</p>${'<input aria-labelledby=l>'.repeat(20_000)}`],
    ['summaries', `<details>${'<summary>x</summary>'.repeat(many)}</details>`],
    ['spaces', `<p>${' <b> </b>'.repeat(many)}x`],
    ['marks', `<p>${'<b><i><s><a href=x>'.repeat(100)}${'<p>x'.repeat(10_000)}`],
    ['backticks', `<code>${'`'.repeat(many)}</code>`],
    ['long URLs', `<a href="/${'x'.repeat(1e6)}">${'<p>y'.repeat(10_000)}</a>`],
  ])('of many %s is written in bounded time', (_, html) => {
    for (const size of sizes(html)) expect(size).toBeLessThan(20 * html.length + 1_000_000);
  });
});
