import { kindOf } from '../document/input-types.ts';
import { labeledControls, labelsOf } from '../document/kinds.ts';
import { linkTarget, type PageDocument } from '../document/page-document.ts';
import { refsOf } from '../document/refs.ts';
import { isBlock, isReplaced, nextNamed } from '../document/rendered.ts';
import { oneLine, visibleText } from '../document/text.ts';
import { optionsOf, optionText, selectedOf } from '../form/options.ts';
import { isDisabled } from '../tree/disabled.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { childTextOf, closest } from '../tree/walk.ts';
import { LineWriter } from './line-writer.ts';
import { dataTables } from './table-shapes.ts';

/** Longest name, value or URL of one element. */
const maxText = 200;
const maxIndent = 8;
const isList = /^(ul|ol|menu)$/;

/**
 * Writes a page as text for a reader without a display: text in order, and for each link, form and control a part of
 * a line with its ref, kind, name and state.
 */
export class SnapshotWriter {
  readonly #document: PageDocument;
  readonly #refs: ReadonlyMap<ElementNode, string>;
  readonly #lines = new LineWriter(() => this.#prefix());
  readonly #tables: ReturnType<typeof dataTables>;
  /** The number of open forms and lists. */
  #forms = 0;
  #lists = 0;
  /** Open cells, which are part of the line of their row. */
  #cells = 0;
  /** The prefix of the line of a list item or heading. */
  #start = '';
  /** Open labels, whose text is written with their control. */
  #muted = 0;

  constructor(document: PageDocument) {
    this.#document = document;
    this.#refs = refsOf(document).byElement;
    this.#tables = dataTables(document.root);
  }

  toString(): string {
    return this.#lines.toString();
  }

