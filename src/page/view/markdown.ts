import { linkTarget, type PageDocument } from '../document/page-document.ts';
import { isBlock, isReplaced, visitRendered } from '../document/rendered.ts';
import { oneLine } from '../document/text.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { closest, textOf } from '../tree/walk.ts';
import { LineWriter } from './line-writer.ts';
import { codeSpan, escapeMarkdown, fenceFor } from './markdown-text.ts';
import { cellsOf, dataTables } from './table-shapes.ts';

/** The deepest indentation of lists and quotations; deeper ones have the same. */
const maxIndent = 16;
/** Longest URL of a link or image; a longer one is left out. */
const maxUrl = 2000;

/** A page as Markdown: CommonMark, with tables as GitHub writes them. */
export function markdownOf(document: PageDocument, showsNoscript: boolean): string {
  const writer = new MarkdownWriter(document);
  visitRendered(document.root, showsNoscript, writer);
  return writer.toString();
}

/** The prefix of the lines of a list item or quotation. */
interface Indent {
  readonly element: ElementNode;
  first: string | null;
  readonly rest: string;
}

/** The delimiter of a part of a line, such as `**`. */
interface Mark {
  readonly element: ElementNode;
  readonly open: string;
  readonly close: string;
  isWritten: boolean;
}

class MarkdownWriter {
  readonly #document: PageDocument;
  readonly #tables: ReturnType<typeof dataTables>;
  readonly #lines = new LineWriter(() => this.#prefix());
  readonly #indents: Indent[] = [];
  readonly #numbers = new Map<ElementNode, number>();
  #marks: Mark[] = [];
  /** Open headings and cells: their content is one line. */
  #flat = 0;

  constructor(document: PageDocument) {
    this.#document = document;
    this.#tables = dataTables(document.root);
  }

  toString(): string {
    return this.#lines.toString();
  }

  text(data: string): void {
    this.#lines.text(data, (words) => this.#put(escapeMarkdown(words, this.#lines.isLineStart)));
  }

  enter(element: ElementNode): boolean {
    const { name } = element;
    if (name === 'br') {
      this.#lineBreak();
      return false;
    }
    if (name === 'img' || name === 'pre' || name === 'code' || name === 'hr') return this.#whole(element);
    if (isReplaced(element) || name === 'select' || name === 'button') return false;
    if (isBlock(element)) this.#openBlock(element);
    else if (name === 'tr') this.#break(this.#tableOf(element) === undefined ? 2 : 1);
    else if (/^t[dh]$/.test(name)) this.#openCell(element);
    else this.#openMark(element);
    return true;
  }

  leave(element: ElementNode): void {
    const { name } = element;
    if (/^h[1-6]$/.test(name)) this.#flat--;
    if (isBlock(element)) {
      this.#break(gapOf(element));
      if (this.#indents.at(-1)?.element === element) this.#indents.pop();
    } else if (element.name === 'tr') this.#closeRow(element);
    else if (/^t[dh]$/.test(name)) this.#closeCell(element);
    else this.#closeMark(element);
  }

  /** Writes an element whose content is not visited. */
  #whole(element: ElementNode): false {
    switch (element.name) {
      case 'img':
        this.#image(element);
        break;
      case 'hr':
        this.#break(2);
        if (this.#flat === 0) this.#put('---');
        this.#break(2);
        break;
      case 'code':
        this.#code(textOf(element));
        break;
      default:
        this.#codeBlock(element);
    }
    return false;
  }

  #code(text: string): void {
    if (/^\s/.test(text)) this.#lines.space();
    const code = codeSpan(text);
    if (code !== '') this.#put(code);
    if (/\s$/.test(text)) this.#lines.space();
  }

  #codeBlock(pre: ElementNode): void {
    const text = textOf(pre).replace(/\n$/, '');
    if (this.#flat > 0) {
      this.#code(text);
      return;
    }
    const inner = pre.first !== null && 'attribute' in pre.first ? pre.first.attribute('class') : null;
    const language = /\blang(?:uage)?-([\w+#-]{1,30})/.exec(`${pre.attribute('class')} ${inner}`)?.[1] ?? '';
    const fence = fenceFor(text);
    this.#break(2);
    this.#put(fence + language);
    for (const line of text.split('\n')) {
      this.#lines.newline();
      this.#put(line);
    }
    this.#lines.newline();
    this.#put(fence);
    this.#break(2);
  }

  #image(image: ElementNode): void {
    const source = this.#url(image.attribute('src'));
    const alt = oneLine(image.attribute('alt') ?? '');
    if (source === null) this.text(alt);
    else this.#put(`![${escapeMarkdown(alt, false)}](${source})`);
  }

