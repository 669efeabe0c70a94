/** Those who read pages, too. They are installed for the benchmarks alone. */
import { parsePage } from '../src/page/index.ts';
import { type Sample, sampleUrl } from './page-samples.ts';

interface Selection {
  readonly length: number;
  eq(place: number): Selection;
  find(selector: string): Selection;
  text(): string;
  val(value: string): unknown;
  attr(name: string): string | undefined;
  serialize(): string;
}
interface Control {
  readonly name: string;
  value: string;
  hasAttribute(name: string): boolean;
  getAttribute(name: string): string | null;
}
interface Form {
  readonly elements: { namedItem(name: string): Control };
  querySelector(selector: string): Control;
  querySelectorAll(selector: string): Iterable<Control>;
  getAttribute(name: string): string | null;
}
interface Document {
  readonly title: string;
  querySelectorAll(selector: string): { readonly length: number; readonly [place: number]: Form };
}
interface Window {
  close(): void;
  readonly document: Document;
  readonly FormData: new (form: Form) => Iterable<[string, string]>;
}

// By a name that the compiler does not follow.
const peer = async <T>(name: string): Promise<T> => import(name);
const { load } = await peer<{ load(html: string): (selector: string) => Selection }>('cheerio');
const { JSDOM } = await peer<{ JSDOM: new (html: string, options: object) => { window: Window } }>('jsdom');
const { parseHTML } = await peer<{ parseHTML(html: string): { document: Document } }>('linkedom');
const { default: Turndown } = await peer<{ default: new () => { turndown(html: string): string } }>(
  'turndown',
);
const { NodeHtmlMarkdown } = await peer<{
  NodeHtmlMarkdown: { translate(html: string): string };
}>('node-html-markdown');

export interface Candidate {
  readonly name: string;
  readonly run: (sample: Sample) => unknown;
}

/** jsdom keeps a window until it is closed. */
function inWindow<T>(html: string, use: (window: Window) => T): T {
  const { window } = new JSDOM(html, { url: sampleUrl });
  const result = use(window);
  window.close();
  return result;
}

const page = (html: string) => parsePage(html, { url: sampleUrl });

export const parsing: readonly Candidate[] = [
  { name: 'jarfetch', run: ({ html }) => page(html).title },
  { name: 'cheerio', run: ({ html }) => load(html)('title').text() },
  { name: 'linkedom', run: ({ html }) => parseHTML(html).document.title },
  { name: 'jsdom', run: ({ html }) => inWindow(html, ({ document }) => document.title) },
];

export const querying: readonly Candidate[] = [
  { name: 'jarfetch', run: ({ html, selector }) => page(html).queryAll(selector).length },
  { name: 'cheerio', run: ({ html, selector }) => load(html)(selector).length },
  {
    name: 'linkedom',
    run: ({ html, selector }) => parseHTML(html).document.querySelectorAll(selector).length,
  },
  {
    name: 'jsdom',
    run: ({ html, selector }) => inWindow(html, ({ document }) => document.querySelectorAll(selector).length),
  },
];

const formAt = (document: Document, place: number): Form => document.querySelectorAll('form')[place] as Form;

/** What is written by hand where a library knows no form: by none of the rules that a form has. */
function collect(form: Form): URLSearchParams {
  const sent = new URLSearchParams();
  for (const control of form.querySelectorAll('input[name], select[name], textarea[name]')) {
    const isChoice = ['checkbox', 'radio'].includes(control.getAttribute('type') ?? '');
    if (!isChoice || control.hasAttribute('checked')) sent.append(control.name, control.value);
  }
  return sent;
}

export const submitting: readonly Candidate[] = [
  {
    name: 'jarfetch',
    run: ({ html, form, field }) => {
      const { url, body } =
        page(html)
          .forms()
          [form]?.fill({ [field]: 'oolong' })
          .request(null) ?? {};
      return `${url?.href} ${body}`;
    },
  },
  {
    name: 'cheerio',
    run: ({ html, form, field }) => {
      const found = load(html)('form').eq(form);
      found.find(`[name="${field}"]`).val('oolong');
      return `${new URL(found.attr('action') ?? '', sampleUrl).href} ${found.serialize()}`;
    },
  },
  {
    name: 'linkedom',
    run: ({ html, form, field }) => {
      const found = formAt(parseHTML(html).document, form);
      found.querySelector(`[name="${field}"]`).value = 'oolong';
      return `${new URL(found.getAttribute('action') ?? '', sampleUrl).href} ${collect(found)}`;
    },
  },
  {
    name: 'jsdom',
    run: ({ html, form, field }) =>
      inWindow(html, ({ document, FormData: Data }) => {
        const found = formAt(document, form);
        found.elements.namedItem(field).value = 'oolong';
        const action = new URL(found.getAttribute('action') ?? '', sampleUrl).href;
        return `${action} ${new URLSearchParams([...new Data(found)])}`;
      }),
  },
];

export const writing: readonly Candidate[] = [
  { name: 'jarfetch, markdown()', run: ({ html }) => page(html).markdown() },
  { name: 'jarfetch, text()', run: ({ html }) => page(html).text() },
  { name: 'jarfetch, snapshot()', run: ({ html }) => page(html).snapshot({ maxLength: 1e9 }).text },
  { name: 'turndown', run: ({ html }) => new Turndown().turndown(html) },
  { name: 'node-html-markdown', run: ({ html }) => NodeHtmlMarkdown.translate(html) },
];
