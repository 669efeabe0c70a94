/** The pages that reading is measured with. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FormControl, parsePage } from '../src/page/index.ts';

export interface Sample {
  readonly name: string;
  readonly html: string;
  /** Which links a query looks for. */
  readonly selector: string;
  /** The form that is filled and submitted: its place among the page's forms, and one of its text fields. */
  readonly form: number;
  readonly field: string;
}

export const sampleUrl = 'https://shop.test/orders?page=3';

/** Pages as shops and forums make them: navigation, rows of a table with links and forms, scripts and styles. */
export function madeSamples(): Sample[] {
  return [20_000, 200_000, 2_000_000].map((bytes) => ({
    name: `${bytes / 1000} KB`,
    html: madeHtml(bytes),
    selector: 'table tr.r3 > td:first-child a[href]',
    form: 0,
    field: 'q',
  }));
}

function madeHtml(bytes: number): string {
  const head = `<!doctype html><html lang=en><head><meta charset=utf-8><title>Orders</title><style>${'.a{color:red}'.repeat(40)}</style>
<script>${'window.x=window.x||[];'.repeat(40)}</script></head><body><nav><ul>${'<li><a class="nav item" href="/c/1?x=2&amp;y=3">Category</a></li>'.repeat(30)}</ul></nav>
<form id=search action=/search><input type=hidden name=csrf value=t0k3n><label>Search <input name=q value=tea></label>
<select name=sort><option value=new>New<option value=old selected>Old</select><input type=checkbox name=all checked>
<textarea name=note>line</textarea><button name=go value=1>Go</button></form><table>`;
  let html = head;
  for (let row = 0; html.length < bytes - 60; row++) {
    html += `<tr class="row r${row % 7}" data-id="${row}"><td><a href="/orders/${row}">Order ${row}</a></td><td>${row * 3},50 &euro;</td>
<td><p>Lorem ipsum dolor sit amet, <b>consectetur</b> adipiscing elit &amp; more.</p></td><td><span class=state>sent</span></td></tr>\n`;
  }
  return `${html}</table></body></html>`;
}

/** The `*.html` of a folder that have a form with a text field, such as those that the suite `inner-text` keeps. */
export function samplesOf(folder: string): Sample[] {
  const isText = ({ type, name, isDisabled }: FormControl): boolean =>
    ['text', 'search'].includes(type) && name !== '' && !isDisabled;
  const samples = readdirSync(folder)
    .filter((file) => file.endsWith('.html'))
    .flatMap((file): Sample[] => {
      const html = readFileSync(join(folder, file), 'utf8');
      const forms = parsePage(html, { url: sampleUrl }).forms();
      const form = forms.findIndex((each) => each.controls().some(isText));
      const field = forms[form]?.controls().find(isText)?.name;
      if (field === undefined) return [];
      return [
        {
          name: `${file}, ${Math.round(html.length / 1000)} KB`,
          html,
          selector: 'li > a[href]',
          form,
          field,
        },
      ];
    });
  return samples.toSorted((a, b) => a.html.length - b.html.length);
}

/** Tables that the writers of Markdown of others have taken long for, with this many rows. */
export const hostileTables: Readonly<Record<string, (rows: number) => string>> = {
  'rows with controls': (rows) =>
    `<table>${'<tr><td>a<td><input value=b><td><select><option>c</select>'.repeat(rows)}</table>`,
  'rows without an end': (rows) => `<table>${'<tr><td>a<td><b>b</b><td>'.repeat(rows)}`,
  'tables in tables': (rows) => `${'<table><tr><td>a<td>'.repeat(rows)}`,
  'cells of one row': (rows) => `<table><tr>${'<td>a<td> <b>b</b>'.repeat(rows)}</table>`,
  'empty rows': (rows) => `<table>${'<tr>'.repeat(rows)}<tr><td>a</table>`,
};