  text(data: string): void {
    if (this.#muted === 0) this.#lines.text(data);
  }

  enter(element: ElementNode): boolean {
    const { name } = element;
    if (name === 'br') this.#break();
    if (name === 'img') {
      const alt = oneLine(element.attribute('alt') ?? '');
      if (alt !== '') this.#token(`image ${quoted(alt)}`);
      return false;
    }
    if (name === 'a' && this.#refs.has(element)) return this.#token(this.#link(element));
    if (/^(input|select|textarea|button)$/.test(name)) {
      this.#break();
      this.#token(this.#control(element));
      this.#break();
      return false;
    }
    if (isReplaced(element)) return false;
    if (this.#isMuting(element)) this.#muted++;
    if (this.#isCell(element)) this.#cells++;
    else if (/^t[dh]$/.test(name)) this.#break();
    if (isBlock(element) || name === 'tr') this.#openBlock(element);
    return true;
  }

  leave(element: ElementNode): void {
    const { name } = element;
    if (this.#isMuting(element)) this.#muted--;
    if (name === 'form') this.#forms--;
    if (isList.test(name)) this.#lists--;
    if (this.#isCell(element)) {
      this.#cells--;
      if (nextNamed(element, /^t[dh]$/) !== null && this.#cells === 0) this.#token('|');
    }
    if (!isBlock(element) && name !== 'tr') return;
    this.#start = '';
    this.#break();
  }

  #openBlock(element: ElementNode): void {
    const { name } = element;
    this.#break();
    if (this.#cells === 0 && /^h[1-6]$/.test(name)) this.#start = `${'#'.repeat(Number(name[1]))} `;
    else if (this.#cells === 0 && name === 'li') this.#start = '- ';
    if (isList.test(name)) this.#lists++;
    if (name !== 'form') return;
    this.#token(this.#form(element));
    this.#break();
    this.#forms++;
  }

  #break(): void {
    if (this.#cells > 0) this.#lines.space();
    else this.#lines.require(1);
  }

  /** Each cell of a layout table has a line. */
  #isCell(element: ElementNode): boolean {
    if (!/^t[dh]$/.test(element.name)) return false;
    const table = closest(element, 'table');
    return table !== null && this.#tables.has(table);
  }

  #prefix(): string {
    const start = this.#start;
    this.#start = '';
    const depth = this.#forms + Math.max(0, this.#lists - 1);
    return '  '.repeat(Math.min(depth, maxIndent)) + start;
  }

  /** A label is not written if its control is. */
  #isMuting(element: ElementNode): boolean {
    if (!element.is('label')) return false;
    const control = labeledControls(this.#document).get(element);
    return control !== undefined && this.#refs.has(control);
  }

  #token(text: string): false {
    this.#lines.space();
    this.#lines.write(text);
    this.#lines.space();
    return false;
  }

  #link(link: ElementNode): string {
    const written = linkTarget(link) ?? '';
    const name =
      visibleText(link, 2 * maxText) || (link.attribute('aria-label') ?? link.attribute('title') ?? '');
    return `${this.#refs.get(link)} link ${quoted(name)} → ${this.#url(written)}`;
  }

  #form(form: ElementNode): string {
    const name = form.attribute('aria-label') ?? form.attribute('name') ?? form.attribute('id') ?? '';
    const method = /^post$/i.test(form.attribute('method') ?? '') ? 'POST' : 'GET';
    return `${this.#refs.get(form)} form ${quoted(name)} ${method} → ${this.#url(form.attribute('action') ?? '')}`;
  }

  #control(control: ElementNode): string {
    const kind = kindOf(control, this.#document.engine);
    const parts = [this.#refs.get(control) ?? '', kindName(control, kind)];
    const name = this.#nameOf(control, kind);
    if (name !== '') parts.push(quoted(name));
    const value = this.#valueOf(control, kind);
    if (value !== '') parts.push(value);
    for (const state of ['required', 'readonly']) if (control.has(state)) parts.push(state);
    if (isDisabled(control)) parts.push('disabled');
    return parts.join(' ');
  }

  #nameOf(control: ElementNode, kind: string): string {
    const [label = ''] = labelsOf(this.#document, control);
    if (control.name === 'button') return visibleText(control, 2 * maxText) || label;
    if (/^(submit|reset|button)$/.test(kind)) return control.attribute('value') ?? label;
    if (kind === 'image') return control.attribute('alt') ?? label;
    return label || (control.attribute('name') ?? '');
  }

  #valueOf(control: ElementNode, kind: string): string {
    switch (kind) {
      case 'submit':
      case 'reset':
      case 'button':
      case 'image':
        return '';
      case 'password':
        return control.attribute('value') ? 'filled' : '';
      case 'checkbox':
      case 'radio':
        return control.has('checked') ? 'checked' : 'unchecked';
      case 'select':
        return choices(control);
      case 'textarea':
        return valued(childTextOf(control));
      default:
        return valued(control.attribute('value') ?? '');
    }
  }

  #url(written: string): string {
    const url = this.#document.resolve(written);
    if (url === null) return cut(written);
    const isOwn = url.origin === this.#document.url.origin && url.origin !== 'null';
    return cut(isOwn ? url.pathname + url.search + url.hash : url.href);
  }
}

function kindName({ name }: ElementNode, kind: string): string {
  return name === 'button' || /^(submit|image|reset|button)$/.test(kind) ? 'button' : kind;
}

function choices(select: ElementNode): string {
  const options = optionsOf(select);
  const chosen = options.filter((option) => option.has('selected'));
  const selected = selectedOf(select, options, chosen).slice(0, 5).map(optionText);
  const shown = options.slice(0, 10).map((option) => quoted(optionText(option)));
  const more = options.length > shown.length ? ` and ${options.length - shown.length} more` : '';
  return `= ${selected.map(quoted).join(', ') || '""'} of ${shown.join(', ')}${more}`;
}

function valued(value: string): string {
  return value === '' ? '' : `= ${quoted(value)}`;
}

function quoted(text: string): string {
  return JSON.stringify(cut(oneLine(text)));
}

function cut(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}…`;
}
