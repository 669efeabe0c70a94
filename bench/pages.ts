/**
 * Reading pages beside cheerio, jsdom and linkedom: parsing, a query, a form's request, and the three together, on pages
 * of 20 KB, 200 KB and 2 MB. Ratios of interleaved rounds in one run.
 * npm run bench:page -- --rounds 15
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { parsePage } from '../src/page/index.ts';

// By a name that the compiler does not follow: peers are installed for the benchmarks alone.
const peer = async <T>(name: string): Promise<T> => import(name);
const { load } = await peer<{ load(html: string): Cheerio }>('cheerio');
const { JSDOM } = await peer<{ JSDOM: new (html: string, options: object) => { window: Window } }>('jsdom');
const { parseHTML } = await peer<{ parseHTML(html: string): { document: Document } }>('linkedom');

type Cheerio = (selector: string) => {
  readonly length: number;
  text(): string;
  val(value: string): unknown;
  attr(name: string): string | undefined;
  serialize(): string;
};
interface Document {
  readonly title: string;
  querySelectorAll(selector: string): { readonly length: number };
  querySelector(selector: string): { readonly elements: { namedItem(name: string): { value: string } } };
}
interface Window {
  close(): void;
  readonly document: Document;
  readonly FormData: new (form: unknown) => Iterable<[string, string]>;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
const url = 'https://shop.test/orders?page=3';

/** A page as shops and forums make them: navigation, rows of a table with links and forms, scripts and styles. */
function pageOf(bytes: number): string {
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

interface Candidate {
  readonly name: string;
  readonly run: (html: string) => unknown;
}

/** jsdom keeps a window until it is closed. */
function inWindow<T>(html: string, use: (window: Window) => T): T {
  const { window } = new JSDOM(html, { url });
  const result = use(window);
  window.close();
  return result;
}

const parsing: Candidate[] = [
  { name: 'jarfetch', run: (html) => parsePage(html, { url }).title },
  { name: 'cheerio', run: (html) => load(html)('title').text() },
  { name: 'linkedom', run: (html) => parseHTML(html).document.title },
  { name: 'jsdom', run: (html) => inWindow(html, ({ document }) => document.title) },
];

const selector = 'table tr.r3 > td:first-child a[href]';
const querying: Candidate[] = [
  { name: 'jarfetch', run: (html) => parsePage(html, { url }).queryAll(selector).length },
  { name: 'cheerio', run: (html) => load(html)(selector).length },
  { name: 'linkedom', run: (html) => parseHTML(html).document.querySelectorAll(selector).length },
  {
    name: 'jsdom',
    run: (html) => inWindow(html, ({ document }) => document.querySelectorAll(selector).length),
  },
];

// linkedom keeps no state of forms.
const submitting: Candidate[] = [
  {
    name: 'jarfetch',
    run: (html) => parsePage(html, { url }).form('#search').fill({ q: 'oolong' }).request().url.href,
  },
  {
    name: 'cheerio',
    run: (html) => {
      const $ = load(html);
      $('#search [name=q]').val('oolong');
      return new URL(`${$('#search').attr('action')}?${$('#search').serialize()}`, url).href;
    },
  },
  {
    name: 'jsdom',
    run: (html) =>
      inWindow(html, ({ document, FormData: Data }) => {
        const form = document.querySelector('#search');
        form.elements.namedItem('q').value = 'oolong';
        return new URLSearchParams([...new Data(form)]).toString();
      }),
  },
];

let sink = 0;

function time(candidate: Candidate, html: string, count: number): number {
  const start = performance.now();
  for (let turn = 0; turn < count; turn++) sink += String(candidate.run(html)).length;
  return ((performance.now() - start) / count) * 1000;
}

async function table(title: string, candidates: readonly Candidate[], html: string): Promise<void> {
  const count = Math.max(1, Math.round(1_000_000 / html.length));
  const costs = candidates.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [at, candidate] of candidates.entries()) {
      const cost = time(candidate, html, count);
      // A window of jsdom is let go in a turn of its own.
      await new Promise((resolve) => setImmediate(resolve));
      if (round >= 0) costs[at]?.push(cost);
    }
  }
  const medians = costs.map((each) => each.toSorted((a, b) => a - b)[each.length >> 1] ?? Number.NaN);
  const [own = 1] = medians;
  console.log(`\n${title}, ${Math.round(html.length / 1000)} KB`);
  candidates.forEach(({ name }, at) => {
    const cost = medians[at] ?? Number.NaN;
    console.log(
      `  ${name.padEnd(10)} ${(cost / 1000).toFixed(2).padStart(9)} ms  ${(cost / own).toFixed(2).padStart(6)} x`,
    );
  });
}

for (const bytes of [20_000, 200_000, 2_000_000]) {
  const html = pageOf(bytes);
  await table('parse', parsing, html);
  await table('parse and query', querying, html);
  await table('open, fill and submit', submitting, html);
}

/** CPU that importing the last of `names` takes after the others, in milliseconds, in a new process. */
async function importing(names: readonly string[]): Promise<number> {
  const script = `const names = process.argv.slice(1);
    for (const name of names.slice(0, -1)) await import(name);
    const before = process.cpuUsage(); await import(names.at(-1)); const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000)`;
  const args = ['--input-type=module', '--eval', script, ...names];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: new URL('..', import.meta.url),
  });
  return Number(stdout);
}

const imports: [undici: number, pages: number][] = [];
for (let round = 0; round < rounds; round++) {
  imports.push([await importing(['undici']), await importing(['jarfetch', 'jarfetch/page'])]);
}
const ratios = imports.map(([undici, pages]) => pages / undici).toSorted((a, b) => a - b);
const ratio = (ratios[ratios.length >> 1] ?? Number.NaN).toFixed(2);
console.log(`\nimport('jarfetch/page') beyond 'jarfetch': ${ratio} of undici's (at most 0.6)`);
console.log(sink > 0 ? '' : 'nothing was read');