  /** A URL for a link destination; `null` for anything but an http or https URL. */
  #url(written: string | null): string | null {
    const url = written === null ? null : this.#document.resolve(written);
    if (url === null || !/^(https?|mailto|tel):$/.test(url.protocol) || url.href.length > maxUrl) return null;
    return url.href.replaceAll('(', '%28').replaceAll(')', '%29').replaceAll('|', '%7C');
  }

  #openBlock(element: ElementNode): void {
    const { name } = element;
    this.#break(gapOf(element));
    if (/^h[1-6]$/.test(name)) {
      this.#indent(element, `${'#'.repeat(Number(name[1]))} `, '');
      this.#flat++;
    } else if (name === 'ol')
      this.#numbers.set(element, Number.parseInt(element.attribute('start') ?? '1', 10));
    else if (name === 'li') this.#indent(element, this.#bullet(element));
    else if (name === 'blockquote') this.#indent(element, '> ', '> ');
  }

  #bullet(item: ElementNode): string {
    const { parentElement: list } = item;
    const number = list === null ? undefined : this.#numbers.get(list);
    if (list === null || number === undefined || !Number.isSafeInteger(number)) return '- ';
    const own = Number.parseInt(item.attribute('value') ?? '', 10);
    const shown = Number.isSafeInteger(own) ? own : number;
    this.#numbers.set(list, shown + 1);
    return `${shown}. `;
  }

  #indent(element: ElementNode, first: string, rest = ' '.repeat(first.length)): void {
    if (this.#flat > 0 || this.#indents.length >= maxIndent) return;
    this.#indents.push({ element, first, rest });
  }

  #prefix(): string {
    let prefix = '';
    for (const indent of this.#indents) {
      prefix += indent.first ?? indent.rest;
      indent.first = null;
    }
    return prefix;
  }

  #tableOf(element: ElementNode): { columns: number } | undefined {
    const table = closest(element, 'table');
    return table === null ? undefined : this.#tables.get(table);
  }

  #openCell(cell: ElementNode): void {
    if (this.#flat > 0 || this.#tableOf(cell) === undefined) {
      this.#break(2);
      return;
    }
    this.#lines.write('|');
    this.#lines.space();
    this.#flat++;
    this.#cells.add(cell);
  }

  /** Cells of tables that become Markdown tables. */
  readonly #cells = new Set<ElementNode>();

  #closeCell(cell: ElementNode): void {
    this.#endMarks();
    if (!this.#cells.delete(cell)) return;
    this.#flat--;
    this.#lines.space();
  }

  #closeRow(row: ElementNode): void {
    const table = this.#flat > 0 ? undefined : this.#tableOf(row);
    if (table === undefined) {
      this.#break(1);
      return;
    }
    const missing = Math.max(0, table.columns - cellsOf(row));
    if (!this.#lines.isLineStart) this.#lines.write(`${'| '.repeat(missing)}|`);
    this.#lines.require(1);
    if (this.#headed.has(table)) return;
    this.#headed.add(table);
    this.#lines.write(`|${' --- |'.repeat(table.columns)}`);
    this.#lines.require(1);
  }

  /** Tables whose first row is written. */
  readonly #headed = new Set<object>();

  #openMark(element: ElementNode): void {
    const { name } = element;
    if (name === 'b' || name === 'strong') this.#mark(element, '**', '**');
    else if (name === 'i' || name === 'em') this.#mark(element, '*', '*');
    else if (name === 's' || name === 'del') this.#mark(element, '~~', '~~');
    else if (name === 'a') {
      const url = this.#url(linkTarget(element));
      if (url !== null) this.#mark(element, '[', `](${url})`);
    }
  }

  #mark(element: ElementNode, open: string, close: string): void {
    if (this.#marks.some((mark) => mark.open === open)) return;
    this.#marks.push({ element, open, close, isWritten: false });
  }

  #closeMark(element: ElementNode): void {
    const at = this.#marks.findIndex((mark) => mark.element === element);
    if (at < 0) return;
    // Closes delimiters that the page closes in another order, so that they are nested.
    for (const { isWritten, close } of this.#marks.splice(at).reverse()) {
      if (isWritten) this.#lines.append(close);
    }
  }

  /** At the end of a block all delimiters end, because they cannot span blocks. */
  #endMarks(): void {
    const again: Mark[] = [];
    for (const mark of this.#marks.toReversed()) {
      if (mark.isWritten) this.#lines.append(mark.close);
      const isSpent = mark.isWritten && mark.open === '[';
      if (!isSpent) again.unshift({ ...mark, isWritten: false });
    }
    this.#marks = again;
  }

  #put(token: string): void {
    const opening = this.#marks.filter(({ isWritten }) => !isWritten);
    for (const mark of opening) mark.isWritten = true;
    this.#lines.write(opening.map(({ open }) => open).join('') + token);
  }

  #lineBreak(): void {
    if (this.#flat > 0) this.#lines.space();
    else if (!this.#lines.isLineStart) {
      this.#lines.append('  ');
      this.#lines.newline();
    }
  }

  #break(count: number): void {
    if (this.#flat > 0) {
      this.#lines.space();
      return;
    }
    this.#endMarks();
    this.#lines.require(count);
  }
}

/** The line breaks around a block: an empty line, except within lists. */
function gapOf({ name, parentElement }: ElementNode): number {
  if (name === 'li') return 1;
  return /^(ul|ol|menu)$/.test(name) && parentElement?.name === 'li' ? 1 : 2;
}
